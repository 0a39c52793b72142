// Free motion of one neuron of a variant and its next threshold crossing, in float32: closed forms as
// in docs/hybrid-neurons.md. With the leak r = 1/tau_m (0 without), the rates r_k of the variables that
// decay and what they add to dV/dt, c_k,
//   V(t) = V e^(-r t) + sum_k c_k x_k E1(r, r_k; t) + (b/tau_m) E1(r, 0; t)
// and with alpha synapses (kAlpha) + c_k S_k r_k E2(r_k, r; t), S_k being the onset of a current k.
// Every array here is indexed by constants once loops are unrolled, and stays in registers.
#pragma once

#include "eventprop/membrane.cuh"

namespace TACET_NS {

/** The variables that decay: two synaptic currents, the threshold's rise, the adaptation current. */
enum Decaying : int { kCurrent = 0, kInhibition, kThresholdRise, kAdaptation, kDecaying };

/** Variables beside the potential: with alpha synapses the onset of each current follows. */
template <bool kAlpha>
constexpr int kVariables = kDecaying + (kAlpha ? kInhibition + 1 : 0);

template <bool kAlpha>
struct VariantState {
  float v;
  float x[kVariables<kAlpha>];

  /** What a variable rises towards: the onset of a current, or 0. */
  __device__ __forceinline__ float onset(int k) const {
    if constexpr (kAlpha) {
      return k <= kInhibition ? x[kDecaying + k] : 0.0f;
    } else {
      return 0.0f;
    }
  }
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

/** E3: the integral over s from 0 to t of (t-s)^2 e^(-a (t-s)) e^(-b s). */
__device__ __forceinline__ float third_integral(float a, float b, float t, float fade_a,
                                                float fade_b) {
  const float difference = a - b;
  const float x = difference * t;
  if (fabsf(x) < 1.0f) {
    const float tail = 1.0f + x / 8.0f * (1.0f + x / 9.0f * (1.0f + x / 10.0f * (1.0f + x / 11.0f *
                       (1.0f + x / 12.0f))));
    return t * t * t * fade_a / 3.0f * (1.0f + x / 4.0f * (1.0f + x / 5.0f * (1.0f + x / 6.0f *
           (1.0f + x / 7.0f * tail))));
  }
  return (2.0f * fade_b - fade_a * (2.0f + x * (2.0f + x))) /
         (difference * difference * difference);
}

/** E11: the integral over s from 0 to t of s (t-s) e^(-a (t-s)) e^(-b s). */
__device__ __forceinline__ float mixed_integral(float a, float b, float t, float fade_a,
                                                float fade_b) {
  const float difference = a - b;
  const float x = difference * t;
  if (fabsf(x) < 2.0f) {
    // (h cosh h - sinh h) / h^3 with h = x/2, all of whose terms are positive.
    const float square = 0.25f * x * x;
    const float series = 1.0f + square / 10.0f * (1.0f + square / 28.0f * (1.0f + square / 54.0f *
                         (1.0f + square / 88.0f)));
    return t * t * t * expf(-0.5f * (a + b) * t) / 6.0f * series;
  }
  return ((x - 2.0f) * fade_b + (x + 2.0f) * fade_a) / (difference * difference * difference);
}

/** A value and its derivative. */
struct ValueAndSlope {
  float value;
  float slope;
};

/** Ends between which a function is monotonic: 0, its extrema, the end of the span. */
template <bool kAlpha>
struct Places {
  static constexpr int kMost = kVariables<kAlpha> + 3;
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
  template <bool kAlpha>
  __device__ __forceinline__ float rise(const VariantState<kAlpha>& s) const {
    return drive - leak * s.v +
           push * (s.x[kCurrent] + s.x[kInhibition] - s.x[kAdaptation]);
  }

  /** A variable after a time t over which it fades by e^(-rate t). */
  template <bool kAlpha>
  __device__ __forceinline__ float later(const VariantState<kAlpha>& s, int k, float t,
                                         float fade) const {
    if constexpr (kAlpha) {
      return (s.x[k] + s.onset(k) * rates[k] * t) * fade;
    } else {
      return s.x[k] * fade;
    }
  }

  /** Variable k, and its onset, decay. */
  template <bool kAlpha>
  __device__ __forceinline__ void decay(VariantState<kAlpha>* s, int k, float t,
                                        float fade) const {
    s->x[k] = later(*s, k, t, fade);
    if constexpr (kAlpha) {
      if (k <= kInhibition) {
        s->x[kDecaying + k] *= fade;
      }
    }
  }

  /** All but V decay. */
  template <bool kAlpha>
  __device__ __forceinline__ void rest(VariantState<kAlpha>* s, float t) const {
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      decay(s, k, t, expf(-rates[k] * t));
    }
  }

  /** V at the end of a span; fades are e^(-rate t). */
  template <bool kAlpha>
  __device__ __forceinline__ float potential(const VariantState<kAlpha>& s, float t, float fade,
                                             const float (&fades)[kDecaying]) const {
    float v = s.v * fade;
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (k != kThresholdRise && s.x[k] != 0.0f) {
        v += coupling(k) * s.x[k] *
             first_integral(leak, rates[k], t, leak < rates[k] ? fade : fades[k]);
      }
      if (kAlpha && s.onset(k) != 0.0f) {
        v += push * s.onset(k) * rates[k] * second_integral(rates[k], leak, t, fades[k], fade);
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

  template <bool kAlpha>
  __device__ __forceinline__ void move(VariantState<kAlpha>* s, float t) const {
    float own;
    float fades[kDecaying];
    fade(t, &own, fades);
    s->v = potential(*s, t, own, fades);
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      decay(s, k, t, fades[k]);
    }
  }
};

/**
 * The first time at which a neuron reaches its threshold. None is missed: with f_0 the distance from
 * the threshold and f_k = (d/dt + r_(k-1)) f_(k-1), r being 0, the leak, and then the rates of the
 * variables one by one, twice that of a current with an onset, the last f is one exponential, without a
 * zero, and between two zeros of f_k the function e^(r t) f_(k-1) is monotonic, so that each zero of
 * f_(k-1) shows in the signs at the ends.
 */
template <bool kAlpha>
struct VariantCrossing {
  const VariantNeuron& neuron;
  const VariantState<kAlpha>& s;
  /** f_2 is the sum of amplitudes times exponentials. */
  float amplitudes[kDecaying];
  /** With alpha synapses (amplitude + ramp t) e^(-rate t) of the currents. */
  float ramps[kInhibition + 1];
  /** The highest level whose zeros are to be found. */
  int top;

  /** The first factor of the chain that is of variable k. */
  __device__ __forceinline__ static constexpr int first_factor(int k) {
    return !kAlpha ? k : k <= kInhibition ? 2 * k : k + kInhibition + 1;
  }

  /** The variable of a factor. */
  __device__ __forceinline__ static constexpr int variable(int factor) {
    return !kAlpha                          ? factor
           : factor < 2 * (kInhibition + 1) ? factor / 2
                                            : factor - (kInhibition + 1);
  }

  __device__ __forceinline__ VariantCrossing(const VariantNeuron& neuron_,
                                             const VariantState<kAlpha>& s_)
      : neuron(neuron_), s(s_), top(0) {
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      const float rate = neuron.rates[k];
      const float part = k == kThresholdRise ? rate * (neuron.leak - rate)
                                             : -rate * neuron.coupling(k);
      amplitudes[k] = part * (kAlpha ? s.x[k] - s.onset(k) : s.x[k]);
      top = amplitudes[k] != 0.0f ? first_factor(k) + 1 : top;
      if (kAlpha && k <= kInhibition) {
        ramps[k] = part * rate * s.onset(k);
        top = ramps[k] != 0.0f ? first_factor(k) + 2 : top;
      }
    }
  }

  /** Whether V stays below the threshold by a bound of it alone. */
  __device__ __forceinline__ bool out_of_reach(float span) const {
    float most = neuron.drive;
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      most += fmaxf(0.0f, neuron.coupling(k) * s.x[k]);
      if (kAlpha && k <= kInhibition) {
        most += fmaxf(0.0f, neuron.push * kCrest * s.onset(k));
      }
    }
    most = neuron.leak > 0.0f ? fmaxf(s.v, most / neuron.leak) : s.v + fmaxf(0.0f, most) * span;
    const float rise = s.x[kThresholdRise];
    const float least =
        rise == 0.0f ? 0.0f : rise * expf(-neuron.rates[kThresholdRise] * span);
    return most <= neuron.theta + least;
  }

  /** 1/e, the largest value of t e^(-t). */
  static constexpr float kCrest = 0.36787944f;

  /** f_2 after so many factors (d/dt + rate), which take its first terms away. */
  __device__ __forceinline__ float decaying(int away, float t,
                                            const float (&fades)[kDecaying]) const {
    float sum = 0.0f;
#pragma unroll
    for (int m = 0; m < kDecaying; m++) {
      if (kAlpha) {
        sum += ramping(m, away, t) * fades[m];
        continue;
      }
      float amplitude = m < away ? 0.0f : amplitudes[m];
#pragma unroll
      for (int l = 0; l < m; l++) {
        amplitude *= l < away ? neuron.rates[l] - neuron.rates[m] : 1.0f;
      }
      sum += amplitude * fades[m];
    }
    return sum;
  }

  /** Amplitude + ramp t of variable m after so many factors; one of its own takes the ramp. */
  __device__ __forceinline__ float ramping(int m, int away, float t) const {
    float amplitude = amplitudes[m];
    float ramp = m <= kInhibition ? ramps[m] : 0.0f;
#pragma unroll
    for (int l = 0; l < first_factor(m) + (m <= kInhibition ? 2 : 1); l++) {
      if (l < away) {
        const float gap = neuron.rates[variable(l)] - neuron.rates[m];
        amplitude = amplitude * gap + ramp;
        ramp *= gap;
      }
    }
    return amplitude + ramp * t;
  }

  /** f of a level with its derivative. */
  __device__ __forceinline__ ValueAndSlope evaluate(int level, float t) const {
    float own;
    float fades[kDecaying];
    neuron.fade(t, &own, fades);
    if (level >= 2) {
      const float value = decaying(level - 2, t, fades);
      float rate = 0.0f;
#pragma unroll
      for (int k = 0; k < kVariables<kAlpha>; k++) {
        rate = k == level - 2 ? neuron.rates[variable(k)] : rate;
      }
      return {value, decaying(level - 1, t, fades) - rate * value};
    }
    const float v = neuron.potential(s, t, own, fades);
    const float rise = s.x[kThresholdRise] * fades[kThresholdRise];
    const float slope = neuron.drive - neuron.leak * v +
                        neuron.push * (neuron.later(s, kCurrent, t, fades[kCurrent]) +
                                       neuron.later(s, kInhibition, t, fades[kInhibition]) -
                                       s.x[kAdaptation] * fades[kAdaptation]) +
                        neuron.rates[kThresholdRise] * rise;
    if (level == 0) {
      return {v - neuron.theta - rise, slope};
    }
    return {slope, decaying(0, t, fades) - neuron.leak * slope};
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
    Places<kAlpha> places{};
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
