// Launchers of the grid simulator; the parameters are those of tacet_grid.h.
#pragma once

#include "eventprop/views.h"

namespace tacet {

/** A pass over a batch on a time grid. */
struct GridCall {
  LayerView layer;
  /** Number of synapses of each connectivity. */
  int64_t inputs;
  int64_t recurrents;
  int steps;
  /** Ring length: longest delay in steps + 1. */
  int slots;
  /** Blocks that share a sample, 0 to choose. */
  int tiles;
  /** Most steps of one launch; a longer simulation is several. */
  int launch_steps;
  double dt;
  EventView in;
  EventView out;
};

/** What is done with a read-out; the numbers are those of tacet_grid.h. */
enum class ReadoutPass : int { kForward = 0, kBackward = 1, kCrossEntropy = 2 };

/** A read-out layer on a time grid, with the batch of events that reaches it. */
struct GridReadoutCall {
  ReadoutView layer;
  int steps;
  double dt;
  EventView in;
};

}  // namespace tacet

TACET_DECLARE(
    void grid_forward_bytes(const tacet::GridCall& call, size_t* bytes);
    void grid_forward(const tacet::GridCall& call, const tacet::Workspace& workspace,
                      tacet::Stream stream);
    void grid_backward_bytes(const tacet::GridCall& call, const tacet::GradientView& gradients,
                         size_t* bytes);
    void grid_backward(const tacet::GridCall& call, const tacet::GradientView& gradients,
                       const float* kick, const tacet::Workspace& workspace,
                       tacet::Stream stream);
    void grid_variant_forward_bytes(const tacet::GridCall& call,
                                    const tacet::VariantView& variant, size_t* bytes);
    void grid_variant_forward(const tacet::GridCall& call, const tacet::VariantView& variant,
                              const tacet::Workspace& workspace, tacet::Stream stream);
    void grid_variant_backward_bytes(const tacet::GridCall& call,
                                     const tacet::VariantView& variant,
                                     const tacet::GradientView& gradients, size_t* bytes);
    void grid_variant_backward(const tacet::GridCall& call, const tacet::VariantView& variant,
                               const tacet::GradientView& gradients, const float* kick,
                               const tacet::Workspace& workspace, tacet::Stream stream);
    void grid_longest_delay(const float* delays, int64_t count, double dt, int32_t* steps,
                            tacet::Stream stream);
    /* Bytes of workspace for that many samples at a time; fewer are done in several rounds. */
    size_t grid_readout_bytes(const tacet::GridReadoutCall& call, tacet::ReadoutPass pass,
                              bool weights, int samples);
    void grid_readout_forward(const tacet::GridReadoutCall& call, float* values, float* peak_times,
                              const tacet::Workspace& workspace, tacet::Stream stream);
    void grid_readout_backward(const tacet::GridReadoutCall& call, const float* errors,
                               const float* peak_times, float* weights,
                               const tacet::Workspace& workspace, tacet::Stream stream);
    void grid_cross_entropy(const tacet::GridReadoutCall& call, const int32_t* labels,
                            float* losses, int32_t* predicted, float* weights,
                            const tacet::Workspace& workspace, tacet::Stream stream););
