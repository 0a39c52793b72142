// k-winners-take-all: the k largest values of each row stay, of equal ones the first, the others
// become 0; and its adjoint, which lets errors through to the winners.
//
// One block per row. Keys that order against the values go through the radix selection of
// common/radix.cuh, whose counts are in shared memory. Then warps go through neighbouring parts of
// the row, a word of marks at a time; only where some of the values that equal the k-th have to go
// are the equal ones before each part counted.
// Bytes per row of n: 4 n read, up to four times more of it through L1; 4 n and n / 8 written.
// The adjoint: n / 8 read, 4 (n - k) written. Flops: none.
#include "common/kernel.cuh"
#include "common/radix.cuh"
#include "dense/dense.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;

/** A block of long rows. */
constexpr int kMostThreads = 1024;
constexpr int kLongRow = 4096;

template <int kBlock>
__device__ __forceinline__ void select_key(const float* x, int units, int winners, int* counts,
                                           Selection* selection) {
  for (int digit = 0; digit < kRadixDigits; digit++) {
    const Selection before = *selection;
    for (int b = static_cast<int>(threadIdx.x); b < kRadixBins; b += kBlock) {
      counts[b] = 0;
    }
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < units; i += kBlock) {
      const uint32_t key = falling_key(x[i]);
      if (agrees(key, digit, before.known)) {
        atomicAdd(&counts[digit_of(key, digit)], 1);
      }
    }
    __syncthreads();
    find_digit<kBlock>(counts, digit, digit == 0 ? 0 : before.known,
                       digit == 0 ? winners : before.left, selection);
    __syncthreads();
  }
}

template <int kBlock>
__global__ void __launch_bounds__(kBlock)
    winners_kernel(const float* values, int units, int winners, float* kept,
                   uint32_t* __restrict__ marks) {
  constexpr int kWarps = kBlock / kWarpSize;
  TACET_SHARED(counts, int[kRadixBins]);
  TACET_SHARED(selection, Selection);
  TACET_SHARED(found, int[kWarps]);
  const size_t row = blockIdx.x;
  const float* const x = values + row * units;
  float* const y = kept + row * units;
  if (threadIdx.x == 0) {
    selection = {0, winners, units};
  }
  __syncthreads();
  select_key<kBlock>(x, units, winners, counts, &selection);

  const uint32_t known = selection.known;
  const int left = selection.left;
  const int words = (units + kWarpSize - 1) / kWarpSize;
  const int own = (words + kWarps - 1) / kWarps;
  const int first = warp_id() * own;
  const int last = min(first + own, words);
  int rank = 0;
  if (left < selection.agree) {
    int equal = 0;
    for (int word = first; word < last; word++) {
      const int i = word * kWarpSize + lane_id();
      equal += i < units && falling_key(x[i]) == known ? 1 : 0;
    }
    equal = warp_sum(equal);
    if (lane_id() == 0) {
      found[warp_id()] = equal;
    }
    __syncthreads();
    for (int w = 0; w < warp_id(); w++) {
      rank += found[w];
    }
  }
  for (int word = first; word < last; word++) {
    const int i = word * kWarpSize + lane_id();
    const bool inside = i < units;
    const float value = inside ? x[i] : 0.0f;
    const uint32_t key = falling_key(value);
    const bool same = inside && key == known;
    const uint32_t equal = __ballot_sync(kFullWarp, same);
    const bool wins = inside && (key < known || (same && rank + __popc(equal & lanes_below()) < left));
    rank += __popc(equal);
    const uint32_t mark = __ballot_sync(kFullWarp, wins);
    if (inside) {
      y[i] = wins ? value : 0.0f;
    }
    if (marks != nullptr && lane_id() == 0) {
      marks[row * words + word] = mark;
    }
  }
}

/** A thread per unit, a block per part of a row. */
__global__ void __launch_bounds__(kThreads)
    losers_kernel(const uint32_t* __restrict__ marks, int64_t rows, int units,
                  float* __restrict__ errors) {
  const int words = (units + kWarpSize - 1) / kWarpSize;
  const int i = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
  for (int64_t row = blockIdx.y; row < rows && i < units; row += gridDim.y) {
    if ((marks[row * words + i / kWarpSize] >> (i % kWarpSize) & 1u) == 0) {
      errors[row * units + i] = 0.0f;
    }
  }
}

}  // namespace

void keep_winners(const float* values, int64_t rows, int units, int winners, float* kept,
                  uint32_t* marks, tacet::Stream stream) {
  const auto blocks = static_cast<unsigned int>(rows);
  if (units > kLongRow) {
    TACET_LAUNCH((winners_kernel<kMostThreads>), blocks, kMostThreads, 0, stream, values, units,
                 winners, kept, marks);
  } else {
    TACET_LAUNCH((winners_kernel<kThreads>), blocks, kThreads, 0, stream, values, units, winners,
                 kept, marks);
  }
}

void drop_losers(const uint32_t* marks, int64_t rows, int units, float* errors,
                 tacet::Stream stream) {
  const dim3 grid(tacet::ceil_div(units, kThreads),
                  static_cast<unsigned int>(min(rows, int64_t{65535})));
  TACET_LAUNCH(losers_kernel, grid, kThreads, 0, stream, marks, rows, units, errors);
}

}  // namespace TACET_NS
