// Queues per neuron: the transpose of the events of a sample, for layers with recurrence, a delay
// per synapse, or gradients that need the state between events.
//
// fill_kernel: grid (neurons / 128, samples), 128 threads; a thread fills the queue of a neuron, so
//   no two threads work on one. Input arrivals and spikes are merged by time, 16 at a time, and the
//   parts of their rows that the tile has are spread over it by eight lanes each, while those of
//   dense rows are where they are; then each thread appends its entries, at once and without looking at earlier
//   ones unless delays let events overtake one another.
// counts_kernel: a block of 256 threads per sample counts the entries of every neuron and scans the
//   counts. Where every arrival reaches all neurons, blocks of fill_kernel know where theirs begin
//   from the units of the spikes, and there is no such launch.
// At equal times an own spike comes before arrivals, since what an arrival causes is later
// (spike_time), those of the input come before recurrent ones, and each keep the order of their
// causes.
// Bytes: rows of targets and delays are read twice where they are counted, else once, or not at all
// where dense rows have no delays; 12 written per entry.
#include "eventprop/queue.cuh"
#include "eventprop/tile.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;

namespace {

constexpr int kCountThreads = 256;

/** Neurons of a tile. */
constexpr int kFillThreads = 128;

/** Causes that are staged at a time, half a warp. */
constexpr int kCauses = kWarpSize / 2;

/** Lanes that spread a row: all rows at once, for little of a sparse row lies in a tile. */
constexpr int kRowLanes = kFillThreads / kCauses;

/** Whether each arrival that a row makes reaches all neurons or, for a delay, none. */
__host__ __device__ __forceinline__ bool is_even(const SynapseView& rows) {
  return is_dense(rows) && (rows.delays == nullptr || !rows.delay_per_synapse);
}

__host__ __device__ __forceinline__ bool is_even(const LayerView& layer) {
  return is_even(layer.input) && (layer.recurrent.weights == nullptr || is_even(layer.recurrent));
}

/** Input synapses; a delay per source is in the arrivals already. */
__device__ __forceinline__ SynapseView undelayed_input(const LayerView& layer) {
  SynapseView input = layer.input;
  if (!input.delay_per_synapse) {
    input.delays = nullptr;
  }
  return input;
}

/** Places among the entries of equal time. */
__device__ __forceinline__ int order_of(int code) {
  return code == kOwnSpike ? 0 : code >= 0 ? 1 : 2;
}

/** The queue of a neuron while its thread fills it. */
struct Filling {
  float* times;
  int32_t* codes;
  /** Or null. */
  int32_t* records;
  int begin;
  int end;
  /** Of the last entry. */
  float time = 0.0f;
  int order = 0;

  __device__ Filling(const QueueView& queues, int sample, int begin_)
      : times(queues.times + static_cast<size_t>(sample) * queues.stride),
        codes(queues.codes + static_cast<size_t>(sample) * queues.stride),
        records(queues.records == nullptr
                    ? nullptr
                    : queues.records + static_cast<size_t>(sample) * queues.stride),
        begin(begin_),
        end(begin_) {}

  /** Puts an entry behind everything that does not come after it. */
  __device__ __forceinline__ void insert(float time_of_it, int code, int record) {
    const int order_of_it = order_of(code);
    int at = end++;
    if (at > begin && (time > time_of_it || (time == time_of_it && order > order_of_it))) {
      do {
        times[at] = times[at - 1];
        codes[at] = codes[at - 1];
        if (records != nullptr) {
          records[at] = records[at - 1];
        }
        at--;
      } while (at > begin &&
               (times[at - 1] > time_of_it ||
                (times[at - 1] == time_of_it && order_of(codes[at - 1]) > order_of_it)));
    } else {
      time = time_of_it;
      order = order_of_it;
    }
    times[at] = time_of_it;
    codes[at] = code;
    if (records != nullptr) {
      records[at] = record;
    }
  }
};

/** An input arrival or a spike of the layer. */
struct Cause {
  float time;
  /** The unit of a spike. */
  int source;
  /** Index of the event within its sample. */
  int event;
  bool spike;
};

/** The input arrivals and the spikes of a sample, and how many of each have been staged. */
struct Causes {
  const float* input_times;
  const int32_t* input_sources;
  const int32_t* input_events;
  int inputs;
  const float* spike_times;
  const int32_t* spike_units;
  int spikes;
  int next_input = 0;
  int next_spike = 0;

  __device__ Causes(const ArrivalView& in, const EventView& out, bool with_spikes, int sample)
      : input_times(in.times + static_cast<size_t>(sample) * in.capacity),
        input_sources(in.sources + static_cast<size_t>(sample) * in.capacity),
        input_events(in.events + static_cast<size_t>(sample) * in.capacity),
        inputs(in.counts[sample]),
        spike_times(out.times + static_cast<size_t>(sample) * out.capacity),
        spike_units(out.units + static_cast<size_t>(sample) * out.capacity),
        spikes(with_spikes ? stored(out.counts, sample, out.capacity) : 0) {}

  /** How many spikes make arrivals within the simulation, by a block over rows that are even. */
  __device__ __forceinline__ int recurring(const SynapseView& rows, float duration) const {
    int own = 0;
    for (int k = static_cast<int>(threadIdx.x); k < spikes; k += static_cast<int>(blockDim.x)) {
      own += spike_times[k] + delay_of(rows, spike_units[k], 0) <= duration;
    }
    return block_sum(own);
  }

  /**
   * Stages the next ones by time, `count` of those that are left; called by a warp. Half of its lanes
   * look at the next inputs and half at the next spikes; a lane's rank is its own among its half and
   * how many of the other half come before. What does not ascend within a half counts as if it did.
   */
  __device__ __forceinline__ void stage(Cause* staged, int count) {
    const int lane = lane_id() % kCauses;
    Cause cause{};
    cause.spike = lane_id() >= kCauses;
    const int at = lane + (cause.spike ? next_spike : next_input);
    unsigned int key = 0xffffffffu;
    if (at < (cause.spike ? spikes : inputs)) {
      cause.time = cause.spike ? spike_times[at] : input_times[at];
      cause.source = cause.spike ? spike_units[at] : input_sources[at];
      cause.event = cause.spike ? at : input_events[at];
      key = min(__float_as_uint(cause.time), key - 1);
    }
    for (int offset = 1; offset < kCauses; offset *= 2) {
      key = max(key, __shfl_up_sync(kFullWarp, key, offset, kCauses));
    }
    int rank = lane;
    for (int k = 0; k < kCauses; k++) {
      const unsigned int other = __shfl_sync(kFullWarp, key, cause.spike ? k : kCauses + k);
      rank += cause.spike ? other < key : other <= key;
    }
    if (rank < count) {
      staged[rank] = cause;
    }
    const int of_spikes = __popc(__ballot_sync(kFullWarp, rank < count && cause.spike));
    next_spike += of_spikes;
    next_input += count - of_spikes;
  }
};

/**
 * Counts the arrivals of one row within the simulation; called by a warp. Sums of integers: in any
 * order.
 */
__device__ __forceinline__ void count_row(const SynapseView& rows, int source, float time,
                                          float duration, int32_t* counts) {
  const size_t begin = row_begin(rows, source);
  const int length = row_length(rows, source);
  for (int j = lane_id(); j < length; j += kWarpSize) {
    if (time + delay_of(rows, source, begin + j) <= duration) {
      atomicAdd(&counts[row_target(rows, begin, j)], 1);
    }
  }
}

// With replicas, whose arguments take registers, four blocks on a multiprocessor, or the compiler
// spills to fit more.
template <bool kReplicas>
__global__ void __launch_bounds__(kCountThreads, kReplicas ? 4 : 0)
    counts_kernel(LayerView all, ArrivalView in, EventView spikes, bool with_spikes,
                  QueueView queues) {
  const int sample = static_cast<int>(blockIdx.x);
  const LayerView& layer = own_layer<kReplicas>(all, sample);
  const int neurons = layer.neurons;
  const Causes causes(in, spikes, with_spikes, sample);
  const SynapseView input = undelayed_input(layer);
  const bool recurrent = layer.recurrent.weights != nullptr;
  int32_t* starts = queues.starts + static_cast<size_t>(sample) * (neurons + 1);
  int32_t* counts = queues.counts + static_cast<size_t>(sample) * neurons;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kCountThreads) {
    counts[n] = 0;
  }
  __syncthreads();
  const int warps = kCountThreads / kWarpSize;
  int of_all = 0;
  if (is_even(input)) {
    of_all = causes.inputs;
  } else {
    for (int e = warp_id(); e < causes.inputs; e += warps) {
      count_row(input, causes.input_sources[e], causes.input_times[e], layer.duration, counts);
    }
  }
  for (int k = static_cast<int>(threadIdx.x); k < causes.spikes; k += kCountThreads) {
    atomicAdd(&counts[causes.spike_units[k]], 1);
  }
  if (recurrent && is_even(layer.recurrent)) {
    of_all += causes.recurring(layer.recurrent, layer.duration);
  } else if (recurrent) {
    for (int k = warp_id(); k < causes.spikes; k += warps) {
      count_row(layer.recurrent, causes.spike_units[k], causes.spike_times[k], layer.duration,
                counts);
    }
  }
  __syncthreads();
  int carry = 0;
  for (int first = 0; first < neurons; first += kCountThreads) {
    const int n = first + static_cast<int>(threadIdx.x);
    int total;
    const int before = block_exclusive_scan(n < neurons ? counts[n] + of_all : 0, &total);
    if (n < neurons) {
      starts[n] = carry + before;
    }
    carry += total;
  }
  if (threadIdx.x == 0) {
    starts[neurons] = carry;
  }
}

/**
 * Where the queue of the thread's neuron begins if all arrivals reach every neuron, written to starts,
 * too; by a block.
 */
__device__ __forceinline__ int start_of(const LayerView& layer, const Causes& causes,
                                        int first_neuron, int* own_spikes, int32_t* starts) {
  own_spikes[threadIdx.x] = 0;
  __syncthreads();
  int earlier = 0;
  for (int k = static_cast<int>(threadIdx.x); k < causes.spikes; k += kFillThreads) {
    const int unit = causes.spike_units[k] - first_neuron;
    earlier += unit < 0;
    if (unit >= 0 && unit < kFillThreads) {
      atomicAdd(&own_spikes[unit], 1);
    }
  }
  earlier = block_sum(earlier);
  const int of_all = causes.inputs + (layer.recurrent.weights == nullptr
                                          ? 0
                                          : causes.recurring(layer.recurrent, layer.duration));
  int total;
  const int before = block_exclusive_scan(own_spikes[threadIdx.x], &total);
  const int n = first_neuron + static_cast<int>(threadIdx.x);
  const int begin = earlier + before + of_all * min(n, layer.neurons);
  if (n < layer.neurons) {
    starts[n] = begin;
  }
  if (n == 0) {
    starts[layer.neurons] = causes.spikes + of_all * layer.neurons;
  }
  return begin;
}

/** As counts_kernel; starts are written where those of the layer are even, else read. */
template <bool kReplicas>
__global__ void __launch_bounds__(kFillThreads, kReplicas ? 8 : 0)
    fill_kernel(LayerView all, ArrivalView in, EventView spikes, bool with_spikes,
                QueueView queues) {
  TACET_SHARED(staged, Cause[kCauses]);
  TACET_SHARED(places, int[kCauses][kFillThreads]);
  const int sample = static_cast<int>(blockIdx.y);
  const LayerView& layer = own_layer<kReplicas>(all, sample);
  const int first_neuron = static_cast<int>(blockIdx.x) * kFillThreads;
  const int n = first_neuron + static_cast<int>(threadIdx.x);
  const bool alive = n < layer.neurons;
  Causes causes(in, spikes, with_spikes, sample);
  const SynapseView input = undelayed_input(layer);
  const bool recurrent = layer.recurrent.weights != nullptr;
  const bool spread = !is_dense(input) || (recurrent && !is_dense(layer.recurrent));
  int32_t* starts = queues.starts + static_cast<size_t>(sample) * (layer.neurons + 1);
  int begin = 0;
  if (is_even(layer)) {
    begin = start_of(layer, causes, first_neuron, places[0], starts);
  } else if (alive) {
    begin = starts[n];
  }
  Filling queue(queues, sample, begin);
  const auto add = [&](const SynapseView& rows, const Cause& cause, int place) {
    if (is_dense(rows)) {
      place = n;
    }
    if (place < 0) {
      return;
    }
    const size_t synapse = row_begin(rows, cause.source) + static_cast<size_t>(place);
    const float arrival = cause.time + delay_of(rows, cause.source, synapse);
    if (arrival <= layer.duration) {
      queue.insert(arrival,
                   cause.spike ? -2 - static_cast<int>(synapse) : static_cast<int>(synapse),
                   cause.event * rows.longest + place);
    }
  };
  const auto spread_row = [&](const SynapseView& rows, int source, int p) {
    if (!is_dense(rows)) {
      stage_row<kRowLanes>(rows, source, first_neuron, places[p],
                           [](size_t, int place) { return place; });
    }
  };
  const int total = causes.inputs + causes.spikes;
  for (int done = 0; done < total; done += kCauses) {
    const int count = min(kCauses, total - done);
    if (warp_id() == 0) {
      causes.stage(staged, count);
    }
    for (int p = 0; p < count && spread; p++) {
      places[p][threadIdx.x] = -1;
    }
    __syncthreads();
    if (spread) {
      const int p = static_cast<int>(threadIdx.x) / kRowLanes;
      if (p < count) {
        const Cause cause = staged[p];
        if (!cause.spike) {
          spread_row(input, cause.source, p);
        } else if (recurrent) {
          spread_row(layer.recurrent, cause.source, p);
        }
      }
      __syncthreads();
    }
    for (int p = 0; p < count && alive; p++) {
      const Cause cause = staged[p];
      const int place = spread ? places[p][threadIdx.x] : n;
      if (!cause.spike) {
        add(input, cause, place);
        continue;
      }
      if (cause.source == n) {
        queue.insert(cause.time, kOwnSpike, cause.event);
      }
      if (recurrent) {
        add(layer.recurrent, cause, place);
      }
    }
    __syncthreads();
  }
}

}  // namespace

void build_queues(const LayerView& layer, const ArrivalView& in, const EventView* spikes,
                  const QueueView& queues, int samples, tacet::Stream stream) {
  const EventView out = spikes == nullptr ? EventView{} : *spikes;
  const unsigned int count = static_cast<unsigned int>(samples);
  const dim3 tiles(static_cast<unsigned int>(tacet::ceil_div(layer.neurons, kFillThreads)),
                   count);
  with_replicas(layer.input, [&](auto replicas) {
    constexpr bool kReplicas = decltype(replicas)::value;
    if (!is_even(layer)) {
      TACET_LAUNCH(counts_kernel<kReplicas>, count, kCountThreads, 0, stream, layer, in, out,
                   spikes != nullptr, queues);
    }
    TACET_LAUNCH(fill_kernel<kReplicas>, tiles, kFillThreads, 0, stream, layer, in, out,
                 spikes != nullptr, queues);
  });
}

}  // namespace TACET_NS
