// Gradient of values on a pattern: gradient[s][g] += sum over pairs of step and sample of what the
// source sent x the error of the column of (s, g).
//
// Errors of some pairs are packed first, eight pairs of a column side by side: a synapse gathers them
// from anywhere in a row, and a gather of four bytes would cost as much as one of these 32. A warp
// owns 64 synapses of three gates, or 128 of one, of a source at a time and keeps their sums in
// registers; it finds the pairs in which the source sent something, 32 by one ballot, and goes through
// groups of eight with any in order. One value to a synapse whatever the batch, no atomics, nothing in
// the slack; pairs in which the source is silent cost what finding them does.
// Bytes: 8 columns pairs packed, what is sent in all pairs, and for every group of eight pairs with an
// event of the source 32 gates f of errors from L2 (f synapses); synapses (index + 8 gates) of DRAM
// once for the pairs that are packed together. Flops: 16 gates f for such a group. Floor: index once,
// gradient twice, errors once.
#pragma once

#include "sparse/groups.cuh"
#include "sparse/pattern.h"

namespace TACET_NS {

constexpr int kGradientThreads = 256;
constexpr int kGradientWarps = kGradientThreads / kWarpSize;
/** Synapses of a lane at a time: more registers leave too few warps to wait for memory. */
template <int kGates>
constexpr int kGradientOwned = kGates == 1 ? 4 : 2;
/** Pairs whose errors lie side by side. */
constexpr int kGradientPacked = 8;

/** Pairs whose errors are packed together: 64 MB of them, or as many as there are values. */
inline int gradient_pairs(const tacet::PatternView& pattern, int columns, int pairs) {
  constexpr int64_t kElements = 1 << 24;
  constexpr int64_t kMost = 1024;
  const int64_t values = pattern.places * (columns / pattern.targets);
  const int64_t wanted = max(kElements, values) / columns / kWarpSize * kWarpSize;
  return static_cast<int>(min(max(min(wanted, kMost), int64_t{kWarpSize}), int64_t{pairs}));
}

inline SampleGroups gradient_groups(int pairs) {
  return {kGradientPacked, tacet::ceil_div(pairs, kGradientPacked)};
}

/** Elements of scratch that packed errors need. */
inline size_t pattern_gradient_elements(const tacet::PatternView& pattern, int columns, int pairs) {
  return gradient_groups(gradient_pairs(pattern, columns, pairs)).elements(columns);
}

/**
 * @tparam kGates values of a synapse, of which range.count take part
 * @param sent (pair, source) what a source sent in a pair, 0 for silence
 * @param errors of pairs first .. first + count - 1, [groups][columns][kGradientPacked]
 */
template <int kGates, typename Index, typename Sent>
__global__ void __launch_bounds__(kGradientThreads, 3)
    pattern_gradient_kernel(const tacet::PatternValues range, const Sent sent, int first, int count,
                            const float* __restrict__ errors, int columns,
                            float* __restrict__ gradient) {
  constexpr int kOwned = kGradientOwned<kGates>;
  constexpr int kSegment = kOwned * kWarpSize;
  const tacet::PatternView& pattern = range.pattern;
  const int source = static_cast<int>(blockIdx.x) * kGradientWarps + warp_id();
  if (source >= pattern.sources) {
    return;  // whole warps, and there is no barrier of the block
  }
  const auto* const indices = static_cast<const Index*>(pattern.indices);
  const int begin = __ldg(pattern.offsets + source);
  const int synapses = __ldg(pattern.offsets + source + 1) - begin;
  for (int segment = static_cast<int>(blockIdx.y) * kSegment; segment < synapses;
       segment += static_cast<int>(gridDim.y) * kSegment) {
    int targets[kOwned];
    float sums[kOwned][kGates] = {};
#pragma unroll
    for (int r = 0; r < kOwned; r++) {
      const int k = segment + lane_id() + r * kWarpSize;
      const int target = k < synapses ? static_cast<int>(__ldg(indices + begin + k)) : -1;
      targets[r] = target >= range.low && target < range.high ? target : -1;
    }
    for (int p = 0; p < count; p += kWarpSize) {
      const int own = p + lane_id();
      const float own_sent = own < count ? sent(first + own, source) : 0.0f;
      const uint32_t active = __ballot_sync(kFullWarp, own_sent != 0.0f);
#pragma unroll 1
      for (int q = 0; q < kWarpSize / kGradientPacked; q++) {
        if ((active >> (kGradientPacked * q) & 0xffu) != 0) {
          float y[kGradientPacked];
#pragma unroll
          for (int b = 0; b < kGradientPacked; b++) {
            y[b] = __shfl_sync(kFullWarp, own_sent, kGradientPacked * q + b);
          }
          const float* const group =
              errors + (static_cast<size_t>(p) / kGradientPacked + q) * columns * kGradientPacked;
#pragma unroll
          for (int r = 0; r < kOwned; r++) {
#pragma unroll
            for (int g = 0; g < kGates; g++) {
              if (targets[r] >= 0 && g < range.count) {
                const size_t column =
                    static_cast<size_t>(range.first + g) * pattern.targets + targets[r];
                float d[kGradientPacked];
                load_values<kGradientPacked>(group + column * kGradientPacked, d);
#pragma unroll
                for (int b = 0; b < kGradientPacked; b++) {
                  sums[r][g] = fmaf(y[b], d[b], sums[r][g]);
                }
              }
            }
          }
        }
      }
    }
#pragma unroll
    for (int r = 0; r < kOwned; r++) {
#pragma unroll
      for (int g = 0; g < kGates; g++) {
        if (targets[r] >= 0 && g < range.count) {
          const size_t place = static_cast<size_t>(begin) + segment + lane_id() + r * kWarpSize;
          gradient[place * kGates + range.first + g] += sums[r][g];
        }
      }
    }
  }
}

/** Adds the gradient of the values of a range over packed pairs. @tparam kGates values of a synapse */
template <int kGates, typename Sent>
void launch_pattern_gradient(const tacet::PatternValues& range, const Sent& sent, int first, int count,
                        const float* errors, int columns, float* gradient, tacet::Stream stream) {
  const tacet::PatternView& pattern = range.pattern;
  const dim3 grid(tacet::ceil_div(pattern.sources, kGradientWarps),
                  min(tacet::ceil_div(pattern.mean(), kGradientOwned<kGates> * kWarpSize), 65535));
  if (pattern.narrow) {
    TACET_LAUNCH((pattern_gradient_kernel<kGates, uint16_t, Sent>), grid, kGradientThreads, 0,
                 stream, range, sent, first, count, errors, columns, gradient);
  } else {
    TACET_LAUNCH((pattern_gradient_kernel<kGates, int32_t, Sent>), grid, kGradientThreads, 0, stream,
                 range, sent, first, count, errors, columns, gradient);
  }
}

}  // namespace TACET_NS
