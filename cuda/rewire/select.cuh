// The key of rank k among many: the radix selection of common/radix.cuh over a grid. Blocks count the
// digits of the keys that agree so far in shared memory and add their counts to one table (integer
// atomics, so in any order), one block finds the digit.
// Launches: 3 x (count, find). Bytes: 3 x 4 per key read.
#pragma once

#include "common/kernel.cuh"
#include "common/radix.cuh"
#include "rewire/wiring.cuh"

namespace TACET_NS {

/** A key that is never among the smallest that are asked for. */
constexpr uint32_t kNever = 0xffffffffu;

/** Keys of a block of the kernels that go through them. */
constexpr int kKeyTile = 2048;
constexpr int kKeyTileWarps = kKeyTile / kWarpSize / kRewireWarps;

/** @tparam Keys has size() and (int) */
template <typename Keys>
__global__ void __launch_bounds__(kRewireThreads)
    digits_kernel(const Keys keys, int digit, const Selection* __restrict__ selection,
                  int32_t* __restrict__ table) {
  TACET_SHARED(bins, int[kRadixBins]);
  for (int b = static_cast<int>(threadIdx.x); b < kRadixBins; b += kRewireThreads) {
    bins[b] = 0;
  }
  __syncthreads();
  const int count = keys.size();
  const uint32_t known = digit == 0 ? 0 : selection->known;
  const int start = static_cast<int>(blockIdx.x) * kKeyTile;
  const int end = min(count, start + kKeyTile);
  for (int s = start + static_cast<int>(threadIdx.x); s < end; s += kRewireThreads) {
    const uint32_t key = keys(s);
    if (agrees(key, digit, known)) {
      atomicAdd(&bins[digit_of(key, digit)], 1);
    }
  }
  __syncthreads();
  for (int b = static_cast<int>(threadIdx.x); b < kRadixBins; b += kRewireThreads) {
    if (bins[b] != 0) {
      atomicAdd(&table[b], bins[b]);
    }
  }
}

template <int kThreads>
__global__ void __launch_bounds__(kThreads)
    find_digit_kernel(const int32_t* __restrict__ table, int digit, int count,
                      Selection* __restrict__ selection) {
  const int wanted = digit == 0 ? count : selection->left;
  const uint32_t known = digit == 0 ? 0 : selection->known;
  find_digit<kThreads>(table, digit, known, wanted, selection);
}

/** Scratch of a selection. */
struct SelectionScratch {
  int32_t* tables;
  Selection* selection;

  void carve(tacet::Carver& carver) {
    tables = carver.take<int32_t>(kRadixDigits * kRadixBins);
    selection = carver.take<Selection>(1);
  }
};

/** Finds the key of a rank, from 1, among those of so many tiles. */
template <typename Keys>
void select_key(const Keys& keys, int tiles, int rank, const SelectionScratch& scratch,
                tacet::Stream stream) {
  fill_bytes(scratch.tables, 0, kRadixDigits * kRadixBins * sizeof(int32_t), stream);
  for (int digit = 0; digit < kRadixDigits; digit++) {
    int32_t* const table = scratch.tables + digit * kRadixBins;
    TACET_LAUNCH((digits_kernel<Keys>), tiles, kRewireThreads, 0, stream, keys, digit,
                 scratch.selection, table);
    TACET_LAUNCH((find_digit_kernel<kRewireThreads>), 1, kRewireThreads, 0, stream, table, digit,
                 rank, scratch.selection);
  }
}

}  // namespace TACET_NS
