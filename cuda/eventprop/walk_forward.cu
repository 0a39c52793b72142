// Exact simulation of any layer: recurrent, with a delay per synapse, with compressed rows.
//
// A block of 256 threads per sample. Every neuron has a state at its last event, the arrivals ahead
// of it - input arrivals, which are known, and pending ones, which earlier spikes sent - and a
// predicted next spike. The block takes the earliest prediction, which nothing can change any more:
// the neuron fires, its row is sent, a thread per synapse, and the targets that it reaches before
// their own prediction predict again (Wunderlich and Pehle 2021, eq. 1, event by event). Predictions
// look ahead to a horizon of some 32 arrivals only, so that a silent neuron does not walk to the end
// of the simulation after every spike it receives. Layers without recurrence need no order among
// neurons: each is walked to the end by a thread.
//
// Layout: 10 words per neuron in shared memory (up to 1024 neurons, 40 KB) or in the workspace;
// pending arrivals [samples][pending][neurons], 8 bytes each. Dense input rows without synaptic
// delays are read where they are; others are queued per neuron first (queue.cu). A full pending
// buffer sets *overflow, and the caller repeats the pass with a larger one.
// Bytes: 8 per recurrent synaptic event and 4 per input one, 16 and 24 where they are queued. Flops:
// ~60 per synaptic event, ~200 per spike; 4 barriers and a minimum over neurons per spike.
#include "eventprop/sweep.cuh"
#include "eventprop/walk.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;

namespace {

constexpr int kWords = 10;
constexpr int kWindowArrivals = 32;

/** Words of all neurons of a sample. */
struct States {
  float* u;
  float* i;
  float* now;
  float* next_time;
  float* next_current;
  int* cursor;
  int* next_cursor;
  int* head;
  int* next_head;
  int* size;

  __device__ States(float* words, int neurons)
      : u(words),
        i(words + neurons),
        now(words + 2 * neurons),
        next_time(words + 3 * neurons),
        next_current(words + 4 * neurons),
        cursor(reinterpret_cast<int*>(words + 5 * neurons)),
        next_cursor(cursor + neurons),
        head(cursor + 2 * neurons),
        next_head(cursor + 3 * neurons),
        size(cursor + 4 * neurons) {}
};

/** Arrivals that recurrent spikes sent, [samples][capacity][neurons]. */
struct PendingView {
  float* times;
  int32_t* synapses;
  int capacity;
};

/** A sample as one thread sees it. */
struct Walker {
  const LayerView& layer;
  const ArrivalView& arrivals;
  /** Input arrivals of each neuron, or null where the neurons share a list. */
  const QueueView& queues;
  States s;
  /** Pending arrivals and input arrivals of this sample. */
  float* pending_times;
  int32_t* pending_synapses;
  int pending;
  const float* input_times;
  const int32_t* input_codes;
  const int32_t* starts;
  int arriving;
  int grazes;

  __device__ Walker(const LayerView& layer_, const ArrivalView& arrivals_, const QueueView& queues_,
                    const PendingView& pending_, float* words, int sample)
      : layer(layer_),
        arrivals(arrivals_),
        queues(queues_),
        s(words, layer_.neurons),
        pending(pending_.capacity),
        arriving(arrivals_.counts[sample]),
        grazes(0) {
    const size_t at = static_cast<size_t>(sample) * pending_.capacity * layer_.neurons;
    pending_times = pending_.times + at;
    pending_synapses = pending_.synapses + at;
    const bool queued = queues.times != nullptr;
    const size_t base = static_cast<size_t>(sample) * (queued ? queues.stride : arrivals.capacity);
    input_times = (queued ? queues.times : arrivals.times) + base;
    input_codes = (queued ? queues.codes : arrivals.sources) + base;
    starts = queued ? queues.starts + static_cast<size_t>(sample) * (layer_.neurons + 1) : nullptr;
  }

  __device__ __forceinline__ int input_end(int n) const {
    return starts == nullptr ? arriving : starts[n + 1];
  }

  __device__ __forceinline__ float input_weight(int n, int cursor) const {
    const int code = input_codes[cursor];
    return layer.input.weights[starts == nullptr ? static_cast<size_t>(code) * layer.neurons + n
                                                 : static_cast<size_t>(code)];
  }

  __device__ __forceinline__ size_t pending_at(int n, int k) const {
    return static_cast<size_t>(k) * layer.neurons + n;
  }

  __device__ __forceinline__ float pending_time(int n, int k) const {
    return k < s.size[n] ? pending_times[pending_at(n, k)] : infinity();
  }

  __device__ __forceinline__ float input_time(int cursor, int end) const {
    return cursor < end ? input_times[cursor] : infinity();
  }

  /** Adds the earlier of the next two arrivals; the input's where they coincide. */
  __device__ __forceinline__ float take(int n, bool input, int* cursor, int* head) const {
    return input ? input_weight(n, (*cursor)++)
                 : layer.recurrent.weights[pending_synapses[pending_at(n, (*head)++)]];
  }

  __device__ void begin(int n) {
    s.u[n] = -layer.lif.bias[n * layer.lif.bias_step];
    s.i[n] = 0.0f;
    s.now[n] = 0.0f;
    s.cursor[n] = starts == nullptr ? 0 : starts[n];
    s.head[n] = 0;
    s.size[n] = 0;
  }

  /** Finds the next spike up to the horizon; none is before the last spike of the layer. */
  __device__ __forceinline__ void predict(int n, float horizon, float last_spike) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    float u = s.u[n];
    float i = s.i[n];
    float time = s.now[n];
    int cursor = s.cursor[n];
    int head = s.head[n];
    const int end = input_end(n);
    for (;;) {
      const float input = input_time(cursor, end);
      const float recurrent = pending_time(n, head);
      const float next = fminf(input, recurrent);
      const float to = fminf(next, horizon);
      const float d = to - time;
      if (d > 0.0f) {
        const Span span = neuron.membrane.span(d);
        const float u_end = span.alpha * u + span.gamma * i;
        const float i_end = span.beta * i;
        if (i > neuron.gate) {
          const float at = neuron.membrane.crossing(u, i, neuron.theta, d, u_end, i_end, &grazes);
          if (at >= 0.0f) {
            s.next_time[n] = fmaxf(last_spike, fminf(to, time + at));
            s.next_current[n] = i * expf(-at * neuron.membrane.ts_inverse);
            s.next_cursor[n] = cursor;
            s.next_head[n] = head;
            return;
          }
        }
        u = u_end;
        i = i_end;
        time = to;
      }
      if (!(next <= horizon)) {
        s.next_time[n] = infinity();
        s.next_current[n] = u + i;  // looked at for NaN only
        return;
      }
      i += take(n, input <= recurrent, &cursor, &head);
    }
  }

  /** The predicted spike happens; returns its I - theta. */
  __device__ float fire(int n) {
    const float b = layer.lif.bias[n * layer.lif.bias_step];
    s.u[n] = layer.lif.reset[n * layer.lif.reset_step] - b;
    s.i[n] = s.next_current[n];
    s.now[n] = s.next_time[n];
    s.cursor[n] = s.next_cursor[n];
    s.head[n] = s.next_head[n];
    return s.next_current[n] - (layer.lif.threshold[n * layer.lif.threshold_step] - b);
  }

  /** Passes the arrivals before a time, which no later event can change. */
  __device__ __forceinline__ void advance(int n, float until) {
    Membrane membrane;
    membrane.set(layer.lif.tau_mem[n * layer.lif.tau_mem_step],
                 layer.lif.tau_syn[n * layer.lif.tau_syn_step]);
    float u = s.u[n];
    float i = s.i[n];
    float time = s.now[n];
    int cursor = s.cursor[n];
    int head = s.head[n];
    const int end = input_end(n);
    for (;;) {
      const float input = input_time(cursor, end);
      const float recurrent = pending_time(n, head);
      const float next = fminf(input, recurrent);
      if (!(next < until)) {
        break;
      }
      if (next > time) {
        const Span span = membrane.span(next - time);
        u = span.alpha * u + span.gamma * i;
        i = span.beta * i;
        time = next;
      }
      i += take(n, input <= recurrent, &cursor, &head);
    }
    s.u[n] = u;
    s.i[n] = i;
    s.now[n] = time;
    s.cursor[n] = cursor;
    s.head[n] = head;
  }

  /** Puts an arrival behind those that are not later; false if there is no room. */
  __device__ bool push(int n, float time, int synapse) {
    int size = s.size[n];
    if (size == pending) {
      const int passed = s.head[n];
      for (int k = passed; k < size; k++) {
        pending_times[pending_at(n, k - passed)] = pending_times[pending_at(n, k)];
        pending_synapses[pending_at(n, k - passed)] = pending_synapses[pending_at(n, k)];
      }
      s.head[n] = 0;
      s.next_head[n] -= passed;
      size -= passed;
    }
    if (size == pending) {
      return false;
    }
    int at = size;
    while (at > s.head[n] && pending_times[pending_at(n, at - 1)] > time) {
      pending_times[pending_at(n, at)] = pending_times[pending_at(n, at - 1)];
      pending_synapses[pending_at(n, at)] = pending_synapses[pending_at(n, at - 1)];
      at--;
    }
    pending_times[pending_at(n, at)] = time;
    pending_synapses[pending_at(n, at)] = synapse;
    s.size[n] = size + 1;
    return true;
  }

  /**
   * Sends synapse j of the row of unit, which has just fired, or, for j past the row, does what is
   * left for the unit itself: its synapse onto itself if it has one, and its next prediction.
   */
  __device__ bool send(int unit, size_t begin, int length, int j, float time, float horizon) {
    const SynapseView& rows = layer.recurrent;
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
      if (arrival <= layer.duration) {
        fits = push(m, arrival, static_cast<int>(begin) + j);
      }
    }
    if (self) {
      predict(unit, horizon, time);
    } else if (arrival <= fminf(horizon, s.next_time[m])) {
      advance(m, time);
      predict(m, horizon, time);
    }
    return fits;
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
  const float duration = walker.layer.duration;
  const float window = duration * kWindowArrivals / max(kWindowArrivals, walker.arriving);
  float horizon = window;
  float last_spike = 0.0f;
  bool fits = true;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    walker.predict(n, horizon, last_spike);
  }
  for (;;) {
    SortKey own = ~0ull;
    for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
      const SortKey key = time_key(walker.s.next_time[n], n);
      own = key < own ? key : own;
    }
    const SortKey first = block_min(own);
    const float time = key_time(first);
    if (!(time <= horizon)) {
      if (horizon >= duration) {
        break;
      }
      const float passed = horizon;
      horizon = fminf(duration, horizon + window);
      for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
        walker.advance(n, passed);
        walker.predict(n, horizon, last_spike);
      }
      continue;
    }
    last_spike = time;
    const int unit = static_cast<int>(first & 0xffffffffu);
    if (threadIdx.x == 0) {
      stop[0] = !emit(sink, sample, time, unit, walker.fire(unit));
    }
    __syncthreads();
    const size_t begin = row_begin(walker.layer.recurrent, unit);
    const int length = row_length(walker.layer.recurrent, unit);
    for (int j = static_cast<int>(threadIdx.x); j <= length; j += kWalkThreads) {
      fits = walker.send(unit, begin, length, j, time, horizon) && fits;
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
    TACET_DYNAMIC_SHARED(float, shared_states, 0, kWords * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kWords * neurons;
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
  return layer.input.offsets != nullptr || layer.input.delay_per_synapse;
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
    words = take_words(carver, samples, layer.neurons, kWords);
    sink = take_sink(carver, samples, out.capacity);
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
    order_arrivals(in, layer.input, scratch.arrivals, scratch.in_room, layer.duration,
                   scratch.sink.status, stream);
    if (queues_input(layer)) {
      build_queues(layer, scratch.arrivals, nullptr, scratch.queues, samples, stream);
    }
    TACET_LAUNCH(walk_forward_kernel, static_cast<unsigned int>(samples), kWalkThreads,
                 shared_words(layer.neurons, kWords), stream, layer, scratch.arrivals,
                 scratch.queues, scratch.pending, scratch.words, scratch.sink, overflow);
    order_spikes(scratch.sink, out, scratch.out_room, stream);
  }
}

}  // namespace TACET_NS
