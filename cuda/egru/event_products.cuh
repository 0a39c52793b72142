// The product of what units sent with R by events, of the engine EVENT: a block owns 32 or 128 columns of
// a group of samples and adds the rows of units with an event in any of them; forward.cu tells how.
#pragma once

#include "egru/engines.cuh"
#include "sparse/events.cuh"

namespace TACET_NS {

constexpr int kEventProductThreads = 256;
constexpr int kEventProductWarps = kEventProductThreads / 32;

/**
 * Columns first .. first + columns - 1 of the product of what was sent with R.
 *
 * @tparam kShared samples of a group
 * @tparam kEach columns of a lane, 4 if the number of units allows it
 * @param sent_apart, products_apart elements from the arrays of a replica to those of the next
 */
template <int kShared, int kEach, bool kReplicas>
__global__ void __launch_bounds__(kEventProductThreads)
    event_product_kernel(const EgruCall call, const float* __restrict__ all_sent,
                         const uint32_t* __restrict__ all_bits, int first, int columns, int tiles,
                         float* __restrict__ all_products, int64_t sent_apart,
                         int64_t products_apart) {
  const int replica = block_replica<kReplicas>();
  const float* __restrict__ const sent = all_sent + replica * sent_apart;
  const uint32_t* __restrict__ const bits =
      all_bits + static_cast<int64_t>(replica) * call.sequence.batch * event_words(call);
  TACET_SHARED(list, uint16_t[kExpandUnits]);
  TACET_SHARED(partial, float[kEventProductWarps][kShared][32 * kEach]);
  const int units = call.layer.units;
  const int words = event_words(call);
  const int group = static_cast<int>(blockIdx.x) / tiles;
  const int tile = static_cast<int>(blockIdx.x) % tiles * 32 * kEach;
  const int part = static_cast<int>(blockIdx.y);
  const int parts = static_cast<int>(gridDim.y);
  const int thread = static_cast<int>(threadIdx.x);
  const int column = tile + lane_id() * kEach;
  const float* const weights = call.layer.recurrent +
                               static_cast<int64_t>(replica) * 3 * units * units + first +
                               min(column, columns - kEach);
  const float* const values = sent + static_cast<size_t>(group) * units * kShared;
  const auto word_at = [&](int w) {
    uint32_t word = 0;
    for (int b = 0; b < kShared && w < words; b++) {
      const int n = group * kShared + b;
      word |= n < call.sequence.batch ? bits[static_cast<size_t>(n) * words + w] : 0u;
    }
    return word;
  };

  float sums[kShared][kEach] = {};
  for_each_list(units, part, parts, list, word_at, [&](int first_unit, int from, int to) {
    for (int e = from + warp_id(); e < to; e += kEventProductWarps) {
      const int unit = first_unit + list[e];
      float row[kEach];
      float y[kShared];
      load_values<kEach>(weights + static_cast<size_t>(unit) * 3 * units, row);
      load_values<kShared>(values + static_cast<size_t>(unit) * kShared, y);
#pragma unroll
      for (int b = 0; b < kShared; b++) {
#pragma unroll
        for (int k = 0; k < kEach; k++) {
          sums[b][k] = fmaf(y[b], row[k], sums[b][k]);
        }
      }
    }
  });

#pragma unroll
  for (int b = 0; b < kShared; b++) {
#pragma unroll
    for (int k = 0; k < kEach; k++) {
      partial[warp_id()][b][lane_id() * kEach + k] = sums[b][k];
    }
  }
  __syncthreads();
  // Only now, or its registers are spilled on sm_120.
  float* __restrict__ const products = all_products + block_replica<kReplicas>() * products_apart;
  for (int at = thread; at < kShared * 32 * kEach; at += kEventProductThreads) {
    const int b = at / (32 * kEach);
    const int c = at % (32 * kEach);
    const int n = group * kShared + b;
    if (n < call.sequence.batch && tile + c < columns) {
      float sum = partial[0][b][c];
      for (int w = 1; w < kEventProductWarps; w++) {
        sum += partial[w][b][c];
      }
      const size_t row = static_cast<size_t>(part) * call.sequence.batch + n;
      products[row * 3 * units + first + tile + c] = sum;
    }
  }
}

template <int kShared, int kEach>
void launch_event_product(const EgruCall& call, const SampleGroups& groups, const float* sent,
                          const EgruForwardScratch& scratch, int first, int columns, int parts,
                          tacet::Stream stream) {
  const int tiles = tacet::ceil_div(columns, 32 * kEach);
  with_replicas(call, [&](auto replicas) {
    TACET_LAUNCH((event_product_kernel<kShared, kEach, decltype(replicas)::value>),
                 replica_grid(call, groups.groups * tiles, parts), kEventProductThreads, 0, stream, call, sent,
                 scratch.bits, first, columns, tiles, scratch.products, scratch.sent_apart,
                 scratch.products_apart);
  });
}

/** Columns of a lane. */
inline int event_columns(const EgruCall& call) { return rows_are_aligned(call) ? 4 : 1; }

/** The same, for a group's number of samples and the columns of a lane. */
inline void launch_event_products(const EgruCall& call, const SampleGroups& groups, const float* sent,
                                  const EgruForwardScratch& scratch, int first, int columns, int parts,
                                  tacet::Stream stream) {
  with_shared(groups.shared, [&](auto shared) {
    constexpr int kShared = decltype(shared)::value;
    if (event_columns(call) == 4) {
      launch_event_product<kShared, 4>(call, groups, sent, scratch, first, columns, parts, stream);
    } else {
      launch_event_product<kShared, 1>(call, groups, sent, scratch, first, columns, parts, stream);
    }
  });
}

}  // namespace TACET_NS
