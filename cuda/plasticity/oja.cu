// A step of gradient descent, V = W - descent g, and after it one of Oja's rule (Oja 1982, equation
// 3): y = V^T x, W_ij = V_ij + rate/samples sum (x_i y_j - V_ij y_j^2), with the sum over samples.
//
// Two launches. First the responses: a block for 32 units and up to 4 samples, whose 8 warps share
// the rows, and add their parts in order. Then the weights: a block for 32 units and 32 rows, a
// thread for 4 rows of a unit. V is not stored in between but computed again.
// Bytes: 8 sources units read twice, 4 written; inputs and responses stay in a cache where samples
// are few. Flops: (4 samples + 8) sources units.
#include "plasticity/oja.h"

#include "common/kernel.cuh"

namespace TACET_NS {

namespace {

constexpr int kUnits = 32;
constexpr int kWarps = 8;
constexpr int kThreads = kUnits * kWarps;
constexpr int kSamples = 4;
/** Rows of a thread. */
constexpr int kRows = 4;
constexpr int kMostBlocks = 65535;

/** The weights after the descent. */
struct Descended {
  const float* weights;
  /** Null for no descent. */
  const float* gradient;
  float descent;

  __device__ __forceinline__ float operator()(size_t at) const {
    const float w = weights[at];
    return gradient == nullptr ? w : w - descent * gradient[at];
  }
};

__global__ void __launch_bounds__(kThreads)
    oja_responses_kernel(const tacet::OjaCall call, const Descended weights,
                         const float* __restrict__ inputs, float* __restrict__ responses) {
  TACET_SHARED(parts, float[kWarps][kSamples][kUnits]);
  const int lane = lane_id();
  const int warp = warp_id();
  const int unit = static_cast<int>(blockIdx.x) * kUnits + lane;
  const int end = call.first_row + call.rows;
  for (int first = static_cast<int>(blockIdx.y) * kSamples; first < call.samples;
       first += static_cast<int>(gridDim.y) * kSamples) {
    float sums[kSamples] = {};
    for (int i = call.first_row + warp; i < end; i += kWarps) {
      const float w = unit < call.units ? weights(static_cast<size_t>(i) * call.units + unit) : 0.0f;
      for (int s = 0; s < kSamples; s++) {
        if (first + s < call.samples) {
          sums[s] += inputs[static_cast<size_t>(first + s) * call.sources + i] * w;
        }
      }
    }
    for (int s = 0; s < kSamples; s++) {
      parts[warp][s][lane] = sums[s];
    }
    __syncthreads();
    if (warp < kSamples && first + warp < call.samples && unit < call.units) {
      float sum = 0;
      for (int w = 0; w < kWarps; w++) {
        sum += parts[w][warp][lane];
      }
      responses[static_cast<size_t>(first + warp) * call.units + unit] = sum;
    }
    __syncthreads();
  }
}

/** Rows first_row .. end_row-1, of which those of the rule change by it. */
__global__ void __launch_bounds__(kThreads)
    oja_weights_kernel(const tacet::OjaCall call, const Descended before,
                       const float* __restrict__ inputs, const float* __restrict__ responses,
                       int first_row, int end_row, float* weights) {
  const int unit = static_cast<int>(blockIdx.x) * kUnits + lane_id();
  const float rate = call.rate / static_cast<float>(call.samples);
  for (int row = first_row + (static_cast<int>(blockIdx.y) * kWarps + warp_id()) * kRows;
       row < end_row; row += static_cast<int>(gridDim.y) * kWarps * kRows) {
    float hebb[kRows] = {};
    float squares = 0;
    for (int b = 0; b < call.samples; b++) {
      const float y =
          unit < call.units ? responses[static_cast<size_t>(b) * call.units + unit] : 0.0f;
      squares += y * y;
      for (int r = 0; r < kRows; r++) {
        if (row + r < end_row) {
          hebb[r] += inputs[static_cast<size_t>(b) * call.sources + row + r] * y;
        }
      }
    }
    for (int r = 0; r < kRows; r++) {
      if (row + r < end_row && unit < call.units) {
        const size_t at = static_cast<size_t>(row + r) * call.units + unit;
        const float w = before(at);
        const bool learns = row + r >= call.first_row && row + r < call.first_row + call.rows;
        weights[at] = learns ? w + rate * (hebb[r] - w * squares) : w;
      }
    }
  }
}

unsigned int at_most(int blocks) { return static_cast<unsigned int>(min(blocks, kMostBlocks)); }

}  // namespace

void oja(const tacet::OjaCall& call, float* weights, const float* gradient, const float* inputs,
         float* responses, tacet::Stream stream) {
  const Descended before{weights, gradient, call.descent};
  const auto tiles = static_cast<unsigned int>(tacet::ceil_div(call.units, kUnits));
  TACET_LAUNCH(oja_responses_kernel,
               dim3(tiles, at_most(tacet::ceil_div(call.samples, kSamples))), kThreads, 0, stream,
               call, before, inputs, responses);
  const int first = gradient == nullptr ? call.first_row : 0;
  const int end = gradient == nullptr ? call.first_row + call.rows : call.sources;
  TACET_LAUNCH(oja_weights_kernel,
               dim3(tiles, at_most(tacet::ceil_div(end - first, kWarps * kRows))), kThreads, 0,
               stream, call, before, inputs, responses, first, end, weights);
}

}  // namespace TACET_NS
