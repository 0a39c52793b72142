// Queues per neuron: the transpose of the events of a sample, for layers with recurrence, a delay
// per synapse, or gradients that need the state between events.
//
// A block of 256 threads per sample counts the entries of every neuron, scans the counts and then
// inserts row by row, a thread per synapse; the targets of a row differ, so no two threads work on
// one queue. Dense rows keep a thread on its targets and need no barrier between rows. At equal
// times an own spike comes before arrivals, since what an arrival causes is later (spike_time), and
// arrivals keep the order of their causes.
// Bytes: rows are read twice, 8 per synaptic event with delays; 12 written per entry. Insertion
// shifts entries only as far as delays let events overtake one another.
#include "eventprop/queue.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;

namespace {

constexpr int kThreads = 256;

/** Inserts behind everything that is not later. */
__device__ void insert(const QueueView& queues, size_t base, int begin, int32_t* end, float time,
                       int code, int record) {
  int at = (*end)++;
  float* times = queues.times + base;
  int32_t* codes = queues.codes + base;
  int32_t* records = queues.records == nullptr ? nullptr : queues.records + base;
  while (at > begin && (times[at - 1] > time || (code == kOwnSpike && times[at - 1] == time &&
                                                 codes[at - 1] != kOwnSpike))) {
    times[at] = times[at - 1];
    codes[at] = codes[at - 1];
    if (records != nullptr) {
      records[at] = records[at - 1];
    }
    at--;
  }
  times[at] = time;
  codes[at] = code;
  if (records != nullptr) {
    records[at] = record;
  }
}

/**
 * Counts the arrivals of one row within the simulation; called by a warp. Sums of integers: in any
 * order.
 */
__device__ void count_row(const SynapseView& rows, int source, float time, float duration,
                          int32_t* counts) {
  const size_t begin = row_begin(rows, source);
  const int length = row_length(rows, source);
  for (int j = lane_id(); j < length; j += kWarpSize) {
    if (time + delay_of(rows, source, begin + j) <= duration) {
      atomicAdd(&counts[row_target(rows, begin, j)], 1);
    }
  }
}

/** Queues of one sample while they are filled. */
struct Filling {
  const QueueView& queues;
  size_t base;
  const int32_t* starts;
  int32_t* ends;
  float duration;

  /** Called by the block. Recurrent synapses are coded -2 - s. */
  __device__ void add_row(const SynapseView& rows, int source, float time, int event,
                          bool recurrent) const {
    const size_t begin = row_begin(rows, source);
    const int length = row_length(rows, source);
    for (int j = static_cast<int>(threadIdx.x); j < length; j += kThreads) {
      const float arrival = time + delay_of(rows, source, begin + j);
      if (arrival <= duration) {
        const int m = row_target(rows, begin, j);
        const int synapse = static_cast<int>(begin) + j;
        insert(queues, base, starts[m], &ends[m], arrival, recurrent ? -2 - synapse : synapse,
               event * rows.longest + j);
      }
    }
  }
};

// With replicas, whose arguments take registers, four blocks on a multiprocessor, or the compiler
// spills to fit more.
template <bool kReplicas>
__global__ void __launch_bounds__(kThreads, kReplicas ? 4 : 0)
    queue_kernel(LayerView all, ArrivalView in, EventView spikes, bool with_spikes,
                 QueueView queues) {
  const int sample = static_cast<int>(blockIdx.x);
  const LayerView& layer = own_layer<kReplicas>(all, sample);
  const int neurons = layer.neurons;
  const size_t in_base = static_cast<size_t>(sample) * in.capacity;
  const size_t out_base = static_cast<size_t>(sample) * spikes.capacity;
  const int arriving = in.counts[sample];
  const int spiking = with_spikes ? stored(spikes.counts, sample, spikes.capacity) : 0;
  const bool recurrent = layer.recurrent.weights != nullptr;
  SynapseView input = layer.input;
  if (!input.delay_per_synapse) {
    input.delays = nullptr;  // a delay per source is in the arrivals already
  }
  int32_t* starts = queues.starts + static_cast<size_t>(sample) * (neurons + 1);
  int32_t* ends = queues.ends + static_cast<size_t>(sample) * neurons;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kThreads) {
    ends[n] = 0;
  }
  __syncthreads();
  const int warps = kThreads / kWarpSize;
  for (int e = warp_id(); e < arriving; e += warps) {
    count_row(input, in.sources[in_base + e], in.times[in_base + e], layer.duration, ends);
  }
  for (int k = warp_id(); k < spiking; k += warps) {
    const int unit = spikes.units[out_base + k];
    if (lane_id() == 0) {
      atomicAdd(&ends[unit], 1);
    }
    if (recurrent) {
      count_row(layer.recurrent, unit, spikes.times[out_base + k], layer.duration, ends);
    }
  }
  __syncthreads();
  int carry = 0;
  for (int first = 0; first < neurons; first += kThreads) {
    const int n = first + static_cast<int>(threadIdx.x);
    int total;
    const int before = block_exclusive_scan(n < neurons ? ends[n] : 0, &total);
    if (n < neurons) {
      starts[n] = carry + before;
      ends[n] = carry + before;
    }
    carry += total;
  }
  if (threadIdx.x == 0) {
    starts[neurons] = carry;
  }
  __syncthreads();
  const Filling filling{queues, static_cast<size_t>(sample) * queues.stride, starts, ends,
                        layer.duration};
  for (int e = 0; e < arriving; e++) {
    filling.add_row(input, in.sources[in_base + e], in.times[in_base + e], in.events[in_base + e],
                    false);
    if (!is_dense(input)) {
      __syncthreads();
    }
  }
  __syncthreads();
  for (int k = 0; k < spiking; k++) {
    const int unit = spikes.units[out_base + k];
    const float time = spikes.times[out_base + k];
    if (threadIdx.x == 0) {
      insert(queues, filling.base, starts[unit], &ends[unit], time, kOwnSpike, k);
    }
    if (recurrent) {
      __syncthreads();
      filling.add_row(layer.recurrent, unit, time, k, true);
      __syncthreads();
    }
  }
}

}  // namespace

void build_queues(const LayerView& layer, const ArrivalView& in, const EventView* spikes,
                  const QueueView& queues, int samples, tacet::Stream stream) {
  with_replicas(layer.input, [&](auto replicas) {
    TACET_LAUNCH(queue_kernel<decltype(replicas)::value>, static_cast<unsigned int>(samples),
                 kThreads, 0, stream, layer, in, spikes == nullptr ? EventView{} : *spikes,
                 spikes != nullptr, queues);
  });
}

}  // namespace TACET_NS
