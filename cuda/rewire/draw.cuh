// A pseudo-random permutation of the absent synapses of a pattern, evaluated element by element: the
// function of io.tacet.rewire.Permutation, a Feistel network with cycle walking.
#pragma once

#include "common/philox.cuh"
#include "rewire/wiring.cuh"

namespace TACET_NS {

constexpr int kFeistelRounds = 6;
constexpr int kLeastHalfBits = 4;

/** Bits of each half of the domain that is permuted, a power of 4 of at least `count`. */
inline int feistel_bits(uint64_t count) {
  int whole = 0;
  while (whole < 62 && (uint64_t{1} << whole) < count) {
    whole++;
  }
  const int half = (whole + 1) / 2;
  return half < kLeastHalfBits ? kLeastHalfBits : half;
}

/** Where `index` is sent among `count`. */
__device__ __forceinline__ uint64_t permuted(uint64_t index, uint64_t count, int bits,
                                             const DrawKey& key) {
  const uint32_t mask = bits == 32 ? 0xffffffffu : (1u << bits) - 1u;
  uint64_t x = index;
  do {
    uint32_t left = static_cast<uint32_t>(x >> bits);
    uint32_t right = static_cast<uint32_t>(x) & mask;
    for (uint32_t round = 0; round < kFeistelRounds; round++) {
      const PhiloxWords words =
          philox(right, round, key.step, tacet::kPermutationDomain, key.seed);
      const uint32_t next = left ^ (words.x0 & mask);
      left = right;
      right = next;
    }
    x = static_cast<uint64_t>(left) << bits | right;
  } while (x >= count);
  return x;
}

/** Pairs without a synapse in rows before this one. */
__device__ __forceinline__ uint64_t absent_before(const int32_t* offsets, int copies, int targets,
                                                  int row) {
  return static_cast<uint64_t>(row) * targets - offsets[row] / copies;
}

/** First element of [0, count) for which `before` is not true; count if it is for all. */
template <typename Predicate>
__device__ __forceinline__ int partition_point(int count, Predicate before) {
  int from = 0;
  int to = count;
  while (from < to) {
    const int middle = from + (to - from) / 2;
    if (before(middle)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

}  // namespace TACET_NS
