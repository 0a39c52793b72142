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
// more. Flops: ~50 per synaptic event, ~150 with states. 3 barriers per spike.
#include "eventprop/retreat.cuh"
#include "eventprop/retreat_loop.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;

namespace {

template <bool kReplicas>
__global__ void __launch_bounds__(kWalkThreads)
    walk_backward_kernel(LayerView all, EventView out, QueueView queues, EntryStates states,
                         RecordView input_records, RecordView recurrent_records,
                         const float* kicks, float* words, float* caused, float* partial) {
  const int sample = static_cast<int>(blockIdx.x);
  const LayerView& layer = own_layer<kReplicas>(all, sample);
  if (kReplicas && kicks != nullptr) {
    kicks += static_cast<size_t>(sample / layer.input.samples) * layer.neurons;
  }
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

RetreatWords words_of(const EventView& in, const GradientView& gradients) {
  return {kRetreatWords, WantedSums(in, gradients).states ? 2 : 0, kNeuronSums};
}

}  // namespace

size_t walk_backward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                           const GradientView& gradients, int samples) {
  return retreat_scratch_bytes(layer, in, out, gradients, samples, words_of(in, gradients));
}

void walk_backward(const LayerView& layer, const EventView& all_in, const EventView& all_out,
                   const GradientView& gradients, const float* kick,
                   const tacet::Workspace& workspace, tacet::Stream stream) {
  retreat_rounds(
      layer, nullptr, all_in, all_out, gradients, words_of(all_in, gradients), workspace, stream,
      [&](const RetreatScratch& s, const EventView& out) {
        EntryStates states{};
        if (s.entries != nullptr) {
          states = {s.entries, s.entries + s.entry_stride};
        }
        with_replicas(layer.input, [&](auto replicas) {
          TACET_LAUNCH(walk_backward_kernel<decltype(replicas)::value>,
                       static_cast<unsigned int>(out.batch), kWalkThreads,
                       shared_words(layer.neurons, kRetreatWords), stream, layer, out, s.queues,
                       states, s.input_records, s.recurrent_records, kick, s.words, s.caused,
                       s.partial);
        });
      });
}

}  // namespace TACET_NS
