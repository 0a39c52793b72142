// The adjoint of one unit at one step: the exact adjoint of the graph of unit.cuh, with
// psi(s) = gamma max(0, 1 - k|s|), s = c - theta, for the derivative of the step function.
//
//   do = rate + c dy - [h is reset] theta dh          dtheta -= psi do + [h is reset] o dh
//   dc = o dy + psi do + dh                           zoneout: dh' = (1-m) dc, dc <- m dc
//   CELL_RESET_AFTER                                  PAPER
//   dh' += z dc, dz = (h'-g) dc, dg = (1-z) dc        dh' += (1-z) dc, dz = (g-h') dc, dg = z dc,
//                                                     dy' -= dc
//   dp_g = (1-g^2) dg, dp_z = z(1-z) dz               the same
//   (slopes of sigmoid and tanh are 0 where the clip has cut their argument)
//   dq_g = r dp_g, dp_r = r(1-r) q dp_g               e = dp_g R_g^T, dp_r = r(1-r) y' e, dy' += r e
//   dy' += (dp_z, dp_r, dq_g) R^T                     dy' += (dp_z, dp_r) R_zr^T
#pragma once

#include "egru/fragments.cuh"
#include "egru/persistent.cuh"

namespace TACET_NS {

/**
 * Sums over the steps of which gradients of biases and thresholds are made: of the adjoints of the three
 * currents, of the candidate's recurrent product, and of the threshold.
 */
constexpr int kStepSums = 5;

struct BackwardArguments {
  EgruCall call;
  EgruErrorsView errors;
  EgruGradientsView gradients;
  /** Adjoint of h, [batch][units]. */
  float* dh;
  /**
   * Adjoint of the recurrent products of the step, [batch][3 units]; of the persistent kernel, of two
   * steps in turns, [2][groups][3 units][samples].
   */
  float* dq;
  /** PAPER: what reaches dy past the product, [batch][units]. */
  float* direct;
  /** Products with R^T, [parts][batch][units]. */
  float* products;
  /** Gradients of thresholds of each sample, [batch][units]; null if not wanted, or among the totals. */
  float* thresholds;
  /** On tensor cores: sums over the steps of each sample, [batch][kStepSums][units]; else null. */
  float* totals;
  int tiles;
  /** y' R_g of step first_again and those after it, [..][batch][units]; null if the tape has q. */
  float* again;
  int first_again;
  /** Elements from the arrays of a replica to those of the next. */
  int64_t dq_apart;
  int64_t products_apart;
  int64_t again_apart;
};

__device__ __forceinline__ BackwardArguments of_replica(const BackwardArguments& all, int replica) {
  BackwardArguments own = all;
  const int64_t state = state_elements(all.call);
  own.call = of_replica(all.call, replica);
  own.errors = of_replica(all.errors, all.call, replica);
  own.gradients = of_replica(all.gradients, all.call, replica);
  own.dh = own_array(all.dh, state, replica);
  own.dq = own_array(all.dq, all.dq_apart, replica);
  own.direct = own_array(all.direct, state, replica);
  own.products = own_array(all.products, all.products_apart, replica);
  own.thresholds = own_array(all.thresholds, state, replica);
  own.totals = own_array(all.totals, kStepSums * state, replica);
  own.again = own_array(all.again, all.again_apart, replica);
  return own;
}

/** Adjoints of the recurrent inputs of a unit's gates; PAPER's r is not known yet. */
struct GateErrors {
  float z;
  float r;
  float g;
};

__device__ __forceinline__ float psi(const EgruCall& call, float s) {
  return call.layer.gamma * fmaxf(0.0f, 1.0f - call.layer.sharpness * fabsf(s));
}

/** c - theta from the state after a step. */
__device__ __forceinline__ float margin(const EgruCall& call, float h, bool event, float theta) {
  return event && !is_paper(call) ? h : h - theta;
}

/** Where y' R_g of a step is among those that are computed again. */
__device__ __forceinline__ size_t again_element(const BackwardArguments& a, int t, int n, int i) {
  const size_t row = static_cast<size_t>(t - a.first_again) * a.call.sequence.batch + n;
  return row * a.call.layer.units + i;
}

/** What q has beside it. */
__device__ __forceinline__ float candidate_bias(const EgruCall& call, int i) {
  return __ldg(call.layer.recurrent_bias + 2 * call.layer.units + i);
}

/** q of a step. */
__device__ __forceinline__ float product_inside(const BackwardArguments& a, int t, int n, int i) {
  return a.again == nullptr
             ? load_gate(a.call, a.call.tape.q, element(a.call, t, n, i))
             : a.again[again_element(a, t, n, i)] + candidate_bias(a.call, i);
}

/** Slope of a gate; 0 where its sum was cut. */
__device__ __forceinline__ float gate_slope(const EgruCall& call, float gate) {
  return fabsf(gate - 0.5f) >= call.layer.gate_reach ? 0.0f : gate * (1.0f - gate);
}

/** Slope of a candidate; 0 where its sum was cut. */
__device__ __forceinline__ float candidate_slope(const EgruCall& call, float g) {
  return fabsf(g) >= call.layer.candidate_reach ? 0.0f : 1.0f - g * g;
}

/** What of a unit is the same in all steps; 0 where it is not used. */
struct AdjointConstants {
  float threshold;
  float rate;
};

__device__ __forceinline__ AdjointConstants load_adjoint_constants(const BackwardArguments& a,
                                                                   int i) {
  if (!a.call.layer.events) {
    return {0.0f, 0.0f};
  }
  return {a.call.layer.thresholds[i], a.errors.rate == nullptr ? 0.0f : a.errors.rate[i]};
}

/** What the forward pass and the loss left for a step of a unit: it waits for no other step. */
struct AdjointInputs {
  float h;
  float before;
  float z;
  float r;
  float g;
  /** Not of PAPER. */
  float q;
  /** Of y, by itself and in the trace. */
  float error;
  /** How much of the new state the unit took. */
  float taken;
  bool event;
};

/** What of the error of the trace after the last step is that of y in this one. */
__device__ __forceinline__ float trace_error(const BackwardArguments& a, int t, int n, int i) {
  if (a.errors.trace == nullptr) {
    return 0.0f;
  }
  // By squares, which takes few registers; off by less than 2^-24 of it a step.
  float d = a.call.layer.trace_decay;
  float error = (1.0f - d) * a.errors.trace[n * a.errors.trace_stride + i];
#pragma unroll 1
  for (int steps = steps_of(a.call, n) - 1 - t; steps > 0; steps /= 2) {
    error *= steps % 2 != 0 ? d : 1.0f;
    d *= d;
  }
  return error;
}

__device__ __forceinline__ AdjointInputs load_adjoint_inputs(const BackwardArguments& a, int t,
                                                             int n, int i) {
  const EgruCall& call = a.call;
  const size_t at = element(call, t, n, i);
  return {call.tape.h[at],
          state_before(call, t, n, i),
          load_gate(call, call.tape.z, at),
          load_gate(call, call.tape.r, at),
          load_gate(call, call.tape.g, at),
          is_paper(call) ? 0.0f : product_inside(a, t, n, i),
          (a.errors.y == nullptr ? 0.0f : a.errors.y[row_of(call, t, n) * a.errors.y_stride + i]) +
              trace_error(a, t, n, i),
          taken(call, t, n, i),
          call.layer.events && had_event(call, t, n, i)};
}

/** The adjoint of a step of a unit. */
struct UnitAdjoint {
  /** Whether the sample has this step; else all is 0, and nothing changes but the currents' adjoint. */
  bool runs;
  /** Of its currents; PAPER's r is not known yet. */
  GateErrors currents;
  /** Of the candidate's recurrent product. */
  float product;
  /** Of the state before the step. */
  float dh;
  /** Of the threshold. */
  float threshold;
  /** PAPER: what reaches dy of the step before past the product. */
  float direct;
};

/**
 * The part of a step of a unit that needs nothing from R: all of it but for PAPER's reset gate.
 *
 * @param inputs those of this step; not read beyond a sample's last step
 * @param dy what reached dy from the step after, through R and past it; not read at a sample's last step
 * @param dh that of the step after; not read at a sample's last step
 */
__device__ __forceinline__ UnitAdjoint adjoint_of_step(const BackwardArguments& a, int t, int n, int i,
                                                       const AdjointConstants& constants,
                                                       const AdjointInputs& inputs, float dy,
                                                       float dh) {
  const EgruCall& call = a.call;
  const int steps = steps_of(call, n);
  const bool paper = is_paper(call);
  UnitAdjoint step{};
  if (t >= steps) {
    return step;
  }
  step.runs = true;
  if (t == steps - 1) {
    const size_t state = static_cast<size_t>(n) * call.layer.units + i;
    dy = a.errors.last_y == nullptr ? 0.0f : a.errors.last_y[state];
    dh = a.errors.last_h == nullptr ? 0.0f : a.errors.last_h[state];
  }
  dy += inputs.error;

  float dc = dy + dh;
  if (call.layer.events) {
    const float theta = constants.threshold;
    const bool event = inputs.event;
    const float s = margin(call, inputs.h, event, theta);
    // Exact where h is c itself; a reset h has lost what c = h + theta rounds away.
    const float c = event && !paper ? inputs.h + theta : inputs.h;
    const float slope = psi(call, s);
    float d_event = constants.rate + c * dy;
    if (!paper) {
      d_event -= theta * dh;
    }
    dc = (event ? dy : 0.0f) + slope * d_event + dh;
    step.threshold = -(slope * d_event + (event && !paper ? dh : 0.0f));
  }

  const float m = inputs.taken;
  const float taken_dc = m * dc;
  const float z = inputs.z;
  const float r = inputs.r;
  const float g = inputs.g;
  const float keep = paper ? 1.0f - z : z;
  const float difference = paper ? g - inputs.before : inputs.before - g;
  step.dh = (1.0f - m) * dc + keep * taken_dc;
  const float dp = candidate_slope(call, g) * (1.0f - keep) * taken_dc;
  step.currents = {gate_slope(call, z) * difference * taken_dc, 0.0f, dp};
  step.product = dp;
  if (paper) {
    step.direct = call.layer.events ? -taken_dc : 0.0f;
    return step;
  }
  step.currents.r = gate_slope(call, r) * inputs.q * dp;
  step.product = r * dp;
  return step;
}

/** Writes the adjoints of a unit's currents, but for PAPER's reset gate. */
__device__ __forceinline__ void store_currents(const BackwardArguments& a, int t, int n, int i,
                                               const UnitAdjoint& step) {
  const EgruCall& call = a.call;
  const int units = call.layer.units;
  float* const currents = a.gradients.currents + 3 * element(call, t, n, 0) + i;
  currents[0] = step.currents.z;
  if (!is_paper(call) || !step.runs) {
    currents[units] = step.currents.r;
  }
  currents[2 * units] = step.currents.g;
}

/**
 * A step of a unit, with its states in memory; returns the adjoints of its recurrent products.
 *
 * @param inputs as of adjoint_of_step
 * @param product what reached dy through R from the step after; not read at a sample's last step
 */
__device__ __forceinline__ GateErrors retreat_unit(const BackwardArguments& a, int t, int n, int i,
                                                   const AdjointConstants& constants,
                                                   const AdjointInputs& inputs, float product) {
  const EgruCall& call = a.call;
  const size_t state = static_cast<size_t>(n) * call.layer.units + i;
  float dh = 0.0f;
  if (t < steps_of(call, n) - 1) {
    product += is_paper(call) ? a.direct[state] : 0.0f;
    dh = a.dh[state];
  }
  const UnitAdjoint step = adjoint_of_step(a, t, n, i, constants, inputs, product, dh);
  store_currents(a, t, n, i, step);
  if (step.runs) {
    a.dh[state] = step.dh;
    if (is_paper(call)) {
      a.direct[state] = step.direct;
    }
    if (a.thresholds != nullptr) {
      a.thresholds[state] += step.threshold;
    }
  }
  return {step.currents.z, step.currents.r, step.product};
}

/** PAPER: the part that goes through the reset gate; returns dp_r. @param e (dp_g R_g^T) of the unit */
__device__ __forceinline__ float retreat_reset(const BackwardArguments& a, int t, int n, int i,
                                               float e) {
  const EgruCall& call = a.call;
  const int units = call.layer.units;
  const float r = load_gate(call, call.tape.r, element(call, t, n, i));
  const float dp_r = gate_slope(call, r) * sent_before(call, t, n, i) * e;
  a.gradients.currents[3 * element(call, t, n, 0) + units + i] = dp_r;
  a.direct[static_cast<size_t>(n) * units + i] += r * e;
  return dp_r;
}

/** Whether anything depends on dy of a unit that sent into step t. */
__device__ __forceinline__ bool is_needed(const EgruCall& call, int t, int n, int j) {
  if (n >= call.sequence.batch || t >= steps_of(call, n)) {
    return false;
  }
  if (t == 0 || !call.layer.events) {
    return true;
  }
  const bool event = had_event(call, t - 1, n, j);
  const float s = margin(call, call.tape.h[element(call, t - 1, n, j)], event,
                         call.layer.thresholds[j]);
  return event || psi(call, s) > 0.0f;
}

/** How a backward pass divides a layer on the chip; no blocks if it is not to, or does not fit. */
PersistentShape persistent_backward_shape(const EgruCall& call);

/** Retreats from step `last` to step `first` in one launch. @param counters of the teams */
void run_persistent_backward(const BackwardArguments& arguments, const PersistentShape& shape,
                             int last, int first, unsigned int* counters, tacet::Stream stream);

/** How a backward pass divides a layer whose factors are bfloat16; no blocks if it has other kernels. */
FragmentShape fragment_backward_shape(const EgruCall& call);

FragmentExchange carve_fragment_backward(const EgruCall& call, const FragmentShape& shape,
                                         tacet::Carver& carver);

/** The same on tensor cores; after step 0 also dy before it, where it is wanted. */
void run_fragment_backward(const BackwardArguments& arguments, const FragmentShape& shape, int last,
                           int first, const FragmentExchange& exchange, tacet::Stream stream);

}  // namespace TACET_NS
