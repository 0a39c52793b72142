// The arrivals that the neurons of a sample receive: those of the input, which are known, and pending
// ones, which earlier spikes sent. Shared by the walks over LIF neurons and their variants.
#pragma once

#include "eventprop/walk.cuh"

namespace TACET_NS {

/** Arrivals that recurrent spikes sent, [samples][capacity][neurons]. */
struct PendingView {
  float* times;
  int32_t* synapses;
  int capacity;
};

/** Places of a neuron within its arrivals, [neurons] each. */
struct InboxPlaces {
  int* head;
  /** Of a prediction, or null. */
  int* next_head;
  int* size;
};

/** Where a neuron is among its arrivals: at a time, before those from cursor and head on. */
struct Place {
  float time;
  int cursor;
  int head;
};

/** A sample as one thread sees it. */
struct Inbox {
  const tacet::LayerView& layer;
  const ArrivalView& arrivals;
  /** Input arrivals of each neuron, or null where the neurons share a list. */
  const QueueView& queues;
  InboxPlaces places;
  /** Pending arrivals and input arrivals of this sample. */
  float* pending_times;
  int32_t* pending_synapses;
  int pending;
  const float* input_times;
  const int32_t* input_codes;
  const int32_t* starts;
  int arriving;

  __device__ Inbox(const tacet::LayerView& layer_, const ArrivalView& arrivals_,
                   const QueueView& queues_, const PendingView& pending_,
                   const InboxPlaces& places_, int sample)
      : layer(layer_),
        arrivals(arrivals_),
        queues(queues_),
        places(places_),
        pending(pending_.capacity),
        arriving(arrivals_.counts[sample]) {
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
    return k < places.size[n] ? pending_times[pending_at(n, k)] : infinity();
  }

  __device__ __forceinline__ float input_time(int cursor, int end) const {
    return cursor < end ? input_times[cursor] : infinity();
  }

  /** Adds the earlier of the next two arrivals; the input's where they coincide. */
  __device__ __forceinline__ float take(int n, bool input, int* cursor, int* head) const {
    return input ? input_weight(n, (*cursor)++)
                 : layer.recurrent.weights[pending_synapses[pending_at(n, (*head)++)]];
  }

  /**
   * Takes neuron n along its arrivals, input and pending ones, in the order of their times:
   * over(d, to) for each span d from place->time to a time, arrive(weight) for each arrival. With
   * kReach the walk passes the arrivals up to a time and ends there, else it passes those before it
   * and ends at the last one. It ends early, at the beginning of a span, where over says false.
   */
  template <bool kReach, typename Over, typename Arrive>
  __device__ __forceinline__ bool walk(int n, float until, Place* place, const Over& over,
                                       const Arrive& arrive) const {
    const int end = input_end(n);
    for (;;) {
      const float input = input_time(place->cursor, end);
      const float recurrent = pending_time(n, place->head);
      const float next = fminf(input, recurrent);
      const bool passed = kReach ? next <= until : next < until;
      if (!kReach && !passed) {
        return true;
      }
      const float to = kReach ? fminf(next, until) : next;
      const float d = to - place->time;
      if (d > 0.0f) {
        if (!over(d, to)) {
          return false;
        }
        place->time = to;
      }
      if (!passed) {
        return true;
      }
      arrive(take(n, input <= recurrent, &place->cursor, &place->head));
    }
  }

  /** Puts an arrival behind those that are not later; false if there is no room. */
  __device__ bool push(int n, float time, int synapse) {
    int size = places.size[n];
    if (size == pending) {
      const int passed = places.head[n];
      for (int k = passed; k < size; k++) {
        pending_times[pending_at(n, k - passed)] = pending_times[pending_at(n, k)];
        pending_synapses[pending_at(n, k - passed)] = pending_synapses[pending_at(n, k)];
      }
      places.head[n] = 0;
      if (places.next_head != nullptr) {
        places.next_head[n] -= passed;
      }
      size -= passed;
    }
    if (size == pending) {
      return false;
    }
    int at = size;
    while (at > places.head[n] && pending_times[pending_at(n, at - 1)] > time) {
      pending_times[pending_at(n, at)] = pending_times[pending_at(n, at - 1)];
      pending_synapses[pending_at(n, at)] = pending_synapses[pending_at(n, at - 1)];
      at--;
    }
    pending_times[pending_at(n, at)] = time;
    pending_synapses[pending_at(n, at)] = synapse;
    places.size[n] = size + 1;
    return true;
  }
};

}  // namespace TACET_NS
