// Converts times of events and delays to grid steps, once per pass, and finds the longest delay.
//
// Launch: blocks of 256 threads; events in grids of (capacity, samples), delays in at most 1024
// blocks that stride over them.
// Bytes: 4 read and 4 written per event or delay; 4 read per delay for the longest. Flops: a
// division in double precision.
#include "eventprop/grid.h"
#include "eventprop/membrane.cuh"
#include "eventprop/time_grid.cuh"

namespace TACET_NS {

using tacet::EventView;

namespace {

constexpr size_t kMostBlocks = 1024;

__global__ void __launch_bounds__(kStepThreads)
    steps_of_events_kernel(const EventView events, double dt, int32_t* __restrict__ steps) {
  write_steps(events, dt, steps);
}

__global__ void __launch_bounds__(kStepThreads)
    steps_of_delays_kernel(const float* __restrict__ delays, size_t count, double dt,
                           int32_t* __restrict__ steps) {
  const size_t stride = static_cast<size_t>(gridDim.x) * kStepThreads;
  for (size_t s = static_cast<size_t>(blockIdx.x) * kStepThreads + threadIdx.x; s < count;
       s += stride) {
    steps[s] = grid_step(delays[s], dt);
  }
}

/** The longest delay in steps, kept from overflowing; -1 where one is no finite number >= 0. */
__global__ void __launch_bounds__(kStepThreads)
    longest_delay_kernel(const float* __restrict__ delays, size_t count, double dt,
                         int32_t* __restrict__ longest) {
  const size_t stride = static_cast<size_t>(gridDim.x) * kStepThreads;
  unsigned int most = 0;
  for (size_t s = static_cast<size_t>(blockIdx.x) * kStepThreads + threadIdx.x; s < count;
       s += stride) {
    const float d = delays[s];
    // As an unsigned number, -1 is larger than every delay.
    const bool good = d >= 0 && d < infinity();
    most = max(most, good ? static_cast<unsigned int>(grid_step(d, dt)) : 0xffffffffu);
  }
  atomicMax(reinterpret_cast<unsigned int*>(longest), most);
}

unsigned int blocks_for(size_t count) {
  return static_cast<unsigned int>(
      std::min(tacet::ceil_div(count, size_t{kStepThreads}), kMostBlocks));
}

}  // namespace

void steps_of_events(const EventView& events, double dt, int32_t* steps, tacet::Stream stream) {
  TACET_LAUNCH(steps_of_events_kernel, grid_of_events(events), kStepThreads, 0, stream, events, dt,
               steps);
}

void steps_of_delays(const float* delays, size_t count, double dt, int32_t* steps,
                     tacet::Stream stream) {
  if (count > 0) {
    TACET_LAUNCH(steps_of_delays_kernel, blocks_for(count), kStepThreads, 0, stream, delays, count,
                 dt, steps);
  }
}

void grid_longest_delay(const float* delays, int64_t count, double dt, int32_t* steps,
                        tacet::Stream stream) {
  fill_bytes(steps, 0, sizeof(int32_t), stream);
  if (count > 0) {
    const auto delay_count = static_cast<size_t>(count);
    TACET_LAUNCH(longest_delay_kernel, blocks_for(delay_count), kStepThreads, 0, stream, delays,
                 delay_count, dt, steps);
  }
}

}  // namespace TACET_NS
