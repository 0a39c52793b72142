// Transposed event propagation: for each event e of source i, sums[e] = row i . adjoint[b].
//
// A few lanes, a warp or a block own an event, depending on the mean row length; partial sums are
// added in a fixed order.
// Bytes: U f (4 + index) of rows from DRAM (U distinct active rows of f synapses), 4 batch targets of
// adjoint, gathered E f times from L1 or L2, 8 E of events and sums. Flops: 2 E f.
#include "common/kernel.cuh"
#include "propagate/propagate.h"
#include "propagate/rows.cuh"

namespace TACET_NS {

namespace {

using tacet::ListsView;
using tacet::RowsView;
using tacet::SlotsView;

constexpr int kThreads = 256;

template <typename Rows, int kLanes>
__global__ void __launch_bounds__(kThreads, 3)
    transposed_kernel(RowsView view, ListsView lists, SlotsView adjoint, float* __restrict__ sums) {
  const Rows rows(view);
  const Slots slots(adjoint, lists.batch, view.targets);
  constexpr int kGroups = kThreads / kLanes;
  const int member = static_cast<int>(threadIdx.x) % kLanes;
  for (size_t b = blockIdx.y; b < static_cast<size_t>(lists.batch); b += gridDim.y) {
    const size_t list = b * lists.capacity;
    const int events = min(lists.counts[b], lists.capacity);
    // The whole block stays in the loop, since its collectives want every thread.
    for (int first = static_cast<int>(blockIdx.x) * kGroups; first < events;
         first += static_cast<int>(gridDim.x) * kGroups) {
      const int e = first + static_cast<int>(threadIdx.x) / kLanes;
      float sum = 0.0f;
      if (e < events) {
        const int source = lists.units[list + e];
        const Row row = rows.whole(source);
        float* const of_source = slots.of_source(source);
        const auto term = [&](int k, const Synapse& s) {
          if (s.target < 0) {
            return 0.0f;
          }
          const float* slot = slots.of_synapse(of_source, rows.position(row, k));
          return s.weight * slot[b * view.targets + s.target];
        };
        if (kLanes < kWarpSize) {
          for (int k = member; k < row.count; k += kLanes) {
            sum += term(k, rows.at(row, k));
          }
        } else {
          for (int k = member % 32 + member / 32 * 64; k < row.count; k += 2 * kLanes) {
            const SynapsePair pair = rows.pair(row, k);
            sum += term(k, pair.a);
            sum += term(k + 32, pair.b);
          }
        }
      }
      if (kLanes == kThreads) {
        sum = block_sum(sum);
      } else {
        for (int offset = kLanes / 2; offset > 0; offset >>= 1) {
          sum += __shfl_xor_sync(kFullWarp, sum, offset);
        }
      }
      if (member == 0 && e < events) {
        sums[list + e] = sum;
      }
    }
  }
}

template <typename Rows, int kLanes>
void launch_by(const RowsView& view, const ListsView& lists, const SlotsView& adjoint, float* sums,
               tacet::Stream stream) {
  const int rows = min(lists.batch, 65535);
  const int needed = tacet::ceil_div(lists.capacity, kThreads / kLanes);
  const int blocks = max(1, min(needed, tacet::ceil_div(16 * view.multiprocessors, rows)));
  TACET_LAUNCH((transposed_kernel<Rows, kLanes>), dim3(blocks, rows), kThreads, 0, stream, view,
               lists, adjoint, sums);
}

template <typename Rows>
void launch(const RowsView& view, const ListsView& lists, const SlotsView& adjoint, float* sums,
            tacet::Stream stream) {
  if (view.mean < 16) {
    launch_by<Rows, 4>(view, lists, adjoint, sums, stream);
  } else if (view.mean <= 1024) {
    launch_by<Rows, kWarpSize>(view, lists, adjoint, sums, stream);
  } else {
    launch_by<Rows, kThreads>(view, lists, adjoint, sums, stream);
  }
}

}  // namespace

void transposed(const RowsView& rows, const ListsView& lists, const SlotsView& adjoint, float* sums,
                tacet::Stream stream) {
#define TACET_CALL(Rows) launch<Rows>(rows, lists, adjoint, sums, stream)
  TACET_FOR_FORMAT(rows, TACET_CALL)
#undef TACET_CALL
}

}  // namespace TACET_NS
