// Weight gradient on the pattern: gradient[s] += sum over b of x_bi adjoint[b][m], s from i to m.
//
// A warp owns 256 synapses of a source at a time: it keeps their sums in registers, finds the samples
// in which the source has an event from the bitmaps, 32 samples by one ballot, and goes through them
// in order. No atomics, and rows without events cost one bit per sample.
// Bytes: U f (index + 8) of rows from DRAM (U distinct active rows of f synapses), sources batch / 8
// of bitmaps (read by 32 warps each, from L1 or L2), 4 batch targets of adjoint, gathered E f times
// from L2. Flops: 2 E f for E events.
#include "common/kernel.cuh"
#include "propagate/propagate.h"
#include "propagate/rows.cuh"

namespace TACET_NS {

namespace {

using tacet::ListsView;
using tacet::RowsView;
using tacet::SlotsView;

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarpSize;

/** Synapses of a lane at a time. */
constexpr int kOwned = 8;
constexpr int kSegment = kOwned * kWarpSize;

/** Value of the event of a source in a sample, found in the list. */
__device__ float event_value(const ListsView& lists, size_t sample, int source) {
  if (lists.values == nullptr) {
    return 1.0f;
  }
  const size_t list = sample * lists.capacity;
  int from = 0;
  int to = min(lists.counts[sample], lists.capacity);
  while (from < to) {
    const int middle = from + (to - from) / 2;
    if (lists.units[list + middle] < source) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from < lists.capacity && lists.units[list + from] == source ? lists.values[list + from]
                                                                      : 0.0f;
}

template <typename Rows>
__global__ void __launch_bounds__(kThreads, 3)
    gradient_kernel(RowsView view, ListsView lists, SlotsView adjoint,
                    float* __restrict__ gradient) {
  const Rows rows(view);
  const Slots slots(adjoint, lists.batch, view.targets);
  const int source = static_cast<int>(blockIdx.x) * kWarps + warp_id();
  if (source >= view.sources) {
    return;  // whole warps, and there is no barrier of the block
  }
  const int words = (view.sources + 31) / 32;
  const Row row = rows.whole(source);
  float* const of_source = slots.of_source(source);
  for (int segment = static_cast<int>(blockIdx.y) * kSegment; segment < row.count;
       segment += static_cast<int>(gridDim.y) * kSegment) {
    float sums[kOwned] = {};
    const float* from[kOwned] = {};
    bool loaded = false;
    for (int first = 0; first < lists.batch; first += kWarpSize) {
      const int own = first + lane_id();
      bool active = false;
      if (own < lists.batch) {
        const uint32_t word = __ldg(lists.bitmap + static_cast<size_t>(own) * words + source / 32);
        active = (word >> (source % 32) & 1u) != 0;
      }
      uint32_t samples = __ballot_sync(kFullWarp, active);
      const float own_value = active ? event_value(lists, own, source) : 0.0f;
      if (samples != 0 && !loaded) {
        loaded = true;
#pragma unroll
        for (int r = 0; r < kOwned; r++) {
          const int k = segment + lane_id() + r * kWarpSize;
          const int target = rows.target(row, k);
          from[r] = target < 0
                        ? nullptr
                        : slots.of_synapse(of_source, rows.position(row, k)) + target;
        }
      }
      for (; samples != 0; samples &= samples - 1) {
        const int lane = __ffs(static_cast<int>(samples)) - 1;
        const float value = __shfl_sync(kFullWarp, own_value, lane);
        const size_t sample = static_cast<size_t>(first + lane) * view.targets;
#pragma unroll
        for (int r = 0; r < kOwned; r++) {
          if (from[r] != nullptr) {
            sums[r] += value * from[r][sample];
          }
        }
      }
    }
    if (loaded) {
#pragma unroll
      for (int r = 0; r < kOwned; r++) {
        if (from[r] != nullptr) {
          gradient[rows.position(row, segment + lane_id() + r * kWarpSize)] += sums[r];
        }
      }
    }
  }
}

template <typename Rows>
void launch(const RowsView& view, const ListsView& lists, const SlotsView& adjoint,
            float* gradient, tacet::Stream stream) {
  const int segments = min(max(1, tacet::ceil_div(view.mean, kSegment)), 65535);
  TACET_LAUNCH((gradient_kernel<Rows>), dim3(tacet::ceil_div(view.sources, kWarps), segments),
               kThreads, 0, stream, view, lists, adjoint, gradient);
}

}  // namespace

void weight_gradient(const RowsView& rows, const ListsView& lists, const SlotsView& adjoint,
                     float* gradient, tacet::Stream stream) {
#define TACET_CALL(Rows) launch<Rows>(rows, lists, adjoint, gradient, stream)
  TACET_FOR_FORMAT(rows, TACET_CALL)
#undef TACET_CALL
}

}  // namespace TACET_NS
