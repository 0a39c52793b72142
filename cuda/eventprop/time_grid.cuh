// Steps of fixed length: the step of a time, and the propagator of a neuron over one step.
#pragma once

#include <algorithm>

#include "common/kernel.cuh"
#include "eventprop/rows.cuh"

namespace TACET_NS {

/** What a step of d ms does to a free neuron: u = alpha u + gamma i, i = beta i. */
struct GridPropagator {
  double alpha;
  double beta;
  double gamma;

  /** In double precision, since alpha - beta loses digits where d is short. */
  __device__ GridPropagator(double tm, double ts, double d)
      : alpha(exp(-d / tm)), beta(exp(-d / ts)) {
    const double x = d * (tm - ts) / (tm * ts);
    gamma = d / tm * beta * (x == 0 ? 1 : expm1(x) / x);
  }
};

/**
 * Step nearest to a time, in double precision like everywhere. Many GPUs are slow at that, so it is
 * computed once per time and pass, see grid_steps.cu, and not where events are processed.
 */
__device__ __forceinline__ int grid_step(float time, double dt) {
  const double step = rint(static_cast<double>(time) / dt);
  return step < 1073741824.0 ? static_cast<int>(step) : 1073741824;
}

/** Later than every step. */
constexpr int kNoStep = 0x7fffffff;

/** Number of delays of a connectivity. */
inline size_t delays_of(const SynapseView& rows, int64_t synapses) {
  return rows.delay_per_synapse ? static_cast<size_t>(synapses) : static_cast<size_t>(rows.sources);
}

/** Threads of a block that writes steps. */
constexpr int kStepThreads = 256;

/** A grid of blocks that writes the steps of all stored events; it has at most 65535 rows. */
inline dim3 grid_of_events(const tacet::EventView& events) {
  return dim3(static_cast<unsigned int>(tacet::ceil_div(events.capacity, kStepThreads)),
              static_cast<unsigned int>(std::min(events.batch, 65535)));
}

/** Writes the steps of all stored events, [batch][capacity]; called by all threads of that grid. */
__device__ __forceinline__ void write_steps(const tacet::EventView& events, double dt,
                                            int32_t* __restrict__ steps) {
  const int k = static_cast<int>(blockIdx.x * kStepThreads + threadIdx.x);
  for (int sample = static_cast<int>(blockIdx.y); sample < events.batch;
       sample += static_cast<int>(gridDim.y)) {
    if (k < stored(events.counts, sample, events.capacity)) {
      const size_t at = static_cast<size_t>(sample) * events.capacity + k;
      steps[at] = grid_step(events.times[at], dt);
    }
  }
}

/** Writes the steps of all stored events, [batch][capacity]. */
void steps_of_events(const tacet::EventView& events, double dt, int32_t* steps,
                     tacet::Stream stream);

/** Writes so many delays in steps. */
void steps_of_delays(const float* delays, size_t count, double dt, int32_t* steps,
                     tacet::Stream stream);

}  // namespace TACET_NS
