// Gradients of the parameters of event-gated recurrent units from those of the currents, and what those
// of recurrent weights are made of.
#pragma once

#include "egru/adjoint.cuh"

namespace TACET_NS {

/** Adjoint of the recurrent product of a step: [steps][batch][3 units] made from the currents'. */
struct RecurrentErrors {
  EgruCall call;
  const float* __restrict__ currents;

  __device__ __forceinline__ float operator()(int64_t pair, int column) const {
    const int units = call.layer.units;
    const float dp = currents[static_cast<size_t>(pair) * 3 * units + column];
    if (column < 2 * units || is_paper(call)) {
      return dp;
    }
    return dp * load_gate(call, call.tape.r,
                          static_cast<size_t>(pair) * units + column - 2 * units);
  }
};

__device__ __forceinline__ RecurrentErrors of_replica(const RecurrentErrors& all, int replica) {
  return {of_replica(all.call, replica),
          own_array(all.currents, 3 * sequence_elements(all.call), replica)};
}

/** What unit j sent into a product: PAPER sends through the reset gate into the candidate. */
__device__ __forceinline__ float sent_into(const EgruCall& call, int pair, int j, bool candidate) {
  const int time = pair / call.sequence.batch;
  const int n = pair - time * call.sequence.batch;
  if (time >= steps_of(call, n)) {
    return 0.0f;
  }
  const int t = turned(call, time, n);
  const float y = sent_before(call, t, n, j);
  return candidate && is_paper(call) ? y * load_gate(call, call.tape.r, element(call, t, n, j)) : y;
}

/** Adds the gradients of recurrent weights, biases and thresholds that are wanted. */
class EgruParameterGradients {
 public:
  EgruParameterGradients(const tacet::EgruCall& call, const tacet::EgruGradientsView& gradients)
      : call_(call), gradients_(gradients) {}

  void carve(tacet::Carver& carver);

  /**
   * @param thresholds gradients of the thresholds of each sample, [batch][units], or null
   * @param totals sums over the steps of each sample, as those of BackwardArguments, or null if biases are to
   *     be summed up from the currents
   */
  void add(const float* thresholds, const float* totals, tacet::Stream stream) const;

 private:
  void add_recurrent(tacet::Stream stream) const;

  void add_totals(const float* totals, tacet::Stream stream) const;

  int parts() const;

  /** Whether dR is a product on tensor cores. */
  bool on_tensor_cores() const;

  /** Pairs of step and sample whose rows are multiplied together. */
  int pairs_together() const;

  void add_on_tensor_cores(tacet::Stream stream) const;

  /** dR with R on a pattern. @tparam kGates values of a synapse */
  template <int kGates>
  void add_on_pattern(tacet::Stream stream) const;

  const tacet::EgruCall& call_;
  const tacet::EgruGradientsView& gradients_;
  float* scratch_ = nullptr;
  /** On tensor cores: what was sent, [replicas][pairs][units], then errors, [..][3 units]. */
  float* rows_ = nullptr;
  tacet::Workspace product_{nullptr, 0};
};

}  // namespace TACET_NS
