// Rows of matrices: adding a row to all, a factor for each, sums of columns, gathering rows of a
// table and adding to them. Replicas are the grid's y axis, or z for sums of columns.
//
// Bytes: add_to_rows 8 per element; scale_rows 4 per row and 8 per element, 4 of a row that becomes
// 0 and none of one that stays; column sums 4; gather 8; scatter 8 per element of the table's touched
// rows and 4 per error, and 4 count^2 of cached indices, which stay below the errors while there are
// fewer of them than elements.
#include "common/kernel.cuh"
#include "dense/columns.cuh"
#include "dense/dense.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

unsigned int blocks(int64_t count) {
  return static_cast<unsigned int>(
      min(tacet::ceil_div(count, int64_t{kThreads}), int64_t{1} << 20));
}

__global__ void __launch_bounds__(kThreads)
    add_to_rows_kernel(float* __restrict__ matrix, const float* __restrict__ row, int64_t count,
                       int columns) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kThreads;
  float* const own = matrix + blockIdx.y * count;
  const float* const added = row + static_cast<size_t>(blockIdx.y) * columns;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += stride) {
    own[i] += added[i % columns];
  }
}

/** A warp scales a row; one that becomes 0 is not read, and one that stays is not touched. */
__global__ void __launch_bounds__(kThreads)
    scale_rows_kernel(float* __restrict__ matrix, const float* __restrict__ factors, int64_t rows,
                      int columns) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * (kThreads / 32);
  for (int64_t row = static_cast<int64_t>(blockIdx.x) * (kThreads / 32) + warp_id(); row < rows;
       row += stride) {
    const float factor = factors[row];
    float* const own = matrix + row * columns;
    for (int c = lane_id(); c < columns && factor != 1.0f; c += 32) {
      own[c] = factor == 0.0f ? 0.0f : factor * own[c];
    }
  }
}

/** A warp copies a row. A row that the table does not have becomes NaN. */
__global__ void __launch_bounds__(kThreads)
    gather_kernel(const float* __restrict__ table, int table_rows, const int32_t* __restrict__ rows,
                  int64_t count, int columns, float* __restrict__ out) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (kThreads / 32) + warp_id();
  if (row < count) {
    const int64_t place = blockIdx.y * count + row;
    const int32_t index = rows[place];
    const bool is_there = index >= 0 && index < table_rows;
    const size_t first = static_cast<size_t>(blockIdx.y) * table_rows;
    const float* const from = table + (first + (is_there ? index : 0)) * columns;
    float* const to = out + static_cast<size_t>(place) * columns;
    for (int c = lane_id(); c < columns; c += 32) {
      to[c] = from[c];
    }
    for (int c = lane_id(); c < columns && !is_there; c += 32) {
      to[c] = __int_as_float(0x7fffffff);
    }
  }
}

/**
 * A block per error. The block of a table row's first error owns that row: it finds the row's other
 * errors, 256 indices at a time, and its threads, each with columns of their own, add them in order.
 * An error of a row that the table does not have is left out; gather_kernel has made it NaN.
 */
__global__ void __launch_bounds__(kThreads)
    scatter_kernel(const float* __restrict__ all_errors, const int32_t* __restrict__ all_rows,
                   int count, int columns, int table_rows, float* __restrict__ tables) {
  TACET_SHARED(found, int[kThreads]);
  const size_t replica = blockIdx.y;
  const float* const errors = all_errors + replica * count * columns;
  const int32_t* const rows = all_rows + replica * count;
  float* const table = tables + replica * table_rows * columns;
  const int own = static_cast<int>(blockIdx.x);
  const int thread = static_cast<int>(threadIdx.x);
  const int32_t row = rows[own];
  bool earlier = row < 0 || row >= table_rows;
  for (int start = 0; start < own && !earlier; start += kThreads) {
    const int i = start + thread;
    earlier = __syncthreads_or(i < own && rows[i] == row) != 0;
  }
  // The same for all threads of the block.
  if (earlier) {
    return;
  }
  float* const target = table + static_cast<size_t>(row) * columns;
  for (int start = own; start < count; start += kThreads) {
    const int i = start + thread;
    const bool mine = i < count && rows[i] == row;
    int total;
    const int rank = block_exclusive_scan(mine ? 1 : 0, &total);
    if (mine) {
      found[rank] = i;
    }
    __syncthreads();
    for (int c = thread; c < columns && total > 0; c += kThreads) {
      float sum = target[c];
#pragma unroll 1
      for (int k = 0; k < total; k++) {
        sum += errors[static_cast<size_t>(found[k]) * columns + c];
      }
      target[c] = sum;
    }
    __syncthreads();
  }
}

}  // namespace

void add_to_rows(int replicas, float* matrix, const float* row, int64_t rows, int columns,
                 tacet::Stream stream) {
  const int64_t count = rows * columns;
  TACET_LAUNCH(add_to_rows_kernel, dim3(blocks(count), replicas), kThreads, 0, stream, matrix, row,
               count, columns);
}

void scale_rows(float* matrix, const float* factors, int64_t rows, int columns,
                tacet::Stream stream) {
  TACET_LAUNCH(scale_rows_kernel, dim3(blocks(rows * 32)), kThreads, 0, stream, matrix, factors,
               rows, columns);
}

size_t column_sums_bytes(int replicas, int64_t rows, int columns) {
  tacet::Carver carver(nullptr);
  carver.take<float>(replicas * column_scratch(rows, columns));
  return carver.bytes();
}

void add_column_sums(int replicas, const float* matrix, int64_t rows, int columns, float* sums,
                     const tacet::Workspace& workspace, tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  float* const scratch = carver.take<float>(replicas * column_scratch(rows, columns));
  require_bytes(carver, workspace);
  launch_column_sums(MatrixValue{matrix, columns}, rows, columns, scratch, sums, stream, replicas);
}

void gather_rows(int replicas, const float* table, int table_rows, const int32_t* rows,
                 int64_t count, int columns, float* out, tacet::Stream stream) {
  const auto blocks = static_cast<unsigned int>(tacet::ceil_div(count, int64_t{kThreads / 32}));
  TACET_LAUNCH(gather_kernel, dim3(blocks, replicas), kThreads, 0, stream, table, table_rows, rows,
               count, columns, out);
}

void scatter_add_rows(int replicas, const float* errors, const int32_t* rows, int count, int columns,
                      int table_rows, float* table, tacet::Stream stream) {
  TACET_LAUNCH(scatter_kernel, dim3(static_cast<unsigned int>(count), replicas), kThreads, 0, stream,
               errors, rows, count, columns, table_rows, table);
}

}  // namespace TACET_NS
