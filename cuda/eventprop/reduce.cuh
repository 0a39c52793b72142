// Sums over the records of an adjoint pass; see reduce.cu.
#pragma once

#include "eventprop/order.cuh"

namespace TACET_NS {

/**
 * Adjoints at each synaptic event: [samples][capacity][longest], the place of a synapse within its
 * row being the last index. Members that are not wanted are null.
 */
struct RecordView {
  /** lambdaI of the target. */
  float* current;
  /** lambdaV - lambdaI of the target. */
  float* difference;
  int capacity;
  int longest;

  __device__ __forceinline__ size_t at(int sample, int event, int place) const {
    return (static_cast<size_t>(sample) * capacity + event) * longest + place;
  }

  __device__ __forceinline__ void set(size_t k, float current_of_k, float difference_of_k) const {
    if (current != nullptr) {
      current[k] = current_of_k;
    }
    if (difference != nullptr) {
      difference[k] = difference_of_k;
    }
  }

  __device__ __forceinline__ void write(size_t k, float lambda_v, float lambda_i) const {
    set(k, lambda_i, lambda_v - lambda_i);
  }
};

inline RecordView take_records(tacet::Carver& carver, int samples, int capacity, int longest,
                               bool currents, bool differences) {
  const size_t count = static_cast<size_t>(samples) * static_cast<size_t>(capacity) *
                       static_cast<size_t>(longest);
  RecordView records{};
  records.current = currents ? carver.take<float>(count) : nullptr;
  records.difference = differences ? carver.take<float>(count) : nullptr;
  records.capacity = capacity;
  records.longest = longest;
  return records;
}

/** Sums per neuron of each sample, [kNeuronSums][samples][neurons]. */
enum NeuronSum : int { kTauMem = 0, kTauSyn, kThreshold, kReset, kBias, kNeuronSums };

/** The same of a variant, those before kNeuronSums first, [kVariantSums][samples][neurons]. */
enum VariantSum : int {
  kTauInhibitory = kNeuronSums,
  kTauThreshold,
  kTauAdaptation,
  kRefractory,
  kThresholdJump,
  kAdaptationJump,
  kVariantSums
};

/** What one set of synapses, with the events of its sources, gets from the records. */
struct RowSums {
  SynapseView rows;
  tacet::EventView events;
  UnitOrder order;
  RecordView records;
  /** dL/dt of each event as far as these synapses go, [samples][capacity]. */
  float* event_errors;
  /** Gradients, or null. */
  float* weights;
  float* delays;
};

/**
 * Adds to the gradients of weights and delays, as far as there are any.
 *
 * @param events whether to write event_errors too, the sum of w (lambdaV - lambdaI) over the targets
 *     of each event; delays per source need them
 */
void reduce_rows(const RowSums& sums, const float* tau_syn, int tau_syn_step, float duration,
                 bool events, tacet::Stream stream);


/** Which sums the adjoint of a layer needs. */
struct WantedSums {
  bool events;
  /** Integrals over the states between events. */
  bool states;
  bool neurons;

  WantedSums(const tacet::EventView& in, const tacet::GradientView& g)
      : events(in.errors != nullptr || g.input_delays != nullptr),
        states(g.tau_mem != nullptr || g.tau_syn != nullptr || g.bias != nullptr),
        neurons(states || g.threshold != nullptr || g.reset != nullptr || g.wants_variant()) {}
};

/** Scratch memory of the adjoint of any layer. */
struct LayerScratch {
  WantedSums wanted;
  ArrivalView arrivals;
  UnitOrder in_order;
  UnitOrder out_order;
  SortRoom room;
  RecordView input_records;
  float* input_errors;
  /** NeuronSums, null where not wanted. */
  float* partial;
  float* tile_sums;

  /** Of kNeuronSums or kVariantSums. */
  LayerScratch(tacet::Carver& carver, const tacet::LayerView& layer, const tacet::EventView& in,
               const tacet::EventView& out, const tacet::GradientView& gradients, int samples,
               int sums = kNeuronSums);
};

/**
 * From what an adjoint left in the scratch memory to the errors of the input and the gradients of
 * its synapses and of the neurons.
 *
 * @param variant of the neurons, or null
 */
void reduce_layer(const tacet::LayerView& layer, const tacet::VariantView* variant,
                  const tacet::EventView& in,
                  const tacet::GradientView& gradients, const LayerScratch& scratch,
                  tacet::Stream stream);

}  // namespace TACET_NS
