// Replicas: layers of one shape that are computed at once, with every array theirs one after the other.
// A kernel with kReplicas takes the arguments of all and works on those of one; without, on the
// arguments as they are, so that a layer alone is computed as if there were no replicas.
#pragma once

#include <type_traits>

#include "common/replica.cuh"
#include "egru/unit.cuh"

namespace TACET_NS {

/** Elements of states and of sequences of units. */
__host__ __device__ inline int64_t state_elements(const EgruCall& call) {
  return static_cast<int64_t>(call.sequence.batch) * call.layer.units;
}

__host__ __device__ inline int64_t sequence_elements(const EgruCall& call) {
  return call.sequence.steps * state_elements(call);
}

/** Gates of a tape are in one of two precisions. */
__device__ __forceinline__ void* own_gate(const EgruCall& call, void* all, int replica) {
  const int64_t elements = sequence_elements(call);
  return call.tape.compact
             ? static_cast<void*>(own_array(static_cast<uint16_t*>(all), elements, replica))
             : static_cast<void*>(own_array(static_cast<float*>(all), elements, replica));
}

__device__ __forceinline__ EgruCall of_replica(const EgruCall& all, int replica) {
  EgruCall own = all;
  const int64_t units = all.layer.units;
  own.layer.recurrent = own_array(all.layer.recurrent, 3 * units * units, replica);
  own.layer.input_bias = own_array(all.layer.input_bias, 3 * units, replica);
  own.layer.recurrent_bias = own_array(all.layer.recurrent_bias, 3 * units, replica);
  own.layer.thresholds = own_array(all.layer.thresholds, units, replica);
  const int64_t sequence = sequence_elements(all);
  own.sequence.currents = own_array(all.sequence.currents, 3 * sequence, replica);
  own.sequence.lengths = own_array(all.sequence.lengths, all.sequence.batch, replica);
  own.sequence.y = own_array(all.sequence.y, state_elements(all), replica);
  own.sequence.h = own_array(all.sequence.h, state_elements(all), replica);
  if (all.sequence.seeds != nullptr) {
    const uint32_t* const halves = all.sequence.seeds + 2 * replica;
    own.sequence.seed = uint64_t{halves[1]} << 32 | halves[0];
  }
  own.tape.h = own_array(all.tape.h, sequence, replica);
  own.tape.z = own_gate(all, all.tape.z, replica);
  own.tape.r = own_gate(all, all.tape.r, replica);
  own.tape.g = own_gate(all, all.tape.g, replica);
  own.tape.q = own_gate(all, all.tape.q, replica);
  const int64_t rows = static_cast<int64_t>(all.sequence.steps) * all.sequence.batch;
  own.tape.events = own_array(all.tape.events, rows * event_words(all), replica);
  return own;
}

__device__ __forceinline__ EgruOutputsView of_replica(const EgruOutputsView& all,
                                                      const EgruCall& call, int replica) {
  EgruOutputsView own = all;
  const int64_t batch = call.sequence.batch;
  own.y = own_array(all.y, call.sequence.steps * batch * static_cast<int64_t>(all.y_stride), replica);
  own.trace = own_array(all.trace, batch * static_cast<int64_t>(all.trace_stride), replica);
  own.last_y = own_array(all.last_y, state_elements(call), replica);
  own.last_h = own_array(all.last_h, state_elements(call), replica);
  own.counts = own_array(all.counts, call.layer.units, replica);
  return own;
}

__device__ __forceinline__ EgruErrorsView of_replica(const EgruErrorsView& all,
                                                     const EgruCall& call, int replica) {
  EgruErrorsView own = all;
  const int64_t batch = call.sequence.batch;
  own.y = own_array(all.y, call.sequence.steps * batch * static_cast<int64_t>(all.y_stride), replica);
  own.trace = own_array(all.trace, batch * static_cast<int64_t>(all.trace_stride), replica);
  own.last_y = own_array(all.last_y, state_elements(call), replica);
  own.last_h = own_array(all.last_h, state_elements(call), replica);
  own.rate = own_array(all.rate, call.layer.units, replica);
  return own;
}

/** Those that steps write: gradients of parameters are made by kernels of their own. */
__device__ __forceinline__ EgruGradientsView of_replica(const EgruGradientsView& all,
                                                        const EgruCall& call, int replica) {
  EgruGradientsView own = all;
  own.currents = own_array(all.currents, 3 * sequence_elements(call), replica);
  own.initial_y = own_array(all.initial_y, state_elements(call), replica);
  own.initial_h = own_array(all.initial_h, state_elements(call), replica);
  return own;
}

/** The arguments of a replica, or with kReplicas off those that are given. */
template <bool kReplicas, typename Arguments, typename... Extents>
__device__ __forceinline__ OwnPart<kReplicas, Arguments> own_part(const Arguments& all, int replica,
                                                                  const Extents&... extents) {
  if constexpr (kReplicas) {
    return of_replica(all, extents..., replica);
  } else {
    return all;
  }
}

/** The replica of a block of a grid whose z axis they are. */
template <bool kReplicas>
__device__ __forceinline__ int block_replica() {
  return kReplicas ? static_cast<int>(blockIdx.z) : 0;
}

/** Calls `function` with whether a call has replicas, or a seed like them, as a constant. */
template <typename Function>
auto with_replicas(const EgruCall& call, Function function) {
  const bool several = call.layer.replicas > 1 || call.sequence.seeds != nullptr;
  return several ? function(std::true_type()) : function(std::false_type());
}

/** A grid whose z axis is replicas. */
inline dim3 replica_grid(const EgruCall& call, unsigned int x, unsigned int y = 1) {
  return dim3(x, y, static_cast<unsigned int>(call.layer.replicas));
}

/** Writes the sums of all parts of products of replicas, `apart` elements from each to the next. */
struct StoreReplicaParts {
  float* __restrict__ values;
  /** Of a replica. */
  int rows;
  int columns;
  int first;
  int64_t apart;

  __device__ __forceinline__ void operator()(int row, int column, int part, float value) const {
    const int replica = row / rows;
    const size_t place = static_cast<size_t>(part) * rows + (row - replica * rows);
    values[replica * apart + place * columns + first + column] = value;
  }
};

}  // namespace TACET_NS
