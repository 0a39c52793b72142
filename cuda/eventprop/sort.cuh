// Sorting by one block: up to 2,048 pairs by a bitonic network in shared memory, more by digits of 8
// bits in global memory, from the lowest (LSD radix sort), for which shared memory holds the counts.
//
// Pairs (key, value) are ordered by key and, where keys are equal, by value, so the result does not
// depend on the input order; what is sorted by digits comes with ascending values, for it keeps the
// order of equal keys. Bitonic: n log2(n)^2 / 4 comparisons, log2(n)^2 / 2 barriers. By digits: those
// in which keys differ, at most 8 passes, each of which reads the keys twice and the values once and
// writes both, 32 bytes a pair, with 5 barriers.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

using SortKey = unsigned long long;

/** Pairs that are sorted in shared memory: 24 KB. */
constexpr int kSharedPairs = 2048;

/** Room that sorting n pairs in shared memory needs: the next power of two. */
__host__ __device__ inline int sort_room(int n) {
  int room = 2;
  while (room < n) {
    room *= 2;
  }
  return room;
}

/** Key of a time that is not negative; later times have larger keys. */
__device__ __forceinline__ SortKey time_key(float time, int tie) {
  return (static_cast<SortKey>(__float_as_uint(time)) << 32) | static_cast<unsigned int>(tie);
}

__device__ __forceinline__ float key_time(SortKey key) {
  return __uint_as_float(static_cast<unsigned int>(key >> 32));
}

/** Pairs of a sample while they are sorted. */
struct Pairs {
  SortKey* keys;
  int* values;
};

/** Sorts n pairs; the arrays have sort_room(n) elements. Begins and ends with a barrier. */
__device__ inline void block_sort(const Pairs& pairs, int n) {
  SortKey* const keys = pairs.keys;
  int* const values = pairs.values;
  const int room = sort_room(n);
  for (int p = n + static_cast<int>(threadIdx.x); p < room; p += static_cast<int>(blockDim.x)) {
    keys[p] = ~0ull;
    values[p] = 0x7fffffff;
  }
  __syncthreads();
  for (int width = 2; width <= room; width *= 2) {
    for (int stride = width / 2; stride > 0; stride /= 2) {
      for (int p = static_cast<int>(threadIdx.x); p < room / 2;
           p += static_cast<int>(blockDim.x)) {
        const int low = 2 * p - (p & (stride - 1));
        const int high = low + stride;
        const bool ascending = (low & width) == 0;
        const SortKey a = keys[low];
        const SortKey b = keys[high];
        const int x = values[low];
        const int y = values[high];
        const bool wrong = a > b || (a == b && x > y);
        if (wrong == ascending) {
          keys[low] = b;
          keys[high] = a;
          values[low] = y;
          values[high] = x;
        }
      }
      __syncthreads();
    }
  }
}

/** Values of a digit, and threads of a block that sorts by them. */
constexpr int kDigits = 256;

constexpr int kSortWarps = kDigits / kWarpSize;

/** Pairs that a lane has on their way. */
constexpr int kPairsInFlight = 4;

/** Shared memory of a block that sorts by digits. */
struct DigitCounts {
  /** Keys of each warp's part with a digit, then where those of the part go. */
  int of_warps[kSortWarps][kDigits];
};

static_assert(sizeof(DigitCounts) <= kSharedPairs * sizeof(int),
              "counts lie where values do that are sorted in shared memory");

/** Sorts pairs by a digit, its lowest bit at shift; keeps the order of equal ones. */
__device__ __forceinline__ void sort_by_digit(const Pairs& from, const Pairs& to, int n, int shift,
                                              DigitCounts* counts) {
  constexpr unsigned int kNone = ~0u;
  constexpr int kStep = kPairsInFlight * kWarpSize;
  const int part = (n + kDigits - 1) / kDigits * kWarpSize;
  const int begin = min(n, warp_id() * part);
  const int end = min(n, begin + part);
  int* const own = counts->of_warps[warp_id()];
  const auto digit_of = [&](SortKey key) {
    return static_cast<unsigned int>(key >> shift) & (kDigits - 1u);
  };
  // The lowest of the lanes with a digit adds for all; where the lane's own pair goes.
  const auto advance = [&](unsigned int digit) {
    const unsigned int alike = __match_any_sync(kFullWarp, digit);
    const int before = __popc(alike & lanes_below());
    const int at = digit == kNone ? 0 : own[digit] + before;
    __syncwarp();
    if (digit != kNone && before == 0) {
      own[digit] += __popc(alike);
    }
    __syncwarp();
    return at;
  };
  for (int d = lane_id(); d < kDigits; d += kWarpSize) {
    own[d] = 0;
  }
  __syncwarp();
  for (int first = begin; first < end; first += kStep) {
    unsigned int digits[kPairsInFlight];
#pragma unroll
    for (int i = 0; i < kPairsInFlight; i++) {
      const int k = first + i * kWarpSize + lane_id();
      digits[i] = k < end ? digit_of(from.keys[k]) : kNone;
    }
#pragma unroll
    for (int i = 0; i < kPairsInFlight; i++) {
      advance(digits[i]);
    }
  }
  __syncthreads();
  int sum = 0;
  for (int w = 0; w < kSortWarps; w++) {
    sum += counts->of_warps[w][threadIdx.x];
  }
  int total;
  int start = block_exclusive_scan(sum, &total);
  for (int w = 0; w < kSortWarps; w++) {
    const int count = counts->of_warps[w][threadIdx.x];
    counts->of_warps[w][threadIdx.x] = start;
    start += count;
  }
  __syncthreads();
  for (int first = begin; first < end; first += kStep) {
    SortKey keys[kPairsInFlight];
    int values[kPairsInFlight];
#pragma unroll
    for (int i = 0; i < kPairsInFlight; i++) {
      const int k = first + i * kWarpSize + lane_id();
      keys[i] = k < end ? from.keys[k] : 0;
      values[i] = k < end ? from.values[k] : 0;
    }
#pragma unroll
    for (int i = 0; i < kPairsInFlight; i++) {
      const bool exists = first + i * kWarpSize + lane_id() < end;
      const int at = advance(exists ? digit_of(keys[i]) : kNone);
      if (exists) {
        to.keys[at] = keys[i];
        to.values[at] = values[i];
      }
    }
  }
  __syncthreads();
}

/**
 * Sorts n pairs with ascending values, by a block of kDigits threads; returns where they are then, in
 * these arrays or in the spare ones. Begins and ends with a barrier.
 */
__device__ inline Pairs block_digit_sort(Pairs pairs, Pairs spare, int n, DigitCounts* counts) {
  TACET_SHARED(differing, unsigned int[2]);
  if (threadIdx.x < 2) {
    differing[threadIdx.x] = 0;
  }
  __syncthreads();
  SortKey own = 0;
  for (int k = static_cast<int>(threadIdx.x); k < n; k += kDigits) {
    own |= pairs.keys[k] ^ pairs.keys[0];
  }
  atomicOr(&differing[0], static_cast<unsigned int>(own));
  atomicOr(&differing[1], static_cast<unsigned int>(own >> 32));
  __syncthreads();
  const SortKey bits = static_cast<SortKey>(differing[1]) << 32 | differing[0];
  for (int shift = 0; shift < 64; shift += 8) {
    if ((bits >> shift & (kDigits - 1u)) != 0) {
      sort_by_digit(pairs, spare, n, shift, counts);
      const Pairs sorted = spare;
      spare = pairs;
      pairs = sorted;
    }
  }
  return pairs;
}

}  // namespace TACET_NS
