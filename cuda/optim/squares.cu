// The sum of the squares of an array in double precision and a fixed order, for gradient norms.
//
// Two launches: blocks sum a grid stride each, one block adds their sums. Bytes: 4 per element.
#include "common/kernel.cuh"
#include "optim/update.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;
constexpr int kMostBlocks = tacet::kSquaresParts;

__global__ void __launch_bounds__(kThreads)
    squares_kernel(const float* __restrict__ values, int64_t count, double* __restrict__ sums) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads;
  double sum = 0;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += stride) {
    const double value = values[i];
    sum += value * value;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    sums[1 + blockIdx.x] = sum;
  }
}

__global__ void __launch_bounds__(kThreads)
    add_squares_kernel(double* __restrict__ sums, int blocks) {
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < blocks; i += kThreads) {
    sum += sums[1 + i];
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    sums[0] = sum;
  }
}

}  // namespace

void sum_of_squares(const float* values, int64_t count, double* sums, tacet::Stream stream) {
  const int64_t wanted = tacet::ceil_div<int64_t>(count, kThreads * 4);
  const int blocks = static_cast<int>(min(wanted, int64_t{kMostBlocks}));
  TACET_LAUNCH(squares_kernel, blocks, kThreads, 0, stream, values, count, sums);
  TACET_LAUNCH(add_squares_kernel, 1, kThreads, 0, stream, sums, blocks);
}

}  // namespace TACET_NS
