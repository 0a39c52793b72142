// Event compaction by ballot: dense activity -> bitmap and sorted index lists.
//
// Two launches and no atomics, so the order of the events is fixed. The first writes one word per
// warp. In the second a block owns 256 words of a row: it counts the events of the words before
// them, which costs rows * words^2 / 512 cached reads and saves a pass over the row, and expands
// each word at its rank. Delays per source only change the input of the first: the bit of unit i
// comes from the bitmap of delay_i steps ago. Compaction of silent units inverts the threshold there.
// Bytes: 4 units + units/8 read (2 units + units/8 and one sector per unit for delays), units/8
// written, then units/8 read and 4 per event written (graded: 4 more read and written), per row.
#include "common/kernel.cuh"
#include "propagate/compact.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

// A grid has at most this many rows of blocks.
constexpr int kGridRows = 65535;

__global__ void bitmap_kernel(const float* __restrict__ activity, int units, int words,
                              uint32_t* __restrict__ bitmap) {
  const size_t row = blockIdx.y;
  const int unit = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = unit < units && activity[row * units + unit] != 0.0f;
  const uint32_t word = __ballot_sync(kFullWarp, active);
  if (lane_id() == 0 && unit / 32 < words) {
    bitmap[row * words + unit / 32] = word;
  }
}

__global__ void __launch_bounds__(kThreads)
    silent_kernel(const float* __restrict__ activity, float threshold, int units, int words,
                  uint32_t* __restrict__ bitmap) {
  const size_t row = blockIdx.y;
  const int unit = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool silent = unit < units && activity[row * units + unit] <= threshold;
  const uint32_t word = __ballot_sync(kFullWarp, silent);
  if (lane_id() == 0 && unit / 32 < words) {
    bitmap[row * words + unit / 32] = word;
  }
}

__global__ void arrivals_kernel(const uint32_t* __restrict__ ring,
                                const uint16_t* __restrict__ delays, int slots, int slot,
                                int longest, int rows, int units, int words,
                                uint32_t* __restrict__ bitmap) {
  for (int row = static_cast<int>(blockIdx.y); row < rows; row += static_cast<int>(gridDim.y)) {
    const int unit = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    bool active = false;
    if (unit < units && delays[unit] <= longest) {
      const int past = slot - delays[unit] + (slot < delays[unit] ? slots : 0);
      const size_t at = (static_cast<size_t>(past) * rows + row) * words + unit / 32;
      active = (ring[at] >> (unit % 32) & 1u) != 0;
    }
    const uint32_t word = __ballot_sync(kFullWarp, active);
    if (lane_id() == 0 && unit / 32 < words) {
      bitmap[static_cast<size_t>(row) * words + unit / 32] = word;
    }
  }
}

__global__ void expand_kernel(const uint32_t* __restrict__ bitmap,
                              const float* __restrict__ activity, int units, int words,
                              int capacity, int32_t* __restrict__ events,
                              float* __restrict__ values, int32_t* __restrict__ counts) {
  const size_t row = blockIdx.y;
  const uint32_t* row_bitmap = bitmap + row * words;
  const int first = static_cast<int>(blockIdx.x) * kThreads;
  int before = 0;
  for (int i = static_cast<int>(threadIdx.x); i < first; i += kThreads) {
    before += __popc(row_bitmap[i]);
  }
  before = block_sum(before);

  const int index = first + static_cast<int>(threadIdx.x);
  uint32_t word = index < words ? row_bitmap[index] : 0;
  int total;
  int rank = before + block_exclusive_scan(__popc(word), &total);
  while (word != 0 && rank < capacity) {
    const int unit = index * 32 + __ffs(static_cast<int>(word)) - 1;
    events[row * capacity + rank] = unit;
    if (values != nullptr) {
      values[row * capacity + rank] = activity[row * units + unit];
    }
    rank++;
    word &= word - 1;
  }
  if (blockIdx.x == gridDim.x - 1 && threadIdx.x == 0) {
    counts[row] = before + total;
  }
}

void launch_expand(const uint32_t* bitmap, const float* activity, int rows, int units, int capacity,
                   int32_t* events, float* values, int32_t* counts, tacet::Stream stream) {
  const int words = tacet::ceil_div(units, 32);
  for (int start = 0; start < rows; start += kGridRows) {
    const unsigned int part = min(rows - start, kGridRows);
    const size_t offset = static_cast<size_t>(start);
    TACET_LAUNCH(expand_kernel, dim3(tacet::ceil_div(words, kThreads), part), kThreads, 0, stream,
                 bitmap + offset * words,
                 activity == nullptr ? nullptr : activity + offset * units, units, words, capacity,
                 events + offset * capacity,
                 values == nullptr ? nullptr : values + offset * capacity, counts + offset);
  }
}

}  // namespace

void compact(const float* activity, int rows, int units, int capacity, uint32_t* bitmap,
             int32_t* events, float* values, int32_t* counts, tacet::Stream stream) {
  const int words = tacet::ceil_div(units, 32);
  for (int start = 0; start < rows; start += kGridRows) {
    const unsigned int part = min(rows - start, kGridRows);
    const size_t offset = static_cast<size_t>(start);
    TACET_LAUNCH(bitmap_kernel, dim3(tacet::ceil_div(units, kThreads), part), kThreads, 0, stream,
                 activity + offset * units, units, words, bitmap + offset * words);
  }
  launch_expand(bitmap, activity, rows, units, capacity, events, values, counts, stream);
}

void compact_silent(const float* activity, float threshold, int rows, int units, int capacity,
                    uint32_t* bitmap, int32_t* events, int32_t* counts, tacet::Stream stream) {
  const int words = tacet::ceil_div(units, 32);
  for (int start = 0; start < rows; start += kGridRows) {
    const unsigned int part = min(rows - start, kGridRows);
    const size_t offset = static_cast<size_t>(start);
    TACET_LAUNCH(silent_kernel, dim3(tacet::ceil_div(units, kThreads), part), kThreads, 0, stream,
                 activity + offset * units, threshold, units, words, bitmap + offset * words);
  }
  launch_expand(bitmap, nullptr, rows, units, capacity, events, nullptr, counts, stream);
}

void expand(const uint32_t* bitmap, int rows, int units, int capacity, int32_t* events,
            int32_t* counts, tacet::Stream stream) {
  launch_expand(bitmap, nullptr, rows, units, capacity, events, nullptr, counts, stream);
}

void arrivals(const uint32_t* ring, const uint16_t* delays, int slots, int slot, int longest,
              int rows, int units, uint32_t* bitmap, tacet::Stream stream) {
  TACET_LAUNCH(arrivals_kernel, dim3(tacet::ceil_div(units, kThreads), min(rows, kGridRows)),
               kThreads, 0, stream, ring, delays, slots, slot, longest, rows, units,
               tacet::ceil_div(units, 32), bitmap);
}

}  // namespace TACET_NS
