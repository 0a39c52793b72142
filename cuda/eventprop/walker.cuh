// One neuron in walk_forward.cu: its prediction and its spike. State and arrivals of a neuron are used
// by one thread between barriers.
#pragma once

#include "eventprop/inbox.cuh"

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

/** A sample as one thread sees it. */
struct Walker : Inbox {
  States s;
  int grazes;

  __device__ Walker(const tacet::LayerView& layer_, const ArrivalView& arrivals_,
                    const QueueView& queues_, const PendingView& pending_, float* words, int sample)
      : Walker(layer_, arrivals_, queues_, pending_, States(words, layer_.neurons), sample) {}

  __device__ Walker(const tacet::LayerView& layer_, const ArrivalView& arrivals_,
                    const QueueView& queues_, const PendingView& pending_, const States& states,
                    int sample)
      : Inbox(layer_, arrivals_, queues_, pending_, {states.head, states.next_head, states.size},
              sample),
        s(states),
        grazes(0) {}

  __device__ void begin(int n) {
    s.u[n] = -layer.lif.bias[n * layer.lif.bias_step];
    s.i[n] = 0.0f;
    s.now[n] = 0.0f;
    s.cursor[n] = starts == nullptr ? 0 : starts[n];
    s.head[n] = 0;
    s.size[n] = 0;
  }

  __device__ __forceinline__ Place place(int n) const {
    return {s.now[n], s.cursor[n], s.head[n]};
  }

  /** Finds the next spike up to the horizon; none is before the last spike of the layer. */
  __device__ __forceinline__ void predict(int n, float horizon, float last_spike) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    float u = s.u[n];
    float i = s.i[n];
    Place place = this->place(n);
    const auto over = [&](float d, float to) {
      const Span span = neuron.membrane.span(d);
      const float u_end = span.end_of(u, i);
      const float i_end = span.beta * i;
      if (i > neuron.gate) {
        const float at = neuron.membrane.crossing(u, i, neuron.theta, d, u_end, i_end, &grazes);
        if (at >= 0.0f) {
          s.next_time[n] = fmaxf(last_spike, spike_time(place.time, at, to));
          s.next_current[n] = i * expf(-at * neuron.membrane.ts_inverse);
          s.next_cursor[n] = place.cursor;
          s.next_head[n] = place.head;
          return false;
        }
      }
      u = u_end;
      i = i_end;
      return true;
    };
    if (walk<true>(n, horizon, &place, over, [&](float weight) { i += weight; })) {
      s.next_time[n] = infinity();
      s.next_current[n] = u + i;  // looked at for NaN only
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
    Place place = this->place(n);
    const auto over = [&](float d, float) {
      const Span span = membrane.span(d);
      u = span.end_of(u, i);
      i = span.beta * i;
      return true;
    };
    walk<false>(n, until, &place, over, [&](float weight) { i += weight; });
    s.u[n] = u;
    s.i[n] = i;
    s.now[n] = place.time;
    s.cursor[n] = place.cursor;
    s.head[n] = place.head;
  }
};

}  // namespace TACET_NS
