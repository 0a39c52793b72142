// Rows of matrices: adding a row to all, sums of columns, gathering rows of a table and adding to
// them.
//
// Bytes: add_to_rows 8 per element; column sums 4; gather 8; scatter 8 per element of the table's
// touched rows and 4 per error, and 4 count^2 of cached indices, which stay below the errors while
// there are fewer of them than elements.
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
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += stride) {
    matrix[i] += row[i % columns];
  }
}

/** A warp copies a row. */
/** A row that the table does not have becomes NaN. */
__global__ void __launch_bounds__(kThreads)
    gather_kernel(const float* __restrict__ table, int table_rows, const int32_t* __restrict__ rows,
                  int64_t count, int columns, float* __restrict__ out) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (kThreads / 32) + warp_id();
  if (row < count) {
    const int32_t index = rows[row];
    const bool is_there = index >= 0 && index < table_rows;
    const float* const from = table + static_cast<size_t>(is_there ? index : 0) * columns;
    float* const to = out + static_cast<size_t>(row) * columns;
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
    scatter_kernel(const float* __restrict__ errors, const int32_t* __restrict__ rows, int count,
                   int columns, int table_rows, float* __restrict__ table) {
  TACET_SHARED(found, int[kThreads]);
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

void add_to_rows(float* matrix, const float* row, int64_t rows, int columns, tacet::Stream stream) {
  const int64_t count = rows * columns;
  TACET_LAUNCH(add_to_rows_kernel, blocks(count), kThreads, 0, stream, matrix, row, count, columns);
}

size_t column_sums_bytes(int64_t rows, int columns) {
  tacet::Carver carver(nullptr);
  carver.take<float>(column_scratch(rows, columns));
  return carver.bytes();
}

void add_column_sums(const float* matrix, int64_t rows, int columns, float* sums,
                     const tacet::Workspace& workspace, tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  float* const scratch = carver.take<float>(column_scratch(rows, columns));
  require_bytes(carver, workspace);
  launch_column_sums(MatrixValue{matrix, columns}, rows, columns, scratch, sums, stream);
}

void gather_rows(const float* table, int table_rows, const int32_t* rows, int64_t count, int columns,
                 float* out, tacet::Stream stream) {
  TACET_LAUNCH(gather_kernel,
               static_cast<unsigned int>(tacet::ceil_div(count, int64_t{kThreads / 32})), kThreads, 0,
               stream, table, table_rows, rows, count, columns, out);
}

void scatter_add_rows(const float* errors, const int32_t* rows, int count, int columns,
                      int table_rows, float* table, tacet::Stream stream) {
  TACET_LAUNCH(scatter_kernel, static_cast<unsigned int>(count), kThreads, 0, stream, errors, rows,
               count, columns, table_rows, table);
}

}  // namespace TACET_NS
