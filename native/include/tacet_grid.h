/*
 * Simulation on a time grid, read-outs there, and their adjoints (cuda/eventprop/grid*.cu).
 * Conventions are those of tacet_eventprop.h; simulations do not use `longest` of synapses.
 */
#ifndef TACET_GRID_H
#define TACET_GRID_H

#include "tacet_eventprop.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TACET_GRID_WORDS = 6 };

enum { TACET_GRID_MOST_STEPS = 1 << 24, TACET_GRID_MOST_SYNAPSES = 0x7fffffff - 64 };

typedef struct tacet_grid {
  /** Steps 0 .. steps are simulated, at most TACET_GRID_MOST_STEPS. */
  int64_t steps;
  /** Longest delay in steps, at most the steps, + 1. */
  int64_t slots;
  /** Blocks that share a sample; 0: as many as suit the device. */
  int64_t tiles;
  /** Number of input and of recurrent synapses, at most TACET_GRID_MOST_SYNAPSES each. */
  int64_t input_synapses;
  int64_t recurrent_synapses;
  /**
   * Most steps of one launch, at least 1: it bounds the duration of a launch on a GPU that also
   * drives a display. Results do not depend on it.
   */
  int64_t launch_steps;
} tacet_grid;

/** Passes over a read-out. */
enum tacet_grid_readout_pass {
  TACET_GRID_READOUT_FORWARD = 0,
  TACET_GRID_READOUT_BACKWARD = 1,
  TACET_GRID_CROSS_ENTROPY = 2
};

/**
 * Writes the bytes of workspace that a pass needs.
 *
 * @param gradients of a backward pass, null for a forward pass
 */
TACET_API int tacet_grid_bytes(tacet_context* context, const tacet_synapses* input,
                               const tacet_synapses* recurrent, const tacet_lif* lif,
                               const tacet_grid* grid, const tacet_events* in,
                               const tacet_events* out, const tacet_gradients* gradients,
                               tacet_value* bytes);

/**
 * Simulates a batch and writes the output; events beyond its capacity are counted but not stored.
 *
 * @param recurrent or null
 * @param dt step in ms
 */
TACET_API int tacet_grid_forward(tacet_context* context, const tacet_synapses* input,
                                 const tacet_synapses* recurrent, const tacet_lif* lif,
                                 const tacet_grid* grid, double dt, const tacet_events* in,
                                 const tacet_events* out, void* workspace, int64_t workspace_bytes,
                                 void* stream);

/**
 * The adjoint: reads the output and its errors, adds to the gradients and writes the errors of the
 * input unless null. Bitwise the same on every run.
 *
 * @param kick [neurons], added to lambda_V at each spike, or null
 * @param least_slope as of tacet_exact_backward
 */
TACET_API int tacet_grid_backward(tacet_context* context, const tacet_synapses* input,
                                  const tacet_synapses* recurrent, const tacet_lif* lif,
                                  const tacet_grid* grid, double dt, const tacet_events* in,
                                  const tacet_events* out, const tacet_gradients* gradients,
                                  const float* kick, double least_slope, void* workspace,
                                  int64_t workspace_bytes, void* stream);

/**
 * As tacet_grid_bytes, of neurons of a variant.
 *
 * @param variant_gradients null for none of them
 */
TACET_API int tacet_grid_variant_bytes(tacet_context* context, const tacet_synapses* input,
                                       const tacet_synapses* recurrent, const tacet_lif* lif,
                                       const tacet_variant* variant, const tacet_grid* grid,
                                       const tacet_events* in, const tacet_events* out,
                                       const tacet_gradients* gradients,
                                       const tacet_variant_gradients* variant_gradients,
                                       tacet_value* bytes);

/**
 * tacet_grid_forward of neurons of a variant. A refractory period is rounded to steps; a soft reset
 * lowers V by the threshold from where it is. Slopes are d/dt of the distance from the threshold.
 */
TACET_API int tacet_grid_variant_forward(tacet_context* context, const tacet_synapses* input,
                                         const tacet_synapses* recurrent, const tacet_lif* lif,
                                         const tacet_variant* variant, const tacet_grid* grid,
                                         double dt, const tacet_events* in,
                                         const tacet_events* out, void* workspace,
                                         int64_t workspace_bytes, void* stream);

/** Adjoint of tacet_grid_variant_forward, as tacet_grid_backward. */
TACET_API int tacet_grid_variant_backward(tacet_context* context, const tacet_synapses* input,
                                          const tacet_synapses* recurrent, const tacet_lif* lif,
                                          const tacet_variant* variant, const tacet_grid* grid,
                                          double dt, const tacet_events* in,
                                          const tacet_events* out,
                                          const tacet_gradients* gradients,
                                          const tacet_variant_gradients* variant_gradients,
                                          const float* kick, double least_slope, void* workspace,
                                          int64_t workspace_bytes, void* stream);

/**
 * Writes the longest delay in steps, or -1 if one is negative or NaN.
 *
 * @param steps int32 [1]
 */
TACET_API int tacet_grid_longest_delay(tacet_context* context, const float* delays, int64_t count,
                                       double dt, int32_t* steps, void* stream);

/**
 * Writes the bytes of workspace for that many samples at a time; fewer are done in several rounds.
 * The adjoints of read-outs use `longest` of synapses.
 *
 * @param pass TACET_GRID_READOUT_FORWARD, TACET_GRID_READOUT_BACKWARD or TACET_GRID_CROSS_ENTROPY
 * @param weights not 0: with a weight gradient
 */
TACET_API int tacet_grid_readout_bytes(tacet_context* context, const tacet_synapses* input,
                                       int64_t steps, const tacet_events* in, int pass,
                                       int weights, int64_t samples, tacet_value* bytes);

/**
 * Reads non-spiking leaky integrators; integrals are sums over the steps 1 .. steps.
 *
 * @param tau_mem one value
 * @param tau_syn one value
 * @param reduction TACET_READ_MAX ...
 * @param values written, [batch][targets]; NaN for a sample with an invalid source
 * @param peak_times written for TACET_READ_MAX: when the maximum is reached, [batch][targets]
 */
TACET_API int tacet_grid_readout_forward(tacet_context* context, const tacet_synapses* input,
                                         const float* tau_mem, const float* tau_syn, int reduction,
                                         int64_t steps, double dt, const tacet_events* in,
                                         float* values, float* peak_times, void* workspace,
                                         int64_t workspace_bytes, void* stream);

/** Adjoint: adds to the weight gradient unless null and writes the errors of in unless null. */
TACET_API int tacet_grid_readout_backward(tacet_context* context, const tacet_synapses* input,
                                          const float* tau_mem, const float* tau_syn,
                                          int reduction, int64_t steps, double dt,
                                          const tacet_events* in, const float* value_errors,
                                          const float* peak_times, float* weight_gradient,
                                          void* workspace, int64_t workspace_bytes, void* stream);

/**
 * Softmax cross-entropy of V at every step, averaged over the steps, and its adjoint, averaged over
 * the batch: adds to the weight gradient unless null and writes the errors of in unless null.
 *
 * @param labels [batch], 0 .. targets - 1
 * @param losses written, [batch]; NaN for a sample with an invalid source
 * @param predicted written, [batch]: the output of largest mean probability
 */
TACET_API int tacet_grid_cross_entropy(tacet_context* context, const tacet_synapses* input,
                                       const float* tau_mem, const float* tau_syn, int64_t steps,
                                       double dt, const tacet_events* in, const int32_t* labels,
                                       float* losses, int32_t* predicted, float* weight_gradient,
                                       void* workspace, int64_t workspace_bytes, void* stream);

#ifdef __cplusplus
}
#endif

#endif
