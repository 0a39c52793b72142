// Adjoint of any layer whose neurons are of a variant (Wunderlich and Pehle 2021 for a hybrid system;
// docs/hybrid-neurons.md).
//
// The adjoint of walk_backward.cu over another neuron: one kernel for all variants but those with alpha
// synapses, which have one of their own. A jump takes the state after its spike, so every pass restores
// the states of all entries; the gradients of parameters are added up in the workspace.
//
// Layout: 8 words per neuron in shared memory (up to 1024 neurons, 32 KB; with alpha synapses 10 and
// 40 KB) or in the workspace; 24 bytes more per synaptic event, with alpha synapses 32, than
// walk_backward.cu has without states.
// Bytes: 36 read and 32 written per synaptic event. Flops: ~150 per synaptic event, ~300 with gradients
// of parameters. 4 barriers per spike.
#include "eventprop/retreat_loop.cuh"
#include "eventprop/variant_retreat.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::VariantView;

namespace {

template <bool kAlpha>
__global__ void __launch_bounds__(kWalkThreads, 1)
    variant_backward_kernel(LayerView layer, VariantView variant, EventView out, QueueView queues,
                            float* entries, size_t entry_stride, RecordView input_records,
                            RecordView recurrent_records, const float* kicks, float* words,
                            float* caused, float* partial) {
  const int sample = static_cast<int>(blockIdx.x);
  const int neurons = layer.neurons;
  if (words == nullptr) {
    TACET_DYNAMIC_SHARED(float, shared_states, 0,
                         kVariantRetreatWords<kAlpha> * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kVariantRetreatWords<kAlpha> * neurons;
  }
  VariantRetreat<kAlpha> retreat(layer, variant, out, queues, entries, entry_stride, input_records,
                                 recurrent_records, kicks, words, partial, sample);
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
  }
}

template <bool kAlpha>
void retreat_all(const LayerView& layer, const VariantView& variant, const EventView& in,
                 const EventView& out, const GradientView& gradients, const float* kick,
                 const tacet::Workspace& workspace, tacet::Stream stream) {
  retreat_rounds(layer, &variant, in, out, gradients, kVariantKept<kAlpha>, workspace, stream,
                 [&](const RetreatScratch& s, const EventView& spikes) {
                   TACET_LAUNCH(variant_backward_kernel<kAlpha>,
                                static_cast<unsigned int>(spikes.batch), kWalkThreads,
                                shared_words(layer.neurons, kVariantRetreatWords<kAlpha>), stream,
                                layer, variant, spikes, s.queues, s.entries, s.entry_stride,
                                s.input_records, s.recurrent_records, kick, s.words, s.caused,
                                s.partial);
                 });
}

}  // namespace

size_t variant_backward_bytes(const LayerView& layer, const VariantView& variant,
                              const EventView& in, const EventView& out,
                              const GradientView& gradients, int samples) {
  return retreat_scratch_bytes(layer, in, out, gradients, samples,
                               variant.alpha ? kVariantKept<true> : kVariantKept<false>);
}

void variant_backward(const LayerView& layer, const VariantView& variant, const EventView& in,
                      const EventView& out, const GradientView& gradients, const float* kick,
                      const tacet::Workspace& workspace, tacet::Stream stream) {
  if (variant.alpha) {
    retreat_all<true>(layer, variant, in, out, gradients, kick, workspace, stream);
  } else {
    retreat_all<false>(layer, variant, in, out, gradients, kick, workspace, stream);
  }
}

}  // namespace TACET_NS
