// Softmax cross-entropy of every row, with its gradient.
//
// A warp per row up to 1024 classes, eight rows a block; above, a block per row. Three passes over
// a row: the largest logit, the sum of exponentials, the errors; the later ones hit in L1.
// Bytes: 4 per logit read, 4 written where errors are wanted, 12 per row. Flops: about 6 per logit.
// A NaN among the logits makes the loss and the errors of its row NaN.
#include "common/kernel.cuh"
#include "dense/dense.h"

namespace TACET_NS {

namespace {

constexpr int kThreads = 256;
constexpr int kMostOfWarp = 1024;

/** A candidate for the largest logit. */
struct Best {
  float value;
  int index;
};

/** The larger, of equals the first, so the result does not depend on the order; NaN never wins. */
__device__ __forceinline__ Best better(const Best& a, const Best& b) {
  return b.value > a.value || (b.value == a.value && b.index < a.index) ? b : a;
}

__device__ __forceinline__ Best warp_best(Best best) {
  for (int offset = 16; offset > 0; offset >>= 1) {
    const Best other{__shfl_xor_sync(kFullWarp, best.value, offset),
                     __shfl_xor_sync(kFullWarp, best.index, offset)};
    best = better(best, other);
  }
  return best;
}

template <bool kBlockPerRow>
__global__ void __launch_bounds__(kThreads)
    softmax_kernel(const float* logits, const int32_t* __restrict__ labels, int rows, int classes,
                   float scale, float* __restrict__ losses, int32_t* __restrict__ predicted,
                   float* errors) {
  TACET_SHARED(candidates, Best[kThreads / 32]);
  const int row = kBlockPerRow ? static_cast<int>(blockIdx.x)
                               : static_cast<int>(blockIdx.x) * (kThreads / 32) + warp_id();
  const int first = kBlockPerRow ? static_cast<int>(threadIdx.x) : lane_id();
  const int step = kBlockPerRow ? kThreads : 32;
  if (row >= rows) {
    return;  // a whole warp, of a block that meets at no barrier
  }
  const size_t base = static_cast<size_t>(row) * classes;

  Best best{-HUGE_VALF, classes};
  for (int c = first; c < classes; c += step) {
    best = better(best, Best{logits[base + c], c});
  }
  best = warp_best(best);
  if (kBlockPerRow) {
    if (lane_id() == 0) {
      candidates[warp_id()] = best;
    }
    __syncthreads();
    for (int w = 0; w < kThreads / 32; w++) {
      best = better(best, candidates[w]);
    }
  }
  // All logits -inf or NaN: the first class.
  const int guess = best.index < classes ? best.index : 0;
  const float top = logits[base + guess];

  float sum = 0;
  for (int c = first; c < classes; c += step) {
    sum += expf(logits[base + c] - top);
  }
  sum = kBlockPerRow ? block_sum(sum) : warp_sum(sum);

  const int label = labels[row];
  const float nan = __int_as_float(0x7fffffff);
  if (first == 0) {
    losses[row] = label < 0 ? 0.0f
                            : logf(sum) - ((label < classes ? logits[base + label] : nan) - top);
    if (predicted != nullptr) {
      predicted[row] = guess;
    }
  }
  if (errors != nullptr) {
    // The errors may replace the logits, of which the loss needs one more.
    if (kBlockPerRow) {
      __syncthreads();
    } else {
      __syncwarp();
    }
    const float factor = label < classes ? scale / sum : nan;
    for (int c = first; c < classes; c += step) {
      const float p = factor * expf(logits[base + c] - top);
      errors[base + c] = label < 0 ? 0.0f : p - (c == label ? scale : 0.0f);
    }
  }
}

}  // namespace

void softmax_cross_entropy(const float* logits, const int32_t* labels, int rows, int classes,
                           float scale, float* losses, int32_t* predicted, float* errors,
                           tacet::Stream stream) {
  if (classes > kMostOfWarp) {
    TACET_LAUNCH(softmax_kernel<true>, rows, kThreads, 0, stream, logits, labels, rows, classes,
                 scale, losses, predicted, errors);
  } else {
    TACET_LAUNCH(softmax_kernel<false>, tacet::ceil_div(rows, kThreads / 32), kThreads, 0, stream,
                 logits, labels, rows, classes, scale, losses, predicted, errors);
  }
}

}  // namespace TACET_NS
