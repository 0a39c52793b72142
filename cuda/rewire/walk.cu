// DEEP R's random walk: drift and noise on each magnitude, and marks of synapses that became dormant
// (Bellec et al., "Deep rewiring", ICLR 2018, algorithm 1).
//
// A warp per row. Bytes per synapse of v values: 8 v read, 4 v + 2 written. Flops: 3 v and, with
// noise, the inverse of the normal distribution.
#include "common/kernel.cuh"
#include "propagate/law.cuh"
#include "rewire/wiring.cuh"

namespace TACET_NS {

namespace {

__global__ void __launch_bounds__(kRewireThreads)
    walk_kernel(WiringView w, float* __restrict__ weights, const float* __restrict__ signs,
                float drift, float noise, DrawKey key, uint16_t* __restrict__ marks,
                int32_t* __restrict__ marked) {
  const int i = own_row();
  if (i >= w.sources) {
    return;  // whole warps, and there is no barrier
  }
  const SynapseRow row = synapse_row(w.offsets, w.copies, i);
  int found = 0;
  for (int j = lane_id(); j < row.count; j += kWarpSize) {
    bool alive = false;
    bool crossed = false;
    for (int g = 0; g < w.values; g++) {
      const size_t at = value_at(row, w.values, w.copies, j, g);
      const float side = signs[at] < 0.0f ? -1.0f : 1.0f;
      float moved = weights[at] - side * drift;
      if (noise > 0.0f) {
        const uint64_t e = static_cast<uint64_t>(row.begin + j) * w.values + g;
        const PhiloxWords words =
            philox(static_cast<uint32_t>(e / 4), static_cast<uint32_t>(e >> 34), key.step,
                   tacet::kNoiseDomain, key.seed);
        moved = fmaf(noise, standard_normal(philox_word(words, static_cast<uint32_t>(e))), moved);
      }
      const bool beyond = side * moved < 0.0f;
      crossed = crossed || beyond;
      alive = alive || side * moved > 0.0f;
      weights[at] = beyond ? 0.0f : moved;
    }
    const bool dormant = crossed && !alive;
    marks[row.begin + j] = static_cast<uint16_t>(dormant ? 1 : 0);
    found += dormant ? 1 : 0;
  }
  found = warp_sum(found);
  if (lane_id() == 0 && found != 0) {
    atomicAdd(marked, found);
  }
}

}  // namespace

void rewire_walk(const WiringView& wiring, float* weights, const float* signs, float drift,
                 float noise, const DrawKey& key, uint16_t* marks, int32_t* marked,
                 tacet::Stream stream) {
  fill_bytes(marked, 0, sizeof(int32_t), stream);
  TACET_LAUNCH(walk_kernel, row_blocks(wiring.sources), kRewireThreads, 0, stream, wiring, weights,
               signs, drift, noise, key, marks, marked);
}

}  // namespace TACET_NS
