// A launch over several arrays: each block finds the array that it belongs to and its part of it.
#pragma once

#include "common/kernel.cuh"
#include "optim/update.h"

namespace TACET_NS {

constexpr int kListThreads = 256;

/** The part of an array that a block takes. */
struct ListedPart {
  int item;
  /** Number of the block among those of the array. */
  int part;
};

/** A list in a kernel's parameters, which only the constant cache can index. */
template <typename Item>
__device__ __forceinline__ ListedPart part_of(const tacet::List<Item>& list, int block) {
  int item = 0;
  for (int k = 1; k < list.count; k++) {
    item = list.starts[k] <= block ? k : item;
  }
  return {item, block - list.starts[item]};
}

/** Elements of a part: from its first to before its end, by all threads of the block. */
struct ListedRange {
  int64_t begin;
  int64_t end;

  __device__ __forceinline__ ListedRange(int part, int64_t count)
      : begin(part * tacet::kListedElements + threadIdx.x),
        end(min((part + 1) * tacet::kListedElements, count)) {}
};

/**
 * Launches over all arrays of a list, some at a time; those without elements are left out.
 *
 * @param blocks_of how many blocks an array has
 * @param launch called with a list and the number of its blocks
 */
template <typename Item, typename Blocks, typename Launch>
void for_each_list(const Item* items, int64_t count, Blocks&& blocks_of, Launch&& launch) {
  tacet::List<Item> list{};
  int64_t blocks = 0;
  const auto flush = [&] {
    if (list.count > 0) {
      launch(list, static_cast<unsigned int>(blocks));
    }
    list.count = 0;
    blocks = 0;
  };
  for (int64_t k = 0; k < count; k++) {
    const int64_t own = blocks_of(items[k]);
    if (own == 0) {
      continue;
    }
    if (list.count == tacet::kListed || blocks + own > INT32_MAX) {
      flush();
    }
    list.items[list.count] = items[k];
    list.starts[list.count++] = static_cast<int>(blocks);
    blocks += own;
  }
  flush();
}

/** A block for each part of kListedElements. */
template <typename Item>
int64_t listed_blocks(const Item& item) {
  return tacet::ceil_div<int64_t>(item.count, tacet::kListedElements);
}

}  // namespace TACET_NS
