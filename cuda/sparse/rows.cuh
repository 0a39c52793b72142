// Products with the transposed matrix of values on a pattern: the dot product of a source's row with
// the adjoint of its targets, products[b][source] = sum over its synapses of dq[b][column] x value,
// where anything depends on it.
//
// A warp owns a source in a group of up to eight samples, skips it if no sample needs it, and reads a
// synapse to a lane: its index once for all its values, and what its target has in all samples of
// the group at once. Sums of the lanes are added in a fixed order.
// Bytes: R f (index + 4 gates + 4 gates samples of the group, those from L1 or L2) for R rows that
// are needed, of f synapses, 4 sources batch written. Flops: 2 gates R f samples of the group.
// Floor: the needed rows and their indices once, from L2 where they fit.
#pragma once

#include "sparse/groups.cuh"
#include "sparse/pattern.h"

namespace TACET_NS {

constexpr int kRowThreads = 256;
constexpr int kRowWarps = kRowThreads / kWarpSize;

/** Resident blocks to make room for. For sm_80 ptxas would take 32 registers, and spill; 0: as it likes. */
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ == 800
constexpr int kRowBlocks = 5;
#else
constexpr int kRowBlocks = 0;
#endif

/**
 * @param dq [groups][columns][kShared], `columns` of all gates
 * @param needed (sample, source) tells whether a product is needed; false beyond the batch
 */
template <int kShared, typename Index, typename Needed>
__global__ void __launch_bounds__(kRowThreads, kRowBlocks)
    pattern_rows_kernel(const tacet::PatternValues values, const float* __restrict__ dq,
                        int columns, const Needed needed, int batch, int tiles,
                        float* __restrict__ products) {
  constexpr int kMostGates = 3;
  const tacet::PatternView& pattern = values.pattern;
  const int group = static_cast<int>(blockIdx.x) / tiles;
  const int source = static_cast<int>(blockIdx.x) % tiles * kRowWarps + warp_id();
  const int n0 = group * kShared;
  const bool real = source < pattern.sources;
  const bool asks = lane_id() < kShared && real && needed(n0 + lane_id(), source);
  float sums[kShared] = {};
  if (__any_sync(kFullWarp, asks)) {
    const auto* const indices = static_cast<const Index*>(pattern.indices);
    const float* const adjoint = dq + static_cast<size_t>(group) * columns * kShared;
    const int end = __ldg(pattern.offsets + source + 1);
    for (int s = __ldg(pattern.offsets + source) + lane_id(); s < end; s += kWarpSize) {
      const int target = static_cast<int>(__ldg(indices + s));
      if (target >= values.low && target < values.high) {
        const float* const at = values.values + static_cast<size_t>(s) * values.each + values.first;
#pragma unroll
        for (int g = 0; g < kMostGates; g++) {
          if (g < values.count) {
            const size_t column =
                static_cast<size_t>(values.first + g) * pattern.targets + target;
            const float value = __ldg(at + g);
            float d[kShared];
            load_values<kShared>(adjoint + column * kShared, d);
#pragma unroll
            for (int b = 0; b < kShared; b++) {
              sums[b] = fmaf(d[b], value, sums[b]);
            }
          }
        }
      }
    }
  }
  const FoldedSums own = fold_sums<kShared, kWarpSize>(sums);
  const int n = n0 + own.first;
  if (own.writes && real && n < batch) {
    products[static_cast<size_t>(n) * pattern.sources + source] = sums[0];
  }
}

template <int kShared, typename Needed>
void launch_pattern_rows_of(const tacet::PatternValues& values, const float* dq, int columns,
                            const Needed& needed, int batch, float* products,
                            tacet::Stream stream) {
  const int tiles = tacet::ceil_div(values.pattern.sources, kRowWarps);
  const int blocks = tiles * tacet::ceil_div(batch, kShared);
  if (values.pattern.narrow) {
    TACET_LAUNCH((pattern_rows_kernel<kShared, uint16_t, Needed>), blocks, kRowThreads, 0, stream,
                 values, dq, columns, needed, batch, tiles, products);
  } else {
    TACET_LAUNCH((pattern_rows_kernel<kShared, int32_t, Needed>), blocks, kRowThreads, 0, stream,
                 values, dq, columns, needed, batch, tiles, products);
  }
}

/** @param dq in packed_groups(batch) */
template <typename Needed>
void launch_pattern_rows(const tacet::PatternValues& values, const float* dq, int columns,
                         const Needed& needed, int batch, float* products, tacet::Stream stream) {
  with_shared(packed_groups(batch).shared, [&](auto constant) {
    constexpr int kShared = decltype(constant)::value;
    launch_pattern_rows_of<kShared>(values, dq, columns, needed, batch, products, stream);
  });
}

}  // namespace TACET_NS
