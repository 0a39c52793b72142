// Arithmetic ceilings: float32 multiply-adds, and bfloat16 products on tensor cores.
//
// fma: every thread has eight independent chains. Flops: 16 per iteration.
// mma: every warp adds A B, 32 x 16 by 16 x 32, to its tile repeatedly, by eight independent
// mma.sync.m16n8k16, which is what kernels of this library could use; on sm_90 and newer, wgmma and
// tcgen05 are faster. sm_75, which has no bfloat16, accumulates products exchanged between lanes.
// Flops: 32768 per warp and iteration.
#include "ceilings/ceilings.h"
#include "common/kernel.cuh"

#include "common/bfloat16.cuh"

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

/** Two neighbouring numbers of a row or column, the first in the lower half. */
__device__ __forceinline__ uint32_t pair_of(uint16_t low, uint16_t high) {
  return static_cast<uint32_t>(high) << 16 | low;
}

/**
 * sums += A B as the instruction has it: lane 4 g + t holds of A rows g, g + 8 and columns 2 t,
 * 2 t + 8 and their neighbours, of B these as rows and column g, of the sums rows g, g + 8 and
 * columns 2 t, 2 t + 1.
 */
__device__ __forceinline__ void multiply_add(float* sums, const uint32_t* a, const uint32_t* b) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  const int group = lane_id() / 4;
  const int member = lane_id() % 4;
#pragma unroll
  for (int k = 0; k < 16; k++) {
    // Which lane of a group and which of its registers hold index k, and in which half.
    const int holder = k % 8 / 2;
    const int part = k / 8;
    const int shift = k % 2 * 16;
    float left[2];
    float right[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const uint32_t row = __shfl_sync(kFullWarp, a[half + 2 * part], group * 4 + holder);
      const uint32_t column = __shfl_sync(kFullWarp, b[part], (2 * member + half) * 4 + holder);
      left[half] = from_bfloat16(static_cast<uint16_t>(row >> shift));
      right[half] = from_bfloat16(static_cast<uint16_t>(column >> shift));
    }
#pragma unroll
    for (int s = 0; s < 4; s++) {
      sums[s] = fmaf(left[s / 2], right[s % 2], sums[s]);
    }
  }
#endif
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
