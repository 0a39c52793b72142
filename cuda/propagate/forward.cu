// Forward event propagation: target[b][m] += sum over the events i of sample b of x_i w_im.
//
// Variants, each of which reads only the rows of active sources:
//  1. dense: a lane owns four targets and adds rows in registers; the warps of a block share the
//     events.
//  2. tiled: a block owns a tile of targets of one sample in shared memory, one copy per warp. Each
//     warp adds the row parts of its share of the events to its copy, a row at a time, whose targets
//     are unique: no atomics. The copies are summed in order.
//  3. owned, for delays: a warp owns a tile of targets of one sample in global memory, in all slots.
//  4. integers.cu: as 2, with one copy of integers per block, where that was asked for.
//  5. fast: a thread, warp or block per event adds with float atomics, in any order.
// If tiles x samples leave multiprocessors idle, 1, 2 and 4 also split the events among blocks, which
// write partial sums for a second launch.
// Bytes: E f (4 + index) of rows from L2, of which U f (4 + index) come from DRAM (U distinct active
// rows, E events, f mean fan-out), 4 E of events, 8 E per tile of pivots, 8 targets batch of currents
// (8 targets batch parts more with parts). Flops: 2 E f. Floor: the DRAM part over the bandwidth.
#include "common/kernel.cuh"
#include "propagate/propagate.h"
#include "propagate/rows.cuh"
#include "propagate/shares.cuh"

namespace TACET_NS {

namespace {

using tacet::ForwardShape;
using tacet::ListsView;
using tacet::RowsView;
using tacet::SlotsView;

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarpSize;

/**
 * A warp goes through events of a sample in order and calls add(event's value, source, row, k,
 * synapse) for the synapses in a tile. Lanes look up 32 events at once, and the first synapses of a
 * row are prefetched before the previous row is added.
 */
template <typename Rows, typename Add>
__device__ void for_each_synapse(const Rows& rows, const ListsView& lists, size_t sample,
                                 Share share, int tile, Add add) {
  const size_t list = sample * lists.capacity;
  for (int first = share.begin; first < share.end; first += kWarpSize) {
    const int events = min(kWarpSize, share.end - first);
    int own_source = 0;
    float own_value = 0.0f;
    Row own_row{0, 0, 0};
    if (lane_id() < events) {
      own_source = lists.units[list + first + lane_id()];
      own_value = lists.values == nullptr ? 1.0f : lists.values[list + first + lane_id()];
      own_row = rows.row(own_source, tile);
    }
    Row next = shuffled(own_row, 0);
    SynapsePair next_pair = rows.pair(next, lane_id());
    for (int e = 0; e < events; e++) {
      const Row row = next;
      const SynapsePair pair = next_pair;
      if (e + 1 < events) {
        next = shuffled(own_row, e + 1);
        next_pair = rows.pair(next, lane_id());
      }
      const int source = __shfl_sync(kFullWarp, own_source, e);
      const float value = __shfl_sync(kFullWarp, own_value, e);
      add(value, source, row, lane_id(), pair.a);
      add(value, source, row, lane_id() + 32, pair.b);
      for (int k = lane_id() + 64; k < row.count; k += 64) {
        const SynapsePair more = rows.pair(row, k);
        add(value, source, row, k, more.a);
        add(value, source, row, k + 32, more.b);
      }
      // The next row may reach the same targets through other lanes.
      __syncwarp();
    }
  }
}

template <typename Rows>
__global__ void __launch_bounds__(kThreads, 3)
    tiled_kernel(RowsView view, ListsView lists, float* __restrict__ out) {
  const Rows rows(view);
  const ForwardShape shape = view.shape;
  const int warps = static_cast<int>(blockDim.x) / kWarpSize;
  const int tile = static_cast<int>(blockIdx.x) % shape.tiles;
  const int part = static_cast<int>(blockIdx.x) / shape.tiles;
  const int low = tile * shape.width;
  const int width = min(shape.width, view.targets - low);
  TACET_DYNAMIC_SHARED(float, copies, 0, static_cast<size_t>(warps) * shape.width);
  float* const own = copies + static_cast<size_t>(warp_id()) * shape.width;

  for (size_t b = blockIdx.y; b < static_cast<size_t>(lists.batch); b += gridDim.y) {
    for (int m = lane_id(); m < width; m += kWarpSize) {
      own[m] = 0.0f;
    }
    __syncwarp();
    const Share share(min(lists.counts[b], lists.capacity), part * warps + warp_id(),
                      shape.parts * warps);
    for_each_synapse(rows, lists, b, share, tile,
                     [=](float value, int, const Row&, int, const Synapse& s) {
                       if (s.target >= low && s.target < low + width) {
                         own[s.target - low] += value * s.weight;
                       }
                     });
    __syncthreads();
    for (int m = static_cast<int>(threadIdx.x); m < width; m += static_cast<int>(blockDim.x)) {
      float sum = copies[m];
      for (int w = 1; w < warps; w++) {
        sum += copies[static_cast<size_t>(w) * shape.width + m];
      }
      put(sum, b * view.targets + low + m, static_cast<size_t>(lists.batch) * view.targets, part,
          shape.parts, out, view.partials);
    }
    __syncthreads();
  }
}

template <typename Rows>
__global__ void __launch_bounds__(kThreads, 3)
    owned_kernel(RowsView view, ListsView lists, SlotsView target) {
  const Rows rows(view);
  const Slots slots(target, lists.batch, view.targets);
  const size_t owner = static_cast<size_t>(blockIdx.x) * kWarps + warp_id();
  if (owner >= static_cast<size_t>(lists.batch) * view.shape.tiles) {
    return;  // whole warps, and there is no barrier of the block
  }
  const size_t sample = owner / view.shape.tiles;
  const int tile = static_cast<int>(owner % view.shape.tiles);
  const int low = tile * view.shape.width;
  const int high = min(low + view.shape.width, view.targets);
  const Share all(min(lists.counts[sample], lists.capacity), 0, 1);
  for_each_synapse(rows, lists, sample, all, tile,
                   [&](float value, int source, const Row& row, int k, const Synapse& s) {
                     if (s.target >= low && s.target < high) {
                       float* slot = slots.of_source(source);
                       slot = slots.of_synapse(slot, rows.position(row, k));
                       slot[sample * view.targets + s.target] += value * s.weight;
                     }
                   });
}

/** kLanes threads share an event: 1, a warp, or a block. */
template <typename Rows, int kLanes>
__global__ void __launch_bounds__(kThreads, 3)
    fast_kernel(RowsView view, ListsView lists, SlotsView target) {
  const Rows rows(view);
  const Slots slots(target, lists.batch, view.targets);
  const int groups = static_cast<int>(gridDim.x) * (kThreads / kLanes);
  const int group = static_cast<int>(blockIdx.x * kThreads + threadIdx.x) / kLanes;
  const int member = static_cast<int>(threadIdx.x) % kLanes;
  for (size_t b = blockIdx.y; b < static_cast<size_t>(lists.batch); b += gridDim.y) {
    const size_t list = b * lists.capacity;
    const int events = min(lists.counts[b], lists.capacity);
    for (int e = group; e < events; e += groups) {
      const int source = lists.units[list + e];
      const float value = lists.values == nullptr ? 1.0f : lists.values[list + e];
      const Row row = rows.whole(source);
      float* const of_source = slots.of_source(source);
      const auto add = [&](int k, const Synapse& s) {
        if (s.target >= 0) {
          float* const slot = slots.of_synapse(of_source, rows.position(row, k));
          atomicAdd(slot + b * view.targets + s.target, value * s.weight);
        }
      };
      if (kLanes == 1) {
        for (int k = 0; k < row.count; k++) {
          add(k, rows.at(row, k));
        }
      } else {
        for (int k = member % 32 + member / 32 * 64; k < row.count; k += 2 * kLanes) {
          const SynapsePair pair = rows.pair(row, k);
          add(k, pair.a);
          add(k + 32, pair.b);
        }
      }
    }
  }
}

/** A lane owns targets 4 lane .. 4 lane + 3 of the block's 128; rows of targets % 4 == 0. */
template <bool kAligned>
__global__ void __launch_bounds__(kThreads, 3)
    dense_kernel(RowsView view, ListsView lists, float* __restrict__ out) {
  TACET_SHARED(sums, float[kWarps][128]);
  const ForwardShape shape = view.shape;
  const int tile = static_cast<int>(blockIdx.x) % shape.tiles;
  const int part = static_cast<int>(blockIdx.x) / shape.tiles;
  const int low = tile * 128;
  const int first = low + 4 * lane_id();
  const int owned = min(4, view.targets - first);
  for (size_t b = blockIdx.y; b < static_cast<size_t>(lists.batch); b += gridDim.y) {
    const size_t list = b * lists.capacity;
    const Share share(min(lists.counts[b], lists.capacity), part * kWarps + warp_id(),
                      shape.parts * kWarps);
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
#pragma unroll 4
    for (int e = share.begin; e < share.end; e++) {
      const float* row =
          view.weights + static_cast<size_t>(__ldg(lists.units + list + e)) * view.targets + first;
      const float value = lists.values == nullptr ? 1.0f : __ldg(lists.values + list + e);
      if (kAligned) {
        if (owned > 0) {
          const float4 w = __ldg(reinterpret_cast<const float4*>(row));
          a0 += value * w.x;
          a1 += value * w.y;
          a2 += value * w.z;
          a3 += value * w.w;
        }
      } else {
        a0 += owned > 0 ? value * __ldg(row) : 0.0f;
        a1 += owned > 1 ? value * __ldg(row + 1) : 0.0f;
        a2 += owned > 2 ? value * __ldg(row + 2) : 0.0f;
        a3 += owned > 3 ? value * __ldg(row + 3) : 0.0f;
      }
    }
    float* const own = sums[warp_id()] + 4 * lane_id();
    own[0] = a0;
    own[1] = a1;
    own[2] = a2;
    own[3] = a3;
    __syncthreads();
    const int m = static_cast<int>(threadIdx.x);
    if (m < 128 && low + m < view.targets) {
      float sum = sums[0][m];
      for (int w = 1; w < kWarps; w++) {
        sum += sums[w][m];
      }
      put(sum, b * view.targets + low + m, static_cast<size_t>(lists.batch) * view.targets, part,
          shape.parts, out, view.partials);
    }
    __syncthreads();
  }
}

__global__ void sum_parts_kernel(const float* __restrict__ partials, int parts, int64_t size,
                                 float* __restrict__ out) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at < size) {
    float sum = partials[at];
    for (int part = 1; part < parts; part++) {
      sum += partials[part * size + at];
    }
    out[at] += sum;
  }
}

template <typename Rows>
void launch_tiled(const RowsView& view, const ListsView& lists, float* out,
                  tacet::Stream stream) {
  const ForwardShape& shape = view.shape;
  const size_t shared = sizeof(float) * shape.warps * shape.width;
  TACET_LAUNCH((tiled_kernel<Rows>), dim3(shape.tiles * shape.parts, min(lists.batch, kGridRows)),
               kWarpSize * shape.warps, shared, stream, view, lists, out);
}

template <typename Rows>
void launch_owned(const RowsView& view, const ListsView& lists, const SlotsView& target,
                  tacet::Stream stream) {
  const int64_t owners = static_cast<int64_t>(lists.batch) * view.shape.tiles;
  TACET_LAUNCH((owned_kernel<Rows>), static_cast<unsigned int>(tacet::ceil_div(owners, int64_t{kWarps})),
               kThreads, 0, stream, view, lists, target);
}

template <typename Rows, int kLanes>
void launch_fast_by(const RowsView& view, const ListsView& lists, const SlotsView& target,
                    tacet::Stream stream) {
  const int rows = min(lists.batch, kGridRows);
  const int needed = tacet::ceil_div(lists.capacity, kThreads / kLanes);
  const int blocks = max(1, min(needed, tacet::ceil_div(16 * view.multiprocessors, rows)));
  TACET_LAUNCH((fast_kernel<Rows, kLanes>), dim3(blocks, rows), kThreads, 0, stream, view, lists,
               target);
}

template <typename Rows>
void launch_fast(const RowsView& view, const ListsView& lists, const SlotsView& target,
                 tacet::Stream stream) {
  if (view.mean < 16) {
    launch_fast_by<Rows, 1>(view, lists, target, stream);
  } else if (view.mean <= 512) {
    launch_fast_by<Rows, kWarpSize>(view, lists, target, stream);
  } else {
    launch_fast_by<Rows, kThreads>(view, lists, target, stream);
  }
}

void launch_dense(const RowsView& view, const ListsView& lists, float* out,
                  tacet::Stream stream) {
  const dim3 grid(view.shape.tiles * view.shape.parts, min(lists.batch, kGridRows));
  const bool aligned = view.targets % 4 == 0 && reinterpret_cast<size_t>(view.weights) % 16 == 0;
  if (aligned) {
    TACET_LAUNCH((dense_kernel<true>), grid, kThreads, 0, stream, view, lists, out);
  } else {
    TACET_LAUNCH((dense_kernel<false>), grid, kThreads, 0, stream, view, lists, out);
  }
}

void sum_parts(const RowsView& view, const ListsView& lists, float* out, tacet::Stream stream) {
  if (view.shape.parts > 1) {
    const int64_t size = static_cast<int64_t>(lists.batch) * view.targets;
    TACET_LAUNCH(sum_parts_kernel, static_cast<unsigned int>(tacet::ceil_div(size, int64_t{kThreads})),
                 kThreads, 0, stream, view.partials, view.shape.parts, size, out);
  }
}

}  // namespace

void forward(const RowsView& rows, const ListsView& lists, const SlotsView& target,
             bool deterministic, tacet::Stream stream) {
  const bool delayed = target.delays != nullptr;
  if (rows.format == tacet::Format::kDense && !delayed) {
    launch_dense(rows, lists, target.values, stream);
    sum_parts(rows, lists, target.values, stream);
  } else if (!deterministic) {
#define TACET_CALL(Rows) launch_fast<Rows>(rows, lists, target, stream)
    TACET_FOR_FORMAT(rows, TACET_CALL)
#undef TACET_CALL
  } else if (delayed) {
#define TACET_CALL(Rows) launch_owned<Rows>(rows, lists, target, stream)
    TACET_FOR_FORMAT(rows, TACET_CALL)
#undef TACET_CALL
  } else if (rows.sums == tacet::Sums::kInt32) {
    integer_tiles(rows, lists, target.values, stream);
    sum_parts(rows, lists, target.values, stream);
  } else {
#define TACET_CALL(Rows) launch_tiled<Rows>(rows, lists, target.values, stream)
    TACET_FOR_FORMAT(rows, TACET_CALL)
#undef TACET_CALL
    sum_parts(rows, lists, target.values, stream);
  }
}

}  // namespace TACET_NS
