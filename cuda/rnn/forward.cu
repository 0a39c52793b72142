// Forward pass of a plain recurrent layer: h_t = act(a_t + h_{t-1} R + b).
//
// A step is a product of steps.cuh and a pointwise kernel that adds the parts of the product, issued
// without waiting.
// Bytes per step: those of the product, 4 batch units (parts + 2) here. Flops: 2 units^2 per sample.
#include "rnn/steps.cuh"

namespace TACET_NS {

namespace {

/** Without parts there is no state before the step. */
__global__ void __launch_bounds__(kRnnThreads)
    rnn_advance_kernel(const float* currents, const float* __restrict__ bias,
                   const float* __restrict__ products, int parts, int64_t count, int64_t sequence,
                   int units, Activation activation, float* values, float* __restrict__ last,
                   const PackedState packed) {
  const RnnPlace i(count, sequence);
  if (i.own < count) {
    const float sum = currents[i.sequence] + bias[i.replica * units + i.own % units] +
                      sum_parts(products, parts, gridDim.y * count, i.state);
    const float value = activated(activation, sum);
    values[i.sequence] = value;
    packed.store(i.own, units, value);
    if (last != nullptr) {
      last[i.state] = value;
    }
  }
}

}  // namespace

size_t rnn_forward_bytes(const tacet::RnnCall& call) {
  tacet::Carver carver(nullptr);
  RnnProducts<false>(call).carve(carver);
  return carver.bytes();
}

void rnn_forward(const tacet::RnnCall& call, const float* bias, const float* currents,
                 const float* first, float* values, float* last, const tacet::Workspace& workspace,
                 tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  RnnProducts<false> products(call);
  products.carve(carver);
  require_bytes(carver, workspace);
  products.prepare(first, stream);
  const int64_t state = call.state();
  const float* before = first;
  for (int t = 0; t < call.steps; t++) {
    if (before != nullptr) {
      products.run(before, t == 0 ? state : call.sequence(), stream);
    }
    float* const now = values + t * state;
    TACET_LAUNCH(rnn_advance_kernel, rnn_blocks(call), kRnnThreads, 0, stream, currents + t * state,
                 bias, products.products(), before == nullptr ? 0 : products.parts(), state,
                 call.sequence(), call.units, call.activation, now,
                 t == call.steps - 1 ? last : nullptr, products.packed());
    before = now;
  }
}

}  // namespace TACET_NS
