// Arithmetic ceilings: float32 multiply-adds, and bfloat16 products on tensor cores.
//
// fma: every thread has eight independent chains. Flops: 16 per iteration.
// mma: every warp adds A B, 32 x 16 by 16 x 32, to its tile repeatedly, by eight independent
// mma.sync.m16n8k16, which is what kernels of this library could use; on sm_90 and newer, wgmma and
// tcgen05 are faster. sm_75, which has no bfloat16, accumulates products exchanged between lanes.
// Flops: 32768 per warp and iteration.
#include "ceilings/ceilings.h"
#include "common/kernel.cuh"

#include "common/mma.cuh"

namespace TACET_NS {

namespace {

using tacet::kCeilingChains;
using tacet::kCeilingDepth;
using tacet::kCeilingThreads;
using tacet::kCeilingTile;

/** mma.sync multiplies 16 x 16 by 16 x 8. */
constexpr int kTall = kCeilingTile / 16;
constexpr int kWide = kCeilingTile / 8;

__global__ void __launch_bounds__(kCeilingThreads)
    fma_kernel(float factor, float summand, int iterations, float* __restrict__ results) {
  const int thread = static_cast<int>(blockIdx.x * kCeilingThreads + threadIdx.x);
  float x[kCeilingChains];
#pragma unroll
  for (int c = 0; c < kCeilingChains; c++) {
    x[c] = static_cast<float>(thread % 1024 + c);
  }
#pragma unroll 8
  for (int k = 0; k < iterations; k++) {
#pragma unroll
    for (int c = 0; c < kCeilingChains; c++) {
      x[c] = fmaf(x[c], factor, summand);
    }
  }
  float sum = 0.0f;
#pragma unroll
  for (int c = 0; c < kCeilingChains; c++) {
    sum += x[c];
  }
  results[thread] = sum;
}

/**
 * @param a [32][16]
 * @param b [16][32]
 * @param results [warps][32][32]
 */
__global__ void __launch_bounds__(kCeilingThreads)
    mma_kernel(const uint16_t* __restrict__ a, const uint16_t* __restrict__ b, int iterations,
               float* __restrict__ results) {
  const int group = lane_id() / 4;
  const int first = lane_id() % 4 * 2;
  uint32_t left[kTall][4];
  uint32_t right[kWide][2];
#pragma unroll
  for (int i = 0; i < kTall; i++) {
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const uint16_t* const at =
          a + (16 * i + group + r % 2 * 8) * kCeilingDepth + first + r / 2 * 8;
      left[i][r] = pair_of(at[0], at[1]);
    }
  }
#pragma unroll
  for (int j = 0; j < kWide; j++) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      const uint16_t* const at = b + (first + r * 8) * kCeilingTile + 8 * j + group;
      right[j][r] = pair_of(at[0], at[kCeilingTile]);
    }
  }
  float sums[kTall][kWide][4] = {};
  for (int k = 0; k < iterations; k++) {
#pragma unroll
    for (int i = 0; i < kTall; i++) {
#pragma unroll
      for (int j = 0; j < kWide; j++) {
        multiply_add(sums[i][j], left[i], right[j]);
      }
    }
  }
  const size_t warp = static_cast<size_t>(blockIdx.x) * (kCeilingThreads / kWarpSize) + warp_id();
  float* const tile = results + warp * kCeilingTile * kCeilingTile;
#pragma unroll
  for (int i = 0; i < kTall; i++) {
#pragma unroll
    for (int j = 0; j < kWide; j++) {
#pragma unroll
      for (int s = 0; s < 4; s++) {
        tile[(16 * i + group + s / 2 * 8) * kCeilingTile + 8 * j + first + s % 2] = sums[i][j][s];
      }
    }
  }
}

}  // namespace

void ceiling_fma(float factor, float summand, int iterations, int blocks, float* results,
                 tacet::Stream stream) {
  TACET_LAUNCH(fma_kernel, blocks, kCeilingThreads, 0, stream, factor, summand, iterations, results);
}

void ceiling_mma(const uint16_t* a, const uint16_t* b, int iterations, int blocks, float* results,
                 tacet::Stream stream) {
  TACET_LAUNCH(mma_kernel, blocks, kCeilingThreads, 0, stream, a, b, iterations, results);
}

}  // namespace TACET_NS
