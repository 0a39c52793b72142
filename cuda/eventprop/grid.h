// EventProp on a time grid; the arguments are the fields of tacet_grid.h.
#pragma once

#include "common/declare.h"

namespace tacet {

/** Rows of a connectivity in float32; offsets are null for dense rows, delays for none. */
struct GridRows {
  const float* weights;
  const int32_t* offsets;
  const void* indices;
  int index_bytes;
  const float* delays;
  int delays_per_source;
  int64_t count;
  int sources;
};

/** A parameter of one value for all neurons (stride 0) or one each (stride 1). */
struct GridParameter {
  const float* values;
  int stride;
};

/** Events of a batch; members that are not there are null. */
struct GridEvents {
  int capacity;
  int32_t* counts;
  float* times;
  int32_t* units;
  float* slopes;
  float* errors;
  int32_t* grazes;
};

/** Where gradients are added; null where not wanted. */
struct GridGradients {
  float* input_weights;
  float* input_delays;
  float* recurrent_weights;
  float* recurrent_delays;
  float* tau_mem;
  float* tau_syn;
  float* threshold;
  float* reset;
  float* bias;
};

struct GridCall {
  int neurons;
  int batch;
  int steps;
  /** Ring length: longest delay in steps + 1. */
  int slots;
  /** Blocks that share a sample, 0 to choose. */
  int tiles;
  double dt;
  GridRows input;
  GridRows recurrent;
  GridParameter tau_mem;
  GridParameter tau_syn;
  GridParameter threshold;
  GridParameter reset;
  GridParameter bias;
  GridEvents in;
  GridEvents out;
  const float* kick;
  GridGradients gradients;
  void* scratch;
  size_t scratch_bytes;
};

}  // namespace tacet

TACET_DECLARE(void grid_forward(const tacet::GridCall& call, tacet::Stream stream);
              void grid_backward(const tacet::GridCall& call, tacet::Stream stream);
              size_t grid_scratch(const tacet::GridCall& call, bool backward);
              void grid_longest_delay(const float* delays, int64_t count, double dt,
                                      int32_t* steps, tacet::Stream stream););
