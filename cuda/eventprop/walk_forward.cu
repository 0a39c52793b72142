// Exact simulation of any layer: recurrent, with a delay per synapse, with compressed rows.
//
// A block of 256 threads per sample. Every neuron has a state at its last event, the arrivals ahead
// of it - input arrivals, which are known, and pending ones, which earlier spikes sent - and a
// predicted next spike. The block takes the earliest prediction, which is final: the neuron fires,
// its row is sent, a thread per synapse, and targets reached before their own prediction predict
// again (Wunderlich and Pehle 2021, eq. 1, event by event). Predictions look ahead to a horizon of
// some 32 arrivals or spikes only, so that a neuron does not rescan all its future arrivals after
// every spike it receives. Layers without recurrence need no order among neurons: a thread walks
// each to the end.
//
// Layout: 10 words per neuron in shared memory (up to 1024 neurons, 40 KB) or in the workspace;
// pending arrivals [samples][pending][neurons], 8 bytes each. Dense input rows without synaptic
// delays are read in place; others are queued per neuron first (queue.cu). A full pending buffer
// sets *overflow, and the caller repeats the pass with a larger one.
// Bytes: 8 per recurrent synaptic event and 4 per input one, 16 and 24 where they are queued.
// Flops: ~60 per synaptic event, ~200 per spike; 4 barriers and a minimum over neurons per spike.
#include "eventprop/walker.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;

namespace {

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

__device__ SortKey block_min(SortKey value) {
  TACET_SHARED(partial, SortKey[32]);
  for (int offset = 16; offset > 0; offset >>= 1) {
    const SortKey other = __shfl_xor_sync(kFullWarp, value, offset);
    value = other < value ? other : value;
  }
  if (lane_id() == 0) {
    partial[warp_id()] = value;
  }
  __syncthreads();
  value = partial[0];
  for (int w = 1; w < kWalkThreads / kWarpSize; w++) {
    value = partial[w] < value ? partial[w] : value;
  }
  __syncthreads();
  return value;
}

/** The loop over spikes of a recurrent layer; returns whether every arrival was kept. */
__device__ bool walk_together(Walker& walker, const SpikeSink& sink, int sample) {
  TACET_SHARED(stop, int[1]);
  const int neurons = walker.layer.neurons;
  Horizon horizon(walker.layer.duration, walker.arriving);
  float last_spike = 0.0f;
  bool fits = true;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    walker.predict(n, horizon.time, last_spike);
  }
  for (;;) {
    SortKey own = ~0ull;
    for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
      const SortKey key = time_key(walker.s.next_time[n], n);
      own = key < own ? key : own;
    }
    const SortKey first = block_min(own);
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
    if (threadIdx.x == 0) {
      stop[0] = !emit(sink, sample, time, unit, walker.fire(unit));
    }
    __syncthreads();
    const size_t begin = row_begin(walker.layer.recurrent, unit);
    const int length = row_length(walker.layer.recurrent, unit);
    for (int j = static_cast<int>(threadIdx.x); j <= length; j += kWalkThreads) {
      fits = walker.send(unit, begin, length, j, time, horizon.time) && fits;
    }
    if (__syncthreads_or(stop[0] != 0 || !fits)) {
      break;
    }
  }
  return fits;
}

/** Each neuron of a layer without recurrence to the end of the simulation. */
__device__ void walk_alone(Walker& walker, const SpikeSink& sink, int sample) {
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

__global__ void __launch_bounds__(kWalkThreads, 2)
    walk_forward_kernel(LayerView layer, ArrivalView arrivals, QueueView queues,
                        PendingView pending, float* words, SpikeSink sink, int32_t* overflow) {
  const int sample = static_cast<int>(blockIdx.x);
  const int neurons = layer.neurons;
  if (words == nullptr) {
    TACET_DYNAMIC_SHARED(float, shared_states, 0, kStateWords * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kStateWords * neurons;
  }
  Walker walker(layer, arrivals, queues, pending, words, sample);
  int bad = 0;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    bad |= neuron.sensible() ? 0 : 1 << -tacet::kBadParameters;
    walker.begin(n);
  }
  if (bad != 0) {
    atomicOr(&sink.status[sample], bad);
  }
  if (__syncthreads_or(bad)) {
    return;
  }
  if (layer.recurrent.weights == nullptr) {
    walk_alone(walker, sink, sample);
  } else if (!walk_together(walker, sink, sample)) {
    *overflow = 1;
  }
  __syncthreads();
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    const float state = walker.s.u[n] + walker.s.i[n] + walker.s.next_current[n];
    if (!(fabsf(state) < infinity())) {
      bad = 1 << -tacet::kNotFinite;
    }
  }
  if (bad != 0) {
    atomicOr(&sink.status[sample], bad);
  }
  if (walker.grazes > 0) {
    atomicAdd(&sink.grazes[sample], walker.grazes);
  }
}

/** Whether every neuron gets its own list of input arrivals. */
bool queues_input(const LayerView& layer) {
  return !is_dense(layer.input) || layer.input.delay_per_synapse;
}

struct Scratch {
  ArrivalView arrivals;
  SortRoom in_room;
  QueueView queues{};
  PendingView pending{};
  float* words;
  SpikeSink sink;
  SortRoom out_room;

  Scratch(tacet::Carver& carver, const LayerView& layer, const EventView& in, const EventView& out,
          int pending_capacity, int samples)
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
    words = take_words(carver, samples, layer.neurons, kStateWords);
    sink = take_sink(carver, samples, out.capacity, layer.most_spikes);
    out_room = take_sort_room(carver, samples, out.capacity);
  }
};

}  // namespace

size_t walk_forward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                          int pending, int samples) {
  tacet::Carver carver(nullptr);
  Scratch(carver, layer, in, out, pending, samples);
  return carver.bytes();
}

void walk_forward(const LayerView& layer, const EventView& all_in, const EventView& all_out,
                  int pending, int32_t* overflow, const tacet::Workspace& workspace,
                  tacet::Stream stream) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return walk_forward_bytes(layer, all_in, all_out, pending, samples);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    Scratch scratch(carver, layer, in, out, pending, samples);
    if (layer.recurrent.weights != nullptr) {
      // The spikes of a recurrent layer are found in order and need no sorting.
      scratch.sink.times = out.times;
      scratch.sink.units = out.units;
      scratch.sink.slopes = out.slopes;
    }
    clear(scratch.sink, samples, stream);
    check_delays(layer.input, samples, scratch.sink.status, stream);
    check_delays(layer.recurrent, samples, scratch.sink.status, stream);
    order_arrivals(in, layer.input, scratch.arrivals, scratch.in_room, layer.duration,
                   scratch.sink.status, stream);
    if (queues_input(layer)) {
      build_queues(layer, scratch.arrivals, nullptr, scratch.queues, samples, stream);
    }
    TACET_LAUNCH(walk_forward_kernel, static_cast<unsigned int>(samples), kWalkThreads,
                 shared_words(layer.neurons, kStateWords), stream, layer, scratch.arrivals,
                 scratch.queues, scratch.pending, scratch.words, scratch.sink, overflow);
    order_spikes(scratch.sink, out, scratch.out_room, stream);
  }
}

}  // namespace TACET_NS
