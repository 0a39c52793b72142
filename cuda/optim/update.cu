// Parameter updates, element by element, of all parameters of a network in one launch: Adam and AdamW,
// gradient descent with momentum; and scaling and zeroing of arrays.
//
// Adam (Kingma and Ba 2015, algorithm 1, bias corrections folded into rate and epsilon as in their
// section 2) with the decoupled weight decay of Loshchilov and Hutter 2019.
// Launch: 256 threads, a block for 1024 elements of an array, up to 32 arrays (list.cuh).
// Bytes per element: Adam 16 read + 12 written, sgd 8 + 4 (12 + 8 with momentum), 4 more written where
// gradients are cleared, scale 4 + 4, zero 4.
#include "optim/update.h"

#include "optim/list.cuh"

namespace TACET_NS {

namespace {

/** Written so that a NaN stays one. */
__device__ __forceinline__ float bounded(float x, float low, float high) {
  return x < low ? low : (x > high ? high : x);
}

__global__ void __launch_bounds__(kListThreads)
    adam_kernel(const __grid_constant__ tacet::List<tacet::Update> list, tacet::AdamStep s) {
  const ListedPart own = part_of(list, static_cast<int>(blockIdx.x));
  const tacet::Update& u = list.items[own.item];
  const ListedRange range(own.part, u.count);
  for (int64_t k = range.begin; k < range.end; k += kListThreads) {
    const float g = bounded(u.gradient[k], -s.clip, s.clip);
    const float m = s.beta1 * u.first[k] + (1.0f - s.beta1) * g;
    const float v = s.beta2 * u.second[k] + (1.0f - s.beta2) * g * g;
    u.first[k] = m;
    u.second[k] = v;
    u.parameter[k] = bounded(
        u.keep * u.parameter[k] - u.rate * m / (sqrtf(v) / s.unbias + s.epsilon), u.low, u.high);
    if (u.clears) {
      u.gradient[k] = 0.0f;
    }
  }
}

__global__ void __launch_bounds__(kListThreads)
    sgd_kernel(const __grid_constant__ tacet::List<tacet::Update> list, float momentum) {
  const ListedPart own = part_of(list, static_cast<int>(blockIdx.x));
  const tacet::Update& u = list.items[own.item];
  const ListedRange range(own.part, u.count);
  for (int64_t k = range.begin; k < range.end; k += kListThreads) {
    const float w = u.parameter[k];
    float step = u.gradient[k];
    if (u.first != nullptr) {
      step = momentum * u.first[k] + step + u.keep * w;
      u.first[k] = step;
    } else {
      step += u.keep * w;
    }
    u.parameter[k] = bounded(w - u.rate * step, u.low, u.high);
    if (u.clears) {
      u.gradient[k] = 0.0f;
    }
  }
}

__global__ void __launch_bounds__(kListThreads)
    scale_kernel(float* __restrict__ values, int64_t count, float factor) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kListThreads;
  for (int64_t k = static_cast<int64_t>(blockIdx.x) * kListThreads + threadIdx.x; k < count;
       k += stride) {
    values[k] *= factor;
  }
}

__global__ void __launch_bounds__(kListThreads)
    zero_kernel(const __grid_constant__ tacet::List<tacet::ListedArray> list) {
  const ListedPart own = part_of(list, static_cast<int>(blockIdx.x));
  const tacet::ListedArray& array = list.items[own.item];
  const ListedRange range(own.part, array.count);
  for (int64_t k = range.begin; k < range.end; k += kListThreads) {
    array.values[k] = 0.0f;
  }
}

}  // namespace

void adam(const tacet::Update* updates, int64_t count, const tacet::AdamStep& step,
          tacet::Stream stream) {
  for_each_list(updates, count, listed_blocks<tacet::Update>,
                [&](const tacet::List<tacet::Update>& list, unsigned int blocks) {
                  TACET_LAUNCH(adam_kernel, blocks, kListThreads, 0, stream, list, step);
                });
}

void sgd(const tacet::Update* updates, int64_t count, float momentum, tacet::Stream stream) {
  for_each_list(updates, count, listed_blocks<tacet::Update>,
                [&](const tacet::List<tacet::Update>& list, unsigned int blocks) {
                  TACET_LAUNCH(sgd_kernel, blocks, kListThreads, 0, stream, list, momentum);
                });
}

void scale(float* values, int64_t count, float factor, tacet::Stream stream) {
  const int64_t wanted = tacet::ceil_div<int64_t>(count, kListThreads);
  constexpr int64_t kMost = 1 << 20;
  TACET_LAUNCH(scale_kernel, static_cast<unsigned int>(wanted < kMost ? wanted : kMost),
               kListThreads, 0, stream, values, count, factor);
}

void zero(const tacet::ListedArray* arrays, int64_t count, tacet::Stream stream) {
  for_each_list(arrays, count, listed_blocks<tacet::ListedArray>,
                [&](const tacet::List<tacet::ListedArray>& list, unsigned int blocks) {
                  TACET_LAUNCH(zero_kernel, blocks, kListThreads, 0, stream, list);
                });
}

}  // namespace TACET_NS
