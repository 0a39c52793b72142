/*
 * Simulation on a time grid and its adjoint (cuda/eventprop/grid*.cu). Conventions are those of
 * tacet_eventprop.h; `longest` of synapses is not used.
 */
#ifndef TACET_GRID_H
#define TACET_GRID_H

#include "tacet_eventprop.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TACET_GRID_WORDS = 5 };

typedef struct tacet_grid {
  /** Steps 0 .. steps are simulated, at most 2^24. */
  int64_t steps;
  /** Longest delay in steps, at most the steps, + 1. */
  int64_t slots;
  /** Blocks that share a sample; 0: as many as suit the device. */
  int64_t tiles;
  /** Number of input and of recurrent synapses; read by the backward pass. */
  int64_t input_synapses;
  int64_t recurrent_synapses;
} tacet_grid;

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
 * Simulates a batch: writes the output but for what exceeds its capacity, which is counted.
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
 */
TACET_API int tacet_grid_backward(tacet_context* context, const tacet_synapses* input,
                                  const tacet_synapses* recurrent, const tacet_lif* lif,
                                  const tacet_grid* grid, double dt, const tacet_events* in,
                                  const tacet_events* out, const tacet_gradients* gradients,
                                  const float* kick, void* workspace, int64_t workspace_bytes,
                                  void* stream);

/**
 * Writes the longest of some delays in steps, -1 if one is negative or not a number.
 *
 * @param steps int32 [1]
 */
TACET_API int tacet_grid_longest_delay(tacet_context* context, const float* delays, int64_t count,
                                       double dt, int32_t* steps, void* stream);

#ifdef __cplusplus
}
#endif

#endif
