// Radix selection: finds, among unsigned keys of 32 bits, the one of rank k in three digits of 11, 11
// and 10 bits, from the highest. Who counts the digits of the keys, and in which memory, is up to the
// kernel; integer counts come out alike in any order.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

constexpr int kRadixDigits = 3;
constexpr int kRadixBins = 2048;

/** Larger values have smaller keys; -0 counts as 0, and NaN is above everything. */
__device__ __forceinline__ uint32_t falling_key(float x) {
  if (x != x) {
    return 0;
  }
  const uint32_t bits = __float_as_uint(x + 0.0f);
  return (bits & 0x80000000u) != 0 ? bits : ~bits & 0x7fffffffu;
}

/** What is known of the key of rank k. */
struct Selection {
  /** Its digits so far. */
  uint32_t known;
  /** How many of the keys that agree so far belong to the k smallest. */
  int32_t left;
  /** How many keys agree so far. */
  int32_t agree;
};

/** Bits of a digit and of those behind it. */
__device__ __forceinline__ int digit_bits(int digit) { return digit == 2 ? 10 : 11; }
__device__ __forceinline__ int digit_shift(int digit) { return digit == 0 ? 21 : (digit == 1 ? 10 : 0); }

/** Whether a key has the digits known so far. */
__device__ __forceinline__ bool agrees(uint32_t key, int digit, uint32_t known) {
  return digit == 0 || key >> (digit_shift(digit) + digit_bits(digit)) == known;
}

__device__ __forceinline__ uint32_t digit_of(uint32_t key, int digit) {
  return key >> digit_shift(digit) & ((1u << digit_bits(digit)) - 1u);
}

/**
 * Finds the next digit from the counts of keys with each, [kRadixBins]; a thread has neighbouring
 * bins. Every thread of a block of kThreads calls it, and one of them writes the selection.
 */
template <int kThreads>
__device__ __forceinline__ void find_digit(const int32_t* counts, int digit, uint32_t known,
                                           int wanted, Selection* selection) {
  constexpr int kOwn = kRadixBins / kThreads;
  const int first = static_cast<int>(threadIdx.x) * kOwn;
  int sum = 0;
  for (int b = 0; b < kOwn; b++) {
    sum += counts[first + b];
  }
  int total;
  int before = block_exclusive_scan(sum, &total);
  if (before < wanted && wanted <= before + sum) {
    int b = 0;
    while (before + counts[first + b] < wanted) {
      before += counts[first + b];
      b++;
    }
    selection->known = known << digit_bits(digit) | static_cast<uint32_t>(first + b);
    selection->left = wanted - before;
    selection->agree = counts[first + b];
  }
}

}  // namespace TACET_NS
