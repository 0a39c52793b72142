// Adjoint of any layer, and of the ones whose gradients need the state between events
// (Wunderlich and Pehle 2021, table 1; delays: Meszaros, Knight and Nowotny 2025).
//
// A block of 256 threads per sample. Each neuron has a queue of all its events (queue.cu) and walks
// back along it, writing a record at every arrival. Spikes are processed from the last to the
// first: the targets of a spike walk back to its time, its error is the block's sum of w (lambdaV -
// lambdaI) over their records, in a fixed order, and then its neuron jumps. Layers without
// recurrence have no such sums, and a thread walks each neuron back to the start independently. The
// gradients of tau_m, tau_s and the bias are integrals of sums of exponentials between queue
// entries, taken in closed form from V and I after each entry, which a forward walk along the queue
// restores.
//
// Layout: 4 words per neuron, and 5 sums, in shared memory (up to 1024 neurons, 36 KB) or in the
// workspace; as many samples at a time as the workspace holds queues and records for, 20 bytes per
// synaptic event and 8 more for states.
// Bytes: 12 read and 8 written per synaptic event, 4 read by the row of each spike; with states 16
// more. Flops: ~50 per synaptic event, ~150 with states. 4 barriers per spike.
#include "eventprop/retreat.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;

namespace {

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
    TACET_DYNAMIC_SHARED(float, shared_states, 0, kRetreatWords * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kRetreatWords * neurons;
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

struct Scratch : LayerScratch {
  QueueView queues;
  EntryStates states{};
  RecordView recurrent_records{};
  float* words;
  /** What the targets of each output spike add to its error. */
  float* caused = nullptr;

  Scratch(tacet::Carver& carver, const LayerView& layer, const EventView& in, const EventView& out,
          const GradientView& gradients, int samples)
      : LayerScratch(carver, layer, in, out, gradients, samples) {
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
    words = take_words(carver, samples, layer.neurons, kRetreatWords);
    if (recurrent) {
      recurrent_records = take_records(carver, samples, out.capacity, layer.recurrent.longest,
                                       gradients.recurrent_weights != nullptr, true);
      caused = carver.take<float>(batch * static_cast<size_t>(out.capacity));
    }
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
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    const Scratch s(carver, layer, in, out, gradients, samples);
    order_arrivals(in, layer.input, s.arrivals, s.room, layer.duration, nullptr, stream);
    build_queues(layer, s.arrivals, &out, s.queues, samples, stream);
    TACET_LAUNCH(walk_backward_kernel, static_cast<unsigned int>(samples), kWalkThreads,
                 shared_words(layer.neurons, kRetreatWords), stream, layer, out, s.queues, s.states,
                 s.input_records, s.recurrent_records, kick, s.words, s.caused, s.partial);
    reduce_layer(layer, in, gradients, s, stream);
    if (layer.recurrent.weights != nullptr) {
      order_by_unit(out, s.out_order, s.room, stream);
      reduce_rows({layer.recurrent, out, s.out_order, s.recurrent_records, s.caused,
                   gradients.recurrent_weights, gradients.recurrent_delays},
                  layer.lif.tau_syn, layer.lif.tau_syn_step, layer.duration, stream);
    }
  }
}

}  // namespace TACET_NS
