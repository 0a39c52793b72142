// bfloat16 as the upper half of a float, without conversion instructions, which sm_75 lacks.
#pragma once

namespace TACET_NS {

/** Rounds to nearest, ties to even; a NaN stays one. */
__device__ __forceinline__ uint16_t to_bfloat16(float value) {
  const unsigned int bits = __float_as_uint(value);
  if (value != value) {
    return static_cast<uint16_t>(bits >> 16 | 0x40u);
  }
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

__device__ __forceinline__ float from_bfloat16(uint16_t value) {
  return __uint_as_float(static_cast<unsigned int>(value) << 16);
}

}  // namespace TACET_NS
