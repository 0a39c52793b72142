// Column sums in a fixed order: sums[c] += sum over rows of value(row, c), of each replica.
//
// A block of 32 x 8 threads owns 32 columns; a warp reads 32 neighbours of a row and walks every
// eighth row, then the eight sums of a column are added in order. With few columns and many rows,
// the rows are split as well, and a second launch adds the parts. Replicas are the grid's z axis:
// their rows lie one after the other, and so do their sums.
// Bytes: 4 rows columns read, 4 columns parts written and read. Flops: rows columns.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

constexpr int kColumnWarps = 8;
constexpr int kColumnThreads = 32 * kColumnWarps;

template <typename Value>
__global__ void __launch_bounds__(kColumnThreads)
    column_sums_kernel(const Value value, int64_t rows, int columns, int64_t rows_part,
                       float* __restrict__ sums, bool add) {
  TACET_SHARED(partial, float[kColumnWarps][32]);
  const int column = static_cast<int>(blockIdx.x) * 32 + lane_id();
  const int part = static_cast<int>(blockIdx.y);
  const int64_t before = blockIdx.z * rows;
  const int64_t end = min((part + 1) * rows_part, rows);
  float sum = 0;
  if (column < columns) {
    for (int64_t row = part * rows_part + warp_id(); row < end; row += kColumnWarps) {
      sum += value(before + row, column);
    }
  }
  partial[warp_id()][lane_id()] = sum;
  __syncthreads();
  if (warp_id() == 0 && column < columns) {
    float total = partial[0][lane_id()];
    for (int w = 1; w < kColumnWarps; w++) {
      total += partial[w][lane_id()];
    }
    const size_t place = static_cast<size_t>(blockIdx.z) * gridDim.y + part;
    float& target = sums[place * columns + column];
    target = add ? target + total : total;
  }
}

/** A matrix [rows][columns] as a value of row and column. */
struct MatrixValue {
  const float* __restrict__ values;
  int columns;

  __device__ __forceinline__ float operator()(int64_t row, int column) const {
    return values[static_cast<size_t>(row) * columns + column];
  }
};

/** Parts into which rows are best divided. */
inline int column_parts(int64_t rows, int columns) {
  const int64_t tiles = tacet::ceil_div(columns, 32);
  return static_cast<int>(max(min(int64_t{264} / tiles, rows / 256), int64_t{1}));
}

/** Elements of scratch that the sums of a replica need. */
inline size_t column_scratch(int64_t rows, int columns) {
  const int parts = column_parts(rows, columns);
  return parts == 1 ? 0 : static_cast<size_t>(parts) * columns;
}

/** @param rows of a replica */
template <typename Value>
void launch_column_sums(const Value& value, int64_t rows, int columns, float* scratch, float* sums,
                        tacet::Stream stream, int replicas = 1) {
  const unsigned int tiles = tacet::ceil_div(columns, 32);
  const int parts = column_parts(rows, columns);
  if (parts == 1) {
    TACET_LAUNCH((column_sums_kernel<Value>), dim3(tiles, 1, replicas), kColumnThreads, 0, stream,
                 value, rows, columns, rows, sums, true);
    return;
  }
  TACET_LAUNCH((column_sums_kernel<Value>), dim3(tiles, parts, replicas), kColumnThreads, 0, stream,
               value, rows, columns, tacet::ceil_div(rows, static_cast<int64_t>(parts)), scratch,
               false);
  TACET_LAUNCH((column_sums_kernel<MatrixValue>), dim3(tiles, 1, replicas), kColumnThreads, 0,
               stream, MatrixValue{scratch, columns}, static_cast<int64_t>(parts), columns,
               static_cast<int64_t>(parts), sums, true);
}

}  // namespace TACET_NS
