/*
 * EventProp on a time grid (cuda/eventprop/grid*.cu). Conventions are those of tacet.h.
 *
 * A call is an array of TACET_GRID_FIELDS values: numbers, and addresses in the memory of the
 * context, 0 where there is nothing.
 */
#ifndef TACET_GRID_H
#define TACET_GRID_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Fields of a connectivity, from TACET_GRID_INPUT and TACET_GRID_RECURRENT on. */
enum tacet_grid_rows {
  /** float [count]; 0: there is no such connectivity. */
  TACET_ROWS_WEIGHTS = 0,
  /** int32 [sources + 1]; 0 for dense rows of all neurons. */
  TACET_ROWS_OFFSETS = 1,
  /** Targets, ascending within a row, int32 or uint16 [count]; 0 for dense rows. */
  TACET_ROWS_INDICES = 2,
  /** 2 or 4. */
  TACET_ROWS_INDEX_BYTES = 3,
  /** float ms; 0 for no delays. */
  TACET_ROWS_DELAYS = 4,
  /** 1: delays [sources]; 0: delays [count]. */
  TACET_ROWS_DELAYS_PER_SOURCE = 5,
  TACET_ROWS_COUNT = 6,
  TACET_ROWS_SOURCES = 7,
  TACET_ROWS_FIELDS = 8
};

/** Fields of a call. Parameters are float, [1] where the stride is 0, [neurons] where it is 1. */
enum tacet_grid_call {
  TACET_GRID_NEURONS = 0,
  TACET_GRID_BATCH = 1,
  TACET_GRID_STEPS = 2,
  /** Longest delay in steps, at most the steps, + 1. */
  TACET_GRID_SLOTS = 3,
  /** Blocks that share a sample; 0: as many as suit the device. The result is the same. */
  TACET_GRID_TILES = 4,
  TACET_GRID_INPUT = 5,
  TACET_GRID_RECURRENT = 13,
  TACET_GRID_TAU_MEM = 21,
  TACET_GRID_TAU_MEM_STRIDE = 22,
  TACET_GRID_TAU_SYN = 23,
  TACET_GRID_TAU_SYN_STRIDE = 24,
  TACET_GRID_THRESHOLD = 25,
  TACET_GRID_THRESHOLD_STRIDE = 26,
  TACET_GRID_RESET = 27,
  TACET_GRID_RESET_STRIDE = 28,
  TACET_GRID_BIAS = 29,
  TACET_GRID_BIAS_STRIDE = 30,
  /** Events: [batch] counts, [batch][capacity] the rest; times ascend. */
  TACET_GRID_IN_CAPACITY = 31,
  TACET_GRID_IN_COUNTS = 32,
  TACET_GRID_IN_TIMES = 33,
  TACET_GRID_IN_UNITS = 34,
  /** Written by the backward pass, or 0. */
  TACET_GRID_IN_ERRORS = 35,
  TACET_GRID_OUT_CAPACITY = 36,
  TACET_GRID_OUT_COUNTS = 37,
  TACET_GRID_OUT_TIMES = 38,
  TACET_GRID_OUT_UNITS = 39,
  TACET_GRID_OUT_SLOPES = 40,
  TACET_GRID_OUT_ERRORS = 41,
  TACET_GRID_OUT_GRAZES = 42,
  /** float [neurons] added to lambda_V at each spike, or 0. */
  TACET_GRID_KICK = 43,
  /** Gradients, shaped like their parameters; 0 where not wanted. */
  TACET_GRID_D_INPUT_WEIGHTS = 44,
  TACET_GRID_D_INPUT_DELAYS = 45,
  TACET_GRID_D_RECURRENT_WEIGHTS = 46,
  TACET_GRID_D_RECURRENT_DELAYS = 47,
  TACET_GRID_D_TAU_MEM = 48,
  TACET_GRID_D_TAU_SYN = 49,
  TACET_GRID_D_THRESHOLD = 50,
  TACET_GRID_D_RESET = 51,
  TACET_GRID_D_BIAS = 52,
  /** Memory of the size that tacet_grid_scratch says; its content does not matter. */
  TACET_GRID_SCRATCH = 53,
  TACET_GRID_SCRATCH_BYTES = 54,
  TACET_GRID_FIELDS = 55
};

/** Writes the bytes of scratch memory a call needs; the scratch fields of the call are not read. */
TACET_API int tacet_grid_scratch(tacet_context* context, const tacet_value* call, int backward,
                                 tacet_value* bytes);

/**
 * Simulates a batch: writes the output but for what exceeds its capacity, which is counted. A count
 * of -1 says that a state was not a number, -2 that there were more than 2^24 spikes.
 *
 * @param dt step in ms
 */
TACET_API int tacet_grid_forward(tacet_context* context, const tacet_value* call, double dt,
                                 void* stream);

/**
 * The adjoint: reads the output and its errors, adds to the gradients and writes the errors of the
 * input. Bitwise the same on every run.
 */
TACET_API int tacet_grid_backward(tacet_context* context, const tacet_value* call, double dt,
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
