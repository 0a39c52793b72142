// Checks delays: negative, infinite and NaN values are invalid.
//
// Launch: up to 256 blocks of 256 threads over the delays of a connectivity; a thread that finds one
// marks all samples of its replica, which is the y axis of the grid.
// Bytes: 4 read per delay. Flops: 1.
#include <algorithm>

#include "eventprop/order.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

template <bool kReplicas>
__global__ void __launch_bounds__(kThreads)
    check_delays_kernel(SynapseView all, int samples, int32_t* status) {
  const int replica = kReplicas ? static_cast<int>(blockIdx.y) : 0;
  if (kReplicas) {
    samples = all.samples;
    status += static_cast<size_t>(replica) * samples;
  }
  const auto& rows = own_rows<kReplicas>(all, replica * samples);
  const size_t count = !rows.delay_per_synapse ? static_cast<size_t>(rows.sources)
                                               : row_begin(rows, rows.sources);
  const size_t stride = static_cast<size_t>(gridDim.x) * kThreads;
  bool bad = false;
  for (size_t s = blockIdx.x * static_cast<size_t>(kThreads) + threadIdx.x; s < count; s += stride) {
    bad |= !(rows.delays[s] >= 0.0f && rows.delays[s] < infinity());
  }
  for (int b = 0; b < samples && bad; b++) {
    atomicOr(&status[b], 1 << -tacet::kBadDelay);
  }
}

}  // namespace

void check_delays(const SynapseView& rows, int samples, int32_t* status, tacet::Stream stream) {
  if (rows.delays == nullptr) {
    return;
  }
  const size_t most = !rows.delay_per_synapse
                          ? static_cast<size_t>(rows.sources)
                          : static_cast<size_t>(rows.sources) * static_cast<size_t>(rows.targets);
  const size_t blocks = std::min(tacet::ceil_div(most, size_t{kThreads}), size_t{256});
  with_replicas(rows, [&](auto replicas) {
    const dim3 grid(static_cast<unsigned int>(blocks), replicas ? rows.replicas : 1);
    TACET_LAUNCH(check_delays_kernel<decltype(replicas)::value>, grid, kThreads, 0, stream, rows,
                 samples, status);
  });
}

}  // namespace TACET_NS
