// Gradients of the parameters of event-gated recurrent units from those of the currents.
#pragma once

#include "egru/engines.cuh"

namespace TACET_NS {

/** Adds the gradients of recurrent weights, biases and thresholds that are wanted. */
class EgruParameterGradients {
 public:
  EgruParameterGradients(const tacet::EgruCall& call, const tacet::EgruGradientsView& gradients)
      : call_(call), gradients_(gradients) {}

  void carve(tacet::Carver& carver);

  /** @param thresholds gradients of the thresholds of each sample, [batch][units] */
  void add(const float* thresholds, tacet::Stream stream) const;

 private:
  int parts() const;

  /** dR with R on a pattern. @tparam kGates values of a synapse */
  template <int kGates>
  void add_on_pattern(tacet::Stream stream) const;

  const tacet::EgruCall& call_;
  const tacet::EgruGradientsView& gradients_;
  float* scratch_ = nullptr;
};

}  // namespace TACET_NS
