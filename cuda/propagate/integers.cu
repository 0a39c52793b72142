// Forward event propagation by sums of integers: target[b][m] += sum over the events i of sample b of
// x_i w_im, of rows with lists of targets.
//
// A block owns a tile of targets of one sample as one copy of int32 in shared memory, which all of
// its warps add to by atomics of one instruction each, in any order: integers give the same sum in
// every order. Eight lanes share an event's row, four synapses each, by one load of 16 bytes of
// weights and one of 8 (or 16) of targets; two rows of each are on their way at once.
//
// Terms are x w 2^s, rounded to the nearest integer. n is the number of events of the block's part and
// m the largest |x w| of them, which a first pass over the same weights finds; targets are unique in
// a row, so a target has at most n terms, and s is the largest for which n round(m 2^s) fits into
// int32. A term's rounding is then at most m / floor((2^31 - 1) / n), about
// m n / 2^31 (or 2^-128, for s does not exceed 127).
// NaN and infinities are larger than any other number as bits without sign, so the first pass finds
// them too; the block then adds this sample as floats, an event after the other (fixed_point.cuh).
//
// Bytes: E f 4 for the first pass and E f (4 + index) for the second, from L2, of which U f (4 +
// index) come from DRAM; the rest as in forward.cu. Flops: 4 E f, and E f shared atomics.
#include "common/kernel.cuh"
#include "propagate/fixed_point.cuh"
#include "propagate/propagate.h"
#include "propagate/rows.cuh"
#include "propagate/shares.cuh"

namespace TACET_NS {

namespace {

using tacet::ListsView;
using tacet::RowsView;

constexpr int kThreads = 512;
/** Lanes of a row, and synapses of a lane. */
constexpr int kLanes = 8;
constexpr int kQuad = 4;
constexpr int kRows = kThreads / kLanes;

/** The synapses of an event in the tile, from a multiple of 4 on: [first, end) from `begin`. */
struct Part {
  long long begin;
  int first;
  int end;
  float value;
};

struct Quad {
  float weights[kQuad];
  int targets[kQuad];
};

__device__ __forceinline__ void load_targets(const uint16_t* indices, int* targets) {
  const ushort4 four = __ldg(reinterpret_cast<const ushort4*>(indices));
  targets[0] = four.x;
  targets[1] = four.y;
  targets[2] = four.z;
  targets[3] = four.w;
}

__device__ __forceinline__ void load_targets(const int32_t* indices, int* targets) {
  const int4 four = __ldg(reinterpret_cast<const int4*>(indices));
  targets[0] = four.x;
  targets[1] = four.y;
  targets[2] = four.z;
  targets[3] = four.w;
}

/** A block's share of the events of a sample, as its sub-warps go through it. */
template <typename Index>
struct Walk {
  const IndexedRows<Index>& rows;
  const ListsView& lists;
  size_t list;
  Share share;
  int tile;
  /** Positions below this one can be read four at once. */
  long long readable;

  __device__ float value(int e) const {
    return lists.values == nullptr ? 1.0f : __ldg(lists.values + list + e);
  }
  __device__ Part part(int e) const {
    if (e >= share.end) {
      return Part{0, 0, 0, 0.0f};
    }
    const Row row = rows.row(__ldg(lists.units + list + e), tile);
    const int first = static_cast<int>(row.begin & (kQuad - 1));
    return Part{row.begin - first, first, first + row.count, value(e)};
  }
  /** Synapses k .. k + 3 of a part; where there are none, a target of -1 and a weight of 0. */
  template <bool kTargets>
  __device__ __forceinline__ Quad quad(const Part& part, int k) const {
    Quad q{{0.0f, 0.0f, 0.0f, 0.0f}, {-1, -1, -1, -1}};
    const long long at = part.begin + k;
    if (k < part.end && at + kQuad <= readable) {
      const float4 w = __ldg(reinterpret_cast<const float4*>(rows.weights + at));
      q.weights[0] = w.x;
      q.weights[1] = w.y;
      q.weights[2] = w.z;
      q.weights[3] = w.w;
      if (kTargets) {
        load_targets(rows.indices + at, q.targets);
      }
    } else {
#pragma unroll
      for (int j = 0; j < kQuad; j++) {
        if (k + j >= part.first && k + j < part.end) {
          q.weights[j] = __ldg(rows.weights + at + j);
          q.targets[j] = kTargets ? static_cast<int>(__ldg(rows.indices + at + j)) : 0;
        }
      }
    }
    return q;
  }
  /** Calls use(value, quad, j) for every synapse. */
  template <bool kTargets, typename Use>
  __device__ __forceinline__ void each(Use use) const {
    const int thread = static_cast<int>(threadIdx.x);
    const int lane = thread % kLanes * kQuad;
    for (int e = share.begin + thread / kLanes; e < share.end; e += 2 * kRows) {
      const Part a = part(e);
      const Part b = part(e + kRows);
      const int longest = max(a.end, b.end);
      for (int k = lane; k < longest; k += kLanes * kQuad) {
        const Quad of_a = quad<kTargets>(a, k);
        const Quad of_b = quad<kTargets>(b, k);
        use_all(a, of_a, k, use);
        use_all(b, of_b, k, use);
      }
    }
  }
  template <typename Use>
  __device__ __forceinline__ void use_all(const Part& part, const Quad& q, int k,
                                          Use use) const {
#pragma unroll
    for (int j = 0; j < kQuad; j++) {
      if (k + j >= part.first && k + j < part.end) {
        use(part.value * q.weights[j], q.targets[j]);
      }
    }
  }
};

/** Largest value over a one-dimensional block, in every thread. */
template <typename T>
__device__ __forceinline__ T block_max(T value) {
  TACET_SHARED(partial, T[32]);
  const T most = warp_max(value);
  if (lane_id() == 0) {
    partial[warp_id()] = most;
  }
  __syncthreads();
  const int warps = static_cast<int>(blockDim.x) / kWarpSize;
  const T largest = warp_max(partial[lane_id() < warps ? lane_id() : 0]);
  __syncthreads();  // partial may be reused by the next call
  return largest;
}

/** Sums of floats, of what integers cannot hold: an event after the other, in their order. */
template <typename Index>
__device__ void add_floats(const Walk<Index>& walk, int low, int width, float* sums) {
  for (int m = static_cast<int>(threadIdx.x); m < width; m += kThreads) {
    sums[m] = 0.0f;
  }
  __syncthreads();
  for (int e = walk.share.begin; e < walk.share.end; e++) {
    const float value = walk.value(e);
    const Row row = walk.rows.row(__ldg(walk.lists.units + walk.list + e), walk.tile);
    for (int k = static_cast<int>(threadIdx.x); k < row.count; k += kThreads) {
      const Synapse s = walk.rows.at(row, k);
      if (s.target >= low && s.target < low + width) {
        sums[s.target - low] += value * s.weight;
      }
    }
    __syncthreads();  // the next row may reach the same targets through other threads
  }
}

template <typename Index>
__global__ void __launch_bounds__(kThreads, 2)
    integer_kernel(RowsView view, ListsView lists, long long readable, float* __restrict__ out) {
  const IndexedRows<Index> rows(view);
  const int tile = static_cast<int>(blockIdx.x) % view.shape.tiles;
  const int part = static_cast<int>(blockIdx.x) / view.shape.tiles;
  const int low = tile * view.shape.width;
  const int width = min(view.shape.width, view.targets - low);
  const size_t size = static_cast<size_t>(lists.batch) * view.targets;
  TACET_DYNAMIC_SHARED(int, sums, 0, static_cast<size_t>(view.shape.width));
  TACET_DYNAMIC_SHARED(float, floats, 0, static_cast<size_t>(view.shape.width));

  for (size_t b = blockIdx.y; b < static_cast<size_t>(lists.batch); b += gridDim.y) {
    const Share share(min(lists.counts[b], lists.capacity), part, view.shape.parts);
    const Walk<Index> walk{rows, lists, b * lists.capacity, share, tile, readable};
    for (int m = static_cast<int>(threadIdx.x) * 4; m < width; m += kThreads * 4) {
      *reinterpret_cast<int4*>(sums + m) = make_int4(0, 0, 0, 0);
    }
    unsigned int most = 0;
    walk.template each<false>([&](float term, int) {
      most = max(most, __float_as_uint(term) & 0x7fffffffu);
    });
    const FixedPoint fixed = fixed_point(block_max(most), share.end - share.begin);
    if (fixed.fits) {
      walk.template each<true>([&](float term, int target) {
        const unsigned int at = static_cast<unsigned int>(target) - low;
        if (at < static_cast<unsigned int>(width)) {
          atomicAdd(sums + at, __float2int_rn(term * fixed.up));
        }
      });
    } else {
      add_floats(walk, low, width, floats);
    }
    __syncthreads();
    for (int m = static_cast<int>(threadIdx.x); m < width; m += kThreads) {
      const float sum = fixed.fits ? static_cast<float>(sums[m]) * fixed.down : floats[m];
      put(sum, b * view.targets + low + m, size, part, view.shape.parts, out, view.partials);
    }
    __syncthreads();
  }
}

template <typename Index>
void launch(const RowsView& view, const ListsView& lists, float* out, tacet::Stream stream) {
  const bool aligned = reinterpret_cast<size_t>(view.weights) % sizeof(float4) == 0 &&
                       reinterpret_cast<size_t>(view.indices) % (kQuad * sizeof(Index)) == 0;
  TACET_LAUNCH((integer_kernel<Index>),
               dim3(view.shape.tiles * view.shape.parts, min(lists.batch, kGridRows)), kThreads,
               sizeof(int) * view.shape.width, stream, view, lists, aligned ? view.count : 0, out);
}

}  // namespace

void integer_tiles(const RowsView& rows, const ListsView& lists, float* out, tacet::Stream stream) {
  if (rows.narrow) {
    launch<uint16_t>(rows, lists, out, stream);
  } else {
    launch<int32_t>(rows, lists, out, stream);
  }
}

}  // namespace TACET_NS
