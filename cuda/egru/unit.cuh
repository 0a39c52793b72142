// One unit at one step: its equations, the zoneout mask, and the tape. Subramoney et al., ICLR 2023,
// in the discrete form of the published results (CELL_RESET_AFTER) and as printed (PAPER):
//
//   CELL_RESET_AFTER                          PAPER
//   p = y' R                                  p = y' R for z, r; (r y') R for g
//   z = sigmoid(a_z + p_z + bx_z + br_z)      z = sigmoid(a_z + p_z + bx_z)
//   r = sigmoid(a_r + p_r + bx_r + br_r)      r = sigmoid(a_r + p_r + bx_r)
//   q = p_g + br_g, g = tanh(a_g + bx_g + r q)  g = tanh(a_g + p_g + bx_g)
//   c = z h' + (1-z) g                        c = z g + (1-z) h' - y'
//   zoneout: c = h' where the mask says so; evaluation: c = p h' + (1-p) c
//   o = [c > theta], y = o c
//   h = c - o theta                           h = c
//
// With a clip the arguments of sigmoid and tanh are cut to [-clip, clip].
// Without events o = 1, y = h = c and nothing is subtracted. State: h, and y as it was sent.
#pragma once

#include "common/bfloat16.cuh"
#include "common/kernel.cuh"
#include "common/philox.cuh"
#include "dense/activation.cuh"
#include "egru/egru.h"
#include "sparse/groups.cuh"

namespace TACET_NS {

using tacet::EgruCall;
using tacet::EgruEngine;
using tacet::EgruErrorsView;
using tacet::EgruGradientsView;
using tacet::EgruOutputsView;
using tacet::EgruVariant;

__device__ __forceinline__ bool is_paper(const EgruCall& call) {
  return call.layer.variant == EgruVariant::kPaper;
}

/** Steps of a sample. @param replica 0 also where the call is that of a replica */
__device__ __forceinline__ int steps_of(const EgruCall& call, int n, int replica = 0) {
  const int steps = call.sequence.steps;
  return call.sequence.lengths == nullptr
             ? steps
             : max(0, min(steps, call.sequence.lengths[replica * call.sequence.batch + n]));
}

/** When a step of the computation is, and which step is at a time: the same function. */
__device__ __forceinline__ int turned(const EgruCall& call, int t, int n, int replica = 0) {
  if (!call.sequence.reversed) {
    return t;
  }
  const int steps = steps_of(call, n, replica);
  return t < steps ? steps - 1 - t : t;
}

/** Row of [steps][batch] arrays that a sample comes to in a step. */
__device__ __forceinline__ size_t row_of(const EgruCall& call, int t, int n, int replica = 0) {
  const size_t step = static_cast<size_t>(replica) * call.sequence.steps;
  return (step + turned(call, t, n, replica)) * call.sequence.batch + n;
}

/** Element (step, sample, unit) of [steps][batch][units]. */
__device__ __forceinline__ size_t element(const EgruCall& call, int t, int n, int i,
                                          int replica = 0) {
  return row_of(call, t, n, replica) * call.layer.units + i;
}

/** Words of a row of event bits. */
__host__ __device__ inline int event_words(const EgruCall& call) {
  return (call.layer.units + 31) / 32;
}

__device__ __forceinline__ bool had_event(const EgruCall& call, int t, int n, int i,
                                          int replica = 0) {
  const size_t word = row_of(call, t, n, replica) * event_words(call) + i / 32;
  return (call.tape.events[word] >> (i % 32) & 1u) != 0;
}

__device__ __forceinline__ float load_gate(const EgruCall& call, const void* gate, size_t at) {
  return call.tape.compact ? from_bfloat16(static_cast<const uint16_t*>(gate)[at])
                           : static_cast<const float*>(gate)[at];
}

__device__ __forceinline__ void store_gate(const EgruCall& call, void* gate, size_t at, float value) {
  if (call.tape.compact) {
    static_cast<uint16_t*>(gate)[at] = to_bfloat16(value);
  } else {
    static_cast<float*>(gate)[at] = value;
  }
}

/** How much of the new state a unit takes: 1 without zoneout, 0 or 1 in training. */
__device__ __forceinline__ float taken(const EgruCall& call, int t, int n, int i) {
  if (call.layer.zoneout <= 0.0f) {
    return 1.0f;
  }
  if (!call.sequence.training) {
    return 1.0f - call.layer.zoneout;
  }
  const uint64_t e = static_cast<uint64_t>(n) * call.layer.units + i;
  const PhiloxWords words = philox(static_cast<uint32_t>(e / 4), t, 0, 2, call.sequence.seed);
  const uint32_t word = philox_word(words, static_cast<uint32_t>(e));
  return word >> 8 < call.layer.zoneout_limit ? 0.0f : 1.0f;
}

/** Event value and state of a unit before the first step. */
__device__ __forceinline__ float initial_y(const EgruCall& call, int n, int i, int replica = 0) {
  const size_t sample = static_cast<size_t>(replica) * call.sequence.batch + n;
  return call.sequence.y == nullptr ? 0.0f : call.sequence.y[sample * call.layer.units + i];
}

__device__ __forceinline__ float initial_h(const EgruCall& call, int n, int i) {
  return call.sequence.h == nullptr
             ? 0.0f
             : call.sequence.h[static_cast<size_t>(n) * call.layer.units + i];
}

/** What the unit sent into step t, from the tape. */
__device__ __forceinline__ float sent_before(const EgruCall& call, int t, int n, int i,
                                             int replica = 0) {
  if (t == 0) {
    return initial_y(call, n, i, replica);
  }
  const float h = call.tape.h[element(call, t - 1, n, i, replica)];
  if (!call.layer.events) {
    return h;
  }
  if (!had_event(call, t - 1, n, i, replica)) {
    return 0.0f;
  }
  return is_paper(call)
             ? h
             : h + call.layer.thresholds[static_cast<size_t>(replica) * call.layer.units + i];
}

__device__ __forceinline__ float state_before(const EgruCall& call, int t, int n, int i) {
  return t == 0 ? initial_h(call, n, i) : call.tape.h[element(call, t - 1, n, i)];
}

/** Recurrent input of the three gates of a unit. */
struct GateInputs {
  float z;
  float r;
  float g;
};

/** What of a unit is the same in all steps. */
struct UnitConstants {
  GateInputs input_bias;
  /** Not of PAPER. */
  GateInputs recurrent_bias;
  /** 0 without events. */
  float threshold;
};

__device__ __forceinline__ GateInputs load_bias(const EgruCall& call, const float* bias, int i) {
  const int units = call.layer.units;
  return {__ldg(bias + i), __ldg(bias + units + i), __ldg(bias + 2 * units + i)};
}

__device__ __forceinline__ UnitConstants load_constants(const EgruCall& call, int i) {
  UnitConstants constants{load_bias(call, call.layer.input_bias, i), {0.0f, 0.0f, 0.0f}, 0.0f};
  if (!is_paper(call)) {
    constants.recurrent_bias = load_bias(call, call.layer.recurrent_bias, i);
  }
  if (call.layer.events) {
    constants.threshold = __ldg(call.layer.thresholds + i);
  }
  return constants;
}

/** What a unit starts a step with that no other unit has a part in. */
struct UnitInputs {
  GateInputs current;
  float h;
};

/** @param states [batch][units] */
__device__ __forceinline__ UnitInputs load_inputs(const EgruCall& call, int t, int n, int i,
                                                  const float* states) {
  const int units = call.layer.units;
  const float* const a = call.sequence.currents + 3 * element(call, t, n, 0) + i;
  return {{a[0], a[units], a[2 * units]}, states[static_cast<size_t>(n) * units + i]};
}

/** A gate from its sum, which is cut to the clip of the layer. */
__device__ __forceinline__ float gate_of(const EgruCall& call, float sum) {
  const float most = call.layer.clip;
  const float reach = sum > most ? call.layer.gate_reach : -call.layer.gate_reach;
  return sum > most || sum < -most ? 0.5f + reach : sigmoid(sum);
}

/** A candidate from its sum, which is cut to the clip of the layer. */
__device__ __forceinline__ float candidate_of(const EgruCall& call, float sum) {
  const float most = call.layer.clip;
  const float reach = sum > most ? call.layer.candidate_reach : -call.layer.candidate_reach;
  return sum > most || sum < -most ? reach : tanhf(sum);
}

/** Update and reset gate from the recurrent product. */
__device__ __forceinline__ void update_and_reset(const EgruCall& call,
                                                 const UnitConstants& constants,
                                                 const UnitInputs& inputs, const GateInputs& p,
                                                 float* z, float* r) {
  float in_z = inputs.current.z + p.z + constants.input_bias.z;
  float in_r = inputs.current.r + p.r + constants.input_bias.r;
  if (!is_paper(call)) {
    in_z += constants.recurrent_bias.z;
    in_r += constants.recurrent_bias.r;
  }
  *z = gate_of(call, in_z);
  *r = gate_of(call, in_r);
}

/** What a unit has come to in a step. */
struct UnitStep {
  /** Whether the sample has this step; else the unit keeps its state and sends nothing. */
  bool runs;
  bool event;
  /** What it sends, 0 where it is silent. */
  float y;
  float h;
  float z;
  float r;
  float g;
  /** The candidate's recurrent input; not of PAPER. */
  float q;
};

/**
 * Advances a unit by a step.
 *
 * @param inputs those of this step
 * @param sent what the unit itself sent into this step; only PAPER reads it
 */
__device__ __forceinline__ UnitStep step_unit(const EgruCall& call, int t, int n, int i,
                                              const UnitConstants& constants,
                                              const UnitInputs& inputs, const GateInputs& p,
                                              float sent) {
  UnitStep step{false, false, 0.0f, inputs.h, 0.0f, 0.0f, 0.0f, 0.0f};
  if (t >= steps_of(call, n)) {
    return step;
  }
  const bool paper = is_paper(call);
  float h = inputs.h;
  float z;
  float r;
  update_and_reset(call, constants, inputs, p, &z, &r);
  const float a = inputs.current.g + constants.input_bias.g;
  float q = p.g;
  float g;
  float c;
  if (paper) {
    g = candidate_of(call, a + q);
    c = z * g + (1.0f - z) * h - (call.layer.events ? sent : 0.0f);
  } else {
    q += constants.recurrent_bias.g;
    g = candidate_of(call, a + r * q);
    c = z * h + (1.0f - z) * g;
  }
  const float m = taken(call, t, n, i);
  c = m == 1.0f ? c : m * c + (1.0f - m) * h;
  const float theta = constants.threshold;
  // Written so that a state that is not a number is sent: it then reaches the loss, which refuses it.
  const bool event = !call.layer.events || !(c <= theta);
  h = event && call.layer.events && !paper ? c - theta : c;
  return {true, event, event ? c : 0.0f, h, z, r, g, q};
}

/**
 * Writes what a unit has come to, everything but its event bit and its count.
 *
 * @param states [batch][units], replaced
 */
__device__ __forceinline__ void store_unit(const EgruCall& call, const EgruOutputsView& out, int t,
                                           int n, int i, const UnitStep& step,
                                           float* __restrict__ states) {
  const size_t state = static_cast<size_t>(n) * call.layer.units + i;
  const size_t at = element(call, t, n, i);
  if (call.tape.h != nullptr) {
    call.tape.h[at] = step.h;
    store_gate(call, call.tape.z, at, step.z);
    store_gate(call, call.tape.r, at, step.r);
    store_gate(call, call.tape.g, at, step.g);
    if ((!is_paper(call) || !step.runs) && call.tape.q != nullptr) {
      store_gate(call, call.tape.q, at, step.q);
    }
  }
  if (out.y != nullptr) {
    out.y[row_of(call, t, n) * out.y_stride + i] = step.y;
  }
  if (!step.runs) {
    return;
  }
  states[state] = step.h;
  if (out.last_y != nullptr) {
    out.last_y[state] = step.y;
  }
  if (out.trace != nullptr) {
    const float d = call.layer.trace_decay;
    float& trace = out.trace[n * out.trace_stride + i];
    trace = d * trace + (1.0f - d) * step.y;
  }
}

/** Both. */
__device__ __forceinline__ UnitStep advance_unit(const EgruCall& call, const EgruOutputsView& out,
                                                 int t, int n, int i,
                                                 const UnitConstants& constants,
                                                 const UnitInputs& inputs, const GateInputs& p,
                                                 float sent, float* __restrict__ states) {
  const UnitStep step = step_unit(call, t, n, i, constants, inputs, p, sent);
  store_unit(call, out, t, n, i, step, states);
  return step;
}

/** State and trace of a unit before the first step; returns what it sent into that. */
__device__ __forceinline__ float start_unit(const EgruCall& call, const EgruOutputsView& out, int n,
                                            int i, float* __restrict__ states) {
  const float y = initial_y(call, n, i);
  const size_t state = static_cast<size_t>(n) * call.layer.units + i;
  // Each thread reads the two it replaces, so the last state may be the initial one.
  states[state] = initial_h(call, n, i);
  if (out.last_y != nullptr) {
    out.last_y[state] = y;
  }
  if (out.trace != nullptr) {
    out.trace[n * out.trace_stride + i] = 0.0f;
  }
  return y;
}

}  // namespace TACET_NS
