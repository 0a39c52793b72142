#include "rnn/rnn.h"

#include "activation.h"
#include "pattern.h"
#include "tacet_rnn.h"

using tacet::RnnCall;
using tacet::require;

namespace {

RnnCall call_of(int replicas, int steps, int batch, int units, int activation,
                const tacet_pattern* pattern, const float* recurrent) {
  require(steps > 0 && batch > 0 && units > 0, "steps, batch, units: expected positive numbers");
  // Replicas are an axis of a grid; rows of steps, samples and units are 32-bit integers.
  require(replicas > 0 && replicas <= 65535, "replicas: expected 1 to 65535");
  tacet::narrowed(int64_t{steps} * batch, 1, "steps x batch");
  tacet::narrowed(int64_t{replicas} * batch, 1, "replicas x batch");
  tacet::narrowed(int64_t{replicas} * units, 1, "replicas x units");
  require(pattern == nullptr || (pattern->sources == units && pattern->targets == units),
          "pattern: expected as many sources and targets as units");
  require(pattern == nullptr || replicas == 1,
          "replicas: expected 1 with recurrent weights on a pattern");
  return {steps,     batch, units, tacet::activation_of(activation),
          recurrent, tacet::pattern_of(pattern), replicas};
}

}  // namespace

int tacet_rnn_forward_bytes(tacet_context* context, int replicas, int batch, int units,
                            const tacet_pattern* pattern, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::rnn_forward_bytes(
        call_of(replicas, 1, batch, units, TACET_IDENTITY, pattern, nullptr)));
  });
}

int tacet_rnn_forward(tacet_context* context, int replicas, int steps, int batch, int units,
                      int activation, const tacet_pattern* pattern, const float* recurrent,
                      const float* bias, const float* currents, const float* first, float* values,
                      float* last, void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, rnn_forward,
                        call_of(replicas, steps, batch, units, activation, pattern, recurrent),
                        tacet::optional(bias), currents, tacet::optional(first), values,
                        tacet::optional(last),
                        tacet::workspace_of(workspace, workspace_bytes), stream);
}

int tacet_rnn_backward_bytes(tacet_context* context, int replicas, int steps, int batch, int units,
                             const tacet_pattern* pattern, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::rnn_backward_bytes(
        call_of(replicas, steps, batch, units, TACET_IDENTITY, pattern, nullptr)));
  });
}

int tacet_rnn_backward(tacet_context* context, int replicas, int steps, int batch, int units,
                       int activation, const tacet_pattern* pattern, const float* recurrent,
                       const float* values, const float* first, const float* errors,
                       float* current_gradient, float* recurrent_gradient, float* bias_gradient,
                       float* first_gradient, void* workspace, int64_t workspace_bytes,
                       void* stream) {
  const tacet::RnnGradientsView gradients{current_gradient, recurrent_gradient, bias_gradient,
                                          first_gradient};
  return TACET_DISPATCH(context, rnn_backward,
                        call_of(replicas, steps, batch, units, activation, pattern, recurrent),
                        values, tacet::optional(first), errors, gradients,
                        tacet::workspace_of(workspace, workspace_bytes), stream);
}
