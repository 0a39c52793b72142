// Backward pass of a plain recurrent layer: d_t = (dL/dh_t + d_{t+1} R^T) act'(h_t), from the last
// step to the first, where the slope follows from the value h_t; then dR from all steps at once.
//
// A step is a product of product.cuh and a pointwise kernel, as forward.
// Bytes per step: those of the product, 4 batch units (parts + 3) here; the products of dR read
// values and gradients once more. Flops: 4 units^2 per step and sample.
#include "rnn/steps.cuh"

namespace TACET_NS {

namespace {

/** Errors and gradients may be one array. */
__global__ void __launch_bounds__(kRnnThreads)
    rnn_retreat_kernel(const float* __restrict__ values, const float* errors,
                   const float* __restrict__ products, int parts, int64_t count,
                   Activation activation, float* gradients) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kRnnThreads + threadIdx.x;
  if (i < count) {
    const float error = errors[i] + sum_parts(products, parts, count, i);
    gradients[i] = retreated(activation, values[i], error);
  }
}

/** Rows of the products of dR: all steps but the first, which goes with the first state. */
int later_rows(const tacet::RnnCall& call) { return (call.steps - 1) * call.batch; }

/** Bytes that one of the operations after the steps needs; they use the same memory in turn. */
size_t after_bytes(const tacet::RnnCall& call) {
  const size_t later = multiply_bytes(call.units, call.units, max(later_rows(call), 1));
  const size_t first = max(multiply_bytes(call.units, call.units, call.batch),
                           multiply_bytes(call.batch, call.units, call.units));
  const int64_t rows = static_cast<int64_t>(call.steps) * call.batch;
  return max(max(later, first), column_sums_bytes(rows, call.units));
}

struct Scratch {
  float* products;
  tacet::Workspace after;
};

Scratch carve(const tacet::RnnCall& call, tacet::Carver& carver) {
  float* const products = carver.take<float>(rnn_parts(call) * call.state());
  const size_t bytes = after_bytes(call);
  return {products, {carver.take<char>(bytes), bytes}};
}

void retreat(const tacet::RnnCall& call, const float* values, const float* errors,
             float* gradients, float* products, tacet::Stream stream) {
  const int64_t state = call.state();
  for (int t = call.steps - 1; t >= 0; t--) {
    const bool last = t == call.steps - 1;
    if (!last) {
      multiply_state<true>(call, gradients + (t + 1) * state, products, stream);
    }
    TACET_LAUNCH(rnn_retreat_kernel, rnn_blocks(call), kRnnThreads, 0, stream, values + t * state,
                 errors + t * state, products, last ? 0 : rnn_parts(call), state, call.activation,
                 gradients + t * state);
  }
}

void add_recurrent(const tacet::RnnCall& call, const float* values, const float* first,
                   const tacet::RnnGradientsView& gradients, const tacet::Workspace& workspace,
                   tacet::Stream stream) {
  if (call.steps > 1) {
    multiply(true, false, call.units, call.units, later_rows(call), values,
             gradients.currents + call.state(), true, gradients.recurrent, workspace, stream);
  }
  if (first != nullptr) {
    multiply(true, false, call.units, call.units, call.batch, first, gradients.currents, true,
             gradients.recurrent, workspace, stream);
  }
}

}  // namespace

size_t rnn_backward_bytes(const tacet::RnnCall& call) {
  tacet::Carver carver(nullptr);
  carve(call, carver);
  return carver.bytes();
}

void rnn_backward(const tacet::RnnCall& call, const float* values, const float* first,
                  const float* errors, const tacet::RnnGradientsView& gradients,
                  const tacet::Workspace& workspace, tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  const Scratch scratch = carve(call, carver);
  require_bytes(carver, workspace);
  retreat(call, values, errors, gradients.currents, scratch.products, stream);
  if (gradients.first != nullptr) {
    multiply(false, true, call.batch, call.units, call.units, gradients.currents, call.recurrent,
             false, gradients.first, scratch.after, stream);
  }
  if (gradients.recurrent != nullptr) {
    add_recurrent(call, values, first, gradients, scratch.after, stream);
  }
  if (gradients.bias != nullptr) {
    add_column_sums(gradients.currents, static_cast<int64_t>(call.steps) * call.batch, call.units,
                    gradients.bias, scratch.after, stream);
  }
}

}  // namespace TACET_NS
