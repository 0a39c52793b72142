// Memory ceilings: a copy, and rows read and summed in sequential or random order.
//
// Arrays are accessed in 16-byte pieces, neighbouring threads taking neighbouring pieces, with four
// loads issued before the first is used. L1 is bypassed, so that an array that fits L2 is read from
// L2 in every pass. A random order of rows is a permutation computed in a few integer operations,
// not an index list that would have to be read too: each row is read once per pass.
// Bytes: copy 8 per float, gather 4 per float, each per pass.
#include "ceilings/ceilings.h"
#include "common/kernel.cuh"
#include "common/philox.cuh"

namespace TACET_NS {

namespace {

using tacet::kCeilingThreads;

constexpr int kAtOnce = 4;

/** Calls body(first piece) for each group of pieces first + k kCeilingThreads of this thread. */
template <typename Body>
__device__ __forceinline__ void for_each_group(uint32_t pieces, Body body) {
  const uint64_t stride = uint64_t{gridDim.x} * kCeilingThreads * kAtOnce;
  for (uint64_t first = uint64_t{blockIdx.x} * kCeilingThreads * kAtOnce + threadIdx.x;
       first < pieces; first += stride) {
    body(static_cast<uint32_t>(first));
  }
}

__device__ __forceinline__ bool exists(uint32_t first, int k, uint32_t pieces) {
  return uint64_t{first} + static_cast<uint32_t>(k * kCeilingThreads) < pieces;
}

__global__ void __launch_bounds__(kCeilingThreads)
    fill_kernel(float* __restrict__ values, int64_t count, uint64_t seed) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kCeilingThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kCeilingThreads + threadIdx.x; i < count;
       i += stride) {
    const PhiloxWords words =
        philox(static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32), 0, 0, seed);
    values[i] = static_cast<float>(words.x0 >> 8) * 0x1p-24f;
  }
}

/** Loads the pieces of a group from place(piece); those beyond the end are 0. */
template <typename Place>
__device__ __forceinline__ void load_group(const float4* __restrict__ source, uint32_t first,
                                           uint32_t pieces, float4* values, Place place) {
#pragma unroll
  for (int k = 0; k < kAtOnce; k++) {
    values[k] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (exists(first, k, pieces)) {
      values[k] = __ldcg(source + place(first + static_cast<uint32_t>(k * kCeilingThreads)));
    }
  }
}

__global__ void __launch_bounds__(kCeilingThreads)
    copy_kernel(const float4* __restrict__ source, float4* __restrict__ target, uint32_t pieces,
                int passes) {
  for (int pass = 0; pass < passes; pass++) {
    for_each_group(pieces, [&](uint32_t first) {
      float4 values[kAtOnce];
      load_group(source, first, pieces, values, [](uint32_t piece) { return piece; });
#pragma unroll
      for (int k = 0; k < kAtOnce; k++) {
        if (exists(first, k, pieces)) {
          __stcg(target + first + k * kCeilingThreads, values[k]);
        }
      }
    });
  }
}

/** A permutation of 0 .. mask, where mask + 1 is a power of two with `bits` digits. */
struct Shuffle {
  uint32_t mask;
  int half;

  Shuffle(uint32_t rows, int bits) : mask(rows - 1), half(bits / 2 + 1) {}

  /** Every step is a bijection of the numbers up to mask. */
  __device__ __forceinline__ uint32_t operator()(uint32_t x, uint32_t pass) const {
    x = (x + pass * 0x9E3779B9u) & mask;
    x = (x * 0xCC9E2D51u) & mask;
    x ^= x >> half;
    x = (x * 0x1B873593u) & mask;
    return x ^ x >> half;
  }
};

/**
 * @param row_bits a row has 2^row_bits pieces; not used in order
 */
template <bool kInOrder>
__global__ void __launch_bounds__(kCeilingThreads)
    gather_kernel(const float4* __restrict__ table, uint32_t pieces, int row_bits,
                  const Shuffle shuffle, int passes, float* __restrict__ sums) {
  float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  for (int pass = 0; pass < passes; pass++) {
    for_each_group(pieces, [&](uint32_t first) {
      float4 values[kAtOnce];
      load_group(table, first, pieces, values, [&](uint32_t piece) {
        if (kInOrder) {
          return piece;
        }
        const uint32_t row = shuffle(piece >> row_bits, static_cast<uint32_t>(pass));
        return row << row_bits | (piece & ((1u << row_bits) - 1u));
      });
#pragma unroll
      for (int k = 0; k < kAtOnce; k++) {
        sum.x += values[k].x;
        sum.y += values[k].y;
        sum.z += values[k].z;
        sum.w += values[k].w;
      }
    });
  }
  const float total = block_sum((sum.x + sum.y) + (sum.z + sum.w));
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = total;
  }
}

int log2_of(int64_t value) {
  int bits = 0;
  while (int64_t{1} << bits < value) {
    bits++;
  }
  return bits;
}

}  // namespace

void ceiling_fill(float* values, int64_t count, uint64_t seed, tacet::Stream stream) {
  const int64_t blocks = tacet::ceil_div<int64_t>(count, kCeilingThreads);
  TACET_LAUNCH(fill_kernel, static_cast<int>(min(blocks, int64_t{4096})), kCeilingThreads, 0, stream,
               values, count, seed);
}

void ceiling_copy(const float* source, float* target, int64_t count, int passes, int blocks,
                  tacet::Stream stream) {
  TACET_LAUNCH(copy_kernel, blocks, kCeilingThreads, 0, stream,
               reinterpret_cast<const float4*>(source), reinterpret_cast<float4*>(target), count / 4,
               passes);
}

void ceiling_gather(const float* table, int64_t rows, int64_t row, int passes, int blocks, float* sums,
                    tacet::Stream stream) {
  const Shuffle shuffle(static_cast<uint32_t>(rows), log2_of(rows));
  const auto* const pieces = reinterpret_cast<const float4*>(table);
  const int64_t count = rows * (row / 4);
  if (rows == 1) {
    TACET_LAUNCH(gather_kernel<true>, blocks, kCeilingThreads, 0, stream, pieces, count, 0, shuffle,
                 passes, sums);
  } else {
    TACET_LAUNCH(gather_kernel<false>, blocks, kCeilingThreads, 0, stream, pieces, count,
                 log2_of(row / 4), shuffle, passes, sums);
  }
}

}  // namespace TACET_NS
