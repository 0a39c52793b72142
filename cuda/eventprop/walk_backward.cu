// Adjoint of any layer, and of the ones whose gradients need the state between events
// (Wunderlich and Pehle 2021, table 1; delays: Meszaros, Knight and Nowotny 2025).
//
// A block of 256 threads per sample. Each neuron has a queue of everything that happened to it
// (queue.cu) and walks back along it, leaving a record at every arrival. Spikes are passed from the
// last to the first: the targets of a spike walk back to its time, its error is the block's sum of
// w (lambdaV - lambdaI) over their records, in a fixed order, and then its neuron jumps. Layers
// without recurrence have no such sums, and a thread walks each neuron to the start on its own. The
// gradients of tau_m, tau_s and the bias are integrals of sums of exponentials between queue entries,
// taken in closed form from V and I after each entry, which a forward walk along the queue restores.
//
// Layout: 4 words per neuron, and 5 sums, in shared memory (up to 1024 neurons, 36 KB) or in the
// workspace; as many samples at a time as the workspace holds queues and records for, 20 bytes per
// synaptic event and 8 more for states.
// Bytes: 12 read and 8 written per synaptic event, 4 read by the row of each spike; with states 16
// more. Flops: ~50 per synaptic event, ~150 with states. 4 barriers per spike.
#include "eventprop/walk.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;

namespace {

constexpr int kWords = 4 + kNeuronSums;

/** V - b and I after each queue entry; null where no gradient needs them. */
struct EntryStates {
  float* u;
  float* i;
};

struct Wanted {
  bool events;
  bool neurons;
  bool states;

  Wanted(const EventView& in, const GradientView& g)
      : events(in.errors != nullptr || g.input_delays != nullptr),
        neurons(g.threshold != nullptr || g.reset != nullptr),
        states(g.tau_mem != nullptr || g.tau_syn != nullptr || g.bias != nullptr) {
    neurons = neurons || states;
  }
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
  const LayerView& layer;
  const EventView& out;
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

  __device__ Retreat(const LayerView& layer_, const EventView& out_, const QueueView& queues,
                     const EntryStates& states, const RecordView& input_records_,
                     const RecordView& recurrent_records_, const float* kicks_, float* words,
                     int sample_)
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
        u = span.alpha * u + span.gamma * i;
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
   * own spikes; else a spike is left for the caller, who knows its error. With reach the neuron ends
   * at that time and not at the arrival after it: integrals need spans that begin at an entry, so
   * only where one is, or at the start.
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
        li = span.beta * li + neuron.membrane.adjoint_gamma(span) * lv;
        lv = span.alpha * lv;
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
    return jump(neuron, out.slopes[at], out.errors[at] + caused, after,
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

/** All spikes of a recurrent layer from the last to the first; writes their caused errors. */
__device__ void retreat_together(Retreat& retreat, float* caused) {
  const EventView& out = retreat.out;
  const SynapseView& rows = retreat.layer.recurrent;
  const size_t base = static_cast<size_t>(retreat.sample) * out.capacity;
  for (int k = stored(out.counts, retreat.sample, out.capacity) - 1; k >= 0; k--) {
    const int unit = out.units[base + k];
    const float time = out.times[base + k];
    const size_t begin = row_begin(rows, unit);
    const int length = row_length(rows, unit);
    // The unit itself takes the place past its row, whether it has a synapse onto itself or not.
    for (int j = static_cast<int>(threadIdx.x); j <= length; j += kWalkThreads) {
      const int m = j == length ? unit : row_target(rows, begin, j);
      if (j == length || m != unit) {
        retreat.back(m, time, false, j == length);
      }
    }
    __syncthreads();
    float error = 0.0f;
    for (int j = static_cast<int>(threadIdx.x); j < length; j += kWalkThreads) {
      if (time + delay_of(rows, unit, begin + j) <= retreat.layer.duration) {
        const RecordView& records = retreat.recurrent_records;
        error += rows.weights[begin + j] * records.difference[records.at(retreat.sample, k, j)];
      }
    }
    error = block_sum(error);
    if (threadIdx.x == 0) {
      caused[base + k] = error;
      retreat.jump_at(unit, k, error);
    }
    __syncthreads();
  }
}

__global__ void __launch_bounds__(kWalkThreads)
    walk_backward_kernel(LayerView layer, EventView out, QueueView queues, EntryStates states,
                         RecordView input_records, RecordView recurrent_records,
                         const float* kicks, float* words, float* caused, float* partial) {
  const int sample = static_cast<int>(blockIdx.x);
  const int neurons = layer.neurons;
  if (words == nullptr) {
    TACET_DYNAMIC_SHARED(float, shared_states, 0, kWords * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kWords * neurons;
  }
  Retreat retreat(layer, out, queues, states, input_records, recurrent_records, kicks, words,
                  sample);
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    retreat.begin(n);
  }
  __syncthreads();
  const bool alone = layer.recurrent.weights == nullptr;
  if (!alone) {
    retreat_together(retreat, caused);
  }
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    retreat.back(n, 0.0f, alone, true);
    if (partial != nullptr) {
      const size_t kind = static_cast<size_t>(gridDim.x) * neurons;
      for (int k = 0; k < kNeuronSums; k++) {
        partial[k * kind + static_cast<size_t>(sample) * neurons + n] =
            retreat.sums[k * neurons + n];
      }
    }
  }
}

struct Scratch {
  ArrivalView arrivals;
  UnitOrder in_order;
  UnitOrder out_order;
  SortRoom room;
  QueueView queues;
  EntryStates states{};
  RecordView input_records;
  RecordView recurrent_records{};
  float* words;
  float* input_errors;
  float* caused;
  float* partial;
  float* tile_sums;

  Scratch(tacet::Carver& carver, const LayerView& layer, const EventView& in, const EventView& out,
          const GradientView& gradients, int samples)
      : arrivals(take_arrivals(carver, samples, in.capacity)),
        in_order(take_unit_order(carver, samples, in.capacity)),
        out_order(take_unit_order(carver, samples, out.capacity)),
        room(take_sort_room(carver, samples, std::max(in.capacity, out.capacity))) {
    const Wanted wanted(in, gradients);
    const bool recurrent = layer.recurrent.weights != nullptr;
    const size_t batch = static_cast<size_t>(samples);
    const size_t stride =
        static_cast<size_t>(in.capacity) * static_cast<size_t>(layer.input.longest) +
        static_cast<size_t>(out.capacity) *
            (1 + (recurrent ? static_cast<size_t>(layer.recurrent.longest) : 0));
    queues = take_queues(carver, samples, layer.neurons, stride, true);
    if (wanted.states) {
      states.u = carver.take<float>(batch * stride);
      states.i = carver.take<float>(batch * stride);
    }
    input_records = take_records(carver, samples, in.capacity, layer.input.longest,
                                 gradients.input_weights != nullptr, wanted.events);
    if (recurrent) {
      recurrent_records = take_records(carver, samples, out.capacity, layer.recurrent.longest,
                                       gradients.recurrent_weights != nullptr, true);
    }
    words = take_words(carver, samples, layer.neurons, kWords);
    input_errors = in.errors == nullptr && wanted.events
                       ? carver.take<float>(batch * static_cast<size_t>(in.capacity))
                       : in.errors;
    caused = recurrent ? carver.take<float>(batch * static_cast<size_t>(out.capacity)) : nullptr;
    partial = wanted.neurons
                  ? carver.take<float>(kNeuronSums * batch * static_cast<size_t>(layer.neurons))
                  : nullptr;
    tile_sums = carver.take<float>(neuron_tile_sums(layer.neurons));
  }
};

}  // namespace

size_t walk_backward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                           const GradientView& gradients, int samples) {
  tacet::Carver carver(nullptr);
  Scratch(carver, layer, in, out, gradients, samples);
  return carver.bytes();
}

void walk_backward(const LayerView& layer, const EventView& all_in, const EventView& all_out,
                   const GradientView& gradients, const float* kick,
                   const tacet::Workspace& workspace, tacet::Stream stream) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return walk_backward_bytes(layer, all_in, all_out, gradients, samples);
  });
  const Wanted wanted(all_in, gradients);
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    const Scratch s(carver, layer, in, out, gradients, samples);
    order_arrivals(in, layer.input, s.arrivals, s.room, layer.duration, nullptr, stream);
    order_by_unit(in, s.in_order, s.room, stream);
    build_queues(layer, s.arrivals, &out, s.queues, samples, stream);
    TACET_LAUNCH(walk_backward_kernel, static_cast<unsigned int>(samples), kWalkThreads,
                 shared_words(layer.neurons, kWords), stream, layer, out, s.queues, s.states,
                 s.input_records, s.recurrent_records, kick, s.words, s.caused, s.partial);
    const RowSums input{layer.input,   in,
                        s.in_order,    s.input_records,
                        s.input_errors, gradients.input_weights,
                        gradients.input_delays};
    if (wanted.events) {
      reduce_events(input, layer.duration, stream);
    }
    const auto& lif = layer.lif;
    reduce_rows(input, lif.tau_syn, lif.tau_syn_step, layer.duration, stream);
    if (layer.recurrent.weights != nullptr) {
      order_by_unit(out, s.out_order, s.room, stream);
      reduce_rows({layer.recurrent, out, s.out_order, s.recurrent_records, s.caused,
                   gradients.recurrent_weights, gradients.recurrent_delays},
                  lif.tau_syn, lif.tau_syn_step, layer.duration, stream);
    }
    if (wanted.neurons) {
      reduce_neurons(s.partial, samples, layer.neurons, lif, gradients, s.tile_sums, stream);
    }
  }
}

}  // namespace TACET_NS
