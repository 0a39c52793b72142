// Work that the last of some blocks does, once all of them have done theirs: no block waits, and no
// launch has to follow.
//
// The addition is a release and an acquire, and so are those of the others: the last one reads a chain
// that begins with theirs, and bar.sync passes on what its thread 0 has synchronised with (see
// grid_barrier.cuh).
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

/**
 * Whether the calling block is the last of so many. Called once by all threads of each; what the
 * others wrote before they called it is visible to the last.
 *
 * @param finished a word of device memory for these blocks, 0 before the launch
 */
__device__ __forceinline__ bool is_last_block(unsigned int* finished, unsigned int blocks) {
  TACET_SHARED(last, bool);
  __syncthreads();
  if (threadIdx.x + threadIdx.y + threadIdx.z == 0) {
#if defined(__CUDACC__)
    unsigned int before;
    asm volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], 1;"
                 : "=r"(before)
                 : "l"(finished)
                 : "memory");
#else
    const unsigned int before = __atomic_fetch_add(finished, 1u, __ATOMIC_ACQ_REL);
#endif
    last = before + 1 == blocks;
  }
  __syncthreads();
  return last;
}

}  // namespace TACET_NS
