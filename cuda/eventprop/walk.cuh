// Shared by the launchers of the simulator of any layer and its adjoint.
#pragma once

#include <algorithm>
#include <limits>

#include "eventprop/membrane.cuh"
#include "eventprop/queue.cuh"
#include "eventprop/reduce.cuh"

namespace TACET_NS {

/** Threads of the block that simulates a sample. */
constexpr int kWalkThreads = 256;

/** Layers up to this size keep the state of their neurons in shared memory. */
constexpr int kSharedNeurons = 1024;

/** Bytes of shared memory for the words per neuron; 0 where they live in the workspace. */
inline size_t shared_words(int neurons, int words) {
  return neurons <= kSharedNeurons
             ? sizeof(float) * static_cast<size_t>(words) * static_cast<size_t>(neurons)
             : 0;
}

/**
 * The words per neuron of every sample in the workspace; null where shared memory does. Throws where
 * those of a sample cannot be numbered by ints.
 */
inline float* take_words(tacet::Carver& carver, int samples, int neurons, int words) {
  const int most = std::numeric_limits<int>::max() / words;
  if (neurons > most) {
    throw tacet::Error(tacet::Status::kInvalidArgument,
                       "neurons: expected at most " + std::to_string(most) + " in a layer, got " +
                           std::to_string(neurons));
  }
  return neurons <= kSharedNeurons
             ? nullptr
             : carver.take<float>(static_cast<size_t>(samples) * static_cast<size_t>(words) *
                                  static_cast<size_t>(neurons));
}

size_t walk_forward_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                          const tacet::EventView& out, int pending, int samples);
void walk_forward(const tacet::LayerView& layer, const tacet::EventView& in,
                  const tacet::EventView& out, int pending, int32_t* overflow,
                  const tacet::Workspace& workspace, tacet::Stream stream);

size_t walk_backward_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                           const tacet::EventView& out, const tacet::GradientView& gradients,
                           int samples);
void walk_backward(const tacet::LayerView& layer, const tacet::EventView& in,
                   const tacet::EventView& out, const tacet::GradientView& gradients,
                   const float* kick, const tacet::Workspace& workspace, tacet::Stream stream);

}  // namespace TACET_NS
