// The events of each neuron of a sample, in ascending time: arrivals over input synapses and, for
// the adjoint, arrivals over recurrent synapses and the neuron's own spikes; see queue.cu.
#pragma once

#include <limits>

#include "eventprop/order.cuh"

namespace TACET_NS {

/** The entry of an own spike; input synapse s is s and recurrent synapse s is -2 - s. */
constexpr int kOwnSpike = -1;

/** Queues of a batch: neuron n of sample b has entries starts[b][n] .. starts[b][n + 1] - 1. */
struct QueueView {
  /** [samples][neurons + 1]. */
  int32_t* starts;
  /** Entries, [samples][neurons], less those of every neuron; used while they are counted. */
  int32_t* counts;
  /** [samples][stride]. */
  float* times;
  int32_t* codes;
  /** Where the entry's record goes, event * longest + place; the index of an own spike. Or null. */
  int32_t* records;
  size_t stride;
};

/** Throws where the entries of a sample cannot be numbered by ints. */
inline QueueView take_queues(tacet::Carver& carver, int samples, int neurons, size_t stride,
                             bool records) {
  if (stride > static_cast<size_t>(std::numeric_limits<int>::max())) {
    throw tacet::Error(tacet::Status::kInvalidArgument,
                       "capacity: expected at most 2147483647 synaptic events per sample, got " +
                           std::to_string(stride) + "; lower the capacity of the events");
  }
  const size_t batch = static_cast<size_t>(samples);
  QueueView queues{};
  queues.starts = carver.take<int32_t>(batch * (static_cast<size_t>(neurons) + 1));
  queues.counts = carver.take<int32_t>(batch * static_cast<size_t>(neurons));
  queues.times = carver.take<float>(batch * stride);
  queues.codes = carver.take<int32_t>(batch * stride);
  queues.records = records ? carver.take<int32_t>(batch * stride) : nullptr;
  queues.stride = stride;
  return queues;
}

/**
 * Fills the queues with input arrivals and, where spikes is not null, with what the spikes do.
 *
 * @param in undelayed arrivals, in any order of their delayed times
 */
void build_queues(const tacet::LayerView& layer, const ArrivalView& in,
                  const tacet::EventView* spikes, const QueueView& queues, int samples,
                  tacet::Stream stream);

}  // namespace TACET_NS
