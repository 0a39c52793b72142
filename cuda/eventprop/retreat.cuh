// The backward walk of one neuron in walk_backward.cu: along its queue, with its jumps at spikes
// and the integrals between entries.
#pragma once

#include "eventprop/walk.cuh"

namespace TACET_NS {

/** Words per neuron: lambdaV, lambdaI, time, queue entry, and the sums. */
constexpr int kRetreatWords = 4 + kNeuronSums;

/** V - b and I after each queue entry; null where no gradient needs them. */
struct EntryStates {
  float* u;
  float* i;
};

/** (1 - (1 - e^-x)/x)/x, 1/2 at 0. */
__device__ __forceinline__ float second_order(float x) {
  if (fabsf(x) < 0.3f) {
    return 0.5f - x / 6.0f * (1.0f - x / 4.0f * (1.0f - x / 5.0f * (1.0f - x / 6.0f *
           (1.0f - x / 7.0f * (1.0f - x / 8.0f)))));
  }
  return (1.0f + expm1f(-x) / x) / x;
}

/** A sample as one thread sees it. */
struct Retreat {
  const tacet::LayerView& layer;
  const tacet::EventView& out;
  const RecordView& input_records;
  const RecordView& recurrent_records;
  int sample;
  const int32_t* starts;
  const float* times;
  const int32_t* codes;
  const int32_t* records;
  float* entry_u;
  float* entry_i;
  const float* kicks;
  float* lambda_v;
  float* lambda_i;
  float* now;
  int* last;
  float* sums;

  __device__ Retreat(const tacet::LayerView& layer_, const tacet::EventView& out_,
                     const QueueView& queues, const EntryStates& states,
                     const RecordView& input_records_, const RecordView& recurrent_records_,
                     const float* kicks_, float* words, int sample_)
      : layer(layer_),
        out(out_),
        input_records(input_records_),
        recurrent_records(recurrent_records_),
        sample(sample_),
        kicks(kicks_),
        lambda_v(words),
        lambda_i(words + layer_.neurons),
        now(words + 2 * layer_.neurons),
        last(reinterpret_cast<int*>(words + 3 * layer_.neurons)),
        sums(words + 4 * layer_.neurons) {
    const size_t base = static_cast<size_t>(sample) * queues.stride;
    starts = queues.starts + static_cast<size_t>(sample) * (layer_.neurons + 1);
    times = queues.times + base;
    codes = queues.codes + base;
    records = queues.records + base;
    entry_u = states.u == nullptr ? nullptr : states.u + base;
    entry_i = states.u == nullptr ? nullptr : states.i + base;
  }

  __device__ void begin(int n) {
    lambda_v[n] = 0.0f;
    lambda_i[n] = 0.0f;
    now[n] = layer.duration;
    last[n] = starts[n + 1] - 1;
    for (int kind = 0; kind < kNeuronSums; kind++) {
      sums[kind * layer.neurons + n] = 0.0f;
    }
    if (entry_u != nullptr) {
      restore_states(n);
    }
  }

  __device__ void restore_states(int n) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    float u = neuron.start;
    float i = 0.0f;
    float time = 0.0f;
    for (int k = starts[n]; k < starts[n + 1]; k++) {
      if (times[k] > time) {
        const Span span = neuron.membrane.span(times[k] - time);
        u = span.end_of(u, i);
        i = span.beta * i;
        time = times[k];
      }
      const int code = codes[k];
      if (code == kOwnSpike) {
        u = neuron.reset;
      } else {
        i += code >= 0 ? layer.input.weights[code] : layer.recurrent.weights[-2 - code];
      }
      entry_u[k] = u;
      entry_i[k] = i;
    }
  }

  /**
   * Adds the integrals over a span d that begins with the state after entry last[n] and ends with
   * the adjoint as it is: tau_m: lambdaV V', tau_s: lambdaI I', bias: -lambdaV.
   */
  __device__ void integrate(const Neuron& neuron, int n, int entry, const Span& span, float d,
                            float lv, float li) {
    const float tm = neuron.membrane.tm;
    const float ts = neuron.membrane.ts;
    const bool first = entry < starts[n];
    const float u = first ? neuron.start : entry_u[entry];
    const float i = first ? 0.0f : entry_i[entry];
    const float x = d * neuron.membrane.rate;
    const float from_i = i * tm * span.gamma;
    const float from_u =
        u * d * span.alpha + i * (d * d / tm) * span.alpha * second_order(x);
    sums[kTauMem * layer.neurons + n] += lv / tm * (from_i - from_u);
    const float direct = li * d * span.beta;
    const float indirect = lv * (d * d / ts) * span.beta * second_order(-x);
    sums[kTauSyn * layer.neurons + n] -= i / ts * (direct + indirect);
    sums[kBias * layer.neurons + n] += lv * tm * expm1f(-d / tm);
  }

  /**
   * Walks neuron n back through the arrivals at a time and later and, if it is alone, through its
   * own spikes; else a spike is left for the caller, who knows its error. With reach the neuron
   * ends at that time and not at the arrival after it: integrals need spans that begin at an entry,
   * so only where one is, or at the start.
   */
  __device__ void back(int n, float until, bool alone, bool reach) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    float lv = lambda_v[n];
    float li = lambda_i[n];
    float time = now[n];
    int entry = last[n];
    const int first = starts[n];
    JumpSums jumps;
    for (;;) {
      const int code = entry >= first ? codes[entry] : kOwnSpike;
      const bool arrival = entry >= first && (code != kOwnSpike || alone) && times[entry] >= until;
      if (!arrival && !reach) {
        break;
      }
      const float to = arrival ? times[entry] : until;
      const float d = time - to;
      if (d > 0.0f) {
        const Span span = neuron.membrane.span(d);
        if (entry_u != nullptr) {
          integrate(neuron, n, entry, span, d, lv, li);
        }
        neuron.membrane.retreat(span, &lv, &li);
        time = to;
      }
      if (!arrival) {
        break;
      }
      const size_t record = static_cast<size_t>(records[entry]);
      if (code == kOwnSpike) {
        lv = pass(neuron, n, record, 0.0f, lv, &jumps);
      } else if (code >= 0) {
        input_records.write(input_records.at(sample, 0, 0) + record, lv, li);
      } else {
        recurrent_records.write(recurrent_records.at(sample, 0, 0) + record, lv, li);
      }
      entry--;
    }
    lambda_v[n] = lv;
    lambda_i[n] = li;
    now[n] = time;
    last[n] = entry;
    add(neuron, n, jumps);
  }

  /** lambdaV before spike k of neuron n. */
  __device__ float pass(const Neuron& neuron, int n, size_t k, float caused, float after,
                        JumpSums* jumps) const {
    const size_t at = static_cast<size_t>(sample) * out.capacity + k;
    return jump(neuron, out.slopes[at], layer.least_slope, out.errors[at] + caused, after,
                kicks == nullptr ? 0.0f : kicks[n], jumps);
  }

  __device__ void add(const Neuron& neuron, int n, const JumpSums& jumps) {
    sums[kThreshold * layer.neurons + n] += neuron.membrane.tm * jumps.before;
    sums[kReset * layer.neurons + n] -= neuron.membrane.tm * jumps.after;
  }

  /** Neuron n, which has walked back to its spike k, jumps. */
  __device__ void jump_at(int n, int k, float caused) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    JumpSums jumps;
    lambda_v[n] = pass(neuron, n, static_cast<size_t>(k), caused, lambda_v[n], &jumps);
    last[n]--;
    add(neuron, n, jumps);
  }
};

}  // namespace TACET_NS
