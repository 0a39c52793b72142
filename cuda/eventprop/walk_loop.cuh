// What the walks over LIF neurons and over their variants have in common: the loop over spikes of a
// recurrent layer, the loop over neurons of another, and the memory that they need. Walk is an Inbox
// with predict, advance, fire and s.next_time.
#pragma once

#include "common/warp_min.cuh"
#include "eventprop/inbox.cuh"

namespace TACET_NS {

/** Input arrivals, or spikes of the layer, within the time that predictions look ahead. */
constexpr int kWindowEvents = 32;

/** Smallest window, as a part of the simulation. */
constexpr float kLeastWindow = 1.0f / 4096.0f;

/** How far predictions look ahead; every thread of the block keeps the same one. */
struct Horizon {
  float end;
  float most;
  float window;
  float time;
  int spikes = 0;

  __device__ Horizon(float duration, int arriving) : end(duration) {
    most = duration * kWindowEvents / max(kWindowEvents, arriving);
    window = most;
    time = window;
  }

  /** Comes nearer where spikes are many; what was predicted beyond it is predicted again later. */
  __device__ void spike(float at) {
    if (++spikes > kWindowEvents) {
      window = fmaxf(window * 0.5f, end * kLeastWindow);
      time = fminf(time, at + window);
      spikes = 0;
    }
  }

  __device__ void step() {
    if (spikes < kWindowEvents / 4) {
      window = fminf(window * 2.0f, most);
    }
    time = fminf(end, time + window);
    spikes = 0;
  }
};

/**
 * The smallest key of the block, with one barrier: what one call writes, the next but one writes
 * over, and by then every thread has read it, for all have passed the barrier of the call between.
 */
class BlockMin {
 public:
  __device__ __forceinline__ SortKey of(SortKey value) {
    TACET_SHARED(partial, SortKey[2][kWarps]);
    SortKey* const own = partial[turn_];
    turn_ ^= 1;
    value = warp_min(value);
    if (lane_id() == 0) {
      own[warp_id()] = value;
    }
    __syncthreads();
    value = own[0];
#pragma unroll
    for (int w = 1; w < kWarps; w++) {
      value = own[w] < value ? own[w] : value;
    }
    return value;
  }

 private:
  static constexpr int kWarps = kWalkThreads / kWarpSize;

  int turn_ = 0;
};

/**
 * Sends synapse j of the row of unit, which has just fired, or, for j past the row, does what is
 * left for the unit itself: its synapse onto itself if it has one, and its next prediction.
 */
template <typename Walk>
__device__ bool send(Walk& walker, int unit, size_t begin, int length, int j, float time,
                     float horizon) {
  const SynapseView& rows = walker.layer.recurrent;
  const bool self = j == length;
  int m = unit;
  if (self) {
    j = row_lower_bound(rows, begin, length, unit);
  } else {
    m = row_target(rows, begin, j);
  }
  bool fits = true;
  float arrival = infinity();
  if (self ? j < length && row_target(rows, begin, j) == unit : m != unit) {
    arrival = time + delay_of(rows, unit, begin + j);
    if (arrival <= walker.layer.duration) {
      fits = walker.push(m, arrival, static_cast<int>(begin) + j);
    }
  }
  if (self) {
    walker.predict(unit, horizon, time);
  } else if (m != unit && arrival <= fminf(horizon, walker.s.next_time[m])) {
    walker.advance(m, time);
    walker.predict(m, horizon, time);
  }
  return fits;
}

/**
 * The loop over spikes of a recurrent layer; returns whether every arrival was kept. Two barriers per
 * spike: that of the minimum, and one before the next, behind everything that a spike changes. The
 * thread that does what is left for the unit fires it too, and no other looks at its state.
 */
template <typename Walk>
__device__ bool walk_together(Walk& walker, const SpikeSink& sink, int sample) {
  const int neurons = walker.layer.neurons;
  Horizon horizon(walker.layer.duration, walker.arriving);
  float last_spike = 0.0f;
  bool fits = true;
  BlockMin least;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    walker.predict(n, horizon.time, last_spike);
  }
  for (;;) {
    SortKey own = ~0ull;
    for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
      const SortKey key = time_key(walker.s.next_time[n], n);
      own = key < own ? key : own;
    }
    const SortKey first = least.of(own);
    const float time = key_time(first);
    if (!(time <= horizon.time)) {
      if (horizon.time >= horizon.end) {
        break;
      }
      const float passed = horizon.time;
      horizon.step();
      for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
        walker.advance(n, passed);
        walker.predict(n, horizon.time, last_spike);
      }
      continue;
    }
    last_spike = time;
    horizon.spike(time);
    const int unit = static_cast<int>(first & 0xffffffffu);
    const size_t begin = row_begin(walker.layer.recurrent, unit);
    const int length = row_length(walker.layer.recurrent, unit);
    bool settles = true;
    if (static_cast<int>(threadIdx.x) == length % kWalkThreads) {
      settles = emit(sink, sample, time, unit, walker.fire(unit));
    }
    for (int j = static_cast<int>(threadIdx.x); j <= length; j += kWalkThreads) {
      fits = send(walker, unit, begin, length, j, time, horizon.time) && fits;
    }
    if (__syncthreads_or(!settles || !fits)) {
      break;
    }
  }
  return fits;
}

/** Each neuron of a layer without recurrence to the end of the simulation. */
template <typename Walk>
__device__ void walk_alone(Walk& walker, const SpikeSink& sink, int sample) {
  const float duration = walker.layer.duration;
  for (int n = static_cast<int>(threadIdx.x); n < walker.layer.neurons; n += kWalkThreads) {
    walker.predict(n, duration, 0.0f);
    bool settles = true;
    while (settles && walker.s.next_time[n] <= duration) {
      const float time = walker.s.next_time[n];
      settles = emit(sink, sample, time, n, walker.fire(n));
      walker.predict(n, duration, time);
    }
  }
}

/** Whether every neuron gets its own list of input arrivals. */
inline bool queues_input(const tacet::LayerView& layer) {
  return !is_dense(layer.input) || layer.input.delay_per_synapse;
}

/** Scratch memory of as many samples. */
struct WalkScratch {
  ArrivalView arrivals;
  SortRoom in_room;
  QueueView queues{};
  PendingView pending{};
  float* words;
  SpikeSink sink;
  SortRoom out_room;

  WalkScratch(tacet::Carver& carver, const tacet::LayerView& layer, const tacet::EventView& in,
              const tacet::EventView& out, int pending_capacity, int samples, int words_per_neuron)
      : arrivals(take_arrivals(carver, samples, in.capacity)),
        in_room(take_sort_room(carver, samples, in.capacity)) {
    if (queues_input(layer)) {
      queues = take_queues(carver, samples, layer.neurons,
                           static_cast<size_t>(in.capacity) *
                               static_cast<size_t>(layer.input.longest),
                           false);
    }
    if (layer.recurrent.weights != nullptr) {
      const size_t entries = static_cast<size_t>(samples) * static_cast<size_t>(pending_capacity) *
                             static_cast<size_t>(layer.neurons);
      pending.times = carver.take<float>(entries);
      pending.synapses = carver.take<int32_t>(entries);
      pending.capacity = pending_capacity;
    }
    words = take_words(carver, samples, layer.neurons, words_per_neuron);
    sink = take_sink(carver, samples, out.capacity, layer.most_spikes);
    out_room = take_sort_room(carver, samples, out.capacity);
  }
};

inline size_t walk_scratch_bytes(const tacet::LayerView& layer, const tacet::EventView& in,
                                 const tacet::EventView& out, int pending, int samples,
                                 int words_per_neuron) {
  tacet::Carver carver(nullptr);
  WalkScratch(carver, layer, in, out, pending, samples, words_per_neuron);
  return carver.bytes();
}

/** All samples, as many at a time as the workspace holds; launch(scratch, samples) simulates them. */
template <typename Launch>
void walk_rounds(const tacet::LayerView& layer, const tacet::EventView& all_in,
                 const tacet::EventView& all_out, int pending, int words_per_neuron,
                 const tacet::Workspace& workspace, tacet::Stream stream, Launch&& launch) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return walk_scratch_bytes(layer, all_in, all_out, pending, samples, words_per_neuron);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const tacet::EventView in = tacet::slice(all_in, first, samples);
    const tacet::EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    WalkScratch scratch(carver, layer, in, out, pending, samples, words_per_neuron);
    if (layer.recurrent.weights != nullptr) {
      // The spikes of a recurrent layer are found in order and need no sorting.
      scratch.sink.times = out.times;
      scratch.sink.units = out.units;
      scratch.sink.slopes = out.slopes;
    }
    order_arrivals(in, layer.input, scratch.arrivals, scratch.in_room, layer.duration,
                   words_of(scratch.sink), stream);
    check_delays(layer.input, samples, scratch.sink.status, stream);
    check_delays(layer.recurrent, samples, scratch.sink.status, stream);
    if (queues_input(layer)) {
      build_queues(layer, scratch.arrivals, nullptr, scratch.queues, samples, stream);
    }
    launch(scratch, samples);
    order_spikes(scratch.sink, out, scratch.out_room, stream);
  }
}

}  // namespace TACET_NS
