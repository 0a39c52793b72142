// Gain control by feedforward inhibition: y = relu(x - g mean_j relu(x_j)) of each row, and its
// adjoint, in which the mean is computed again.
//
// One block per row; sums are over threads that each take every blockDim-th unit, in a fixed order.
// With m the mean over n units and E the sum of the errors e of units with y > 0:
//   dL/dx_j = e_j [y_j > 0] - g E / n [x_j > 0],  dL/dg = -sum over rows of m E.
// Bytes per row: 4 n read, once more through L1, 4 n written; the adjoint 8 n read, once more through
// L1, 4 n written. Flops: 4 n, and 6 n.
#include "common/kernel.cuh"
#include "dense/columns.cuh"
#include "dense/dense.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

/** A NaN stays one. */
__device__ __forceinline__ float rectified(float x) { return x < 0.0f ? 0.0f : x; }

__device__ __forceinline__ float mean_of_row(const float* x, int units) {
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < units; i += kThreads) {
    sum += rectified(x[i]);
  }
  return block_sum(sum) / static_cast<float>(units);
}

__global__ void __launch_bounds__(kThreads)
    gain_kernel(const float* values, int units, const float* __restrict__ gain, float* controlled) {
  const size_t start = static_cast<size_t>(blockIdx.x) * units;
  const float* const x = values + start;
  const float threshold = gain[0] * mean_of_row(x, units);
  for (int i = static_cast<int>(threadIdx.x); i < units; i += kThreads) {
    controlled[start + i] = rectified(x[i] - threshold);
  }
}

__global__ void __launch_bounds__(kThreads)
    gain_backward_kernel(const float* __restrict__ values, int units,
                         const float* __restrict__ gain, float* __restrict__ errors,
                         float* __restrict__ parts) {
  const size_t start = static_cast<size_t>(blockIdx.x) * units;
  const float* const x = values + start;
  float* const e = errors + start;
  const float mean = mean_of_row(x, units);
  const float threshold = gain[0] * mean;
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < units; i += kThreads) {
    sum += x[i] - threshold > 0.0f ? e[i] : 0.0f;
  }
  sum = block_sum(sum);
  const float inhibition = gain[0] * sum / static_cast<float>(units);
  for (int i = static_cast<int>(threadIdx.x); i < units; i += kThreads) {
    const float direct = x[i] - threshold > 0.0f ? e[i] : 0.0f;
    e[i] = direct - (x[i] > 0.0f ? inhibition : 0.0f);
  }
  if (parts != nullptr && threadIdx.x == 0) {
    parts[blockIdx.x] = -mean * sum;
  }
}

struct Scratch {
  float* parts;
  float* sums;
};

Scratch carve(tacet::Carver& carver, int64_t rows) {
  Scratch scratch{};
  scratch.parts = carver.take<float>(static_cast<size_t>(rows));
  scratch.sums = carver.take<float>(column_scratch(rows, 1));
  return scratch;
}

}  // namespace

void control_gain(const float* values, int64_t rows, int units, const float* gain,
                  float* controlled, tacet::Stream stream) {
  TACET_LAUNCH(gain_kernel, static_cast<unsigned int>(rows), kThreads, 0, stream, values, units, gain,
               controlled);
}

size_t control_gain_backward_bytes(int64_t rows) {
  tacet::Carver carver(nullptr);
  carve(carver, rows);
  return carver.bytes();
}

void control_gain_backward(const float* values, int64_t rows, int units, const float* gain,
                           float* errors, float* gain_gradient, const tacet::Workspace& workspace,
                           tacet::Stream stream) {
  Scratch scratch{};
  if (gain_gradient != nullptr) {
    tacet::Carver carver(workspace.base);
    scratch = carve(carver, rows);
    tacet::require_bytes(carver, workspace);
  }
  TACET_LAUNCH(gain_backward_kernel, static_cast<unsigned int>(rows), kThreads, 0, stream, values,
               units, gain, errors, scratch.parts);
  if (gain_gradient != nullptr) {
    launch_column_sums(MatrixValue{scratch.parts, 1}, rows, 1, scratch.sums, gain_gradient, stream);
  }
}

}  // namespace TACET_NS
