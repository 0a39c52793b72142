// tacet_grid.h: spiking layers and read-outs that advance in steps of equal length.
#include "tacet_grid.h"

#include "eventprop/grid.h"
#include "eventprop_views.h"

using tacet::narrowed;
using tacet::require;
using tacet::view;
using tacet::within;
using tacet::workspace_of;

static_assert(sizeof(tacet_grid) == 8 * TACET_GRID_WORDS, "structures are arrays of 64-bit words");
static_assert(TACET_GRID_CROSS_ENTROPY == static_cast<int>(tacet::ReadoutPass::kCrossEntropy),
              "the numbers of C and C++ agree");

namespace {

tacet::GridCall grid_call(const tacet_synapses* input, const tacet_synapses* recurrent,
                          const tacet_lif* lif, const tacet_grid* grid, double dt,
                          const tacet_events* in, const tacet_events* out,
                          double least_slope = 0) {
  require(grid != nullptr, "grid: expected an address, got null");
  tacet::GridCall call{};
  call.layer = tacet::floored(view(input, recurrent, lif, 0), least_slope);
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

tacet::GridReadoutCall readout_call(const tacet_synapses* input, const float* tau_mem,
                                    const float* tau_syn, int reduction, int64_t steps, double dt,
                                    const tacet_events* in) {
  tacet::GridReadoutCall call{};
  call.layer = view(input, tau_mem, tau_syn, 0, reduction);
  tacet::require(call.layer.input.replicas <= 1,
                 "replicas: expected 1; exact read-outs take several");
  call.steps = within(steps, 1, TACET_GRID_MOST_STEPS, "steps");
  call.dt = dt;
  call.in = view(in);
  return call;
}

}  // namespace

int tacet_grid_bytes(tacet_context* context, const tacet_synapses* input,
                     const tacet_synapses* recurrent, const tacet_lif* lif, const tacet_grid* grid,
                     const tacet_events* in, const tacet_events* out,
                     const tacet_gradients* gradients, tacet_value* bytes) {
  if (bytes == nullptr) {
    return tacet::guarded(__func__, [] { require(false, "bytes: expected an address, got null"); });
  }
  size_t needed = 0;
  const auto status = gradients == nullptr
      ? TACET_DISPATCH(context, grid_forward_bytes,
                       grid_call(input, recurrent, lif, grid, 1, in, out), &needed)
      : TACET_DISPATCH(context, grid_backward_bytes,
                       grid_call(input, recurrent, lif, grid, 1, in, out), view(gradients),
                       &needed);
  *bytes = static_cast<tacet_value>(needed);
  return status;
}

int tacet_grid_forward(tacet_context* context, const tacet_synapses* input,
                       const tacet_synapses* recurrent, const tacet_lif* lif,
                       const tacet_grid* grid, double dt, const tacet_events* in,
                       const tacet_events* out, void* workspace, int64_t workspace_bytes,
                       void* stream) {
  return TACET_DISPATCH(context, grid_forward, grid_call(input, recurrent, lif, grid, dt, in, out),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_backward(tacet_context* context, const tacet_synapses* input,
                        const tacet_synapses* recurrent, const tacet_lif* lif,
                        const tacet_grid* grid, double dt, const tacet_events* in,
                        const tacet_events* out, const tacet_gradients* gradients,
                        const float* kick, double least_slope, void* workspace,
                        int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, grid_backward,
                        grid_call(input, recurrent, lif, grid, dt, in, out, least_slope),
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
                       grid_call(input, recurrent, lif, grid, 1, in, out), view(variant), &needed)
      : TACET_DISPATCH(context, grid_variant_backward_bytes,
                       grid_call(input, recurrent, lif, grid, 1, in, out), view(variant),
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
                        grid_call(input, recurrent, lif, grid, dt, in, out), view(variant),
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
                        grid_call(input, recurrent, lif, grid, dt, in, out, least_slope),
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
        readout_call(input, nullptr, nullptr, TACET_READ_MAX, steps, 1, in),
        static_cast<tacet::ReadoutPass>(pass), weights != 0, narrowed(samples, 1, "samples")));
  });
}

int tacet_grid_readout_forward(tacet_context* context, const tacet_synapses* input,
                               const float* tau_mem, const float* tau_syn, int reduction,
                               int64_t steps, double dt, const tacet_events* in, float* values,
                               float* peak_times, void* workspace, int64_t workspace_bytes,
                               void* stream) {
  return TACET_DISPATCH(context, grid_readout_forward,
                        readout_call(input, tau_mem, tau_syn, reduction, steps, dt, in), values,
                        peak_times, workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_readout_backward(tacet_context* context, const tacet_synapses* input,
                                const float* tau_mem, const float* tau_syn, int reduction,
                                int64_t steps, double dt, const tacet_events* in,
                                const float* value_errors, const float* peak_times,
                                float* weight_gradient, void* workspace, int64_t workspace_bytes,
                                void* stream) {
  return TACET_DISPATCH(context, grid_readout_backward,
                        readout_call(input, tau_mem, tau_syn, reduction, steps, dt, in),
                        value_errors, peak_times, tacet::optional(weight_gradient),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_grid_cross_entropy(tacet_context* context, const tacet_synapses* input,
                             const float* tau_mem, const float* tau_syn, int64_t steps, double dt,
                             const tacet_events* in, const int32_t* labels, float* losses,
                             int32_t* predicted, float* weight_gradient, void* workspace,
                             int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, grid_cross_entropy,
                        readout_call(input, tau_mem, tau_syn, TACET_READ_MEAN, steps, dt, in),
                        labels, losses, predicted, tacet::optional(weight_gradient),
                        workspace_of(workspace, workspace_bytes), stream);
}
