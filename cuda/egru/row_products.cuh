// Products of the backward pass by rows of R: with few samples a warp takes four rows, each a dot product
// with up to eight samples, and leaves out those that no sample needs. Bytes: 12 units per row that is
// needed, dq once for the four. Flops: 6 units per row and sample.
#pragma once

#include "egru/adjoint.cuh"

namespace TACET_NS {

constexpr int kRowProductThreads = 256;
constexpr int kRowProductWarps = kRowProductThreads / 32;
/** Rows of R that a warp processes at once, so that each dq is read once for all of them. */
constexpr int kRowsOfWarp = 4;

template <int kShared, int kEach>
__device__ __forceinline__ void add_dots(const EgruCall& call, const float* __restrict__ left,
                                         int count, int column, int row, int n0,
                                         unsigned int wanted, float (*sums)[kShared]) {
  const int units = call.layer.units;
  const size_t stride = static_cast<size_t>(3) * units;
  for (int k = lane_id() * kEach; k < count; k += 32 * kEach) {
    float dq[kShared][kEach];
#pragma unroll
    for (int b = 0; b < kShared; b++) {
      // Beyond the batch the last sample stands in; nobody reads its sums.
      const int n = min(n0 + b, call.sequence.batch - 1);
#pragma unroll
      for (int v = 0; v < kEach; v++) {
        dq[b][v] = left[n * stride + k + v];
      }
    }
#pragma unroll
    for (int j = 0; j < kRowsOfWarp; j++) {
      if ((wanted >> j & 1u) != 0) {
        const float* const weights =
            call.layer.recurrent + static_cast<size_t>(row + j) * 3 * units + column + k;
        float w[kEach];
        if (kEach == 4) {
          const float4 four = *reinterpret_cast<const float4*>(weights);
          w[0] = four.x;
          w[1 % kEach] = four.y;
          w[2 % kEach] = four.z;
          w[3 % kEach] = four.w;
        } else {
          w[0] = weights[0];
        }
#pragma unroll
        for (int b = 0; b < kShared; b++) {
#pragma unroll
          for (int v = 0; v < kEach; v++) {
            sums[j][b] = fmaf(dq[b][v], w[v], sums[j][b]);
          }
        }
      }
    }
  }
}

/** The product of `count` columns of dq with those of R, for the rows of R that are needed. */
template <int kShared, int kEach, bool kReplicas>
__global__ void __launch_bounds__(kRowProductThreads)
    row_product_kernel(const EgruCall calls, const float* __restrict__ all_dq, int column, int count,
                       int t, int tiles, float* __restrict__ all_products, int64_t dq_apart,
                       int64_t products_apart) {
  const int replica = block_replica<kReplicas>();
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  const float* __restrict__ const dq = all_dq + replica * dq_apart;
  float* __restrict__ const products = all_products + replica * products_apart;
  const int units = call.layer.units;
  const int n0 = static_cast<int>(blockIdx.x) / tiles * kShared;
  const int row = (static_cast<int>(blockIdx.x) % tiles * kRowProductWarps + warp_id()) * kRowsOfWarp;
  // Lane 8 j + b asks for sample b of row j.
  const int asked = row + lane_id() / 8;
  const unsigned int needed =
      __ballot_sync(kFullWarp, lane_id() % 8 < kShared && asked < units &&
                                   is_needed(call, t, n0 + lane_id() % 8, asked));
  unsigned int wanted = 0;
#pragma unroll
  for (int j = 0; j < kRowsOfWarp; j++) {
    wanted |= (needed >> (8 * j) & 0xffu) != 0 ? 1u << j : 0u;
  }
  float sums[kRowsOfWarp][kShared] = {};
  if (wanted != 0) {
    add_dots<kShared, kEach>(call, dq + column, count, column, row, n0, wanted, sums);
  }
#pragma unroll
  for (int j = 0; j < kRowsOfWarp; j++) {
#pragma unroll
    for (int b = 0; b < kShared; b++) {
      const float sum = warp_sum(sums[j][b]);
      if (lane_id() == 0 && row + j < units && n0 + b < call.sequence.batch) {
        products[static_cast<size_t>(n0 + b) * units + row + j] = sum;
      }
    }
  }
}

template <int kShared, int kEach>
void launch_row_product(const BackwardArguments& a, int column, int count, int t,
                        tacet::Stream stream) {
  const int tiles = tacet::ceil_div(a.call.layer.units, kRowProductWarps * kRowsOfWarp);
  const int groups = tacet::ceil_div(a.call.sequence.batch, kShared);
  with_replicas(a.call, [&](auto replicas) {
    TACET_LAUNCH((row_product_kernel<kShared, kEach, decltype(replicas)::value>),
                 replica_grid(a.call, groups * tiles), kRowProductThreads, 0, stream, a.call, a.dq, column,
                 count, t, tiles, a.products, a.dq_apart, a.products_apart);
  });
}

/** Those of a step, from columns `column` on. */
inline void launch_rows(const BackwardArguments& a, int column, int count, int t,
                        tacet::Stream stream) {
  with_shared(packed_groups(a.call.sequence.batch).shared, [&](auto shared) {
    constexpr int kShared = decltype(shared)::value;
    if (rows_are_aligned(a.call)) {
      launch_row_product<kShared, 4>(a, column, count, t, stream);
    } else {
      launch_row_product<kShared, 1>(a, column, count, t, stream);
    }
  });
}

}  // namespace TACET_NS
