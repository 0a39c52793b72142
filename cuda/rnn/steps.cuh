// What both passes of a plain recurrent layer share: the product of a state with R.
#pragma once

#include "dense/activation.cuh"
#include "dense/product.cuh"
#include "rnn/rnn.h"

namespace TACET_NS {

constexpr int kRnnThreads = 256;
/** Most parts of a product; the pointwise kernel of a step reads all. */
constexpr int kRnnMostParts = 8;

inline int rnn_parts(const tacet::RnnCall& call) {
  return product_parts(call.batch, call.units, call.units, kRnnMostParts);
}

inline unsigned int rnn_blocks(const tacet::RnnCall& call) {
  return static_cast<unsigned int>(tacet::ceil_div(call.state(), int64_t{kRnnThreads}));
}

/** Writes the parts of state R, or of state R^T. */
template <bool kTransposed>
void multiply_state(const tacet::RnnCall& call, const float* state, float* products,
                    tacet::Stream stream) {
  const auto stride = static_cast<size_t>(call.units);
  launch_product(Matrix<false>{state, stride}, Matrix<kTransposed>{call.recurrent, stride},
                 call.batch, call.units, call.units, rnn_parts(call),
                 StoreParts{products, call.batch, call.units, 0}, stream);
}

/** Element i of a product, 0 without parts. */
__device__ __forceinline__ float sum_parts(const float* __restrict__ products, int parts,
                                           int64_t count, int64_t i) {
  float sum = 0;
  for (int part = 0; part < parts; part++) {
    sum += products[part * count + i];
  }
  return sum;
}

}  // namespace TACET_NS
