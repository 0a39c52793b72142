// Exclusive sums over the rows of a pattern, from lengths to offsets.
//
// One block of 1024 threads, four values each at a time: rows are few beside synapses, and a second
// launch would take longer than what it saves up to some 10^6 rows.
// Bytes: 4 per row read, 4 written.
#include "common/kernel.cuh"
#include "rewire/wiring.cuh"

namespace TACET_NS {

namespace {

constexpr int kScanThreads = 1024;
constexpr int kOwn = 4;

__global__ void __launch_bounds__(kScanThreads)
    exclusive_sums_kernel(int32_t* __restrict__ values, int count, int factor) {
  int before = 0;
  for (int start = 0; start < count; start += kScanThreads * kOwn) {
    const int first = start + static_cast<int>(threadIdx.x) * kOwn;
    int own[kOwn];
    int sum = 0;
#pragma unroll
    for (int k = 0; k < kOwn; k++) {
      own[k] = first + k < count ? values[first + k] : 0;
      sum += own[k];
    }
    int total;
    int at = before + block_exclusive_scan(sum, &total);
#pragma unroll
    for (int k = 0; k < kOwn; k++) {
      if (first + k < count) {
        values[first + k] = at * factor;
      }
      at += own[k];
    }
    before += total;
  }
  if (threadIdx.x == 0) {
    values[count] = before * factor;
  }
}

}  // namespace

void exclusive_sums(int32_t* values, int count, int factor, tacet::Stream stream) {
  TACET_LAUNCH(exclusive_sums_kernel, 1, kScanThreads, 0, stream, values, count, factor);
}

}  // namespace TACET_NS
