// Ceilings of atomic additions: in global memory, where L2 adds and nothing is returned (RED), and
// in shared memory.
//
// Addresses are computed, not read: neighbouring threads take neighbouring words, or each a random
// word of the window. A window of one word is the same address for all. Every addition is of 1, so
// that the words count the additions. Flops: one per addition and word.
#include "ceilings/ceilings.h"
#include "common/kernel.cuh"

namespace TACET_NS {

namespace {

using tacet::kCeilingThreads;

/** The last step of MurmurHash3: neighbouring numbers become unrelated ones. */
__device__ __forceinline__ uint32_t scatter(uint32_t x) {
  x = (x ^ x >> 16) * 0x85EBCA6Bu;
  x = (x ^ x >> 13) * 0xC2B2AE35u;
  return x ^ x >> 16;
}

__device__ __forceinline__ void add_one(float* window, uint32_t at) { atomicAdd(window + at, 1.0f); }

/** One instruction from sm_90 on, four before. */
__device__ __forceinline__ void add_four(float* window, uint32_t at) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("red.global.add.v4.f32 [%0], {%1, %1, %1, %1};" ::"l"(window + size_t{4} * at), "f"(1.0f)
               : "memory");
#else
  for (uint32_t k = 0; k < 4; k++) {
    add_one(window, 4 * at + k);
  }
#endif
}

/**
 * @param mask places of kWidth words of the window, less one
 */
template <int kWidth>
__global__ void __launch_bounds__(kCeilingThreads)
    add_kernel(float* window, uint32_t mask, bool coalesced, int adds) {
  const uint32_t thread = blockIdx.x * kCeilingThreads + threadIdx.x;
  const uint32_t stride = gridDim.x * kCeilingThreads;
  uint32_t next = coalesced ? thread : scatter(thread);
  for (int k = 0; k < adds; k++) {
    const uint32_t at = (coalesced ? next : next >> 8) & mask;
    if (kWidth == 4) {
      add_four(window, at);
    } else {
      add_one(window, at);
    }
    next = coalesced ? next + stride : next * 1664525u + 1013904223u;
  }
}

/**
 * Each warp adds to 32 words of its own; `degree` lanes always meet in one, and the words move on.
 *
 * @param one added each time; unknown to the compiler, which counts ones in another way
 */
template <typename T>
__global__ void __launch_bounds__(kCeilingThreads)
    shared_add_kernel(int degree, int adds, T one, T* __restrict__ words) {
  TACET_SHARED(sums, T[kCeilingThreads]);
  const int thread = static_cast<int>(threadIdx.x);
  sums[thread] = T(0);
  __syncwarp();
  const int warp = thread & ~31;
  int word = lane_id() / degree;
  for (int k = 0; k < adds; k++) {
    atomicAdd(&sums[warp + word], one);
    word = (word + 7) & 31;
  }
  __syncwarp();
  words[static_cast<size_t>(blockIdx.x) * kCeilingThreads + thread] = sums[thread];
}

template <typename T>
void launch_shared(int degree, int adds, int blocks, T* words, tacet::Stream stream) {
  TACET_LAUNCH(shared_add_kernel<T>, blocks, kCeilingThreads, 0, stream, degree, adds, T(1), words);
}

}  // namespace

void ceiling_add(float* window, int64_t words, int width, bool coalesced, int adds, int blocks,
                 tacet::Stream stream) {
  if (width == 4) {
    TACET_LAUNCH(add_kernel<4>, blocks, kCeilingThreads, 0, stream, window, words / 4 - 1, coalesced,
                 adds);
  } else {
    TACET_LAUNCH(add_kernel<1>, blocks, kCeilingThreads, 0, stream, window, words - 1, coalesced,
                 adds);
  }
}

void ceiling_shared_add_int(int degree, int adds, int blocks, int32_t* words, tacet::Stream stream) {
  launch_shared(degree, adds, blocks, words, stream);
}

void ceiling_shared_add_float(int degree, int adds, int blocks, float* words, tacet::Stream stream) {
  launch_shared(degree, adds, blocks, words, stream);
}

}  // namespace TACET_NS
