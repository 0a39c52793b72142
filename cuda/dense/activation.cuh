// Activations of single numbers, and their slopes from their values.
#pragma once

#include "common/kernel.cuh"
#include "dense/dense.h"

namespace TACET_NS {

using tacet::Activation;

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

/** A NaN stays one. */
__device__ __forceinline__ float activated(Activation activation, float x) {
  switch (activation) {
    case Activation::kTanh:
      return tanhf(x);
    case Activation::kRelu:
      return x < 0.0f ? 0.0f : x;
    case Activation::kSigmoid:
      return sigmoid(x);
    default:
      return x;
  }
}

/** dL/dx from dL/dy, where the value is y. */
__device__ __forceinline__ float retreated(Activation activation, float y, float error) {
  switch (activation) {
    case Activation::kTanh:
      return error * (1.0f - y * y);
    case Activation::kRelu:
      return y > 0.0f ? error : 0.0f;
    case Activation::kSigmoid:
      return error * (y * (1.0f - y));
    default:
      return error;
  }
}

}  // namespace TACET_NS
