// Event compaction by ballot: dense activity -> bitmap and sorted index lists.
//
// Two launches and no atomics, so the order of the events is fixed. The first writes one word per
// warp. In the second a block owns 256 words of a row: it counts the events of the words before
// them, which costs rows * words^2 / 512 cached reads and saves a pass over the row, and expands
// each word at its rank.
// Bytes: 4 units + units/8 read, units/8 written, then units/8 read and 4 per event written, per row.
#include "common/kernel.cuh"
#include "propagate/compact.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

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

__global__ void expand_kernel(const uint32_t* __restrict__ bitmap, int units, int words,
                              int32_t* __restrict__ events, int32_t* __restrict__ counts) {
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
  int32_t* row_events = events + row * units;
  while (word != 0) {
    row_events[rank++] = index * 32 + __ffs(static_cast<int>(word)) - 1;
    word &= word - 1;
  }
  if (blockIdx.x == gridDim.x - 1 && threadIdx.x == 0) {
    counts[row] = before + total;
  }
}

}  // namespace

void compact(const float* activity, int rows, int units, uint32_t* bitmap, int32_t* events,
             int32_t* counts, tacet::Stream stream) {
  const int words = tacet::ceil_div(units, 32);
  // A grid has at most 65535 rows of blocks.
  for (int start = 0; start < rows; start += 65535) {
    const unsigned int part = min(rows - start, 65535);
    const size_t offset = static_cast<size_t>(start);
    TACET_LAUNCH(bitmap_kernel, dim3(tacet::ceil_div(units, kThreads), part), kThreads, 0, stream,
                 activity + offset * units, units, words, bitmap + offset * words);
    TACET_LAUNCH(expand_kernel, dim3(tacet::ceil_div(words, kThreads), part), kThreads, 0, stream,
                 bitmap + offset * words, units, words, events + offset * units, counts + offset);
  }
}

}  // namespace TACET_NS
