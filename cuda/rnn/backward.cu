// Backward pass of a plain recurrent layer: d_t = (dL/dh_t + d_{t+1} R^T) act'(h_t), from the last
// step to the first, where the slope follows from the value h_t; then dR from all steps at once.
//
// A step is a product of steps.cuh and a pointwise kernel, as forward. dR is a product of product.cuh,
// or, with R on a pattern, that of sparse/gradient.cuh.
// Bytes per step: those of the product, 4 batch units (parts + 3) here; the products of dR read
// values and gradients once more. Flops: 4 units^2 per step and sample.
#include "rnn/steps.cuh"
#include "sparse/gradient.cuh"

namespace TACET_NS {

namespace {

/** Errors and gradients may be one array. */
__global__ void __launch_bounds__(kRnnThreads)
    rnn_retreat_kernel(const float* __restrict__ values, const float* errors,
                   const float* __restrict__ products, int parts, int64_t count, int64_t sequence,
                   int units, Activation activation, float* gradients, const PackedState packed) {
  const RnnPlace i(count, sequence);
  if (i.own < count) {
    const float error =
        errors[i.sequence] + sum_parts(products, parts, gridDim.y * count, i.state);
    const float gradient = retreated(activation, values[i.sequence], error);
    gradients[i.sequence] = gradient;
    packed.store(i.own, units, gradient);
  }
}

/** What units sent into a step, for a gradient on a pattern. */
struct SentState {
  const float* __restrict__ values;
  /** Null for zeros. */
  const float* __restrict__ first;
  int batch;
  int units;

  __device__ __forceinline__ float operator()(int pair, int j) const {
    if (pair >= batch) {
      return values[static_cast<size_t>(pair - batch) * units + j];
    }
    return first == nullptr ? 0.0f : first[static_cast<size_t>(pair) * units + j];
  }
};

/** Rows of the products of dR: all steps but the first, which goes with the first state. */
int later_rows(const tacet::RnnCall& call) { return (call.steps - 1) * call.batch; }

/** Bytes that one of the operations after the steps needs; they use the same memory in turn. */
size_t after_bytes(const tacet::RnnCall& call) {
  const int64_t pairs = static_cast<int64_t>(call.steps) * call.batch;
  const size_t sums = column_sums_bytes(call.replicas, pairs, call.units);
  if (!call.pattern.is_dense()) {
    return max(sums, sizeof(float) * pattern_gradient_elements(call.pattern, call.units,
                                                               call.steps * call.batch));
  }
  const int n = call.units;
  const size_t later = multiply_bytes(n, n, max(later_rows(call), 1), call.replicas);
  const size_t first = max(multiply_bytes(n, n, call.batch, call.replicas),
                           multiply_bytes(call.batch, n, n, call.replicas));
  return max(max(later, first), sums);
}

/** Memory of the operations after the steps. */
tacet::Workspace carve(const tacet::RnnCall& call, RnnProducts<true>& products,
                       tacet::Carver& carver) {
  products.carve(carver);
  const size_t bytes = after_bytes(call);
  return {carver.take<char>(bytes), bytes};
}

void retreat(const tacet::RnnCall& call, const float* values, const float* errors,
             float* gradients, const RnnProducts<true>& products, tacet::Stream stream) {
  products.prepare(nullptr, stream);
  const int64_t state = call.state();
  for (int t = call.steps - 1; t >= 0; t--) {
    const bool last = t == call.steps - 1;
    if (!last) {
      products.run(gradients + (t + 1) * state, call.sequence(), stream);
    }
    TACET_LAUNCH(rnn_retreat_kernel, rnn_blocks(call), kRnnThreads, 0, stream, values + t * state,
                 errors + t * state, products.products(), last ? 0 : products.parts(), state,
                 call.sequence(), call.units, call.activation, gradients + t * state, products.packed());
  }
}

void add_on_pattern(const tacet::RnnCall& call, const SentState& sent,
                    const tacet::RnnGradientsView& gradients, const tacet::Workspace& workspace,
                    tacet::Stream stream) {
  const int pairs = call.steps * call.batch;
  const int together = gradient_pairs(call.pattern, call.units, pairs);
  auto* const packed = static_cast<float*>(workspace.base);
  for (int first = 0; first < pairs; first += together) {
    const int count = min(together, pairs - first);
    const float* const errors = gradients.currents + static_cast<size_t>(first) * call.units;
    launch_pack(Matrix<false>{errors, static_cast<size_t>(call.units)}, count, call.units,
                gradient_groups(count), packed, stream);
    launch_pattern_gradient<1>(tacet::all_values(call.pattern, nullptr, 1), sent, first, count,
                               packed, call.units, gradients.recurrent, stream);
  }
}

void add_recurrent(const tacet::RnnCall& call, const float* values, const float* first,
                   const tacet::RnnGradientsView& gradients, const tacet::Workspace& workspace,
                   tacet::Stream stream) {
  if (!call.pattern.is_dense()) {
    add_on_pattern(call, SentState{values, first, call.batch, call.units}, gradients, workspace,
                   stream);
    return;
  }
  if (call.steps > 1) {
    multiply({true, false, call.units, call.units, later_rows(call), values,
              gradients.currents + call.state(), true, gradients.recurrent, call.replicas,
              call.sequence(), call.sequence()},
             workspace, stream);
  }
  if (first != nullptr) {
    multiply({true, false, call.units, call.units, call.batch, first, gradients.currents, true,
              gradients.recurrent, call.replicas, call.state(), call.sequence()},
             workspace, stream);
  }
}

}  // namespace

size_t rnn_backward_bytes(const tacet::RnnCall& call) {
  tacet::Carver carver(nullptr);
  RnnProducts<true> products(call);
  carve(call, products, carver);
  return carver.bytes();
}

void rnn_backward(const tacet::RnnCall& call, const float* values, const float* first,
                  const float* errors, const tacet::RnnGradientsView& gradients,
                  const tacet::Workspace& workspace, tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  RnnProducts<true> products(call);
  const tacet::Workspace after = carve(call, products, carver);
  require_bytes(carver, workspace);
  retreat(call, values, errors, gradients.currents, products, stream);
  if (gradients.first != nullptr && !call.pattern.is_dense()) {
    products.run_into(gradients.currents, call.sequence(), gradients.first, stream);
  } else if (gradients.first != nullptr) {
    const int64_t weights = static_cast<int64_t>(call.units) * call.units;
    multiply({false, true, call.batch, call.units, call.units, gradients.currents, call.recurrent,
              false, gradients.first, call.replicas, call.sequence(), weights},
             after, stream);
  }
  if (gradients.recurrent != nullptr) {
    add_recurrent(call, values, first, gradients, after, stream);
  }
  if (gradients.bias != nullptr) {
    add_column_sums(call.replicas, gradients.currents, static_cast<int64_t>(call.steps) * call.batch,
                    call.units, gradients.bias, after, stream);
  }
}

}  // namespace TACET_NS
