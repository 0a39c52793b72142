// The backward walk of one neuron in variant_backward.cu and potential.cu: along its queue, with its jumps at spikes and
// at the ends of refractory periods, and the integrals between entries; docs/hybrid-neurons.md has the
// derivation. Here lambda = dL/dx.
#pragma once

#include "eventprop/retreat_loop.cuh"
#include "eventprop/variant_integral.cuh"
#include "eventprop/variant_walker.cuh"

namespace TACET_NS {

/** Words per neuron: lambda, dL/dt of the end of the refractory period, time, queue entry. */
template <bool kAlpha>
constexpr int kVariantRetreatWords = 4 + kVariables<kAlpha>;

/** Words per entry: the state after it and the end of the refractory period. */
template <bool kAlpha>
constexpr int kVariantEntryWords = 2 + kVariables<kAlpha>;

/** What is kept of a backward walk. */
template <bool kAlpha>
constexpr RetreatWords kVariantKept{kVariantRetreatWords<kAlpha>, kVariantEntryWords<kAlpha>,
                                    kVariantSums};

/** Sums of the time constants of the variables that decay. */
__device__ __forceinline__ constexpr int tau_sum(int k) {
  return k == kCurrent         ? static_cast<int>(kTauSyn)
         : k == kInhibition    ? static_cast<int>(kTauInhibitory)
         : k == kThresholdRise ? static_cast<int>(kTauThreshold)
                               : static_cast<int>(kTauAdaptation);
}

/**
 * A sample as one thread sees it. With kDriven a loss by the integral of V drives lambda between events,
 * and a spike stays at its time: what a later one would change is its error (PotentialAdjoint.java).
 */
template <bool kAlpha, bool kDriven = false>
struct VariantRetreat {
  using State = VariantState<kAlpha>;
  static constexpr int kOthers = kVariables<kAlpha>;

  const tacet::LayerView& layer;
  const tacet::VariantView& variant;
  const tacet::EventView& out;
  const RecordView& input_records;
  const RecordView& recurrent_records;
  int sample;
  const int32_t* starts;
  const float* times;
  const int32_t* codes;
  const int32_t* records;
  /** [kVariantEntryWords][entry_stride] from the sample's on. */
  float* entries;
  size_t entry_stride;
  const float* kicks;
  /** [1 + kOthers][neurons]: of V, and of the other variables. */
  float* lambda;
  float* ends;
  float* now;
  int* last;
  /** [kVariantSums][sum_stride] from the sample's on, or null. */
  float* sums;
  size_t sum_stride;
  /** dL/d(mean of V) of each neuron of the sample, with kDriven. */
  const float* mean_errors = nullptr;

  __device__ VariantRetreat(const tacet::LayerView& layer_, const tacet::VariantView& variant_,
                            const tacet::EventView& out_, const QueueView& queues, float* entries_,
                            size_t entry_stride_, const RecordView& input_records_,
                            const RecordView& recurrent_records_, const float* kicks_,
                            float* words, float* partial, int sample_)
      : layer(layer_),
        variant(variant_),
        out(out_),
        input_records(input_records_),
        recurrent_records(recurrent_records_),
        sample(sample_),
        entry_stride(entry_stride_),
        kicks(kicks_),
        lambda(words),
        ends(words + (1 + kOthers) * layer_.neurons),
        now(ends + layer_.neurons),
        last(reinterpret_cast<int*>(ends + 2 * layer_.neurons)),
        sum_stride(static_cast<size_t>(gridDim.x) * layer_.neurons) {
    const size_t base = static_cast<size_t>(sample) * queues.stride;
    starts = queues.starts + static_cast<size_t>(sample) * (layer_.neurons + 1);
    times = queues.times + base;
    codes = queues.codes + base;
    records = queues.records + base;
    entries = entries_ + base;
    sums = partial == nullptr ? nullptr : partial + static_cast<size_t>(sample) * layer_.neurons;
  }

  __device__ void begin(int n) {
    for (int k = 0; k <= kOthers; k++) {
      lambda[k * layer.neurons + n] = 0.0f;
    }
    ends[n] = 0.0f;
    now[n] = layer.duration;
    last[n] = starts[n + 1] - 1;
    for (int kind = 0; sums != nullptr && kind < kVariantSums; kind++) {
      sums[kind * sum_stride + n] = 0.0f;
    }
    restore_states(n);
  }

  __device__ void restore_states(int n) {
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    State state{};
    float time = 0.0f;
    float free_from = 0.0f;
    for (int e = starts[n]; e < starts[n + 1]; e++) {
      if (times[e] > time) {
        pass_time(neuron, &state, time, times[e], free_from);
        time = times[e];
      }
      const int code = codes[e];
      if (code == kOwnSpike) {
        spike_of(layer.lif, variant, n, &state);
        free_from = free_after(variant, n, time);
      } else {
        receive(variant, code >= 0 ? layer.input.weights[code] : layer.recurrent.weights[-2 - code],
                &state);
      }
      entries[e] = state.v;
#pragma unroll
      for (int k = 0; k < kOthers; k++) {
        entries[(1 + k) * entry_stride + e] = state.x[k];
      }
      entries[(1 + kOthers) * entry_stride + e] = free_from;
    }
  }

  /** The state after an entry, or at the start before the first one. */
  __device__ __forceinline__ State state_after(int n, int entry) const {
    State state{};
    if (entry >= starts[n]) {
      state.v = entries[entry];
#pragma unroll
      for (int k = 0; k < kOthers; k++) {
        state.x[k] = entries[(1 + k) * entry_stride + entry];
      }
    }
    return state;
  }

  __device__ __forceinline__ float free_from(int n, int entry) const {
    return entry >= starts[n] ? entries[(1 + kOthers) * entry_stride + entry] : 0.0f;
  }

  __device__ __forceinline__ void add(int kind, int n, float value) {
    if (sums != nullptr) {
      sums[kind * sum_stride + n] += value;
    }
  }

  __device__ __forceinline__ State lambda_of(int n) const {
    State own;
    own.v = lambda[n];
#pragma unroll
    for (int k = 0; k < kOthers; k++) {
      own.x[k] = lambda[(1 + k) * layer.neurons + n];
    }
    return own;
  }

  __device__ __forceinline__ void store(int n, const State& own) {
    lambda[n] = own.v;
#pragma unroll
    for (int k = 0; k < kOthers; k++) {
      lambda[(1 + k) * layer.neurons + n] = own.x[k];
    }
  }

  /** The onset of current k back over a time t, whose adjoint has not gone back yet. */
  __device__ __forceinline__ void onset_back(const VariantNeuron& neuron, int n, int k,
                                             const State& state, float t, float fade, State* own) {
    if constexpr (kAlpha) {
      const float phase = neuron.rates[k] * t;
      float* onset = &own->x[kDecaying + k];
      add(tau_sum(k), n,
          state.onset(k) * fade * (*onset - own->x[k] * (1.0f - phase)) * phase *
              neuron.rates[k]);
      *onset = (*onset + own->x[k] * phase) * fade;
    }
  }

  /** Back over a time t in which V stood still, which began with that state. */
  __device__ __forceinline__ void at_rest(const VariantNeuron& neuron, int n,
                                          const State& state, float t, State* own) {
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (neuron.rates[k] != 0.0f) {
        const float fade = expf(-neuron.rates[k] * t);
        add(tau_sum(k), n,
            state.x[k] * own->x[k] * t * fade * neuron.rates[k] * neuron.rates[k]);
        if (kAlpha && k <= kInhibition) {
          onset_back(neuron, n, k, state, t, fade, own);
        }
        own->x[k] *= fade;
      }
    }
  }

  /** Back over a free motion for a time t, which began with that state. */
  __device__ __forceinline__ void in_motion(const VariantNeuron& neuron, int n,
                                            const State& state, float t, State* own) {
    const float membrane = own->v;
    float fade;
    float fades[kDecaying];
    neuron.fade(t, &fade, fades);
    const float ones = first_integral(neuron.leak, 0.0f, t, 1.0f);
    float potentials = state.v * t * fade;
    float slopes = neuron.drive * ones;
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      const float rate = neuron.rates[k];
      if (rate == 0.0f) {
        continue;
      }
      float integral = own->x[k] * t * fades[k];
      float spread = 0.0f;
      if (k != kThresholdRise) {
        spread = neuron.coupling(k) *
                 first_integral(neuron.leak, rate, t, neuron.leak < rate ? fade : fades[k]);
        if (sums != nullptr) {
          integral += neuron.coupling(k) * membrane *
                      second_integral(rate, neuron.leak, t, fades[k], fade);
          potentials += neuron.coupling(k) * state.x[k] *
                        second_integral(neuron.leak, rate, t, fade, fades[k]);
          slopes += spread * state.x[k];
        }
      }
      add(tau_sum(k), n, state.x[k] * integral * rate * rate);
      if (kAlpha && k <= kInhibition) {
        const float before = second_integral(rate, neuron.leak, t, fades[k], fade);
        onset_back(neuron, n, k, state, t, fades[k], own);
        own->x[kDecaying + k] += neuron.push * rate * membrane * before;
        if (sums != nullptr) {
          const float part = neuron.push * rate * state.onset(k);
          const float change =
              before - rate * third_integral(rate, neuron.leak, t, fades[k], fade);
          add(tau_sum(k), n, -part * membrane * change * rate);
          potentials += part * mixed_integral(rate, neuron.leak, t, fades[k], fade);
          slopes += part * before;
        }
      }
      own->x[k] = own->x[k] * fades[k] + spread * membrane;
    }
    if (neuron.drive != 0.0f) {
      potentials += neuron.drive * second_integral(neuron.leak, 0.0f, t, fade, 1.0f);
    }
    add(kTauMem, n, -membrane * (slopes - neuron.leak * potentials) * neuron.push);
    add(kBias, n, membrane * ones * neuron.push);
    own->v = membrane * fade;
  }

  /** Back from one time to another, where the entry is or the start. */
  __device__ __forceinline__ void span(const VariantNeuron& neuron, int n, int entry, float from,
                                       float to, State* own, float* end) {
    State state = state_after(n, entry);
    const float free = free_from(n, entry);
    const float held = fmaxf(0.0f, fminf(from, free) - to);
    if (free <= from) {
      State moving = state;
      if (held > 0.0f) {
        neuron.rest(&moving, held);
      }
      if (from - to > held) {
        driven_motion(neuron, n, moving, from - to - held, own);
      }
      if (held > 0.0f) {
        *end = own->v * neuron.rise(moving);
        add(kRefractory, n, -*end);
      }
    }
    if (held > 0.0f) {
      at_rest(neuron, n, state, held, own);
      if constexpr (kDriven) {
        own->v += drive(n) * held;
      }
    }
  }

  /** dL/d(integral of V). */
  __device__ __forceinline__ float drive(int n) const { return mean_errors[n] / layer.duration; }

  /** in_motion with the drive, if there is one. */
  __device__ __forceinline__ void driven_motion(const VariantNeuron& neuron, int n,
                                                const State& state, float t, State* own) {
    if constexpr (kDriven) {
      const float c = drive(n);
      if (neuron.leak != 0.0f) {
        shift_by_constant(neuron, -c, own);
        in_motion(neuron, n, state, t, own);
        shift_by_constant(neuron, c, own);
      } else {
        in_motion(neuron, n, state, t, own);
        add_integral_without_leak(neuron, state, t, c, own);
      }
      if (sums != nullptr) {
        add(kTauMem, n, c * integral_by_tau_mem(neuron, state, t));
        add(kBias, n, c * integral_by_bias(neuron, t));
#pragma unroll
        for (int k = 0; k < kDecaying; k++) {
          if (k != kThresholdRise && neuron.rates[k] != 0.0f) {
            add(tau_sum(k), n, c * integral_by_tau(neuron, state, k, t));
          }
        }
      }
    } else {
      in_motion(neuron, n, state, t, own);
    }
  }

  /** Over spike k of neuron n where it stays at its time, which comes after that state. */
  __device__ __forceinline__ void stay(const VariantNeuron& neuron, int n, size_t k,
                                       const State& after, State* own, float* end) {
    const size_t at = static_cast<size_t>(sample) * out.capacity + k;
    const float time = out.times[at];
    const float v = own->v;
    const bool holds = free_after(variant, n, time) > time;
    const float rise = holds ? 0.0f : neuron.rise(after);
    float error = -*end - v * rise;
    if (variant.refractory != nullptr) {
      add(kRefractory, n, -v * rise);
    }
    State before = after;
    if (variant.threshold_jump != nullptr) {
      const float jump = variant.threshold_jump[n * variant.threshold_jump_step];
      error += own->x[kThresholdRise] * neuron.rates[kThresholdRise] * jump;
      add(kThresholdJump, n, own->x[kThresholdRise]);
      before.x[kThresholdRise] -= jump;
    }
    if (variant.adaptation_jump != nullptr) {
      const float jump = variant.adaptation_jump[n * variant.adaptation_jump_step];
      error += own->x[kAdaptation] * neuron.rates[kAdaptation] * jump;
      add(kAdaptationJump, n, own->x[kAdaptation]);
      before.x[kAdaptation] -= jump;
    }
    before.v = neuron.theta + before.x[kThresholdRise];
    error += drive(n) * (before.v - after.v);
    if (layer.lif.reset == nullptr) {
      error += v * neuron.rise(before);
      add(kThreshold, n, -v);
    } else {
      add(kReset, n, v);
      own->v = 0.0f;
    }
    *end = 0.0f;
    if (out.errors != nullptr) {
      out.errors[at] += error;
    }
  }

  /** Over spike k of neuron n, which comes after that state; see VariantAdjoint.java. */
  __device__ __forceinline__ void jump(const VariantNeuron& neuron, int n, size_t k, float caused,
                                       const State& after, State* own, float* end) {
    const size_t at = static_cast<size_t>(sample) * out.capacity + k;
    const float slope = out.slopes[at];
    const float v = own->v;
    const bool soft = layer.lif.reset == nullptr;
    float numerator = out.errors[at] + caused - *end;
    if (variant.refractory == nullptr) {
      numerator -= v * neuron.rise(after);
    }
    float adaptive = 0.0f;
    if (variant.threshold_jump != nullptr) {
      const float rise = variant.threshold_jump[n * variant.threshold_jump_step];
      const float rate = neuron.rates[kThresholdRise];
      adaptive = rate * (after.x[kThresholdRise] - rise);
      numerator += own->x[kThresholdRise] * rate * rise;
      add(kThresholdJump, n, own->x[kThresholdRise]);
    }
    if (variant.adaptation_jump != nullptr) {
      const float rise = variant.adaptation_jump[n * variant.adaptation_jump_step];
      numerator += own->x[kAdaptation] * neuron.rates[kAdaptation] * rise;
      add(kAdaptationJump, n, own->x[kAdaptation]);
    }
    if (soft) {
      numerator += v * (slope - adaptive);
    }
    const float mu = numerator / fmaxf(slope, layer.least_slope);
    add(kThreshold, n, soft ? mu - v : mu);
    add(kReset, n, v);
    own->v = soft ? v - mu : -mu;
    if (variant.threshold_jump != nullptr) {
      own->x[kThresholdRise] += mu;
    }
    *end = 0.0f;
    if (kicks != nullptr) {
      own->v -= neuron.tau_mem * kicks[n];
    }
  }

  /** Writes what an arrival gives to its weight and its time. */
  __device__ __forceinline__ void arrive(const VariantNeuron& neuron, int n, int entry,
                                         const State& own) {
    const int code = codes[entry];
    const bool input = code >= 0;
    const float weight =
        input ? layer.input.weights[code] : layer.recurrent.weights[-2 - code];
    const bool inhibitory = receptor(variant, weight) == kInhibition;
    const float direct = inhibitory ? own.x[kReceptors<kAlpha> + kInhibition]
                                    : own.x[kReceptors<kAlpha> + kCurrent];
    const float rate = inhibitory ? neuron.rates[kInhibition] : neuron.rates[kCurrent];
    float difference = rate * direct;
    if (kAlpha) {
      difference -= rate * (inhibitory ? own.x[kInhibition] : own.x[kCurrent]);
    } else {
      const bool held = free_from(n, entry) > times[entry];
      difference -= held ? 0.0f : own.v * neuron.push;
    }
    // reduce_rows multiplies by -tau_s.
    const float current = -direct * neuron.rates[kCurrent];
    const auto record = static_cast<size_t>(records[entry]);
    if (input) {
      input_records.set(input_records.at(sample, 0, 0) + record, current, difference);
    } else {
      recurrent_records.set(recurrent_records.at(sample, 0, 0) + record, current, difference);
    }
  }

  /**
   * Walks neuron n back through the arrivals at a time and later and, if it is alone, through its own
   * spikes; else a spike is left for the caller, who knows its error. With reach the neuron ends at
   * that time, where one of its entries is, or at the start.
   */
  __device__ __forceinline__ void back(int n, float until, bool alone, bool reach) {
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    State own = lambda_of(n);
    float end = ends[n];
    float time = now[n];
    int entry = last[n];
    const int first = starts[n];
    for (;;) {
      const int code = entry >= first ? codes[entry] : kOwnSpike;
      const bool passed = entry >= first && (code != kOwnSpike || alone) && times[entry] >= until;
      if (!passed && !reach) {
        break;
      }
      const float to = passed ? times[entry] : until;
      if (time > to) {
        span(neuron, n, entry, time, to, &own, &end);
        time = to;
      }
      if (!passed) {
        break;
      }
      if (code == kOwnSpike) {
        const size_t k = static_cast<size_t>(records[entry]);
        if constexpr (kDriven) {
          stay(neuron, n, k, state_after(n, entry), &own, &end);
        } else {
          jump(neuron, n, k, 0.0f, state_after(n, entry), &own, &end);
        }
      } else {
        arrive(neuron, n, entry, own);
      }
      entry--;
    }
    store(n, own);
    ends[n] = end;
    now[n] = time;
    last[n] = entry;
  }

  /** Neuron n, which has walked back to its spike k, jumps. */
  __device__ __forceinline__ void jump_at(int n, int k, float caused) {
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    State own = lambda_of(n);
    float end = ends[n];
    jump(neuron, n, static_cast<size_t>(k), caused, state_after(n, last[n]), &own, &end);
    store(n, own);
    ends[n] = end;
    last[n]--;
  }
};

}  // namespace TACET_NS
