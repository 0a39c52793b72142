// Arguments of the kernels of this folder: addresses and extents, by value. Plain C++.
#pragma once

#include "common/declare.h"
#include "common/error.h"
#include "common/workspace.h"

namespace tacet {

/** A count that says a state of the sample was not a number. */
constexpr int kNotFinite = -1;

/** A count that says the sample spiked without end. */
constexpr int kRunaway = -2;

/** The count for invalid parameters of a neuron, such as reset >= threshold. */
constexpr int kBadParameters = -3;

/** A count that says an input event named a source that does not exist. */
constexpr int kBadUnit = -4;

/** A count that says a delay is negative, infinite or not a number. */
constexpr int kBadDelay = -5;

/** A count that says an input event is at a negative, infinite or descending time, or at NaN. */
constexpr int kBadTime = -6;

/** A count that says the input's own count is negative or beyond its capacity. */
constexpr int kBadCount = -7;

/** Most spikes of a sample that any pass counts. */
constexpr int kMostSpikes = 1 << 24;

/** Synapses in rows by source; weights is null where there are none. */
struct SynapseView {
  const float* weights;
  /** [sources + 1], or null where every row has the same length. */
  const int32_t* offsets;
  /** Target of each synapse: uint16 if narrow, else int32; null for dense rows. */
  const void* indices;
  bool narrow;
  /** [sources], or [synapses] if delay_per_synapse, or null. */
  const float* delays;
  bool delay_per_synapse;
  int sources;
  int targets;
  /** An upper bound of the length of a row: the stride of per-event records. */
  int longest;
  /** Length of every row where there are no offsets: the targets for dense rows, else the fan-out. */
  int row;
  /** Stored synapses of a replica: from its arrays to those of the next. */
  int64_t count;
  /**
   * Layers of one shape whose arrays lie one after the other, and whose samples do; at most 1 where
   * there is one layer.
   */
  int replicas;
  /** Samples of each of several replicas; what groups of them are launched with. */
  int samples;
};

/**
 * Neuron parameters; a step is 1 where each neuron has its own value and 0 where they share one.
 */
struct LifView {
  const float* tau_mem;
  const float* tau_syn;
  const float* threshold;
  const float* reset;
  const float* bias;
  int tau_mem_step;
  int tau_syn_step;
  int threshold_step;
  int reset_step;
  int bias_step;
};

/**
 * What the neurons of a variant have beside LifView, whose reset is then null for a soft one: null
 * where they lack it; a step as in LifView.
 */
struct VariantView {
  bool leaky;
  /** Whether synaptic currents rise before they decay. */
  bool alpha;
  const float* refractory;
  const float* tau_inhibitory;
  const float* tau_threshold;
  const float* threshold_jump;
  const float* tau_adaptation;
  const float* adaptation_jump;
  int refractory_step;
  int tau_inhibitory_step;
  int tau_threshold_step;
  int threshold_jump_step;
  int tau_adaptation_step;
  int adaptation_jump_step;
};

struct LayerView {
  SynapseView input;
  SynapseView recurrent;
  LifView lif;
  int neurons;
  float duration;
  /** A sample with more spikes is given up as one that spikes without end. */
  int most_spikes = kMostSpikes;
  /** A backward pass divides by dV/dt at a spike, per ms, or by this if that is less. */
  float least_slope = 0.0f;
};

/**
 * Events of a batch, sample b at [b * capacity ...]; members that a call does not need are null.
 */
struct EventView {
  int32_t* counts;
  float* times;
  int32_t* units;
  float* slopes;
  float* errors;
  int32_t* grazes;
  int batch;
  int capacity;
};

/** Where gradients are added; members that are null are not wanted. */
struct GradientView {
  float* input_weights;
  float* input_delays;
  float* recurrent_weights;
  float* recurrent_delays;
  float* tau_mem;
  float* tau_syn;
  float* threshold;
  float* reset;
  float* bias;
  /** Of a variant. */
  float* refractory = nullptr;
  float* tau_inhibitory = nullptr;
  float* tau_threshold = nullptr;
  float* threshold_jump = nullptr;
  float* tau_adaptation = nullptr;
  float* adaptation_jump = nullptr;

  bool wants_variant() const {
    return refractory != nullptr || tau_inhibitory != nullptr || tau_threshold != nullptr ||
           threshold_jump != nullptr || tau_adaptation != nullptr || adaptation_jump != nullptr;
  }
};

/** What is read from the voltage of an integrator; the numbers are those of tacet_eventprop.h. */
enum class Reduction : int { kMax = 0, kSum = 1, kMean = 2, kExponential = 3 };

struct ReadoutView {
  SynapseView input;
  const float* tau_mem;
  const float* tau_syn;
  float duration;
  Reduction reduction;
};

struct FirstSpikeView {
  float tau0;
  float tau1;
  float alpha;
  bool skip_silent_labels;
  float duration;
  int classes;
};

/** The samples from first on, count of them. */
inline EventView slice(const EventView& all, int first, int count) {
  const size_t at = static_cast<size_t>(first) * all.capacity;
  const auto from = [at](auto* array) { return array == nullptr ? nullptr : array + at; };
  EventView part = all;
  part.counts = all.counts + first;
  part.times = from(all.times);
  part.units = from(all.units);
  part.slopes = from(all.slopes);
  part.errors = from(all.errors);
  part.grazes = all.grazes == nullptr ? nullptr : all.grazes + first;
  part.batch = count;
  return part;
}

/** Largest number of samples, at most batch, whose scratch fits; throws if not even one does. */
template <typename BytesOf>
int samples_that_fit(int batch, size_t bytes, BytesOf&& bytes_of) {
  // Grids have 65535 rows at most.
  int low = 0;
  int high = batch < 65535 ? batch : 65535;
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    if (bytes_of(middle) <= bytes) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  if (low == 0) {
    throw Error(Status::kInvalidArgument,
                "workspace: one sample needs " + std::to_string(bytes_of(1)) + " bytes, got " +
                    std::to_string(bytes));
  }
  return low;
}

/**
 * Replicas whose samples, all of each, the workspace holds at once; 1 also where it does not even hold
 * those of one, which then runs in rounds as it does alone.
 */
template <typename BytesOf>
int replicas_that_fit(int replicas, int batch, size_t bytes, BytesOf&& bytes_of) {
  if (replicas <= 1) {
    return 1;
  }
  const int whole = samples_that_fit(batch, bytes, bytes_of) / (batch / replicas);
  return whole < 1 ? 1 : whole;
}

}  // namespace tacet
