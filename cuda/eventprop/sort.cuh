// Bitonic sort by one block, in shared memory if the data fit and otherwise in global memory.
//
// Pairs (key, value) are ordered by key and, where keys are equal, by value, so the result does not
// depend on the input order. n log2(n)^2 / 4 comparisons, log2(n)^2 / 2 barriers.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

using SortKey = unsigned long long;

/** Pairs that are sorted in shared memory: 24 KB. */
constexpr int kSharedPairs = 2048;

/** Room that sorting n pairs needs: the next power of two. */
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

/** Sorts n pairs; the arrays have sort_room(n) elements. Begins and ends with a barrier. */
__device__ inline void block_sort(SortKey* keys, int* values, int n) {
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

}  // namespace TACET_NS
