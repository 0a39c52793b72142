// Free motion of a current-based LIF neuron and its next threshold crossing, in float32.
//
// u is the potential measured from the bias, i the synaptic current: tm u' = i - u, ts i' = -i
// (Wunderlich and Pehle 2021, eq. 1), so that over a span d
//   u(d) = alpha u + gamma i,  i(d) = beta i,  alpha = e^(-d/tm),  beta = e^(-d/ts),
//   gamma = ts/(tm-ts) (alpha - beta) = d/tm beta (e^x - 1)/x,  x = d (1/ts - 1/tm)
// and in reverse time lambdaI(d) = beta lambdaI + tm/ts gamma lambdaV, lambdaV(d) = alpha lambdaV.
#pragma once

#include "common/kernel.cuh"
#include "eventprop/views.h"

namespace TACET_NS {

constexpr float kEpsilon = 1.1920929e-7f;
constexpr int kMostSteps = 60;

/** A maximum that stays below the threshold by less than this part of it counts as a graze. */
constexpr float kGrazeMargin = 0.001f;

__device__ __forceinline__ float infinity() { return __int_as_float(0x7f800000); }

struct Span {
  float alpha;
  float beta;
  float gamma;

  /** u at the end of the span. */
  __device__ __forceinline__ float end_of(float u, float i) const {
    return fmaf(alpha, u, gamma * i);
  }
};

struct Membrane {
  float tm;
  float ts;
  float tm_inverse;
  float ts_inverse;
  /** 1/ts - 1/tm. */
  float rate;
  /** ts/(tm-ts), used only where alpha and beta differ enough. */
  float c;

  __device__ __forceinline__ void set(float tau_mem, float tau_syn) {
    tm = tau_mem;
    ts = tau_syn;
    tm_inverse = 1.0f / tau_mem;
    ts_inverse = 1.0f / tau_syn;
    const float difference = tau_mem - tau_syn;
    rate = difference / (tau_mem * tau_syn);
    c = difference == 0.0f ? 0.0f : tau_syn / difference;
  }

  __device__ __forceinline__ Span span(float d) const {
    Span s;
    s.alpha = expf(-d * tm_inverse);
    s.beta = expf(-d * ts_inverse);
    const float x = d * rate;
    // The difference of two nearly equal exponentials would lose its digits.
    if (fabsf(x) < 0.5f) {
      s.gamma = d * tm_inverse * s.beta * (x == 0.0f ? 1.0f : expm1f(x) / x);
    } else {
      s.gamma = c * (s.alpha - s.beta);
    }
    return s;
  }

  /** gamma of the adjoint, tm/(tm-ts) (alpha - beta). */
  __device__ __forceinline__ float adjoint_gamma(const Span& s) const {
    return s.gamma * (tm * ts_inverse);
  }

  /** Takes the adjoints back over a span. */
  __device__ __forceinline__ void retreat(const Span& s, float* lambda_v, float* lambda_i) const {
    *lambda_i = fmaf(s.beta, *lambda_i, adjoint_gamma(s) * *lambda_v);
    *lambda_v *= s.alpha;
  }

  /**
   * Offset of the interior maximum of u when it rises at 0 and falls later; not a number where
   * there is none.
   */
  __device__ __forceinline__ float peak(float u, float i) const {
    const float q = (i - u) / (ts * i + (tm - ts) * u);
    const float x = (tm - ts) * q;
    return tm * ts * q * (x == 0.0f ? 1.0f : log1pf(x) / x);
  }

  /** The crossing in (0, hi], given u(0) < theta < u(hi) and a single crossing between. */
  __device__ __forceinline__ float solve(float u, float i, float theta, float hi) const {
    // Newton inside a bracket that shrinks at every step. u is concave where it rises, so the
    // iteration comes from below and the bracket seldom matters.
    float low = 0.0f;
    float high = hi;
    float s = 0.0f;
    float us = u;
    float is = i;
    for (int step = 0; step < kMostSteps; step++) {
      float next = s + tm * (theta - us) / (is - us);
      if (!(next > low && next < high)) {
        next = low + (high - low) * 0.5f;
      }
      const float moved = fabsf(next - s);
      s = next;
      if (moved <= 2.0f * kEpsilon * fmaxf(s, kEpsilon * tm)) {
        break;
      }
      const Span at = span(s);
      us = at.end_of(u, i);
      is = at.beta * i;
      if (us < theta) {
        low = s;
      } else {
        high = s;
      }
    }
    return fminf(s, hi);
  }

  /**
   * Offset of the first upward crossing of theta within (0, d], or -1. Between events u has at most
   * one extremum, so the sign of u - theta at d, or at an interior maximum, decides.
   */
  __device__ __forceinline__ float crossing(float u, float i, float theta, float d, float u_end,
                                            float i_end, int* grazes) const {
    float hi = d;
    if (u_end == infinity()) {
      return -1.0f;  // an infinite current, which is reported when the pass ends
    }
    if (!(u_end > theta)) {
      // After a long span both may have become 0, which says nothing about the time before.
      if ((i_end >= u_end && i_end > 0.0f) || i <= u || i <= 0.0f) {
        return -1.0f;
      }
      hi = peak(u, i);
      if (!(hi > 0.0f && hi < d)) {
        return -1.0f;
      }
      const float top = i * expf(-hi * ts_inverse);
      if (!(top > theta)) {
        *grazes += top > theta - kGrazeMargin * fabsf(theta);
        return -1.0f;
      }
    }
    return solve(u, i, theta, hi);
  }
};

/**
 * Time of a spike that is `offset` after `from` >= 0 and at or before `to` > from. Never `from`
 * itself, to which the offset may round: the arrival there caused the spike, and the adjoint orders
 * the two by their times alone.
 */
__device__ __forceinline__ float spike_time(float from, float offset, float to) {
  const float next = __int_as_float(__float_as_int(from) + 1);
  return fminf(to, fmaxf(from + offset, next));
}

/** Whether a neuron can have these values, of which the last three are measured from the bias. */
__device__ __forceinline__ bool are_lif_values(const Membrane& membrane, float theta, float reset,
                                               float start) {
  return reset < theta && theta > start && membrane.tm > 0.0f && membrane.ts > 0.0f &&
         reset > -infinity() && theta < infinity() && membrane.tm < infinity() &&
         membrane.ts < infinity() && membrane.tm > kEpsilon * membrane.ts &&
         membrane.ts > kEpsilon * membrane.tm;
}

/** One neuron's parameters with the bias taken out: u = V - b. */
struct Neuron {
  Membrane membrane;
  float theta;
  float reset;
  float start;
  /** Where the current is not above it, u cannot reach theta. */
  float gate;

  __device__ __forceinline__ void load(const tacet::LifView& lif, int n) {
    membrane.set(lif.tau_mem[n * lif.tau_mem_step], lif.tau_syn[n * lif.tau_syn_step]);
    const float b = lif.bias[n * lif.bias_step];
    theta = lif.threshold[n * lif.threshold_step] - b;
    reset = lif.reset[n * lif.reset_step] - b;
    start = -b;
    gate = theta < 0.0f ? -infinity() : theta;
  }

  __device__ bool sensible() const { return are_lif_values(membrane, theta, reset, start); }
};

/** What a spike adds to the gradients of its neuron's threshold and reset, without tau_m. */
struct JumpSums {
  float before = 0.0f;
  float after = 0.0f;
};

/**
 * lambdaV just before a spike in forward time (Wunderlich and Pehle 2021, eq. 5, with a reset value
 * and a bias): (error + tm V'(+) lambdaV(+)) / (tm V'(-)), where tm V'(-) = slope = I - theta + b
 * and tm V'(+) = I - reset + b. The divisor is tm least at least, with least = 0 for the exact
 * gradient. The kick of a rate regulariser is added after the gradients are taken.
 */
__device__ __forceinline__ float jump(const Neuron& neuron, float slope, float least, float error,
                                      float after, float kick, JumpSums* sums) {
  const float outward = slope + neuron.theta - neuron.reset;
  const float before = (error + outward * after) / fmaxf(slope, neuron.membrane.tm * least);
  sums->before += before;
  sums->after += after;
  return before + kick;
}

}  // namespace TACET_NS
