// The barrier over blocks of a cooperative launch, by a monotone counter: one release addition per
// block, one acquire polling thread per block.
//
// Why no fence is needed beside these two (PTX ISA, memory consistency model): the bar.sync of
// arrive() orders what every thread of the block wrote before thread 0's addition, and a release is
// cumulative over that order, so it publishes the writes of all of them. The counter is changed by
// atomic additions only; a load that sees it complete therefore observes each of them, through the
// chain of those that came after, and as an acquire synchronises with all the releases. The bar.sync
// of wait() passes this on to the other threads of the block. A fence.sc would only add a total
// order of all fences, which is not needed here.
#pragma once

namespace TACET_NS {

/**
 * Barrier over the grid, or over those of its blocks that share a counter. Every thread constructs it
 * with the counter of its blocks, one zeroed 32-bit word of device memory used by this launch only,
 * and calls sync() equally often. Writes before sync() are visible to every block after it. Needs
 * TACET_LAUNCH_COOPERATIVE.
 *
 * sync() is arrive() and wait(): between the two a thread may do work that shares no data with
 * other blocks, such as loads for its next step.
 */
class GridBarrier {
 public:
  __device__ explicit GridBarrier(unsigned int* counter)
      : GridBarrier(counter, gridDim.x * gridDim.y * gridDim.z) {}

  /** @param past how often the blocks have met before */
  __device__ GridBarrier(unsigned int* counter, unsigned int blocks, unsigned int past = 0)
      : counter_(counter), blocks_(blocks), reached_(past * blocks) {}

  __device__ void sync() {
    arrive();
    wait();
  }

  /** Signals that this block has arrived. All threads call it. */
  __device__ void arrive() {
    reached_ += blocks_;
    __syncthreads();
    if (is_first()) {
      add_release(counter_, 1u);
    }
  }

  /** Returns when all blocks have arrived. All threads call it, once after each arrive(). */
  __device__ void wait() {
    if (is_first()) {
      // Most waits are short: a pause would end later than they do.
      int eager = kEagerPolls;
      // The difference is compared so that the counter may wrap.
      while (static_cast<int>(load_acquire(counter_) - reached_) < 0) {
        if (eager > 0) {
          eager--;
        } else {
          spin_pause();
        }
      }
    }
    __syncthreads();
  }

 private:
  static constexpr int kEagerPolls = 200;

  __device__ static bool is_first() { return threadIdx.x + threadIdx.y + threadIdx.z == 0; }

  unsigned int* counter_;
  unsigned int blocks_;
  unsigned int reached_;
};

}  // namespace TACET_NS
