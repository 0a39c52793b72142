// Mean potentials of the neurons of any layer along the events of an exact pass, and their derivatives
// where every event stays at its time (l_V of eq. 1 of Wunderlich and Pehle 2021 with a constant drive;
// docs/hybrid-neurons.md). The adjoint of the spikes makes the rest of the gradient of what is added to
// their errors here, so that no other kernel knows of the drive.
//
// Neurons are apart: a thread walks the queue of one forward, or back by VariantRetreat with its drive;
// LIF neurons are a variant without a feature. A block of 256 threads per sample, and one kernel more
// for alpha synapses, as in variant_backward.cu, whose layout and workspace these are.
// Bytes: 16 read per synaptic event forward; backward as variant_backward.cu. Flops: ~150 per synaptic
// event forward, ~300 backward. No barriers.
#include "eventprop/retreat_loop.cuh"
#include "eventprop/variant_retreat.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::VariantView;

namespace {

/** Nothing is kept on the way forward; a word per neuron is the least. */
constexpr RetreatWords kKeptForward{1, 0, kVariantSums};

constexpr int kAddThreads = 256;

template <bool kAlpha>
__global__ void __launch_bounds__(kWalkThreads, 1)
    mean_potentials_kernel(LayerView layer, VariantView variant, QueueView queues,
                           float* __restrict__ means) {
  const int sample = static_cast<int>(blockIdx.x);
  const size_t base = static_cast<size_t>(sample) * queues.stride;
  const int32_t* starts = queues.starts + static_cast<size_t>(sample) * (layer.neurons + 1);
  for (int n = static_cast<int>(threadIdx.x); n < layer.neurons; n += kWalkThreads) {
    VariantNeuron neuron;
    neuron.load(layer.lif, variant, n);
    VariantState<kAlpha> state{};
    float time = 0.0f;
    float free_from = 0.0f;
    float sum = 0.0f;
    for (int e = starts[n]; e <= starts[n + 1]; e++) {
      const bool last = e == starts[n + 1];
      const float to = last ? layer.duration : queues.times[base + e];
      if (to > time) {
        const float held = fmaxf(0.0f, fminf(to, free_from) - time);
        sum += state.v * held;
        neuron.rest(&state, held);
        if (to - time > held) {
          sum += integral_of_potential(neuron, state, to - time - held);
          neuron.move(&state, to - time - held);
        }
        time = to;
      }
      if (last) {
        break;
      }
      const int code = queues.codes[base + e];
      if (code == kOwnSpike) {
        spike_of(layer.lif, variant, n, &state);
        free_from = free_after(variant, n, time);
      } else {
        receive(variant, code >= 0 ? layer.input.weights[code] : layer.recurrent.weights[-2 - code],
                &state);
      }
    }
    means[static_cast<size_t>(sample) * layer.neurons + n] = sum / layer.duration;
  }
}

template <bool kAlpha>
__global__ void __launch_bounds__(kWalkThreads, 1)
    potential_backward_kernel(LayerView layer, VariantView variant, EventView out,
                              QueueView queues, float* entries, size_t entry_stride,
                              RecordView input_records, RecordView recurrent_records,
                              const float* __restrict__ mean_errors, float* words,
                              float* partial) {
  const int sample = static_cast<int>(blockIdx.x);
  const int neurons = layer.neurons;
  if (words == nullptr) {
    TACET_DYNAMIC_SHARED(float, shared_states, 0,
                         kVariantRetreatWords<kAlpha> * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kVariantRetreatWords<kAlpha> * neurons;
  }
  VariantRetreat<kAlpha, true> retreat(layer, variant, out, queues, entries, entry_stride,
                                       input_records, recurrent_records, nullptr, words, partial,
                                       sample);
  retreat.mean_errors = mean_errors + static_cast<size_t>(sample) * neurons;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    retreat.begin(n);
    retreat.back(n, 0.0f, true, true);
  }
}

/** A thread per spike. */
__global__ void __launch_bounds__(kAddThreads)
    add_caused_kernel(EventView out, const float* __restrict__ caused) {
  const int sample = static_cast<int>(blockIdx.y);
  const int k = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (k < stored(out.counts, sample, out.capacity)) {
    const size_t at = static_cast<size_t>(sample) * out.capacity + k;
    out.errors[at] += caused[at];
  }
}

template <bool kAlpha>
void means_of(const LayerView& layer, const VariantView& variant, const EventView& in,
              const EventView& out, float* means, const tacet::Workspace& workspace,
              tacet::Stream stream) {
  retreat_rounds(layer, &variant, in, out, GradientView{}, kKeptForward, workspace, stream,
                 [&](const RetreatScratch& s, const EventView& spikes) {
                   const auto first = static_cast<size_t>(spikes.counts - out.counts);
                   TACET_LAUNCH(mean_potentials_kernel<kAlpha>,
                                static_cast<unsigned int>(spikes.batch), kWalkThreads, 0, stream,
                                layer, variant, s.queues,
                                means + first * static_cast<size_t>(layer.neurons));
                 });
}

template <bool kAlpha>
void back_from(const LayerView& layer, const VariantView& variant, const EventView& in,
               const EventView& out, const float* mean_errors, const GradientView& gradients,
               const tacet::Workspace& workspace, tacet::Stream stream) {
  retreat_rounds(layer, &variant, in, out, gradients, kVariantKept<kAlpha>, workspace, stream,
                 [&](const RetreatScratch& s, const EventView& spikes) {
                   const auto first = static_cast<size_t>(spikes.counts - out.counts);
                   TACET_LAUNCH(potential_backward_kernel<kAlpha>,
                                static_cast<unsigned int>(spikes.batch), kWalkThreads,
                                shared_words(layer.neurons, kVariantRetreatWords<kAlpha>), stream,
                                layer, variant, spikes, s.queues, s.entries, s.entry_stride,
                                s.input_records, s.recurrent_records,
                                mean_errors + first * static_cast<size_t>(layer.neurons), s.words,
                                s.partial);
                   if (layer.recurrent.weights == nullptr) {
                     return;
                   }
                   reduce_rows({layer.recurrent, spikes, s.out_order, s.recurrent_records,
                                s.caused, nullptr, nullptr},
                               layer.lif.tau_syn, layer.lif.tau_syn_step, layer.duration, true,
                               stream);
                   if (spikes.errors != nullptr) {
                     const dim3 grid(
                         static_cast<unsigned int>(tacet::ceil_div(spikes.capacity, kAddThreads)),
                         static_cast<unsigned int>(spikes.batch));
                     TACET_LAUNCH(add_caused_kernel, grid, kAddThreads, 0, stream, spikes,
                                  s.caused);
                   }
                 });
}

}  // namespace

size_t mean_potentials_bytes(const LayerView& layer, const VariantView& variant,
                             const EventView& in, const EventView& out,
                             const GradientView* gradients, int samples) {
  if (gradients == nullptr) {
    return retreat_scratch_bytes(layer, in, out, GradientView{}, samples, kKeptForward);
  }
  return retreat_scratch_bytes(layer, in, out, *gradients, samples,
                               variant.alpha ? kVariantKept<true> : kVariantKept<false>);
}

void mean_potentials(const LayerView& layer, const VariantView& variant, const EventView& in,
                     const EventView& out, float* means, const tacet::Workspace& workspace,
                     tacet::Stream stream) {
  if (variant.alpha) {
    means_of<true>(layer, variant, in, out, means, workspace, stream);
  } else {
    means_of<false>(layer, variant, in, out, means, workspace, stream);
  }
}

void mean_potentials_backward(const LayerView& layer, const VariantView& variant,
                              const EventView& in, const EventView& out, const float* mean_errors,
                              const GradientView& gradients, const tacet::Workspace& workspace,
                              tacet::Stream stream) {
  if (variant.alpha) {
    back_from<true>(layer, variant, in, out, mean_errors, gradients, workspace, stream);
  } else {
    back_from<false>(layer, variant, in, out, mean_errors, gradients, workspace, stream);
  }
}

}  // namespace TACET_NS
