// One neuron in variant_forward.cu: its prediction and its spike. State and arrivals of a neuron are
// used by one thread between barriers.
#pragma once

#include "eventprop/inbox.cuh"
#include "eventprop/variant.cuh"

namespace TACET_NS {

/** Words per neuron of VariantStates. */
template <bool kAlpha>
constexpr int kVariantStateWords = 7 + kVariables<kAlpha>;

/** Words of all neurons of a sample. */
template <bool kAlpha>
struct VariantStates {
  float* v;
  /** [kVariables][neurons]. */
  float* x;
  /** End of the refractory period. */
  float* free_from;
  float* now;
  float* next_time;
  int* cursor;
  int* head;
  int* size;

  __device__ VariantStates(float* words, int neurons)
      : v(words),
        x(words + neurons),
        free_from(words + (1 + kVariables<kAlpha>) * neurons),
        now(free_from + neurons),
        next_time(free_from + 2 * neurons),
        cursor(reinterpret_cast<int*>(free_from + 3 * neurons)),
        head(cursor + neurons),
        size(cursor + 2 * neurons) {}
};

__device__ __forceinline__ bool is_positive(const float* values, int step, int n) {
  return values == nullptr || (values[n * step] > 0.0f && values[n * step] < infinity());
}

/** Whether the parameters of a neuron are as LifVariant and LifParameters have them. */
__device__ __forceinline__ bool is_sensible(const tacet::LifView& lif,
                                            const tacet::VariantView& variant, int n) {
  Membrane membrane;
  membrane.set(lif.tau_mem[n * lif.tau_mem_step], lif.tau_syn[n * lif.tau_syn_step]);
  const float bias = lif.bias[n * lif.bias_step];
  const float theta = lif.threshold[n * lif.threshold_step] - bias;
  const float reset =
      lif.reset == nullptr ? theta - 1.0f : lif.reset[n * lif.reset_step] - bias;
  const float jump = variant.threshold_jump == nullptr
                         ? 0.0f
                         : variant.threshold_jump[n * variant.threshold_jump_step];
  const float current = variant.adaptation_jump == nullptr
                            ? 0.0f
                            : variant.adaptation_jump[n * variant.adaptation_jump_step];
  return are_lif_values(membrane, theta, reset, -bias) &&
         is_positive(variant.refractory, variant.refractory_step, n) &&
         is_positive(variant.tau_inhibitory, variant.tau_inhibitory_step, n) &&
         is_positive(variant.tau_threshold, variant.tau_threshold_step, n) &&
         is_positive(variant.tau_adaptation, variant.tau_adaptation_step, n) && jump >= 0.0f &&
         jump < infinity() && fabsf(current) < infinity();
}

/** What a spike does to the state before it; V of a soft reset is what the threshold has risen by. */
template <bool kAlpha>
__device__ __forceinline__ void spike_of(const tacet::LifView& lif,
                                         const tacet::VariantView& variant, int n,
                                         VariantState<kAlpha>* s) {
  s->v = lif.reset == nullptr ? s->x[kThresholdRise] : lif.reset[n * lif.reset_step];
  if (variant.threshold_jump != nullptr) {
    s->x[kThresholdRise] += variant.threshold_jump[n * variant.threshold_jump_step];
  }
  if (variant.adaptation_jump != nullptr) {
    s->x[kAdaptation] += variant.adaptation_jump[n * variant.adaptation_jump_step];
  }
}

/** End of the refractory period after a spike; of none, the spike itself. */
__device__ __forceinline__ float free_after(const tacet::VariantView& variant, int n, float spike) {
  return variant.refractory == nullptr ? spike
                                       : spike + variant.refractory[n * variant.refractory_step];
}

/** The current of a weight, which is added to it or, with alpha synapses, to its onset. */
__device__ __forceinline__ int receptor(const tacet::VariantView& variant, float weight) {
  return weight < 0.0f && variant.tau_inhibitory != nullptr ? kInhibition : kCurrent;
}

/** Where the receptors of the two currents begin. */
template <bool kAlpha>
constexpr int kReceptors = kAlpha ? kDecaying : 0;

template <bool kAlpha>
__device__ __forceinline__ void receive(const tacet::VariantView& variant, float weight,
                                        VariantState<kAlpha>* s) {
  if (receptor(variant, weight) == kInhibition) {
    s->x[kReceptors<kAlpha> + kInhibition] += weight;
  } else {
    s->x[kReceptors<kAlpha> + kCurrent] += weight;
  }
}

/** From one time to a later one without a spike; V stands still before free_from. */
template <bool kAlpha>
__device__ __forceinline__ void pass_time(const VariantNeuron& neuron, VariantState<kAlpha>* s,
                                          float from, float to, float free_from) {
  const float held = fmaxf(0.0f, fminf(to, free_from) - from);
  if (held > 0.0f) {
    neuron.rest(s, held);
  }
  if (to > free_from) {
    neuron.move(s, to - from - held);
  }
}

/** A sample as one thread sees it. */
template <bool kAlpha>
struct VariantWalker : Inbox {
  using State = VariantState<kAlpha>;

  const tacet::VariantView& variant;
  VariantStates<kAlpha> s;
  int grazes = 0;
  /** Bits of what went wrong, as in SpikeSink. */
  int bad = 0;

  __device__ VariantWalker(const tacet::LayerView& layer_, const tacet::VariantView& variant_,
                           const ArrivalView& arrivals_, const QueueView& queues_,
                           const PendingView& pending_, const VariantStates<kAlpha>& states,
                           int sample)
      : Inbox(layer_, arrivals_, queues_, pending_, {states.head, nullptr, states.size}, sample),
        variant(variant_),
        s(states) {}

  __device__ void begin(int n) {
    store(n, State{});
    s.free_from[n] = 0.0f;
    s.now[n] = 0.0f;
    s.cursor[n] = starts == nullptr ? 0 : starts[n];
    s.head[n] = 0;
    s.size[n] = 0;
  }

  __device__ __forceinline__ State state(int n) const {
    State state;
    state.v = s.v[n];
#pragma unroll
    for (int k = 0; k < kVariables<kAlpha>; k++) {
      state.x[k] = s.x[k * layer.neurons + n];
    }
    return state;
  }

  __device__ __forceinline__ void store(int n, const State& state) {
    s.v[n] = state.v;
#pragma unroll
    for (int k = 0; k < kVariables<kAlpha>; k++) {
      s.x[k * layer.neurons + n] = state.x[k];
    }
  }

  __device__ __forceinline__ void check(const State& state) {
    float sum = state.v;
#pragma unroll
    for (int k = 0; k < kVariables<kAlpha>; k++) {
      sum += state.x[k];
    }
    bad |= fabsf(sum) < infinity() ? 0 : 1 << -tacet::kNotFinite;
  }

  __device__ __forceinline__ Place place(int n) const {
    return {s.now[n], s.cursor[n], s.head[n]};
  }

  /** Finds the next spike up to the horizon; none is before the last spike of the layer. */
  __device__ __forceinline__ void predict(int n, float horizon, float last_spike) {
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    State state = this->state(n);
    const float free_from = s.free_from[n];
    Place place = this->place(n);
    const auto over = [&](float d, float to) {
      const float held = fmaxf(0.0f, fminf(to, free_from) - place.time);
      if (held > 0.0f) {
        neuron.rest(&state, held);
      }
      const float free = d - held;
      if (to >= free_from && free > 0.0f) {
        const float at = VariantCrossing<kAlpha>(neuron, state).first(free, &grazes);
        if (at >= 0.0f) {
          s.next_time[n] = fmaxf(last_spike, spike_time(place.time, held + at, to));
          return false;
        }
        neuron.move(&state, free);
      }
      return true;
    };
    const auto arrive = [&](float weight) { receive(variant, weight, &state); };
    if (walk<true>(n, horizon, &place, over, arrive)) {
      s.next_time[n] = infinity();
      check(state);
    }
  }

  /** The predicted spike happens; returns the slope at which the neuron reached its threshold. */
  __device__ __forceinline__ float fire(int n) {
    const float time = s.next_time[n];
    advance(n, time);
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    State state = this->state(n);
    pass_time(neuron, &state, s.now[n], time, s.free_from[n]);
    check(state);
    state.v = neuron.theta + state.x[kThresholdRise];
    const float slope =
        neuron.rise(state) + neuron.rates[kThresholdRise] * state.x[kThresholdRise];
    spike_of(layer.lif, variant, n, &state);
    store(n, state);
    s.now[n] = time;
    s.free_from[n] = free_after(variant, n, time);
    return slope;
  }

  /** Passes the arrivals before a time, which no later event can change. */
  __device__ __forceinline__ void advance(int n, float until) {
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    State state = this->state(n);
    const float free_from = s.free_from[n];
    Place place = this->place(n);
    const auto over = [&](float, float to) {
      pass_time(neuron, &state, place.time, to, free_from);
      return true;
    };
    walk<false>(n, until, &place, over,
                [&](float weight) { receive(variant, weight, &state); });
    store(n, state);
    s.now[n] = place.time;
    s.cursor[n] = place.cursor;
    s.head[n] = place.head;
  }
};

}  // namespace TACET_NS
