// Warp and block collectives used by several kernels, written once for both builds. Every thread of
// the warp (or block) named must call them; block sizes are multiples of 32.
#pragma once

namespace TACET_NS {

constexpr unsigned int kFullWarp = 0xffffffffu;
constexpr int kWarpSize = 32;

/** Threads of a one-dimensional block below this one in its warp. */
__device__ __forceinline__ int lane_id() { return static_cast<int>(threadIdx.x) & 31; }

__device__ __forceinline__ int warp_id() { return static_cast<int>(threadIdx.x) >> 5; }

/** Bits of the lanes below this one. */
__device__ __forceinline__ unsigned int lanes_below() { return (1u << lane_id()) - 1u; }

/** Sum over the warp, in a fixed order, in every lane. */
template <typename T>
__device__ __forceinline__ T warp_sum(T value) {
  for (int offset = 16; offset > 0; offset >>= 1) {
    value += __shfl_xor_sync(kFullWarp, value, offset);
  }
  return value;
}

/** Largest value over the warp, in every lane. */
template <typename T>
__device__ __forceinline__ T warp_max(T value) {
  for (int offset = 16; offset > 0; offset >>= 1) {
    const T other = __shfl_xor_sync(kFullWarp, value, offset);
    value = other > value ? other : value;
  }
  return value;
}

/** Which of several sums a lane has after fold_sums: first, first + 1 and so on; whether it is the one
 * to write them. */
struct FoldedSums {
  int first;
  bool writes;
};

/** How many of kCount sums over kLanes lanes each lane has in the end. */
__host__ __device__ constexpr int folded_count(int count, int lanes) {
  return lanes == 1 ? count : folded_count(count % 2 == 0 ? count / 2 : count, lanes / 2);
}

/**
 * kCount sums over every kLanes neighbouring lanes at once, in a fixed order: while the number is
 * even, a lane gives half of its sums away and takes the other half of its partner, so that there
 * are about kCount shuffles and not kCount for each halving. values[0] and so on become the sums
 * that the lane has, of which the result tells.
 */
template <int kCount, int kLanes>
__device__ __forceinline__ FoldedSums fold_sums(float* values, FoldedSums folded = {0, true}) {
  if constexpr (kLanes > 1) {
    constexpr int kOffset = kLanes / 2;
    const bool upper = (lane_id() & kOffset) != 0;
    if constexpr (kCount % 2 == 0) {
      constexpr int kHalf = kCount / 2;
#pragma unroll
      for (int k = 0; k < kHalf; k++) {
        const float given = upper ? values[k] : values[k + kHalf];
        const float own = upper ? values[k + kHalf] : values[k];
        values[k] = own + __shfl_xor_sync(kFullWarp, given, kOffset);
      }
      return fold_sums<kHalf, kOffset>(values, {folded.first + (upper ? kHalf : 0), folded.writes});
    } else {
#pragma unroll
      for (int k = 0; k < kCount; k++) {
        values[k] += __shfl_xor_sync(kFullWarp, values[k], kOffset);
      }
      return fold_sums<kCount, kOffset>(values, {folded.first, folded.writes && !upper});
    }
  }
  return folded;
}

/** Sum over the lanes up to and including this one. */
template <typename T>
__device__ __forceinline__ T warp_inclusive_scan(T value) {
  for (int offset = 1; offset < 32; offset <<= 1) {
    const T other = __shfl_up_sync(kFullWarp, value, offset);
    value += lane_id() >= offset ? other : T(0);
  }
  return value;
}

/** Sum over a one-dimensional block, in a fixed order, in every thread. */
template <typename T>
__device__ __forceinline__ T block_sum(T value) {
  TACET_SHARED(partial, T[32]);
  const T sum = warp_sum(value);
  if (lane_id() == 0) {
    partial[warp_id()] = sum;
  }
  __syncthreads();
  const int warps = static_cast<int>(blockDim.x) / kWarpSize;
  const T total = warp_sum(lane_id() < warps ? partial[lane_id()] : T(0));
  __syncthreads();  // partial may be reused by the next call
  return total;
}

/** Sum over the threads of a one-dimensional block before this one; total gets the whole sum. */
template <typename T>
__device__ __forceinline__ T block_exclusive_scan(T value, T* total) {
  TACET_SHARED(partial, T[32]);
  const T inclusive = warp_inclusive_scan(value);
  if (lane_id() == 31) {
    partial[warp_id()] = inclusive;
  }
  __syncthreads();
  const int warps = static_cast<int>(blockDim.x) / kWarpSize;
  const T sums = warp_inclusive_scan(lane_id() < warps ? partial[lane_id()] : T(0));
  const T before = __shfl_sync(kFullWarp, sums, warp_id() > 0 ? warp_id() - 1 : 0);
  *total = __shfl_sync(kFullWarp, sums, 31);
  __syncthreads();
  return inclusive - value + (warp_id() > 0 ? before : T(0));
}

}  // namespace TACET_NS
