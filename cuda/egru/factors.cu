// What the gradient of recurrent weights is made of, for every pair of step and sample: what units sent
// into the step, and errors of the recurrent product in the place of those of the currents, from which
// they differ in the candidate's, whose product is inside the reset gate. PAPER: errors are the same,
// and units send through the reset gate into the candidate, so three rows are sent.
//
// A block per pair. Bytes per unit and pair: 4 of the state, a bit, 4 (PAPER: 12) sent, and
// 12 for r and the candidate's error, read and written. Floor: the same.
#include "egru/gradient.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 128;

template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    egru_factors_kernel(const EgruCall calls, float* __restrict__ all_currents,
                        float* __restrict__ all_sent) {
  const int replica = block_replica<kReplicas>();
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  float* __restrict__ const currents = all_currents + replica * 3 * sequence_elements(calls);
  float* __restrict__ const sent =
      all_sent + replica * (is_paper(calls) ? 3 : 1) * sequence_elements(calls);
  const int units = call.layer.units;
  const int pairs = call.sequence.steps * call.sequence.batch;
  for (int pair = static_cast<int>(blockIdx.x); pair < pairs;
       pair += static_cast<int>(gridDim.x)) {
    float* const errors = currents + static_cast<size_t>(pair) * 3 * units + 2 * units;
    float* const row = sent + static_cast<size_t>(pair) * units * (is_paper(call) ? 3 : 1);
    for (int j = static_cast<int>(threadIdx.x); j < units; j += kThreads) {
      const float y = sent_into(call, pair, j, false);
      const float r = load_gate(call, call.tape.r, static_cast<size_t>(pair) * units + j);
      row[j] = y;
      if (is_paper(call)) {
        row[units + j] = y;
        row[2 * units + j] = y * r;
      } else {
        errors[j] *= r;
      }
    }
  }
}

}  // namespace

void egru_factors(const EgruCall& call, float* currents, float* sent, tacet::Stream stream) {
  const int pairs = call.sequence.steps * call.sequence.batch;
  with_replicas(call, [&](auto replicas) {
    TACET_LAUNCH(egru_factors_kernel<decltype(replicas)::value>,
                 replica_grid(call, min(pairs, 1 << 20)), kThreads, 0, stream, call, currents, sent);
  });
}

}  // namespace TACET_NS
