// The smallest 64-bit key over a warp: by two redux.sync where there is that instruction (sm_80 and
// newer), of the upper words first and then of the lower ones of the lanes that have the smallest,
// else by shuffles, under host execution too. Both give the same key.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

/** Smallest key over the warp, in every lane; least(word) is the smallest word over the warp. */
template <typename Least>
__device__ __forceinline__ unsigned long long warp_min_by_words(unsigned long long value,
                                                                const Least& least) {
  const unsigned int own = static_cast<unsigned int>(value >> 32);
  const unsigned int upper = least(own);
  const unsigned int lower =
      least(own == upper ? static_cast<unsigned int>(value) : 0xffffffffu);
  return static_cast<unsigned long long>(upper) << 32 | lower;
}

/** Smallest value over the warp, in every lane. */
__device__ __forceinline__ unsigned long long warp_min(unsigned long long value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  return warp_min_by_words(
      value, [](unsigned int word) { return __reduce_min_sync(kFullWarp, word); });
#else
  for (int offset = kWarpSize / 2; offset > 0; offset /= 2) {
    const unsigned long long other = __shfl_xor_sync(kFullWarp, value, offset);
    value = other < value ? other : value;
  }
  return value;
#endif
}

}  // namespace TACET_NS
