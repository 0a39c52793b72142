// tacet_eventprop.h: structures of the C ABI become the views that kernels take.
#include "eventprop/eventprop.h"

#include <algorithm>
#include <limits>

#include "dispatch.h"
#include "eventprop/grid.h"
#include "tacet_eventprop.h"
#include "tacet_grid.h"

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::narrowed;
using tacet::require;
using tacet::SynapseView;
using tacet::workspace_of;

static_assert(sizeof(tacet_synapses) == 8 * TACET_SYNAPSES_WORDS &&
                  sizeof(tacet_lif) == 8 * TACET_LIF_WORDS &&
                  sizeof(tacet_events) == 8 * TACET_EVENTS_WORDS &&
                  sizeof(tacet_gradients) == 8 * TACET_GRADIENTS_WORDS &&
                  sizeof(tacet_variant) == 8 * TACET_VARIANT_WORDS &&
                  sizeof(tacet_variant_gradients) == 8 * TACET_VARIANT_GRADIENTS_WORDS,
              "structures are arrays of 64-bit words");
static_assert(sizeof(tacet_grid) == 8 * TACET_GRID_WORDS, "structures are arrays of 64-bit words");
static_assert(TACET_GRID_CROSS_ENTROPY == static_cast<int>(tacet::ReadoutPass::kCrossEntropy),
              "the numbers of C and C++ agree");
static_assert(TACET_NOT_FINITE == tacet::kNotFinite && TACET_RUNAWAY == tacet::kRunaway &&
                  TACET_BAD_PARAMETERS == tacet::kBadParameters &&
                  TACET_BAD_UNIT == tacet::kBadUnit && TACET_BAD_DELAY == tacet::kBadDelay &&
                  TACET_BAD_TIME == tacet::kBadTime && TACET_BAD_COUNT == tacet::kBadCount &&
                  TACET_READ_EXPONENTIAL == static_cast<int>(tacet::Reduction::kExponential),
              "the numbers of C and C++ agree");

namespace {

/**
 * Most sources, targets, samples, or events of a sample: an int has to count them rounded up to
 * whole blocks, and events to a power of two, in which they are sorted.
 */
constexpr int kMostCounted = 1 << 30;

/** A 64-bit member of a structure that kernels hold in 32 bits. */
int within(int64_t value, int64_t least, int64_t most, const char* what) {
  if (value < least || value > most) {
    throw tacet::Error(tacet::Status::kInvalidArgument,
                       std::string(what) + ": expected " + std::to_string(least) + " to " +
                           std::to_string(most) + ", got " + std::to_string(value));
  }
  return static_cast<int>(value);
}

SynapseView view(const tacet_synapses* s) {
  if (s == nullptr) {
    return {};
  }
  SynapseView v{};
  v.weights = s->weights;
  v.offsets = s->offsets;
  v.indices = s->indices;
  v.narrow = s->index_bytes == 2;
  v.delays = s->delays;
  v.delay_per_synapse = s->delays != nullptr && s->delay_kind == TACET_DELAY_PER_SYNAPSE;
  v.sources = within(s->sources, 1, kMostCounted, "sources");
  v.targets = within(s->targets, 1, kMostCounted, "targets");
  v.longest = narrowed(s->longest, 0, "longest");
  v.row = v.indices == nullptr ? v.targets : v.longest;
  require(v.weights != nullptr, "weights: expected an address, got null");
  require(v.offsets == nullptr || v.indices != nullptr, "indices: expected an address, got null");
  require(v.indices == nullptr || s->index_bytes == 2 || s->index_bytes == 4,
          "index_bytes: expected 2 or 4");
  require(v.offsets != nullptr || (v.row >= 1 && v.row <= v.targets),
          "longest: expected 1 to the number of targets for rows of one length");
  // Synapses and records of a sample are numbered by 32-bit integers.
  require(v.offsets != nullptr || s->sources <= std::numeric_limits<int>::max() / v.row,
          "synapses: expected at most 2147483647 of them");
  return v;
}

EventView view(const tacet_events* e) {
  require(e != nullptr && e->counts != nullptr && e->times != nullptr && e->units != nullptr,
          "events: expected addresses of counts, times and units");
  EventView v{};
  v.counts = e->counts;
  v.times = e->times;
  v.units = e->units;
  v.slopes = e->slopes;
  v.errors = e->errors;
  v.grazes = e->grazes;
  v.batch = within(e->batch, 1, kMostCounted, "batch");
  v.capacity = within(e->capacity, 1, kMostCounted, "capacity");
  return v;
}

GradientView view(const tacet_gradients* g) {
  require(g != nullptr, "gradients: expected an address, got null");
  return {g->input_weights, g->input_delays, g->recurrent_weights, g->recurrent_delays, g->tau_mem,
          g->tau_syn,       g->threshold,    g->reset,             g->bias};
}

GradientView view(const tacet_gradients* g, const tacet_variant_gradients* more) {
  GradientView v = view(g);
  if (more != nullptr) {
    v.refractory = more->refractory;
    v.tau_inhibitory = more->tau_inhibitory;
    v.tau_threshold = more->tau_threshold;
    v.threshold_jump = more->threshold_jump;
    v.tau_adaptation = more->tau_adaptation;
    v.adaptation_jump = more->adaptation_jump;
  }
  return v;
}

tacet::VariantView view(const tacet_variant* variant) {
  require(variant != nullptr, "variant: expected an address, got null");
  require((variant->tau_threshold == nullptr) == (variant->threshold_jump == nullptr) &&
              (variant->tau_adaptation == nullptr) == (variant->adaptation_jump == nullptr),
          "variant: expected both a time constant and a jump, or neither");
  const auto step = [](int64_t values) { return values == 1 ? 0 : 1; };
  return {variant->leaky != 0,
          variant->alpha != 0,
          variant->refractory,
          variant->tau_inhibitory,
          variant->tau_threshold,
          variant->threshold_jump,
          variant->tau_adaptation,
          variant->adaptation_jump,
          step(variant->refractory_values),
          step(variant->tau_inhibitory_values),
          step(variant->tau_threshold_values),
          step(variant->threshold_jump_values),
          step(variant->tau_adaptation_values),
          step(variant->adaptation_jump_values)};
}

LayerView view(const tacet_synapses* input, const tacet_synapses* recurrent, const tacet_lif* lif,
               double duration) {
  require(input != nullptr && lif != nullptr, "input, lif: expected addresses, got null");
  LayerView layer{};
  layer.input = view(input);
  layer.recurrent = view(recurrent);
  const auto step = [](int64_t values) { return values == 1 ? 0 : 1; };
  layer.lif = {lif->tau_mem,
               lif->tau_syn,
               lif->threshold,
               lif->reset,
               lif->bias,
               step(lif->tau_mem_values),
               step(lif->tau_syn_values),
               step(lif->threshold_values),
               step(lif->reset_values),
               step(lif->bias_values)};
  layer.neurons = layer.input.targets;
  layer.duration = static_cast<float>(duration);
  return layer;
}

LayerView limited(LayerView layer, int64_t most_spikes) {
  layer.most_spikes = std::min(narrowed(most_spikes, 1, "most_spikes"), tacet::kMostSpikes);
  return layer;
}

LayerView floored(LayerView layer, double least_slope) {
  require(least_slope >= 0 && least_slope <= std::numeric_limits<float>::max(),
          "least_slope: expected a number from 0 on");
  layer.least_slope = static_cast<float>(least_slope);
  return layer;
}

tacet::ReadoutView view(const tacet_synapses* input, const float* tau_mem, const float* tau_syn,
                        double duration, int reduction) {
  require(input != nullptr, "input: expected an address, got null");
  require(reduction >= TACET_READ_MAX && reduction <= TACET_READ_EXPONENTIAL,
          "reduction: expected TACET_READ_MAX to TACET_READ_EXPONENTIAL");
  tacet::ReadoutView layer{};
  layer.input = view(input);
  layer.tau_mem = tau_mem;
  layer.tau_syn = tau_syn;
  layer.duration = static_cast<float>(duration);
  layer.reduction = static_cast<tacet::Reduction>(reduction);
  return layer;
}

tacet::GridCall view(const tacet_synapses* input, const tacet_synapses* recurrent,
                     const tacet_lif* lif, const tacet_grid* grid, double dt,
                     const tacet_events* in, const tacet_events* out) {
  require(grid != nullptr, "grid: expected an address, got null");
  tacet::GridCall call{};
  call.layer = view(input, recurrent, lif, 0);
  call.inputs = within(grid->input_synapses, 0, TACET_GRID_MOST_SYNAPSES, "input_synapses");
  call.recurrents =
      within(grid->recurrent_synapses, 0, TACET_GRID_MOST_SYNAPSES, "recurrent_synapses");
  call.steps = within(grid->steps, 1, TACET_GRID_MOST_STEPS, "steps");
  call.slots = within(grid->slots, 1, grid->steps + 1, "slots");
  call.tiles = narrowed(grid->tiles, 0, "tiles");
  call.launch_steps = narrowed(grid->launch_steps, 1, "launch_steps");
  call.dt = dt;
  call.in = view(in);
  call.out = view(out);
  return call;
}

tacet::GridCall floored(tacet::GridCall call, double least_slope) {
  call.layer = floored(call.layer, least_slope);
  return call;
}

tacet::GridReadoutCall view(const tacet_synapses* input, const float* tau_mem,
                            const float* tau_syn, int reduction, int64_t steps, double dt,
                            const tacet_events* in) {
  tacet::GridReadoutCall call{};
  call.layer = view(input, tau_mem, tau_syn, 0, reduction);
  call.steps = within(steps, 1, TACET_GRID_MOST_STEPS, "steps");
  call.dt = dt;
  call.in = view(in);
  return call;
}

}  // namespace

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
        view(input, recurrent, lif, 1), view(in), view(out), narrowed(pending, 1, "pending"),
        narrowed(samples, 1, "samples")));
  });
}

int tacet_exact_forward(tacet_context* context, const tacet_synapses* input,
                        const tacet_synapses* recurrent, const tacet_lif* lif, double duration,
                        const tacet_events* in, const tacet_events* out, int64_t most_spikes,
                        int64_t pending, int32_t* overflow, void* workspace,
                        int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, exact_forward,
                        limited(view(input, recurrent, lif, duration), most_spikes), view(in),
                        view(out), narrowed(pending, 1, "pending"), overflow,
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
        view(input, recurrent, lif, 1), view(in), view(out), view(gradients),
        narrowed(samples, 1, "samples")));
  });
}

int tacet_exact_backward(tacet_context* context, const tacet_synapses* input,
                         const tacet_synapses* recurrent, const tacet_lif* lif, double duration,
                         const tacet_events* in, const tacet_events* out,
                         const tacet_gradients* gradients, const float* kick, double least_slope,
                         void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, exact_backward,
                        floored(view(input, recurrent, lif, duration), least_slope), view(in),
                        view(out), view(gradients), tacet::optional(kick), workspace_of(workspace,
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

int tacet_readout_bytes(tacet_context* context, const tacet_synapses* input, const tacet_events* in,
                        int backward, int weights, int64_t samples, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(
        tacet_host::readout_bytes(view(input, nullptr, nullptr, 1, TACET_READ_MAX), view(in),
                                  backward != 0, weights != 0, narrowed(samples, 1, "samples")));
  });
}

int tacet_readout_forward(tacet_context* context, const tacet_synapses* input,
                          const float* tau_mem, const float* tau_syn, double duration,
                          int reduction, const tacet_events* in, float* values, float* peak_times,
                          void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, readout_forward,
                        view(input, tau_mem, tau_syn, duration, reduction), view(in), values,
                        peak_times, workspace_of(workspace, workspace_bytes), stream);
}

int tacet_readout_backward(tacet_context* context, const tacet_synapses* input,
                           const float* tau_mem, const float* tau_syn, double duration,
                           int reduction, const tacet_events* in, const float* value_errors,
                           const float* peak_times, float* weight_gradient, void* workspace,
                           int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, readout_backward,
                        view(input, tau_mem, tau_syn, duration, reduction), view(in), value_errors,
                        peak_times, tacet::optional(weight_gradient), workspace_of(workspace,
                        workspace_bytes),
                        stream);
}

int tacet_first_spike_loss(tacet_context* context, double tau0, double tau1, double alpha,
                           int skip_silent_labels, double duration, int classes,
                           const tacet_events* out, const int32_t* labels, float* losses,
                           int32_t* predicted, void* stream) {
  const tacet::FirstSpikeView loss{static_cast<float>(tau0),  static_cast<float>(tau1),
                                   static_cast<float>(alpha), skip_silent_labels != 0,
                                   static_cast<float>(duration), classes};
  return TACET_DISPATCH(context, first_spike_loss, loss, view(out), labels, losses, predicted,
                        stream);
}

int tacet_cross_entropy(tacet_context* context, const float* values, const int32_t* labels,
                        int batch, int classes, float* errors, float* losses, int32_t* predicted,
                        void* stream) {
  return TACET_DISPATCH(context, cross_entropy, values, labels, batch, classes, errors, losses,
                        predicted, stream);
}

int tacet_grid_bytes(tacet_context* context, const tacet_synapses* input,
                     const tacet_synapses* recurrent, const tacet_lif* lif, const tacet_grid* grid,
                     const tacet_events* in, const tacet_events* out,
                     const tacet_gradients* gradients, tacet_value* bytes) {
  if (bytes == nullptr) {
    return tacet::guarded(__func__, [] { require(false, "bytes: expected an address, got null"); });
  }
  size_t needed = 0;
  const auto status = gradients == nullptr
      ? TACET_DISPATCH(context, grid_forward_bytes, view(input, recurrent, lif, grid, 1, in, out),
                       &needed)
      : TACET_DISPATCH(context, grid_backward_bytes, view(input, recurrent, lif, grid, 1, in, out),
                       view(gradients), &needed);
  *bytes = static_cast<tacet_value>(needed);
  return status;
}

int tacet_grid_forward(tacet_context* context, const tacet_synapses* input,
                       const tacet_synapses* recurrent, const tacet_lif* lif,
                       const tacet_grid* grid, double dt, const tacet_events* in,
                       const tacet_events* out, void* workspace, int64_t workspace_bytes,
                       void* stream) {
  return TACET_DISPATCH(context, grid_forward, view(input, recurrent, lif, grid, dt, in, out),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_backward(tacet_context* context, const tacet_synapses* input,
                        const tacet_synapses* recurrent, const tacet_lif* lif,
                        const tacet_grid* grid, double dt, const tacet_events* in,
                        const tacet_events* out, const tacet_gradients* gradients,
                        const float* kick, double least_slope, void* workspace,
                        int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, grid_backward,
                        floored(view(input, recurrent, lif, grid, dt, in, out), least_slope),
                        view(gradients), tacet::optional(kick), workspace_of(workspace,
                        workspace_bytes), stream);
}

int tacet_grid_variant_bytes(tacet_context* context, const tacet_synapses* input,
                             const tacet_synapses* recurrent, const tacet_lif* lif,
                             const tacet_variant* variant, const tacet_grid* grid,
                             const tacet_events* in, const tacet_events* out,
                             const tacet_gradients* gradients,
                             const tacet_variant_gradients* variant_gradients,
                             tacet_value* bytes) {
  if (bytes == nullptr) {
    return tacet::guarded(__func__, [] { require(false, "bytes: expected an address, got null"); });
  }
  size_t needed = 0;
  const auto status = gradients == nullptr
      ? TACET_DISPATCH(context, grid_variant_forward_bytes,
                       view(input, recurrent, lif, grid, 1, in, out), view(variant), &needed)
      : TACET_DISPATCH(context, grid_variant_backward_bytes,
                       view(input, recurrent, lif, grid, 1, in, out), view(variant),
                       view(gradients, variant_gradients), &needed);
  *bytes = static_cast<tacet_value>(needed);
  return status;
}

int tacet_grid_variant_forward(tacet_context* context, const tacet_synapses* input,
                               const tacet_synapses* recurrent, const tacet_lif* lif,
                               const tacet_variant* variant, const tacet_grid* grid, double dt,
                               const tacet_events* in, const tacet_events* out, void* workspace,
                               int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, grid_variant_forward,
                        view(input, recurrent, lif, grid, dt, in, out), view(variant),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_variant_backward(tacet_context* context, const tacet_synapses* input,
                                const tacet_synapses* recurrent, const tacet_lif* lif,
                                const tacet_variant* variant, const tacet_grid* grid, double dt,
                                const tacet_events* in, const tacet_events* out,
                                const tacet_gradients* gradients,
                                const tacet_variant_gradients* variant_gradients,
                                const float* kick, double least_slope, void* workspace,
                                int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, grid_variant_backward,
                        floored(view(input, recurrent, lif, grid, dt, in, out), least_slope),
                        view(variant), view(gradients, variant_gradients), tacet::optional(kick),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_longest_delay(tacet_context* context, const float* delays, int64_t count, double dt,
                             int32_t* steps, void* stream) {
  return TACET_DISPATCH(context, grid_longest_delay, delays, count, dt, steps, stream);
}

int tacet_grid_readout_bytes(tacet_context* context, const tacet_synapses* input, int64_t steps,
                             const tacet_events* in, int pass, int weights, int64_t samples,
                             tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    within(pass, TACET_GRID_READOUT_FORWARD, TACET_GRID_CROSS_ENTROPY, "pass");
    *bytes = static_cast<tacet_value>(tacet_host::grid_readout_bytes(
        view(input, nullptr, nullptr, TACET_READ_MAX, steps, 1, in),
        static_cast<tacet::ReadoutPass>(pass), weights != 0, narrowed(samples, 1, "samples")));
  });
}

int tacet_grid_readout_forward(tacet_context* context, const tacet_synapses* input,
                               const float* tau_mem, const float* tau_syn, int reduction,
                               int64_t steps, double dt, const tacet_events* in, float* values,
                               float* peak_times, void* workspace, int64_t workspace_bytes,
                               void* stream) {
  return TACET_DISPATCH(context, grid_readout_forward,
                        view(input, tau_mem, tau_syn, reduction, steps, dt, in), values, peak_times,
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_readout_backward(tacet_context* context, const tacet_synapses* input,
                                const float* tau_mem, const float* tau_syn, int reduction,
                                int64_t steps, double dt, const tacet_events* in,
                                const float* value_errors, const float* peak_times,
                                float* weight_gradient, void* workspace, int64_t workspace_bytes,
                                void* stream) {
  return TACET_DISPATCH(context, grid_readout_backward,
                        view(input, tau_mem, tau_syn, reduction, steps, dt, in), value_errors,
                        peak_times, tacet::optional(weight_gradient), workspace_of(workspace,
                        workspace_bytes),
                        stream);
}

int tacet_grid_cross_entropy(tacet_context* context, const tacet_synapses* input,
                             const float* tau_mem, const float* tau_syn, int64_t steps, double dt,
                             const tacet_events* in, const int32_t* labels, float* losses,
                             int32_t* predicted, float* weight_gradient, void* workspace,
                             int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, grid_cross_entropy,
                        view(input, tau_mem, tau_syn, TACET_READ_MEAN, steps, dt, in), labels,
                        losses, predicted, tacet::optional(weight_gradient),
                        workspace_of(workspace, workspace_bytes), stream);
}
