// The integral of V over a free motion of one neuron of a variant, and its derivatives by the state at
// the beginning and by the parameters: VariantIntegral.java in float32; docs/hybrid-neurons.md has the
// derivation. c below is dL/d(integral of V).
#pragma once

#include "eventprop/variant.cuh"

namespace TACET_NS {

/** The integral of E1(leak, rate; .) from 0 to t. */
__device__ __forceinline__ float integral_of_rate(float leak, float rate, float t, float leak_fade,
                                                  float fade) {
  if (leak == 0.0f) {
    return second_integral(0.0f, rate, t, 1.0f, fade);
  }
  const float slower = leak < rate ? leak_fade : fade;
  return (first_integral(0.0f, rate, t, 1.0f) - first_integral(leak, rate, t, slower)) / leak;
}

/** The integral of E2(rate, leak; .) from 0 to t. */
__device__ __forceinline__ float integral_of_onset(float leak, float rate, float t,
                                                   float leak_fade, float fade) {
  if (leak == 0.0f) {
    return mixed_integral(0.0f, rate, t, 1.0f, fade);
  }
  return (second_integral(rate, 0.0f, t, fade, 1.0f) -
          second_integral(rate, leak, t, fade, leak_fade)) /
         leak;
}

/** The integral of V over a time t that begins with that state. */
template <bool kAlpha>
__device__ __forceinline__ float integral_of_potential(const VariantNeuron& neuron,
                                                       const VariantState<kAlpha>& s, float t) {
  float fade;
  float fades[kDecaying];
  neuron.fade(t, &fade, fades);
  float sum = s.v * first_integral(neuron.leak, 0.0f, t, 1.0f);
#pragma unroll
  for (int k = 0; k < kDecaying; k++) {
    if (k != kThresholdRise && neuron.rates[k] != 0.0f) {
      const float rate = neuron.rates[k];
      sum += neuron.coupling(k) * s.x[k] * integral_of_rate(neuron.leak, rate, t, fade, fades[k]);
      if (kAlpha && k <= kInhibition) {
        sum += neuron.push * s.onset(k) * rate *
               integral_of_onset(neuron.leak, rate, t, fade, fades[k]);
      }
    }
  }
  if (neuron.drive != 0.0f) {
    sum += neuron.drive * integral_of_rate(neuron.leak, 0.0f, t, fade, 1.0f);
  }
  return sum;
}

/** Adds the lambda that stays as it is under the drive c, of a neuron with leak. */
template <bool kAlpha>
__device__ __forceinline__ void shift_by_constant(const VariantNeuron& neuron, float c,
                                                  VariantState<kAlpha>* lambda) {
  lambda->v += c * neuron.tau_mem;
#pragma unroll
  for (int k = 0; k < kDecaying; k++) {
    if (k != kThresholdRise && neuron.rates[k] != 0.0f) {
      const float constant = (k == kAdaptation ? -c : c) / neuron.rates[k];
      lambda->x[k] += constant;
      if constexpr (kAlpha) {
        if (k <= kInhibition) {
          lambda->x[kDecaying + k] += constant;
        }
      }
    }
  }
}

/** Adds c times the derivatives of the integral by the state at the beginning, without leak. */
template <bool kAlpha>
__device__ __forceinline__ void add_integral_without_leak(const VariantNeuron& neuron,
                                                          const VariantState<kAlpha>&, float t,
                                                          float c, VariantState<kAlpha>* lambda) {
  lambda->v += c * t;
#pragma unroll
  for (int k = 0; k < kDecaying; k++) {
    if (k != kThresholdRise && neuron.rates[k] != 0.0f) {
      const float rate = neuron.rates[k];
      const float fade = expf(-rate * t);
      lambda->x[k] += c * neuron.coupling(k) * second_integral(0.0f, rate, t, 1.0f, fade);
      if constexpr (kAlpha) {
        if (k <= kInhibition) {
          lambda->x[kDecaying + k] +=
              c * neuron.push * rate * mixed_integral(0.0f, rate, t, 1.0f, fade);
        }
      }
    }
  }
}

/** What the drive adds to dL/dtau_m beside in_motion, by c. */
template <bool kAlpha>
__device__ __forceinline__ float integral_by_tau_mem(const VariantNeuron& neuron,
                                                     const VariantState<kAlpha>& s, float t) {
  if (neuron.leak == 0.0f) {
    return -(integral_of_potential(neuron, s, t) - s.v * t) * neuron.push;
  }
  float fade;
  float fades[kDecaying];
  neuron.fade(t, &fade, fades);
  return s.v - neuron.potential(s, t, fade, fades);
}

/** The same of the bias. */
__device__ __forceinline__ float integral_by_bias(const VariantNeuron& neuron, float t) {
  return neuron.leak == 0.0f ? 0.5f * t * t * neuron.push : t;
}

/** The integral over s from 0 to t of s^2 (t-s) e^(-rate s). */
__device__ __forceinline__ float squared_integral(float rate, float t, float fade) {
  const float x = rate * t;
  if (x < 1.0f) {
    float term = 1.0f;
    float sum = 0.0f;
#pragma unroll
    for (int k = 0; k < 9; k++) {
      sum += term / static_cast<float>((k + 3) * (k + 4));
      term *= -x / static_cast<float>(k + 1);
    }
    return t * t * t * t * sum;
  }
  const float second = third_integral(rate, 0.0f, t, fade, 1.0f);
  return t * second - (3.0f * second - t * t * t * fade) / rate;
}

/** The same of the time constant of variable k. */
template <bool kAlpha>
__device__ __forceinline__ float integral_by_tau(const VariantNeuron& neuron,
                                                 const VariantState<kAlpha>& s, int k, float t) {
  const float rate = neuron.rates[k];
  const float fade = expf(-rate * t);
  const float onset = s.onset(k);
  if (neuron.leak != 0.0f) {
    const float lost = s.x[k] - neuron.later(s, k, t, fade) + onset * (1.0f - fade);
    return k == kAdaptation ? -lost : lost;
  }
  const float spread = mixed_integral(0.0f, rate, t, 1.0f, fade);
  float sum = s.x[k] * spread;
  if constexpr (kAlpha) {
    if (k <= kInhibition) {
      sum -= onset * (spread - rate * squared_integral(rate, t, fade));
    }
  }
  return neuron.coupling(k) * rate * rate * sum;
}

}  // namespace TACET_NS
