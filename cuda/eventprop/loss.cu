// Losses of first spike times and of read-out values, with their errors, a block per sample.
//
// First spikes (Wunderlich and Pehle 2021, section 2): for label l and first spikes t_k,
//   L = -log(e^(-t_l/tau0) / sum_k e^(-t_k/tau0)) + alpha (e^(t_l/tau1) - 1),
// averaged over the batch, of each replica its own; an output without spikes counts as spiking at the
// end and gets no error.
// A sample without spikes predicts no class: -1.
// Softmax cross-entropy of values X: dL/dX_k = (p_k - [k = l]) / batch.
//
// Launch: a block of 128 threads per sample; 4 bytes of shared memory per class for first spikes.
// Bytes: 8 read and 4 written per spike; 12 per class. Flops: ~20 per class.
#include "eventprop/eventprop.h"
#include "eventprop/rows.cuh"
#include "eventprop/sort.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::FirstSpikeView;

namespace {

constexpr int kThreads = 128;

/** Orders like the float, also where it is negative. */
__device__ __forceinline__ unsigned int ordered_bits(float x) {
  const unsigned int bits = __float_as_uint(x);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

/** Index of the smallest value of the block's keys, the first of several. */
__device__ int block_smallest(SortKey key) {
  TACET_SHARED(partial, SortKey[kThreads / kWarpSize]);
  for (int offset = 16; offset > 0; offset >>= 1) {
    const SortKey other = __shfl_xor_sync(kFullWarp, key, offset);
    key = other < key ? other : key;
  }
  if (lane_id() == 0) {
    partial[warp_id()] = key;
  }
  __syncthreads();
  key = partial[0];
  for (int w = 1; w < kThreads / kWarpSize; w++) {
    key = partial[w] < key ? partial[w] : key;
  }
  __syncthreads();
  return static_cast<int>(key & 0xffffffffu);
}

__device__ __forceinline__ SortKey smallest_key(float value, int index) {
  return (static_cast<SortKey>(ordered_bits(value)) << 32) | static_cast<unsigned int>(index);
}

__global__ void __launch_bounds__(kThreads, 8)
    first_spike_kernel(FirstSpikeView loss, EventView out, const int32_t* __restrict__ labels,
                       float batch, float* __restrict__ losses, int32_t* __restrict__ predicted) {
  TACET_DYNAMIC_SHARED(int, first, 0, static_cast<size_t>(loss.classes));
  constexpr int kSilent = 0x7fffffff;
  // Above every class: of equal times a spike comes before silence.
  constexpr int kSilentBit = 0x40000000;
  const int sample = static_cast<int>(blockIdx.x);
  const int thread = static_cast<int>(threadIdx.x);
  const size_t base = static_cast<size_t>(sample) * out.capacity;
  const int count = stored(out.counts, sample, out.capacity);
  for (int c = thread; c < loss.classes; c += kThreads) {
    first[c] = kSilent;
  }
  __syncthreads();
  for (int k = thread; k < count; k += kThreads) {
    const int unit = out.units[base + k];
    out.errors[base + k] = 0.0f;
    if (unit < loss.classes) {
      atomicMin(&first[unit], k);
    }
  }
  __syncthreads();
  const auto time_of = [&](int c) {
    return first[c] == kSilent ? loss.duration : out.times[base + first[c]];
  };
  SortKey smallest = ~0ull;
  for (int c = thread; c < loss.classes; c += kThreads) {
    const SortKey key = smallest_key(time_of(c), first[c] == kSilent ? c | kSilentBit : c);
    smallest = key < smallest ? key : smallest;
  }
  const int earliest = block_smallest(smallest);
  const float least = time_of(earliest & ~kSilentBit);
  float sum = 0.0f;
  for (int c = thread; c < loss.classes; c += kThreads) {
    sum += expf((least - time_of(c)) / loss.tau0);
  }
  sum = block_sum(sum);
  const int label = labels[sample];
  const float own = time_of(label);
  const float early = expf(own / loss.tau1);
  const bool skipped = loss.skip_silent_labels && first[label] == kSilent;
  for (int c = thread; c < loss.classes; c += kThreads) {
    if (first[c] != kSilent && !skipped) {
      float error = -expf((least - time_of(c)) / loss.tau0) / sum / loss.tau0;
      if (c == label) {
        error += 1.0f / loss.tau0 + loss.alpha / loss.tau1 * early;
      }
      out.errors[base + first[c]] = error / batch;
    }
  }
  if (thread == 0) {
    losses[sample] = (own - least) / loss.tau0 + logf(sum) + loss.alpha * expm1f(own / loss.tau1);
    predicted[sample] = (earliest & kSilentBit) != 0 ? -1 : earliest;
  }
}

__global__ void __launch_bounds__(kThreads)
    cross_entropy_kernel(const float* __restrict__ values, const int32_t* __restrict__ labels,
                         int classes, float batch, float* __restrict__ errors, float* __restrict__ losses,
                         int32_t* __restrict__ predicted) {
  const int sample = static_cast<int>(blockIdx.x);
  const int thread = static_cast<int>(threadIdx.x);
  const float* row = values + static_cast<size_t>(sample) * classes;
  SortKey smallest = ~0ull;
  for (int c = thread; c < classes; c += kThreads) {
    const SortKey key = smallest_key(-row[c], c);
    smallest = key < smallest ? key : smallest;
  }
  const int best = block_smallest(smallest);
  const float top = row[best];
  float sum = 0.0f;
  for (int c = thread; c < classes; c += kThreads) {
    sum += expf(row[c] - top);
  }
  sum = block_sum(sum);
  const int label = labels[sample];
  for (int c = thread; c < classes; c += kThreads) {
    const float p = expf(row[c] - top) / sum;
    errors[static_cast<size_t>(sample) * classes + c] = (p - (c == label ? 1.0f : 0.0f)) / batch;
  }
  if (thread == 0) {
    losses[sample] = logf(sum) + top - row[label];
    predicted[sample] = best;
  }
}

}  // namespace

void first_spike_loss(const FirstSpikeView& loss, const EventView& out, const int32_t* labels,
                      int replicas, float* losses, int32_t* predicted, tacet::Stream stream) {
  TACET_LAUNCH(first_spike_kernel, static_cast<unsigned int>(out.batch), kThreads,
               sizeof(int) * static_cast<size_t>(loss.classes), stream, loss, out, labels,
               static_cast<float>(out.batch / replicas), losses, predicted);
}

void cross_entropy(const float* values, const int32_t* labels, int batch, int classes, int replicas,
                   float* errors, float* losses, int32_t* predicted, tacet::Stream stream) {
  TACET_LAUNCH(cross_entropy_kernel, static_cast<unsigned int>(batch), kThreads, 0, stream, values,
               labels, classes, static_cast<float>(batch / replicas), errors, losses, predicted);
}

}  // namespace TACET_NS
