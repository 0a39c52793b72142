// Ceilings of dependent steps: a grid barrier, and an empty kernel as a graph node.
#include "ceilings/ceilings.h"
#include "common/kernel.cuh"

namespace TACET_NS {

namespace {

using tacet::kCeilingThreads;

__global__ void __launch_bounds__(kCeilingThreads) barriers_kernel(int barriers, uint32_t* counter) {
  GridBarrier barrier(counter);
  for (int k = 0; k < barriers; k++) {
    barrier.sync();
  }
}

__global__ void node_kernel(int32_t* counter) {
  // Nodes run one after the other.
  if (counter != nullptr && threadIdx.x == 0) {
    *counter += 1;
  }
}

}  // namespace

void ceiling_barriers(int barriers, int blocks, uint32_t* counter, tacet::Stream stream) {
  fill_bytes(counter, 0, sizeof(uint32_t), stream);
  TACET_LAUNCH_COOPERATIVE(barriers_kernel, blocks, kCeilingThreads, 0, stream, barriers, counter);
}

void ceiling_node(int32_t* counter, tacet::Stream stream) {
  TACET_LAUNCH(node_kernel, 1, kWarpSize, 0, stream, counter);
}

}  // namespace TACET_NS
