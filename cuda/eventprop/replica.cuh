// Replicas: layers of one shape that are computed at once, every array theirs one after the other and
// their samples so. Whatever is kept by sample knows nothing of them; what belongs to a layer a kernel
// with kReplicas takes from those of all by the sample that it works on. Without, it takes the
// arguments as they are, so that a layer alone is computed as if there were no replicas.
#pragma once

#include <type_traits>

#include "common/replica.cuh"
#include "eventprop/rows.cuh"

namespace TACET_NS {

__host__ __device__ __forceinline__ SynapseView of_replica(const SynapseView& all, int replica) {
  SynapseView own = all;
  own.weights = own_array(all.weights, all.count, replica);
  own.offsets = own_array(all.offsets, int64_t{all.sources} + 1, replica);
  own.indices = own_array(static_cast<const char*>(all.indices),
                          all.count * (all.narrow ? 2 : 4), replica);
  own.delays = own_array(all.delays, all.delay_per_synapse ? all.count : all.sources, replica);
  return own;
}

/** Elements of a parameter of a replica. */
__host__ __device__ __forceinline__ int values_of(int step, int neurons) {
  return step == 0 ? 1 : neurons;
}

__host__ __device__ __forceinline__ tacet::LifView of_replica(const tacet::LifView& all,
                                                              int neurons, int replica) {
  tacet::LifView own = all;
  own.tau_mem = own_array(all.tau_mem, values_of(all.tau_mem_step, neurons), replica);
  own.tau_syn = own_array(all.tau_syn, values_of(all.tau_syn_step, neurons), replica);
  own.threshold = own_array(all.threshold, values_of(all.threshold_step, neurons), replica);
  own.reset = own_array(all.reset, values_of(all.reset_step, neurons), replica);
  own.bias = own_array(all.bias, values_of(all.bias_step, neurons), replica);
  return own;
}

__host__ __device__ __forceinline__ tacet::LayerView of_replica(const tacet::LayerView& all,
                                                                int replica) {
  tacet::LayerView own = all;
  own.input = of_replica(all.input, replica);
  own.recurrent = of_replica(all.recurrent, replica);
  own.lif = of_replica(all.lif, all.neurons, replica);
  return own;
}

__host__ __device__ __forceinline__ tacet::ReadoutView of_replica(const tacet::ReadoutView& all,
                                                                  int replica) {
  tacet::ReadoutView own = all;
  own.input = of_replica(all.input, replica);
  own.tau_mem = own_array(all.tau_mem, 1, replica);
  own.tau_syn = own_array(all.tau_syn, 1, replica);
  return own;
}

/** Calls `function` with whether synapses are those of several replicas, as a constant. */
template <typename Function>
auto with_replicas(const SynapseView& rows, Function function) {
  return rows.replicas > 1 ? function(std::true_type()) : function(std::false_type());
}

/** The rows of the replica that a sample belongs to, or with kReplicas off those that are given. */
template <bool kReplicas>
__device__ __forceinline__ OwnPart<kReplicas, SynapseView> own_rows(const SynapseView& all,
                                                                    int sample) {
  if constexpr (kReplicas) {
    return of_replica(all, sample / all.samples);
  } else {
    return all;
  }
}

template <bool kReplicas>
__device__ __forceinline__ OwnPart<kReplicas, tacet::LifView> own_lif(const tacet::LifView& all,
                                                                      const SynapseView& rows,
                                                                      int sample) {
  if constexpr (kReplicas) {
    return of_replica(all, rows.targets, sample / rows.samples);
  } else {
    return all;
  }
}

/** What the kicks of the sample's replica, [neurons] or null, have for a neuron. */
template <bool kReplicas>
__device__ __forceinline__ float own_kick(const float* kicks, const SynapseView& rows, int sample,
                                          int n) {
  if (kicks == nullptr) {
    return 0.0f;
  }
  return kicks[kReplicas ? static_cast<size_t>(sample / rows.samples) * rows.targets + n : n];
}

/** As own_rows, of a read-out. */
template <bool kReplicas>
__device__ __forceinline__ OwnPart<kReplicas, tacet::ReadoutView> own_readout(
    const tacet::ReadoutView& all, int sample) {
  if constexpr (kReplicas) {
    return of_replica(all, sample / all.input.samples);
  } else {
    return all;
  }
}

/**
 * As own_rows, of a layer, called by all threads of a block, which is one of a sample: the layer is in
 * shared memory, since it would take more registers than there are.
 */
template <bool kReplicas>
__device__ __forceinline__ const tacet::LayerView& own_layer(const tacet::LayerView& all,
                                                             int sample) {
  if constexpr (kReplicas) {
    using Words = unsigned long long[sizeof(tacet::LayerView) / sizeof(unsigned long long)];
    static_assert(sizeof(Words) == sizeof(tacet::LayerView), "a layer is whole words");
    TACET_SHARED(words, Words);
    auto* const own = reinterpret_cast<tacet::LayerView*>(&words[0]);
    if (threadIdx.x == 0) {
      *own = of_replica(all, sample / all.input.samples);
    }
    __syncthreads();
    return *own;
  } else {
    return all;
  }
}

/** The samples of a replica. */
__device__ __forceinline__ tacet::EventView samples_of_replica(const tacet::EventView& all,
                                                               int samples, int replica) {
  tacet::EventView own = all;
  const int64_t events = static_cast<int64_t>(samples) * all.capacity;
  own.counts = own_array(all.counts, samples, replica);
  own.times = own_array(all.times, events, replica);
  own.units = own_array(all.units, events, replica);
  own.slopes = own_array(all.slopes, events, replica);
  own.errors = own_array(all.errors, events, replica);
  own.grazes = own_array(all.grazes, samples, replica);
  own.batch = samples;
  return own;
}

/** Gradients from a replica on. */
inline tacet::GradientView of_replica(const tacet::GradientView& all,
                                      const tacet::LayerView& layer, int replica) {
  tacet::GradientView own = all;
  const auto of_delays = [](const SynapseView& rows) {
    return rows.delay_per_synapse ? rows.count : rows.sources;
  };
  const auto values = [&](int step) { return values_of(step, layer.neurons); };
  own.input_weights = own_array(all.input_weights, layer.input.count, replica);
  own.input_delays = own_array(all.input_delays, of_delays(layer.input), replica);
  own.recurrent_weights = own_array(all.recurrent_weights, layer.recurrent.count, replica);
  own.recurrent_delays = own_array(all.recurrent_delays, of_delays(layer.recurrent), replica);
  own.tau_mem = own_array(all.tau_mem, values(layer.lif.tau_mem_step), replica);
  own.tau_syn = own_array(all.tau_syn, values(layer.lif.tau_syn_step), replica);
  own.threshold = own_array(all.threshold, values(layer.lif.threshold_step), replica);
  own.reset = own_array(all.reset, values(layer.lif.reset_step), replica);
  own.bias = own_array(all.bias, values(layer.lif.bias_step), replica);
  return own;
}

inline void set_replicas(SynapseView& rows, int count, int samples) {
  rows.replicas = count;
  rows.samples = samples;
}

/** Replicas of a layer from first on, count of them, with so many samples each. */
inline tacet::LayerView some_of(const tacet::LayerView& all, int first, int count, int samples) {
  tacet::LayerView some = of_replica(all, first);
  set_replicas(some.input, count, samples);
  set_replicas(some.recurrent, count, samples);
  return some;
}

inline tacet::ReadoutView some_of(const tacet::ReadoutView& all, int first, int count,
                                  int samples) {
  tacet::ReadoutView some = of_replica(all, first);
  set_replicas(some.input, count, samples);
  return some;
}

/**
 * All replicas of a layer or read-out, as many at a time as the workspace holds:
 * launch(layer, first replica, first sample, samples). One of them alone is launched as a layer that
 * has no others.
 */
template <typename Layer, typename BytesOf, typename Launch>
void by_replicas(const Layer& all, int batch, const tacet::Workspace& workspace, BytesOf&& bytes_of,
                 Launch&& launch) {
  const int replicas = all.input.replicas < 1 ? 1 : all.input.replicas;
  const int samples = batch / replicas;
  const int most = tacet::replicas_that_fit(replicas, batch, workspace.bytes, bytes_of);
  for (int first = 0; first < replicas; first += most) {
    const int count = most < replicas - first ? most : replicas - first;
    launch(some_of(all, first, count, samples), first, first * samples, count * samples);
  }
}

}  // namespace TACET_NS
