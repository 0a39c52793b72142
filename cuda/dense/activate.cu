// Activations of arrays, and their adjoints.
//
// Bytes: 8 per element forward, 12 backward. Flops: up to about 20 per element.
#include "dense/activation.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

unsigned int blocks(int64_t count) {
  return static_cast<unsigned int>(
      min(tacet::ceil_div(count, int64_t{kThreads}), int64_t{1} << 20));
}

__global__ void __launch_bounds__(kThreads)
    activate_kernel(const float* source, int64_t count, Activation activation, float* target) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += stride) {
    target[i] = activated(activation, source[i]);
  }
}

__global__ void __launch_bounds__(kThreads)
    activate_backward_kernel(const float* __restrict__ values, float* __restrict__ errors,
                             int64_t count, Activation activation) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += stride) {
    errors[i] = retreated(activation, values[i], errors[i]);
  }
}

}  // namespace

void activate(const float* source, int64_t count, tacet::Activation activation, float* target,
              tacet::Stream stream) {
  TACET_LAUNCH(activate_kernel, blocks(count), kThreads, 0, stream, source, count, activation,
               target);
}

void activate_backward(const float* values, float* errors, int64_t count,
                       tacet::Activation activation, tacet::Stream stream) {
  TACET_LAUNCH(activate_backward_kernel, blocks(count), kThreads, 0, stream, values, errors, count,
               activation);
}

}  // namespace TACET_NS
