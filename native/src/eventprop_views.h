// Structures of the C ABI that describe spiking layers become the views that kernels take.
#pragma once

#include <algorithm>
#include <limits>
#include <string>

#include "dispatch.h"
#include "eventprop/eventprop.h"
#include "tacet_eventprop.h"

namespace tacet {

/**
 * Most sources, targets, samples, or events of a sample: an int has to count them rounded up to
 * whole blocks.
 */
constexpr int kMostCounted = 1 << 30;

/** As many as a grid has rows. */
constexpr int kMostReplicas = 65535;

/** A 64-bit member of a structure that kernels hold in 32 bits. */
inline int within(int64_t value, int64_t least, int64_t most, const char* what) {
  if (value < least || value > most) {
    throw Error(Status::kInvalidArgument,
                       std::string(what) + ": expected " + std::to_string(least) + " to " +
                           std::to_string(most) + ", got " + std::to_string(value));
  }
  return static_cast<int>(value);
}

inline SynapseView view(const tacet_synapses* s) {
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
  // Synapses and records of a sample are numbered by 32-bit integers; a warp looks up to 31 beyond.
  constexpr int kMostSynapses = std::numeric_limits<int>::max() - 31;
  require(v.offsets != nullptr || s->sources <= kMostSynapses / v.row,
          "synapses: expected at most 2147483616 of them");
  v.replicas = within(s->replicas, 0, kMostReplicas, "replicas");
  v.count = v.offsets == nullptr ? s->sources * v.row : s->count;
  require(v.replicas <= 1 || v.count >= 0, "count: expected the synapses of a replica");
  require(v.count <= kMostSynapses, "count: expected at most 2147483616 synapses");
  return v;
}

inline EventView view(const tacet_events* e) {
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

inline GradientView view(const tacet_gradients* g) {
  require(g != nullptr, "gradients: expected an address, got null");
  return {g->input_weights, g->input_delays, g->recurrent_weights, g->recurrent_delays, g->tau_mem,
          g->tau_syn,       g->threshold,    g->reset,             g->bias};
}

inline GradientView view(const tacet_gradients* g, const tacet_variant_gradients* more) {
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

inline VariantView view(const tacet_variant* variant) {
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

inline LayerView view_of_replicas(const tacet_synapses* input, const tacet_synapses* recurrent,
                                  const tacet_lif* lif, double duration) {
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

/** Throws where not every replica has as many samples. */
inline int shared_by(int batch, int replicas) {
  require(replicas >= 1 && replicas <= kMostReplicas && batch % replicas == 0,
          "replicas: expected 1 to 65535 of them with as many samples each");
  return batch;
}

inline EventView shared_by(const EventView& events, int replicas) {
  shared_by(events.batch, replicas);
  return events;
}

/** Throws for several replicas. */
inline LayerView view(const tacet_synapses* input, const tacet_synapses* recurrent,
                      const tacet_lif* lif, double duration) {
  const LayerView layer = view_of_replicas(input, recurrent, lif, duration);
  require(layer.input.replicas <= 1 && layer.recurrent.replicas <= 1,
          "replicas: expected 1; exact layers of LIF neurons take several");
  return layer;
}

/** A layer of as many replicas as its synapses have. */
inline LayerView view(const tacet_synapses* input, const tacet_synapses* recurrent,
                      const tacet_lif* lif, double duration, const tacet_events* in,
                      const tacet_events* out) {
  const LayerView layer = view_of_replicas(input, recurrent, lif, duration);
  const int replicas = std::max(1, layer.input.replicas);
  require(recurrent == nullptr || replicas == std::max(1, layer.recurrent.replicas),
          "recurrent: expected as many replicas as input");
  require(replicas == 1 || view(in).batch == view(out).batch,
          "out: expected as many samples as in");
  shared_by(view(in), replicas);
  return layer;
}

inline LayerView limited(LayerView layer, int64_t most_spikes) {
  layer.most_spikes = std::min(narrowed(most_spikes, 1, "most_spikes"), kMostSpikes);
  return layer;
}

inline LayerView floored(LayerView layer, double least_slope) {
  require(least_slope >= 0 && least_slope <= std::numeric_limits<float>::max(),
          "least_slope: expected a number from 0 on");
  layer.least_slope = static_cast<float>(least_slope);
  return layer;
}

inline ReadoutView view(const tacet_synapses* input, const float* tau_mem,
                        const float* tau_syn, double duration, int reduction) {
  require(input != nullptr, "input: expected an address, got null");
  require(reduction >= TACET_READ_MAX && reduction <= TACET_READ_EXPONENTIAL,
          "reduction: expected TACET_READ_MAX to TACET_READ_EXPONENTIAL");
  ReadoutView layer{};
  layer.input = view(input);
  layer.tau_mem = tau_mem;
  layer.tau_syn = tau_syn;
  layer.duration = static_cast<float>(duration);
  layer.reduction = static_cast<Reduction>(reduction);
  return layer;
}

/** A read-out of as many replicas as its synapses have. */
inline ReadoutView view(const tacet_synapses* input, const float* tau_mem, const float* tau_syn,
                        double duration, int reduction, const tacet_events* in) {
  const ReadoutView layer = view(input, tau_mem, tau_syn, duration, reduction);
  shared_by(view(in), std::max(1, layer.input.replicas));
  return layer;
}

}  // namespace tacet
