// Finds where tiles of targets begin within sorted rows, once per pattern by binary search; and
// takes a slot out of a delay ring.
// Bytes: 4 rows (tiles + 1) written, log2(row) reads for each. Take: 12 per value.
#include "common/kernel.cuh"
#include "propagate/propagate.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

/** A thread per row and cut; scale turns an index into a target (the edge of a block). */
template <typename Index>
__global__ void pivots_kernel(const Index* __restrict__ indices, const int32_t* __restrict__ offsets,
                              int length, int scale, int rows, int tiles, int width,
                              int32_t* __restrict__ pivots) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= static_cast<int64_t>(rows) * (tiles + 1)) {
    return;
  }
  const int64_t row = at / (tiles + 1);
  const int64_t target = at % (tiles + 1) * width;
  const int64_t begin = offsets == nullptr ? row * length : offsets[row];
  const int count = offsets == nullptr ? length : static_cast<int>(offsets[row + 1] - begin);
  int from = 0;
  int to = count;
  while (from < to) {
    const int middle = from + (to - from) / 2;
    if (static_cast<int64_t>(indices[begin + middle]) * scale < target) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  pivots[at] = from;
}

template <typename Index>
void launch(const tacet::RowsView& view, int rows, int scale, int32_t* pivots,
            tacet::Stream stream) {
  const int64_t threads = static_cast<int64_t>(rows) * (view.shape.tiles + 1);
  TACET_LAUNCH((pivots_kernel<Index>),
               static_cast<unsigned int>(tacet::ceil_div(threads, int64_t{kThreads})), kThreads, 0,
               stream, static_cast<const Index*>(view.indices), view.offsets, view.length, scale,
               rows, view.shape.tiles, view.shape.width, pivots);
}

__global__ void take_kernel(float* __restrict__ slot, float* __restrict__ currents, int64_t count) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at < count) {
    currents[at] = slot[at];
    slot[at] = 0.0f;
  }
}

}  // namespace

void pivots(const tacet::RowsView& rows, int32_t* pivots, tacet::Stream stream) {
  switch (rows.format) {
    case tacet::Format::kCsr:
    case tacet::Format::kFanOut:
      if (rows.narrow) {
        launch<uint16_t>(rows, rows.sources, 1, pivots, stream);
      } else {
        launch<int32_t>(rows, rows.sources, 1, pivots, stream);
      }
      break;
    case tacet::Format::kBlocks:
      launch<int32_t>(rows, tacet::ceil_div(rows.sources, rows.length), rows.length, pivots,
                      stream);
      break;
    case tacet::Format::kDense:
    case tacet::Format::kProcedural:
      break;
  }
}

void take(float* slot, float* currents, int64_t count, tacet::Stream stream) {
  TACET_LAUNCH(take_kernel, static_cast<unsigned int>(tacet::ceil_div(count, int64_t{kThreads})),
               kThreads, 0, stream, slot, currents, count);
}

}  // namespace TACET_NS
