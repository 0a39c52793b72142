// tacet_egru.h: structures of the C ABI become the views that kernels take.
#include "egru/egru.h"

#include <algorithm>
#include <cmath>

#include "dispatch.h"
#include "pattern.h"
#include "tacet_dense.h"
#include "tacet_egru.h"

using tacet::EgruCall;
using tacet::narrowed;
using tacet::require;
using tacet::workspace_of;

static_assert(sizeof(tacet_egru_layer) == 8 * TACET_EGRU_LAYER_WORDS &&
                  sizeof(tacet_egru_sequence) == 8 * TACET_EGRU_SEQUENCE_WORDS &&
                  sizeof(tacet_egru_outputs) == 8 * TACET_EGRU_OUTPUTS_WORDS &&
                  sizeof(tacet_egru_tape) == 8 * TACET_EGRU_TAPE_WORDS &&
                  sizeof(tacet_egru_errors) == 8 * TACET_EGRU_ERRORS_WORDS &&
                  sizeof(tacet_egru_gradients) == 8 * TACET_EGRU_GRADIENTS_WORDS,
              "structures are arrays of 64-bit words");
static_assert(TACET_BF16X3 == static_cast<int>(tacet::Factors::kBfloat16x3) &&
                  TACET_BF16 == static_cast<int>(tacet::Factors::kBfloat16),
              "the numbers of C and C++ agree");
static_assert(TACET_EGRU_PAPER == static_cast<int>(tacet::EgruVariant::kPaper) &&
                  TACET_EGRU_PERSISTENT == static_cast<int>(tacet::EgruEngine::kPersistent) &&
                  TACET_EGRU_CLUSTERS_OFF == static_cast<int>(tacet::EgruClusters::kOff) &&
                  TACET_EGRU_STREAMING_OFF == static_cast<int>(tacet::EgruStreaming::kOff) &&
                  TACET_EGRU_STEPWISE_RESIDENT == static_cast<int>(tacet::EgruStepwise::kResident),
              "the numbers of C and C++ agree");

namespace {

EgruCall view(const tacet_context* context, const tacet_egru_layer* layer, const tacet_egru_sequence* sequence,
              const tacet_egru_tape* tape) {
  require(layer != nullptr && sequence != nullptr,
          "layer, sequence: expected addresses, got null");
  EgruCall call{};
  tacet::EgruLayerView& l = call.layer;
  l.factors = static_cast<tacet::Factors>(context->factors);
  l.recurrent = layer->recurrent;
  l.input_bias = layer->input_bias;
  l.recurrent_bias = layer->recurrent_bias;
  l.thresholds = layer->thresholds;
  // 3 units are numbered by 32-bit integers.
  l.units = narrowed(layer->units, 1, "units");
  require(l.units < 1 << 28, "units: expected fewer than 2^28");
  l.variant = static_cast<tacet::EgruVariant>(layer->variant);
  l.events = layer->events != 0;
  l.engine = static_cast<tacet::EgruEngine>(layer->engine);
  l.zoneout = static_cast<float>(layer->zoneout);
  // An integer is below p 2^24 if it is below that rounded up.
  l.zoneout_limit = static_cast<uint32_t>(std::ceil(layer->zoneout * 0x1p24));
  l.gamma = static_cast<float>(layer->gamma);
  l.sharpness = static_cast<float>(layer->sharpness);
  l.trace_decay = static_cast<float>(layer->trace_decay);
  require(layer->clip >= 0, "clip: expected at least 0");
  if (layer->clip > 0 && std::isfinite(layer->clip)) {
    l.clip = static_cast<float>(layer->clip);
    l.gate_reach = static_cast<float>(1 / (1 + std::exp(-layer->clip))) - 0.5f;
    l.candidate_reach = static_cast<float>(std::tanh(layer->clip));
  }
  l.clusters = static_cast<tacet::EgruClusters>(narrowed(layer->clusters, 0, "clusters"));
  require(layer->clusters <= TACET_EGRU_CLUSTERS_OFF, "clusters: expected a tacet_egru_clusters");
  l.streaming = static_cast<tacet::EgruStreaming>(narrowed(layer->streaming, 0, "streaming"));
  require(layer->streaming <= TACET_EGRU_STREAMING_OFF, "streaming: expected a tacet_egru_streaming");
  l.launch_steps = narrowed(layer->launch_steps, 1, "launch_steps");
  // Replicas are an axis of a grid.
  l.replicas = narrowed(layer->replicas, 1, "replicas");
  require(l.replicas <= 65535, "replicas: expected 1 to 65535");
  if (layer->pattern.offsets != nullptr) {
    l.pattern = tacet::pattern_of(&layer->pattern);
    require(l.pattern.sources == l.units &&
                (l.pattern.targets == l.units || l.pattern.targets == 3 * l.units),
            "pattern: expected a source for each unit, and as many targets or three times as many");
    require(l.engine != tacet::EgruEngine::kPersistent,
            "engine: expected another than TACET_EGRU_PERSISTENT for weights on a pattern");
    require(l.replicas == 1, "replicas: expected 1 with recurrent weights on a pattern");
  }
  tacet::EgruSequenceView& s = call.sequence;
  s.currents = sequence->currents;
  s.lengths = sequence->lengths;
  s.y = sequence->y;
  s.h = sequence->h;
  s.steps = narrowed(sequence->steps, 1, "steps");
  s.batch = narrowed(sequence->batch, 1, "batch");
  // Pairs of step and sample, and blocks of a step, are numbered by 32-bit integers.
  narrowed(sequence->steps * sequence->batch, 1, "steps x batch");
  narrowed(sequence->batch * (layer->units / 32 + 8), 1, "batch x units / 32");
  // As are rows of products and of gradients of all replicas.
  narrowed(int64_t{l.replicas} * sequence->steps * sequence->batch, 1, "replicas x steps x batch");
  narrowed(int64_t{l.replicas} * layer->units, 1, "replicas x units");
  s.training = sequence->training != 0;
  s.seed = static_cast<uint64_t>(sequence->seed);
  s.seeds = reinterpret_cast<const uint32_t*>(sequence->seeds);
  s.reversed = sequence->reversed != 0;
  if (sequence->activity >= 0) {
    s.activity = static_cast<float>(std::min(sequence->activity, 1.0));
  }
  if (tape != nullptr) {
    call.tape = {tape->h, tape->z, tape->r, tape->g, tape->q, tape->events, tape->compact != 0};
  }
  return call;
}

/** Rows of events or traces must not overlap. */
size_t stride(const void* rows, int64_t elements, int64_t units, const char* what) {
  return rows == nullptr ? 0 : static_cast<size_t>(narrowed(elements, units, what));
}

tacet::EgruOutputsView view(const tacet_egru_outputs* o, const tacet_egru_layer* layer) {
  require(o != nullptr && layer != nullptr, "layer, outputs: expected addresses, got null");
  return {o->y,
          o->trace,
          o->last_y,
          o->last_h,
          o->counts,
          stride(o->y, o->y_stride, layer->units, "outputs.y_stride"),
          stride(o->trace, o->trace_stride, layer->units, "outputs.trace_stride")};
}

tacet::EgruErrorsView view(const tacet_egru_errors* e, const tacet_egru_layer* layer) {
  require(e != nullptr && layer != nullptr, "layer, errors: expected addresses, got null");
  return {e->y,
          e->trace,
          e->last_y,
          e->last_h,
          e->rate,
          stride(e->y, e->y_stride, layer->units, "errors.y_stride"),
          stride(e->trace, e->trace_stride, layer->units, "errors.trace_stride")};
}

tacet::EgruGradientsView view(const tacet_egru_gradients* g) {
  require(g != nullptr && g->currents != nullptr,
          "gradients: expected addresses of them and of the currents'");
  return {g->currents,       g->recurrent, g->input_bias, g->recurrent_bias,
          g->thresholds, g->initial_y, g->initial_h};
}

void write(const tacet::EgruPassPlan& pass, tacet_value* words) {
  words[TACET_EGRU_PLAN_ENGINE] = static_cast<int>(pass.engine);
  words[TACET_EGRU_PLAN_CLUSTERS] = pass.clusters ? 1 : 0;
  words[TACET_EGRU_PLAN_TEAMS] = pass.teams;
  words[TACET_EGRU_PLAN_BLOCKS] = pass.blocks;
  words[TACET_EGRU_PLAN_FACTORS] = static_cast<int>(pass.factors);
  words[TACET_EGRU_PLAN_STEPWISE] = static_cast<int>(pass.stepwise);
}

}  // namespace

int tacet_egru_plan(tacet_context* context, const tacet_egru_layer* layer,
                    const tacet_egru_sequence* sequence, tacet_value* plan) {
  tacet::EgruPassPlan forward{};
  tacet::EgruPassPlan backward{};
  const int status = TACET_DISPATCH(context, egru_plan, view(context, layer, sequence, nullptr), &forward,
                                    &backward);
  if (status == TACET_OK && plan != nullptr) {
    write(forward, plan);
    write(backward, plan + TACET_EGRU_PLAN_PASS);
  }
  return status;
}

int tacet_egru_forward_bytes(tacet_context* context, const tacet_egru_layer* layer,
                             const tacet_egru_sequence* sequence,
                             const tacet_egru_outputs* outputs, tacet_value* bytes) {
  size_t needed = 0;
  const int status = TACET_DISPATCH(context, egru_forward_bytes, view(context, layer, sequence, nullptr),
                                    view(outputs, layer), &needed);
  if (status == TACET_OK && bytes != nullptr) {
    *bytes = static_cast<tacet_value>(needed);
  }
  return status;
}

int tacet_egru_forward(tacet_context* context, const tacet_egru_layer* layer,
                       const tacet_egru_sequence* sequence, const tacet_egru_outputs* outputs,
                       const tacet_egru_tape* tape, void* workspace, int64_t workspace_bytes,
                       void* stream) {
  return TACET_DISPATCH(context, egru_forward, view(context, layer, sequence, tape), view(outputs, layer),
                        workspace_of(workspace, workspace_bytes), stream);
}

int tacet_egru_backward_bytes(tacet_context* context, const tacet_egru_layer* layer,
                              const tacet_egru_sequence* sequence, const tacet_egru_tape* tape,
                              const tacet_egru_gradients* gradients, tacet_value* bytes) {
  size_t needed = 0;
  const int status = TACET_DISPATCH(context, egru_backward_bytes, view(context, layer, sequence, tape),
                                    view(gradients), &needed);
  if (status == TACET_OK && bytes != nullptr) {
    *bytes = static_cast<tacet_value>(needed);
  }
  return status;
}

int tacet_egru_backward(tacet_context* context, const tacet_egru_layer* layer,
                        const tacet_egru_sequence* sequence, const tacet_egru_tape* tape,
                        const tacet_egru_errors* errors, const tacet_egru_gradients* gradients,
                        void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, egru_backward, view(context, layer, sequence, tape),
                        view(errors, layer), view(gradients), workspace_of(workspace, workspace_bytes), stream);
}

int tacet_egru_factors(tacet_context* context, const tacet_egru_layer* layer,
                       const tacet_egru_sequence* sequence, const tacet_egru_tape* tape,
                       float* currents, float* sent, void* stream) {
  return TACET_DISPATCH(context, egru_factors, view(context, layer, sequence, tape), currents, sent, stream);
}
