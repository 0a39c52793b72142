// Free motion of one neuron of a variant and its next threshold crossing, in float32: closed forms as
// in docs/hybrid-neurons.md. With the leak r = 1/tau_m (0 without), the rates r_k of the variables that
// decay and what they add to dV/dt, c_k,
//   V(t) = V e^(-r t) + sum_k c_k x_k E1(r, r_k; t) + (b/tau_m) E1(r, 0; t)
// Every array here is indexed by constants once loops are unrolled, and stays in registers.
#pragma once

#include "eventprop/membrane.cuh"

namespace TACET_NS {

/** The variables that decay: two synaptic currents, the threshold's rise, the adaptation current. */
enum Decaying : int { kCurrent = 0, kInhibition, kThresholdRise, kAdaptation, kDecaying };

struct VariantState {
  float v;
  float x[kDecaying];
};

/** E1: the integral over s from 0 to t of e^(-a (t-s)) e^(-b s), where slower = e^(-min(a, b) t). */
__device__ __forceinline__ float first_integral(float a, float b, float t, float slower) {
  const float difference = fabsf(a - b);
  return difference * t == 0.0f ? t * slower
                                : slower * (-expm1f(-difference * t) / difference);
}

/** (e^x - 1 - x) / x^2 for |x| < 1/2, by its series. */
__device__ __forceinline__ float exponential_tail(float x) {
  return 0.5f + x / 3.0f * (0.5f + x / 4.0f * (0.5f + x / 5.0f * (0.5f + x / 6.0f *
         (0.5f + x / 7.0f * (0.5f + x / 8.0f * (0.5f + x / 9.0f * 0.5f))))));
}

/** E2: the integral over s from 0 to t of (t-s) e^(-a (t-s)) e^(-b s). */
__device__ __forceinline__ float second_integral(float a, float b, float t, float fade_a,
                                                 float fade_b) {
  const float difference = a - b;
  const float x = difference * t;
  if (fabsf(x) < 0.5f) {
    return t * t * fade_a * exponential_tail(x);
  }
  return (fade_b - fade_a * (1.0f + x)) / (difference * difference);
}

/** A value and its derivative. */
struct ValueAndSlope {
  float value;
  float slope;
};

/** Ends between which a function is monotonic: 0, its extrema, the end of the span. */
struct Places {
  static constexpr int kMost = kDecaying + 3;
  float at[kMost];

  __device__ __forceinline__ float get(int i) const {
    float found = 0.0f;
#pragma unroll
    for (int k = 0; k < kMost; k++) {
      found = k == i ? at[k] : found;
    }
    return found;
  }

  __device__ __forceinline__ void set(int i, float value) {
#pragma unroll
    for (int k = 0; k < kMost; k++) {
      at[k] = k == i ? value : at[k];
    }
  }
};

/** One neuron's parameters; the rate of a variable that it does not have is 0. */
struct VariantNeuron {
  float tau_mem;
  /** What a current of 1 adds to dV/dt. */
  float push;
  float leak;
  /** What the bias adds to dV/dt. */
  float drive;
  float theta;
  float rates[kDecaying];

  __device__ __forceinline__ static float rate(const float* tau, int step, int n) {
    return tau == nullptr ? 0.0f : 1.0f / tau[n * step];
  }

  __device__ __forceinline__ void load(const tacet::LifView& lif, const tacet::VariantView& variant,
                                       int n) {
    tau_mem = lif.tau_mem[n * lif.tau_mem_step];
    push = 1.0f / tau_mem;
    leak = variant.leaky ? push : 0.0f;
    drive = lif.bias[n * lif.bias_step] * push;
    theta = lif.threshold[n * lif.threshold_step];
    rates[kCurrent] = rate(lif.tau_syn, lif.tau_syn_step, n);
    rates[kInhibition] = rate(variant.tau_inhibitory, variant.tau_inhibitory_step, n);
    rates[kThresholdRise] = rate(variant.tau_threshold, variant.tau_threshold_step, n);
    rates[kAdaptation] = rate(variant.tau_adaptation, variant.tau_adaptation_step, n);
  }

  /** c_k: what a variable adds to dV/dt. */
  __device__ __forceinline__ float coupling(int k) const {
    return k == kThresholdRise ? 0.0f : k == kAdaptation ? -push : push;
  }

  /** dV/dt outside a refractory period. */
  __device__ __forceinline__ float rise(const VariantState& s) const {
    return drive - leak * s.v +
           push * (s.x[kCurrent] + s.x[kInhibition] - s.x[kAdaptation]);
  }

  /** All but V decay. */
  __device__ __forceinline__ void rest(VariantState* s, float t) const {
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      s->x[k] *= expf(-rates[k] * t);
    }
  }

  /** V at the end of a span; fades are e^(-rate t). */
  __device__ __forceinline__ float potential(const VariantState& s, float t, float fade,
                                             const float (&fades)[kDecaying]) const {
    float v = s.v * fade;
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (k != kThresholdRise && s.x[k] != 0.0f) {
        v += coupling(k) * s.x[k] *
             first_integral(leak, rates[k], t, leak < rates[k] ? fade : fades[k]);
      }
    }
    return drive == 0.0f ? v : v + drive * first_integral(leak, 0.0f, t, 1.0f);
  }

  __device__ __forceinline__ void fade(float t, float* own, float (&fades)[kDecaying]) const {
    *own = expf(-leak * t);
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      fades[k] = expf(-rates[k] * t);
    }
  }

  __device__ __forceinline__ void move(VariantState* s, float t) const {
    float own;
    float fades[kDecaying];
    fade(t, &own, fades);
    s->v = potential(*s, t, own, fades);
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      s->x[k] *= fades[k];
    }
  }
};

/**
 * The first time at which a neuron reaches its threshold. None is missed: with f_0 the distance from
 * the threshold and f_k = (d/dt + r_(k-1)) f_(k-1), r being 0, the leak, and then the rates of the
 * variables one by one, the last f is one exponential, without a zero, and between two zeros of f_k the
 * function e^(r t) f_(k-1) is monotonic, so that each zero of f_(k-1) shows in the signs at the ends.
 */
struct VariantCrossing {
  const VariantNeuron& neuron;
  const VariantState& s;
  /** f_2 is the sum of amplitudes times exponentials. */
  float amplitudes[kDecaying];
  /** The highest level whose zeros are to be found. */
  int top;

  __device__ __forceinline__ VariantCrossing(const VariantNeuron& neuron_, const VariantState& s_)
      : neuron(neuron_), s(s_), top(0) {
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      const float rate = neuron.rates[k];
      const float part = k == kThresholdRise ? rate * (neuron.leak - rate)
                                             : -rate * neuron.coupling(k);
      amplitudes[k] = part * s.x[k];
      top = amplitudes[k] != 0.0f ? k + 1 : top;
    }
  }

  /** Whether V stays below the threshold by a bound of it alone. */
  __device__ __forceinline__ bool out_of_reach(float span) const {
    float most = neuron.drive;
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      most += fmaxf(0.0f, neuron.coupling(k) * s.x[k]);
    }
    most = neuron.leak > 0.0f ? fmaxf(s.v, most / neuron.leak) : s.v + fmaxf(0.0f, most) * span;
    const float rise = s.x[kThresholdRise];
    const float least =
        rise == 0.0f ? 0.0f : rise * expf(-neuron.rates[kThresholdRise] * span);
    return most <= neuron.theta + least;
  }

  /** f_2 without its first terms, which the factors (d/dt + rate) have taken away. */
  __device__ __forceinline__ float decaying(int away, const float (&fades)[kDecaying]) const {
    float sum = 0.0f;
#pragma unroll
    for (int m = 0; m < kDecaying; m++) {
      float amplitude = m < away ? 0.0f : amplitudes[m];
#pragma unroll
      for (int l = 0; l < m; l++) {
        amplitude *= l < away ? neuron.rates[l] - neuron.rates[m] : 1.0f;
      }
      sum += amplitude * fades[m];
    }
    return sum;
  }

  /** f of a level with its derivative. */
  __device__ __forceinline__ ValueAndSlope evaluate(int level, float t) const {
    float own;
    float fades[kDecaying];
    neuron.fade(t, &own, fades);
    if (level >= 2) {
      const float value = decaying(level - 2, fades);
      float rate = 0.0f;
#pragma unroll
      for (int k = 0; k < kDecaying; k++) {
        rate = k == level - 2 ? neuron.rates[k] : rate;
      }
      return {value, decaying(level - 1, fades) - rate * value};
    }
    const float v = neuron.potential(s, t, own, fades);
    const float rise = s.x[kThresholdRise] * fades[kThresholdRise];
    const float slope = neuron.drive - neuron.leak * v +
                        neuron.push * (s.x[kCurrent] * fades[kCurrent] +
                                       s.x[kInhibition] * fades[kInhibition] -
                                       s.x[kAdaptation] * fades[kAdaptation]) +
                        neuron.rates[kThresholdRise] * rise;
    if (level == 0) {
      return {v - neuron.theta - rise, slope};
    }
    return {slope, decaying(0, fades) - neuron.leak * slope};
  }

  /** The zero between two ends, by Newton's method within a bracket that shrinks at every step. */
  __device__ __forceinline__ float root(int level, float low, float high, ValueAndSlope f) const {
    const bool rising = f.value < 0.0f;
    float t = low;
    for (int step = 0; step < kMostSteps; step++) {
      float next = t - f.value / f.slope;
      if (!(next > low && next < high) || step >= kNewtonSteps) {
        next = low + (high - low) * 0.5f;
      }
      const float moved = fabsf(next - t);
      t = next;
      const float least = 2.0f * kEpsilon * fmaxf(t, kEpsilon * neuron.tau_mem);
      if (moved <= least || high - low <= least) {
        break;
      }
      f = evaluate(level, t);
      if ((f.value < 0.0f) == rising) {
        low = t;
      } else {
        high = t;
      }
    }
    return t;
  }

  /** Steps after which the bracket is halved, come what may. */
  static constexpr int kNewtonSteps = 24;

  /** Offset of the first upward crossing in (0, span], or -1. */
  __device__ __forceinline__ float first(float span, int* grazes) const {
    if (out_of_reach(span)) {
      return -1.0f;
    }
    Places places{};
    places.set(1, span);
    int count = 2;
    float nearest = -infinity();
    float found = -1.0f;
    for (int level = top; level >= 0; level--) {
      float from = 0.0f;
      ValueAndSlope before{};
      int n = 1;
      for (int i = 0; i < count; i++) {
        const float to = places.get(i);
        const ValueAndSlope f = evaluate(level, to);
        const bool crosses = i > 0 && (level == 0 ? f.value >= 0.0f
                                                  : (before.value < 0.0f) != (f.value < 0.0f));
        if (crosses) {
          const float zero = root(level, from, to, before);
          if (level == 0) {
            found = zero;
            break;
          }
          places.set(n++, zero);
        } else if (level == 0 && i > 0 && i < count - 1) {
          nearest = fmaxf(nearest, f.value);
        }
        from = to;
        before = f;
      }
      places.set(n++, span);
      count = n;
    }
    *grazes += nearest > -kGrazeMargin * neuron.theta;
    return found;
  }
};

}  // namespace TACET_NS
