// The sum of the squares of the elements of several arrays, in double precision and a fixed order, and
// the clipping of their norm (Pascanu et al. 2013) without the host.
//
// Launches: blocks sum parts of arrays, one block adds their sums, and where the norm is to be clipped
// blocks scale the arrays by the factor that is left in memory, or find that it is 1. 256 threads.
// Bytes per element: 4, and 4 + 4 if scaled.
#include "optim/list.cuh"

namespace TACET_NS {

namespace {

using tacet::kSquaresParts;
using tacet::kSquaresResults;

/** The parts that an array's squares are summed in; depends on its length alone. */
__host__ __device__ int64_t squares_parts(int64_t count) {
  const int64_t wanted = (count + tacet::kListedElements - 1) / tacet::kListedElements;
  return wanted < kSquaresParts ? wanted : kSquaresParts;
}

__global__ void __launch_bounds__(kListThreads)
    squares_kernel(const __grid_constant__ tacet::List<tacet::ListedArray> list,
                   double* __restrict__ sums) {
  const ListedPart own = part_of(list, static_cast<int>(blockIdx.x));
  const tacet::ListedArray& array = list.items[own.item];
  const int64_t stride = squares_parts(array.count) * kListThreads;
  double sum = 0;
  for (int64_t i = static_cast<int64_t>(own.part) * kListThreads + threadIdx.x; i < array.count;
       i += stride) {
    const double value = array.values[i];
    sum += value * value;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = sum;
  }
}

/** @param most largest norm; infinity for any */
__global__ void __launch_bounds__(kListThreads)
    add_squares_kernel(double* __restrict__ sums, int parts, double most) {
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < parts; i += kListThreads) {
    sum += sums[kSquaresResults + i];
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    const double norm = sqrt(sum);
    sums[0] = sum;
    sums[1] = norm > most ? most / norm : 1.0;
  }
}

__global__ void __launch_bounds__(kListThreads)
    clip_kernel(const __grid_constant__ tacet::List<tacet::ListedArray> list,
                const double* __restrict__ sums) {
  const float factor = static_cast<float>(sums[1]);
  if (factor == 1.0f) {
    return;
  }
  const ListedPart own = part_of(list, static_cast<int>(blockIdx.x));
  const tacet::ListedArray& array = list.items[own.item];
  const ListedRange range(own.part, array.count);
  for (int64_t k = range.begin; k < range.end; k += kListThreads) {
    array.values[k] *= factor;
  }
}

void add_squares(const tacet::ListedArray* arrays, int64_t count, double most, double* sums,
                 tacet::Stream stream) {
  int parts = 0;
  for_each_list(
      arrays, count,
      [](const tacet::ListedArray& array) { return squares_parts(array.count); },
      [&](const tacet::List<tacet::ListedArray>& list, unsigned int blocks) {
        TACET_LAUNCH(squares_kernel, blocks, kListThreads, 0, stream, list,
                     sums + kSquaresResults + parts);
        parts += static_cast<int>(blocks);
      });
  TACET_LAUNCH(add_squares_kernel, 1, kListThreads, 0, stream, sums, parts, most);
}

}  // namespace

void sum_of_squares(const tacet::ListedArray* arrays, int64_t count, double* sums,
                    tacet::Stream stream) {
  add_squares(arrays, count, INFINITY, sums, stream);
}

void clip_norm(const tacet::ListedArray* arrays, int64_t count, double most, double* sums,
               tacet::Stream stream) {
  add_squares(arrays, count, most, sums, stream);
  for_each_list(arrays, count, listed_blocks<tacet::ListedArray>,
                [&](const tacet::List<tacet::ListedArray>& list, unsigned int blocks) {
                  TACET_LAUNCH(clip_kernel, blocks, kListThreads, 0, stream, list, sums);
                });
}

}  // namespace TACET_NS
