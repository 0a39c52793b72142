// The events that a block walks: bits of active units, expanded into a list in shared memory.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

/** Words of event bits that are expanded together, by as many threads. */
constexpr int kExpandWords = 128;
/** Units of a list. */
constexpr int kExpandUnits = 32 * kExpandWords;

/**
 * Expands the events of a part of all, a list after the other; every thread calls it.
 *
 * @param word_at word w of the bits, 0 beyond the last
 * @param list [kExpandUnits] in shared memory
 * @param walk called with the first unit of a list and which of its entries are the part's, from and
 *     to; the list is complete then and kept until all threads return
 */
template <typename WordAt, typename Walk>
__device__ __forceinline__ void for_each_list(int units, int part, int parts, uint16_t* list,
                                              const WordAt& word_at, const Walk& walk) {
  const int words = (units + 31) / 32;
  const int thread = static_cast<int>(threadIdx.x);
  // Which of all events are this part's.
  int begin = 0;
  int end = units;
  if (parts > 1) {
    int count = 0;
    for (int w = thread; w < words; w += static_cast<int>(blockDim.x)) {
      count += __popc(word_at(w));
    }
    const int total = block_sum(count);
    begin = static_cast<int>(static_cast<int64_t>(total) * part / parts);
    end = static_cast<int>(static_cast<int64_t>(total) * (part + 1) / parts);
  }

  int before = 0;
  for (int w0 = 0; w0 < words && before < end; w0 += kExpandWords) {
    uint32_t word = thread < kExpandWords ? word_at(w0 + thread) : 0u;
    int count;
    int rank = block_exclusive_scan(__popc(word), &count);
    while (word != 0) {
      list[rank++] = static_cast<uint16_t>(thread * 32 + __ffs(static_cast<int>(word)) - 1);
      word &= word - 1;
    }
    __syncthreads();
    walk(w0 * 32, max(begin - before, 0), min(end - before, count));
    before += count;
    __syncthreads();
  }
}

}  // namespace TACET_NS
