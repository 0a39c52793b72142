// Launchers of plain recurrent layers; the parameters are those of tacet_rnn.h.
#pragma once

#include "common/workspace.h"
#include "dense/dense.h"
#include "sparse/pattern.h"

namespace tacet {

/** Extents of a call, its recurrent weights and its activation. */
struct RnnCall {
  int steps;
  int batch;
  int units;
  Activation activation;
  /** [replicas][units][units]; on a pattern, [places]. */
  const float* recurrent;
  /** Of the recurrent weights. */
  PatternView pattern = {};
  /** Layers that are computed at once, with sequences and states one after the other. */
  int replicas = 1;

  /** Elements of a step of a replica. */
  int64_t state() const { return static_cast<int64_t>(batch) * units; }
  /** Elements of a step of all replicas. */
  int64_t states() const { return replicas * state(); }
  /** Elements of a sequence of a replica. */
  int64_t sequence() const { return steps * state(); }
};

/** Where a backward pass leaves gradients; all but the currents may be null. */
struct RnnGradientsView {
  float* currents;
  float* recurrent;
  float* bias;
  float* first;
};

}  // namespace tacet

TACET_DECLARE(
    size_t rnn_forward_bytes(const tacet::RnnCall& call);
    void rnn_forward(const tacet::RnnCall& call, const float* bias, const float* currents,
                     const float* first, float* values, float* last,
                     const tacet::Workspace& workspace, tacet::Stream stream);
    size_t rnn_backward_bytes(const tacet::RnnCall& call);
    void rnn_backward(const tacet::RnnCall& call, const float* values, const float* first,
                      const float* errors, const tacet::RnnGradientsView& gradients,
                      const tacet::Workspace& workspace, tacet::Stream stream););
