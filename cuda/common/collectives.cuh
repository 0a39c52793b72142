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
