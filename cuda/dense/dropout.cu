// Inverted dropout with a mask computed from a counter: nothing is stored, and the same seed gives
// the same mask in the backward pass.
//
// A thread handles four neighbouring elements, which mostly share a Philox block.
// Bytes: 8 per element. Integer operations: about 25 per element.
#include "common/kernel.cuh"
#include "common/philox.cuh"
#include "dense/dense.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;
constexpr int kEach = 4;

__global__ void __launch_bounds__(kThreads)
    dropout_kernel(const float* source, int64_t count, uint32_t limit, float scale, uint64_t seed,
                   int64_t group, int64_t period, float* target) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads * kEach;
  for (int64_t start = (static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x) * kEach;
       start < count; start += stride) {
    int64_t block = -1;
    PhiloxWords words{};
    for (int64_t i = start; i < min(start + kEach, count); i++) {
      const int64_t e = i / group % period;
      if (e / 4 != block) {
        block = e / 4;
        words = philox(static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0, 3, seed);
      }
      const bool dropped = philox_word(words, static_cast<uint32_t>(e)) >> 8 < limit;
      target[i] = dropped ? 0.0f : source[i] * scale;
    }
  }
}

}  // namespace

void dropout(const float* source, int64_t count, uint32_t limit, float scale, uint64_t seed,
             int64_t group, int64_t period, float* target, tacet::Stream stream) {
  const int64_t blocks = tacet::ceil_div(count, int64_t{kThreads * kEach});
  TACET_LAUNCH(dropout_kernel, static_cast<unsigned int>(min(blocks, int64_t{1} << 20)), kThreads, 0,
               stream, source, count, limit, scale, seed, group, period, target);
}

}  // namespace TACET_NS
