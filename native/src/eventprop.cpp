// tacet_eventprop.h: exact layers, read-outs and losses.
#include "eventprop_views.h"

using tacet::floored;
using tacet::kMostCounted;
using tacet::limited;
using tacet::narrowed;
using tacet::require;
using tacet::shared_by;
using tacet::view;
using tacet::within;
using tacet::workspace_of;

static_assert(sizeof(tacet_synapses) == 8 * TACET_SYNAPSES_WORDS &&
                  sizeof(tacet_lif) == 8 * TACET_LIF_WORDS &&
                  sizeof(tacet_events) == 8 * TACET_EVENTS_WORDS &&
                  sizeof(tacet_gradients) == 8 * TACET_GRADIENTS_WORDS &&
                  sizeof(tacet_variant) == 8 * TACET_VARIANT_WORDS &&
                  sizeof(tacet_variant_gradients) == 8 * TACET_VARIANT_GRADIENTS_WORDS,
              "structures are arrays of 64-bit words");
static_assert(TACET_NOT_FINITE == tacet::kNotFinite && TACET_RUNAWAY == tacet::kRunaway &&
                  TACET_BAD_PARAMETERS == tacet::kBadParameters &&
                  TACET_BAD_UNIT == tacet::kBadUnit && TACET_BAD_DELAY == tacet::kBadDelay &&
                  TACET_BAD_TIME == tacet::kBadTime && TACET_BAD_COUNT == tacet::kBadCount &&
                  TACET_READ_EXPONENTIAL == static_cast<int>(tacet::Reduction::kExponential),
              "the numbers of C and C++ agree");

int tacet_longest_row(tacet_context* context, const int32_t* offsets, int64_t sources,
                      int32_t* longest, void* stream) {
  return TACET_DISPATCH(context, longest_row, offsets,
                        within(sources, 1, kMostCounted, "sources"), longest, stream);
}

int tacet_exact_forward_bytes(tacet_context* context, const tacet_synapses* input,
                              const tacet_synapses* recurrent, const tacet_lif* lif,
                              const tacet_events* in, const tacet_events* out, int64_t pending,
                              int64_t samples, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::exact_forward_bytes(
        view(input, recurrent, lif, 1, in, out), view(in), view(out),
        narrowed(pending, 1, "pending"),
        narrowed(samples, 1, "samples")));
  });
}

int tacet_exact_forward(tacet_context* context, const tacet_synapses* input,
                        const tacet_synapses* recurrent, const tacet_lif* lif, double duration,
                        const tacet_events* in, const tacet_events* out, int64_t most_spikes,
                        int64_t pending, int32_t* overflow, void* workspace,
                        int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, exact_forward,
                        limited(view(input, recurrent, lif, duration, in, out), most_spikes),
                        view(in), view(out), narrowed(pending, 1, "pending"), overflow,
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_exact_backward_bytes(tacet_context* context, const tacet_synapses* input,
                               const tacet_synapses* recurrent, const tacet_lif* lif,
                               const tacet_events* in, const tacet_events* out,
                               const tacet_gradients* gradients, int64_t samples,
                               tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::exact_backward_bytes(
        view(input, recurrent, lif, 1, in, out), view(in), view(out), view(gradients),
        narrowed(samples, 1, "samples")));
  });
}

int tacet_exact_backward(tacet_context* context, const tacet_synapses* input,
                         const tacet_synapses* recurrent, const tacet_lif* lif, double duration,
                         const tacet_events* in, const tacet_events* out,
                         const tacet_gradients* gradients, const float* kick, double least_slope,
                         void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, exact_backward,
                        floored(view(input, recurrent, lif, duration, in, out), least_slope),
                        view(in), view(out), view(gradients), tacet::optional(kick), workspace_of(workspace,
                        workspace_bytes),
                        stream);
}

int tacet_variant_forward_bytes(tacet_context* context, const tacet_synapses* input,
                                const tacet_synapses* recurrent, const tacet_lif* lif,
                                const tacet_variant* variant, const tacet_events* in,
                                const tacet_events* out, int64_t pending, int64_t samples,
                                tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::variant_forward_bytes(
        view(input, recurrent, lif, 1), view(variant), view(in), view(out),
        narrowed(pending, 1, "pending"), narrowed(samples, 1, "samples")));
  });
}

int tacet_variant_forward(tacet_context* context, const tacet_synapses* input,
                          const tacet_synapses* recurrent, const tacet_lif* lif,
                          const tacet_variant* variant, double duration, const tacet_events* in,
                          const tacet_events* out, int64_t most_spikes, int64_t pending,
                          int32_t* overflow, void* workspace, int64_t workspace_bytes,
                          void* stream) {
  return TACET_DISPATCH(context, variant_forward,
                        limited(view(input, recurrent, lif, duration), most_spikes), view(variant),
                        view(in), view(out), narrowed(pending, 1, "pending"), overflow,
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_variant_backward_bytes(tacet_context* context, const tacet_synapses* input,
                                 const tacet_synapses* recurrent, const tacet_lif* lif,
                                 const tacet_variant* variant, const tacet_events* in,
                                 const tacet_events* out, const tacet_gradients* gradients,
                                 const tacet_variant_gradients* variant_gradients,
                                 int64_t samples, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::variant_backward_bytes(
        view(input, recurrent, lif, 1), view(variant), view(in), view(out),
        view(gradients, variant_gradients), narrowed(samples, 1, "samples")));
  });
}

int tacet_variant_backward(tacet_context* context, const tacet_synapses* input,
                           const tacet_synapses* recurrent, const tacet_lif* lif,
                           const tacet_variant* variant, double duration, const tacet_events* in,
                           const tacet_events* out, const tacet_gradients* gradients,
                           const tacet_variant_gradients* variant_gradients, const float* kick,
                           double least_slope, void* workspace, int64_t workspace_bytes,
                           void* stream) {
  return TACET_DISPATCH(context, variant_backward,
                        floored(view(input, recurrent, lif, duration), least_slope),
                        view(variant), view(in), view(out), view(gradients, variant_gradients),
                        kick, workspace_of(workspace, workspace_bytes), stream);
}

namespace {

/** LIF neurons, for null, are a variant without a feature. */
tacet::VariantView variant_or_lif(const tacet_variant* variant) {
  if (variant != nullptr) {
    return view(variant);
  }
  tacet::VariantView plain{};
  plain.leaky = true;
  return plain;
}

}  // namespace

int tacet_mean_potentials_bytes(tacet_context* context, const tacet_synapses* input,
                                const tacet_synapses* recurrent, const tacet_lif* lif,
                                const tacet_variant* variant, const tacet_events* in,
                                const tacet_events* out, const tacet_gradients* gradients,
                                const tacet_variant_gradients* variant_gradients, int64_t samples,
                                tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    const tacet::GradientView wanted =
        gradients == nullptr ? tacet::GradientView{} : view(gradients, variant_gradients);
    *bytes = static_cast<tacet_value>(tacet_host::mean_potentials_bytes(
        view(input, recurrent, lif, 1), variant_or_lif(variant), view(in), view(out),
        gradients == nullptr ? nullptr : &wanted, narrowed(samples, 1, "samples")));
  });
}

int tacet_mean_potentials(tacet_context* context, const tacet_synapses* input,
                          const tacet_synapses* recurrent, const tacet_lif* lif,
                          const tacet_variant* variant, double duration, const tacet_events* in,
                          const tacet_events* out, float* means, void* workspace,
                          int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, mean_potentials, view(input, recurrent, lif, duration),
                        variant_or_lif(variant), view(in), view(out), means,
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_mean_potentials_backward(tacet_context* context, const tacet_synapses* input,
                                   const tacet_synapses* recurrent, const tacet_lif* lif,
                                   const tacet_variant* variant, double duration,
                                   const tacet_events* in, const tacet_events* out,
                                   const float* mean_errors, const tacet_gradients* gradients,
                                   const tacet_variant_gradients* variant_gradients,
                                   void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, mean_potentials_backward, view(input, recurrent, lif, duration),
                        variant_or_lif(variant), view(in), view(out), mean_errors,
                        view(gradients, variant_gradients),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_readout_bytes(tacet_context* context, const tacet_synapses* input, const tacet_events* in,
                        int backward, int weights, int64_t samples, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(
        tacet_host::readout_bytes(view(input, nullptr, nullptr, 1, TACET_READ_MAX, in), view(in),
                                  backward != 0, weights != 0, narrowed(samples, 1, "samples")));
  });
}

int tacet_readout_forward(tacet_context* context, const tacet_synapses* input,
                          const float* tau_mem, const float* tau_syn, double duration,
                          int reduction, const tacet_events* in, float* values, float* peak_times,
                          void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, readout_forward,
                        view(input, tau_mem, tau_syn, duration, reduction, in), view(in), values,
                        peak_times, workspace_of(workspace, workspace_bytes), stream);
}

int tacet_readout_backward(tacet_context* context, const tacet_synapses* input,
                           const float* tau_mem, const float* tau_syn, double duration,
                           int reduction, const tacet_events* in, const float* value_errors,
                           const float* peak_times, float* weight_gradient, void* workspace,
                           int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, readout_backward,
                        view(input, tau_mem, tau_syn, duration, reduction, in), view(in),
                        value_errors, peak_times, tacet::optional(weight_gradient), workspace_of(workspace,
                        workspace_bytes),
                        stream);
}

int tacet_first_spike_loss(tacet_context* context, double tau0, double tau1, double alpha,
                           int skip_silent_labels, double duration, int classes,
                           int replicas, const tacet_events* out, const int32_t* labels,
                           float* losses, int32_t* predicted, void* stream) {
  const tacet::FirstSpikeView loss{static_cast<float>(tau0),  static_cast<float>(tau1),
                                   static_cast<float>(alpha), skip_silent_labels != 0,
                                   static_cast<float>(duration), classes};
  return TACET_DISPATCH(context, first_spike_loss, loss, shared_by(view(out), replicas), labels,
                        replicas, losses, predicted, stream);
}

int tacet_cross_entropy(tacet_context* context, const float* values, const int32_t* labels,
                        int batch, int classes, int replicas, float* errors, float* losses,
                        int32_t* predicted, void* stream) {
  return TACET_DISPATCH(context, cross_entropy, values, labels, shared_by(batch, replicas),
                        classes, replicas, errors, losses, predicted, stream);
}
