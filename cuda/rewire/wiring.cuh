// Where the synapses of a pattern and their values are, and exclusive sums over rows.
#pragma once

#include "common/kernel.cuh"
#include "rewire/rewire.h"

namespace TACET_NS {

using tacet::CompanionsView;
using tacet::DrawKey;
using tacet::WiringView;

constexpr int kRewireThreads = 256;
constexpr int kRewireWarps = kRewireThreads / kWarpSize;

/** A row of synapses. */
struct SynapseRow {
  int begin;
  int count;
};

__device__ __forceinline__ SynapseRow synapse_row(const int32_t* offsets, int copies, int row) {
  const int begin = offsets[row] / copies;
  return {begin, offsets[row + 1] / copies - begin};
}

/** Where value g of synapse j of a row is; copies are 1 or values. */
__device__ __forceinline__ size_t value_at(const SynapseRow& row, int values, int copies, int j,
                                           int g) {
  const size_t start = static_cast<size_t>(row.begin) * values;
  return copies > 1 ? start + static_cast<size_t>(g) * row.count + j
                    : start + static_cast<size_t>(j) * values + g;
}

/** Where the first copy of the index of synapse j of a row is. */
__device__ __forceinline__ size_t index_at(const SynapseRow& row, int copies, int j) {
  return static_cast<size_t>(row.begin) * copies + j;
}

/** A row of a warp; grids have a warp for each. */
__device__ __forceinline__ int own_row() {
  return static_cast<int>(blockIdx.x) * kRewireWarps + warp_id();
}

inline unsigned int row_blocks(int rows) {
  return static_cast<unsigned int>(tacet::ceil_div(rows, kRewireWarps));
}

inline unsigned int element_blocks(int elements) {
  return static_cast<unsigned int>(tacet::ceil_div(elements, kRewireThreads));
}

/**
 * Sums of everything before, in place, and of all at the end, each multiplied by `factor`: one
 * block of 1024 threads goes through [count + 1]. Defined in scan.cu.
 */
void exclusive_sums(int32_t* values, int count, int factor, tacet::Stream stream);

}  // namespace TACET_NS
