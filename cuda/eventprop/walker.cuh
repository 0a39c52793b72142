// One neuron in walk_forward.cu: its prediction, its spike, and the arrivals that it receives.
// State and arrivals of a neuron are used by one thread between barriers.
#pragma once

#include "eventprop/walk.cuh"

namespace TACET_NS {

/** Words per neuron of States. */
constexpr int kStateWords = 10;

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
  const tacet::LayerView& layer;
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

  __device__ Walker(const tacet::LayerView& layer_, const ArrivalView& arrivals_,
                    const QueueView& queues_, const PendingView& pending_, float* words, int sample)
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
        const float u_end = span.end_of(u, i);
        const float i_end = span.beta * i;
        if (i > neuron.gate) {
          const float at = neuron.membrane.crossing(u, i, neuron.theta, d, u_end, i_end, &grazes);
          if (at >= 0.0f) {
            s.next_time[n] = fmaxf(last_spike, spike_time(time, at, to));
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
        u = span.end_of(u, i);
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

}  // namespace TACET_NS
