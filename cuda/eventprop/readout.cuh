// Shared by read-outs in continuous time and on a grid: maxima at arrivals, which move with them.
#pragma once

#include "eventprop/tile.cuh"

namespace TACET_NS {

/** Outputs of a block, a thread each. */
constexpr int kOutputs = 32;

/** Arrivals that carry the maximum of an output, [samples][outputs]. */
struct CornerView {
  /** The event, or -1 where the maximum is between arrivals. */
  int32_t* events;
  /** What the error of the event gets. */
  float* errors;
};

inline CornerView take_corners(tacet::Carver& carver, int samples, int outputs) {
  const size_t count = static_cast<size_t>(samples) * static_cast<size_t>(outputs);
  return {carver.take<int32_t>(count), carver.take<float>(count)};
}

/** Adds the corners of all outputs, in their order, to the errors of the events. */
void add_corners(const tacet::EventView& in, int outputs, const CornerView& corners,
                 tacet::Stream stream);

inline dim3 grid_of_outputs(int outputs, int samples) {
  return dim3(static_cast<unsigned int>(tacet::ceil_div(outputs, kOutputs)),
              static_cast<unsigned int>(samples));
}

}  // namespace TACET_NS
