// Procedural synapses: weight distributions computed with correctly rounded operations only, so
// that they match io.tacet.sparse.WeightLaw bit for bit.
#pragma once

#include "common/philox.cuh"

namespace TACET_NS {

/** Natural logarithm of a normal positive number, by the series of artanh. */
__device__ __forceinline__ float exact_log(float x) {
  const int raw = __float_as_int(x);
  // Mantissa in [2/3, 4/3).
  const int exponent = (raw - 0x3f2aaaab) >> 23;
  const float m = __int_as_float(raw - exponent * (1 << 23));
  const float s = __fdiv_rn(m - 1.0f, m + 1.0f);
  const float s2 = s * s;
  float series = fmaf(0.11111111f, s2, 0.14285715f);
  series = fmaf(series, s2, 0.2f);
  series = fmaf(series, s2, 0.33333334f);
  series = fmaf(series, s2, 1.0f);
  return fmaf(static_cast<float>(exponent), 0x1.62e43p-1f, 2.0f * s * series);
}

/** Inverse of the normal distribution at (bits + 1/2) 2^-32 (Wichura 1988, AS 241, PPND7). */
__device__ __forceinline__ float standard_normal(uint32_t bits) {
  const float q = (static_cast<float>(static_cast<int>(bits ^ 0x80000000u)) + 0.5f) * 0x1p-32f;
  const bool central = fabsf(q) <= 0.425f;
  float top;
  float bottom;
  if (central) {
    const float r = fmaf(-q, q, 0.180625f);
    top = fmaf(fmaf(fmaf(59.109374720f, r, 159.29113202f), r, 50.434271938f), r, 3.3871327179f);
    bottom = fmaf(fmaf(fmaf(67.187563600f, r, 78.757757664f), r, 17.895169469f), r, 1.0f);
    return q * __fdiv_rn(top, bottom);
  }
  const bool upper = (bits & 0x80000000u) != 0;
  const float tail = (static_cast<float>(upper ? ~bits : bits) + 0.5f) * 0x1p-32f;
  const float r = __fsqrt_rn(-exact_log(tail)) - 1.6f;
  top = fmaf(fmaf(fmaf(0.17023821103f, r, 1.3067284816f), r, 2.7568153900f), r, 1.4234372777f);
  bottom = fmaf(fmaf(0.12021132975f, r, 0.73700164250f), r, 1.0f);
  const float z = __fdiv_rn(top, bottom);
  return upper ? z : -z;
}

/** The weight for 32 random bits; laws are the numbers of tacet_law. */
__device__ __forceinline__ float drawn_weight(int law, float first, float second, uint32_t bits) {
  if (law == 0) {
    return first;
  }
  if (law == 1) {
    return fmaf(second - first, static_cast<float>(bits >> 8) * 0x1p-24f, first);
  }
  return fmaf(second, standard_normal(bits), first);
}

}  // namespace TACET_NS
