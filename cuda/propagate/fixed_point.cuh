// By what power of two terms of a sum become integers so that no sum of them overflows.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

/** 2^e for e from -149 to 127. */
__device__ __forceinline__ float power_of_two(int e) {
  return __int_as_float(e >= -126 ? (e + 127) << 23 : 1 << (e + 149));
}

/** Terms t become round(t up), sums of those s become s down. */
struct FixedPoint {
  /** False of NaN, infinities, and more than 2^23 terms, which leave fewer than 8 bits for one. */
  bool fits;
  float up;
  float down;
};

/**
 * The largest powers up to 2^127 with which so many terms cannot overflow int32: terms |round(t up)|
 * <= 2^31 - 1. The rounding of a term is then at most max(largest / floor((2^31 - 1) / terms), 2^-128).
 *
 * @param largest bits of the largest |t|, those of NaN and infinities being larger than any number
 */
__device__ __forceinline__ FixedPoint fixed_point(unsigned int largest, int terms) {
  const int room = 0x7fffffff / max(1, terms);
  if (largest >= 0x7f800000u || room < 256) {
    return FixedPoint{false, 1.0f, 1.0f};
  }
  if (largest == 0) {
    return FixedPoint{true, 1.0f, 1.0f};
  }
  const int exponent = largest >> 23 == 0 ? -118 - __clz(static_cast<int>(largest))
                                          : static_cast<int>(largest >> 23) - 127;
  const int shift = min(127, 31 - __clz(room) - exponent);
  const float scaled = __uint_as_float(largest) * power_of_two(shift);
  const int last = __float2int_rn(scaled) <= room ? shift : shift - 1;
  return FixedPoint{true, power_of_two(last), power_of_two(-last)};
}

}  // namespace TACET_NS
