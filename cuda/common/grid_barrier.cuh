// The barrier over blocks of a cooperative launch, by a monotone counter: one release addition per
// block, one acquire polling thread per block.
#pragma once

namespace TACET_NS {

/**
 * Barrier over the grid, or over those of its blocks that share a counter. Every thread constructs it
 * with the counter of its blocks, one zeroed 32-bit word of device memory used by this launch only,
 * and calls sync() equally often. Writes before sync() are visible to every block after it. Needs
 * TACET_LAUNCH_COOPERATIVE.
 */
class GridBarrier {
 public:
  __device__ explicit GridBarrier(unsigned int* counter)
      : GridBarrier(counter, gridDim.x * gridDim.y * gridDim.z) {}

  __device__ GridBarrier(unsigned int* counter, unsigned int blocks)
      : counter_(counter), blocks_(blocks) {}

  __device__ void sync() {
    reached_ += blocks_;
    __syncthreads();
    if (threadIdx.x + threadIdx.y + threadIdx.z == 0) {
      __threadfence();
      add_release(counter_, 1u);
      // The difference is compared so that the counter may wrap.
      while (static_cast<int>(load_acquire(counter_) - reached_) < 0) {
        spin_pause();
      }
      __threadfence();
    }
    __syncthreads();
  }

 private:
  unsigned int* counter_;
  unsigned int blocks_;
  unsigned int reached_ = 0;
};

}  // namespace TACET_NS
