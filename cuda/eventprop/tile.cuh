// A tile of a feed-forward layer: consecutive neurons, one thread each, and the steps between
// arrivals, staged through shared memory so that a thread's walk touches global memory for its
// spikes only.
//
// Step k goes from arrival k-1 (0 for k = 0) to arrival k (the end for the last) and begins with
// the weights of arrival k-1; the same steps backward are the adjoint's.
#pragma once

#include "eventprop/membrane.cuh"
#include "eventprop/order.cuh"

namespace TACET_NS {

/** Steps staged at a time. */
constexpr int kChunk = 16;

/** Neurons of a tile of a LIF layer: small, so that small layers spread over many blocks. */
constexpr int kTile = 64;

struct Step {
  float from;
  float to;
  /** Where time constants are shared. */
  Span span;
  /** Source and event of the arrival that begins the step; -1 for step 0. */
  int source;
  int event;
};

/**
 * Threads below count fill steps first ... first + count - 1; spans only where time constants are
 * shared.
 */
template <bool kSharedTau>
__device__ __forceinline__ void stage_steps(const ArrivalView& arrivals, int sample, int arriving,
                                            int first, int count, float duration,
                                            const Membrane& membrane, Step* steps) {
  if (static_cast<int>(threadIdx.x) < count) {
    const int k = first + static_cast<int>(threadIdx.x);
    const size_t base = static_cast<size_t>(sample) * arrivals.capacity;
    Step step;
    step.from = k == 0 ? 0.0f : arrivals.times[base + k - 1];
    step.to = k == arriving ? duration : arrivals.times[base + k];
    step.source = k == 0 ? -1 : arrivals.sources[base + k - 1];
    step.event = k == 0 ? -1 : arrivals.events[base + k - 1];
    if (kSharedTau) {
      step.span = membrane.span(step.to - step.from);
    }
    steps[threadIdx.x] = step;
  }
}

/**
 * Writes value(synapse, place in its row) to the neurons of a tile that a source has a synapse onto,
 * those of a compressed row; called by kLanes neighbouring lanes. The targets of a row differ, so no
 * two lanes write the same place.
 */
template <int kLanes, int kWidth, typename T, typename Value>
__device__ __forceinline__ void stage_row(const SynapseView& rows, int source, int first_neuron,
                                          T (&tile)[kWidth], Value value) {
  const size_t begin = row_begin(rows, source);
  const int length = row_length(rows, source);
  const int lane = static_cast<int>(threadIdx.x) & (kLanes - 1);
  for (int j = row_lower_bound(rows, begin, length, first_neuron) + lane; j < length; j += kLanes) {
    const int column = row_target(rows, begin, j) - first_neuron;
    if (column >= kWidth) {
      break;
    }
    tile[column] = value(begin + j, j);
  }
}

/**
 * Spreads compressed rows over the tile: value(synapse, place in its row) where a staged step's
 * source has a synapse onto a neuron, else absent. A warp per row.
 */
template <int kWidth, typename Staged, typename T, typename Value>
__device__ __forceinline__ void stage_rows(const SynapseView& rows, const Staged* steps, int count,
                                           int first_neuron, T (*tile)[kWidth], T absent,
                                           Value value) {
  for (int p = 0; p < count; p++) {
    tile[p][threadIdx.x] = absent;
  }
  __syncthreads();
  for (int p = warp_id(); p < count; p += kWidth / kWarpSize) {
    if (steps[p].source >= 0) {
      stage_row<kWarpSize>(rows, steps[p].source, first_neuron, tile[p], value);
    }
  }
}

/** Weight of each staged step and neuron of the tile; 0 where there is no synapse. */
template <int kWidth, typename Staged>
__device__ __forceinline__ void stage_weights(const SynapseView& rows, const Staged* steps,
                                              int count, int first_neuron,
                                              float (*weights)[kWidth]) {
  const float* values = rows.weights;
  if (!is_dense(rows)) {
    stage_rows<kWidth>(rows, steps, count, first_neuron, weights, 0.0f,
                       [=](size_t synapse, int) { return values[synapse]; });
    return;
  }
  const int n = first_neuron + static_cast<int>(threadIdx.x);
  for (int p = 0; p < count; p++) {
    const int source = steps[p].source;
    weights[p][threadIdx.x] = source >= 0 && n < rows.targets
                                  ? values[static_cast<size_t>(source) * rows.targets + n]
                                  : 0.0f;
  }
}

/** Place within its row of each staged step's synapse onto each neuron of the tile, or -1. */
template <int kWidth, typename Staged>
__device__ __forceinline__ void stage_places(const SynapseView& rows, const Staged* steps,
                                             int count, int first_neuron, int (*places)[kWidth]) {
  stage_rows<kWidth>(rows, steps, count, first_neuron, places, -1,
                     [](size_t, int place) { return place; });
}

}  // namespace TACET_NS
