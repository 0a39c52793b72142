// Parameter updates, element by element: Adam and AdamW, gradient descent with momentum, clamping,
// scaling.
//
// Adam (Kingma and Ba 2015, algorithm 1, bias corrections folded into rate and epsilon as in their
// section 2) with the decoupled weight decay of Loshchilov and Hutter 2019.
// Launch: 256 threads, a thread per element, grid-stride beyond 2^20 blocks.
// Bytes per element: Adam 16 read + 12 written, sgd 8 + 4 (12 + 8 with momentum), clamp and scale 4 + 4.
#include "optim/update.h"

#include "common/kernel.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ int64_t first_element() {
  return static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
}

__device__ __forceinline__ int64_t stride() { return static_cast<int64_t>(gridDim.x) * kThreads; }

__global__ void __launch_bounds__(kThreads)
    adam_kernel(float* __restrict__ parameter, const float* __restrict__ gradient,
                float* __restrict__ first, float* __restrict__ second, int64_t count,
                tacet::AdamStep s) {
  for (int64_t k = first_element(); k < count; k += stride()) {
    const float raw = gradient[k];
    // Written so that a NaN stays one.
    const float g = raw < -s.clip ? -s.clip : (raw > s.clip ? s.clip : raw);
    const float m = s.beta1 * first[k] + (1.0f - s.beta1) * g;
    const float v = s.beta2 * second[k] + (1.0f - s.beta2) * g * g;
    first[k] = m;
    second[k] = v;
    parameter[k] = s.keep * parameter[k] - s.rate * m / (sqrtf(v) / s.unbias + s.epsilon);
  }
}

__global__ void __launch_bounds__(kThreads)
    sgd_kernel(float* __restrict__ parameter, const float* __restrict__ gradient,
               float* __restrict__ velocity, int64_t count, float rate, float momentum,
               float decay) {
  for (int64_t k = first_element(); k < count; k += stride()) {
    const float w = parameter[k];
    float step = gradient[k];
    if (velocity != nullptr) {
      step = momentum * velocity[k] + step + decay * w;
      velocity[k] = step;
    } else {
      step += decay * w;
    }
    parameter[k] = w - rate * step;
  }
}

__global__ void __launch_bounds__(kThreads)
    clamp_kernel(float* __restrict__ parameter, int64_t count, float low, float high) {
  for (int64_t k = first_element(); k < count; k += stride()) {
    const float w = parameter[k];
    // Written so that a NaN stays one.
    parameter[k] = w < low ? low : (w > high ? high : w);
  }
}

__global__ void __launch_bounds__(kThreads)
    scale_kernel(float* __restrict__ values, int64_t count, float factor) {
  for (int64_t k = first_element(); k < count; k += stride()) {
    values[k] *= factor;
  }
}

unsigned int blocks(int64_t count) {
  const int64_t wanted = tacet::ceil_div<int64_t>(count, kThreads);
  constexpr int64_t kMost = 1 << 20;
  return static_cast<unsigned int>(wanted < kMost ? wanted : kMost);
}

}  // namespace

void adam(float* parameter, const float* gradient, float* first, float* second, int64_t count,
          const tacet::AdamStep& step, tacet::Stream stream) {
  TACET_LAUNCH(adam_kernel, blocks(count), kThreads, 0, stream, parameter, gradient, first, second,
               count, step);
}

void sgd(float* parameter, const float* gradient, float* velocity, int64_t count, float rate,
         float momentum, float decay, tacet::Stream stream) {
  TACET_LAUNCH(sgd_kernel, blocks(count), kThreads, 0, stream, parameter, gradient, velocity, count,
               rate, momentum, decay);
}

void clamp(float* parameter, int64_t count, float low, float high, tacet::Stream stream) {
  TACET_LAUNCH(clamp_kernel, blocks(count), kThreads, 0, stream, parameter, count, low, high);
}

void scale(float* values, int64_t count, float factor, tacet::Stream stream) {
  TACET_LAUNCH(scale_kernel, blocks(count), kThreads, 0, stream, values, count, factor);
}

}  // namespace TACET_NS
