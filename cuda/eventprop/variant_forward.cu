// Exact simulation of any layer whose neurons are of a variant: without leak, with a soft reset, a
// refractory period, an adaptive threshold, an adaptation current, an inhibitory synapse or alpha
// synapses.
//
// The walk of walk_forward.cu over another neuron: one kernel for all variants, which skips what a
// neuron lacks, but for those with alpha synapses, which have one of their own. The state at a spike
// is computed anew when it happens, so that predictions keep its time only.
//
// Layout: 11 words per neuron in shared memory (up to 1024 neurons, 44 KB; with alpha synapses 13 and
// 52 KB) or in the workspace; the rest as in walk_forward.cu. Bytes: as there. Flops: ~100 per
// synaptic event out of reach of the threshold, ~400 within it, ~800 per spike.
#include "eventprop/variant_walker.cuh"
#include "eventprop/walk_loop.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;
using tacet::VariantView;

namespace {

template <bool kAlpha>
__global__ void __launch_bounds__(kWalkThreads, 1)
    variant_forward_kernel(LayerView layer, VariantView variant, ArrivalView arrivals,
                           QueueView queues, PendingView pending, float* words, SpikeSink sink,
                           int32_t* overflow) {
  const int sample = static_cast<int>(blockIdx.x);
  const int neurons = layer.neurons;
  if (words == nullptr) {
    TACET_DYNAMIC_SHARED(float, shared_states, 0,
                         kVariantStateWords<kAlpha> * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kVariantStateWords<kAlpha> * neurons;
  }
  VariantWalker<kAlpha> walker(layer, variant, arrivals, queues, pending,
                               VariantStates<kAlpha>(words, neurons), sample);
  int invalid = 0;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    invalid |= is_sensible(layer.lif, variant, n) ? 0 : 1 << -tacet::kBadParameters;
    walker.begin(n);
  }
  if (invalid != 0) {
    atomicOr(&sink.status[sample], invalid);
  }
  if (__syncthreads_or(invalid)) {
    return;
  }
  if (layer.recurrent.weights == nullptr) {
    walk_alone(walker, sink, sample);
  } else if (!walk_together(walker, sink, sample)) {
    *overflow = 1;
  }
  if (walker.bad != 0) {
    atomicOr(&sink.status[sample], walker.bad);
  }
  if (walker.grazes > 0) {
    atomicAdd(&sink.grazes[sample], walker.grazes);
  }
}

int words_of(const VariantView& variant) {
  return variant.alpha ? kVariantStateWords<true> : kVariantStateWords<false>;
}

template <bool kAlpha>
void simulate(const LayerView& layer, const VariantView& variant, const WalkScratch& scratch,
              int samples, int32_t* overflow, tacet::Stream stream) {
  TACET_LAUNCH(variant_forward_kernel<kAlpha>, static_cast<unsigned int>(samples), kWalkThreads,
               shared_words(layer.neurons, kVariantStateWords<kAlpha>), stream, layer, variant,
               scratch.arrivals, scratch.queues, scratch.pending, scratch.words, scratch.sink,
               overflow);
}

}  // namespace

size_t variant_forward_bytes(const LayerView& layer, const VariantView& variant,
                             const EventView& in, const EventView& out, int pending,
                             int samples) {
  return walk_scratch_bytes(layer, in, out, pending, samples, words_of(variant));
}

void variant_forward(const LayerView& layer, const VariantView& variant, const EventView& in,
                     const EventView& out, int pending, int32_t* overflow,
                     const tacet::Workspace& workspace, tacet::Stream stream) {
  fill_bytes(overflow, 0, sizeof(int32_t), stream);
  walk_rounds(layer, in, out, pending, words_of(variant), workspace, stream,
              [&](const WalkScratch& scratch, int samples) {
                if (variant.alpha) {
                  simulate<true>(layer, variant, scratch, samples, overflow, stream);
                } else {
                  simulate<false>(layer, variant, scratch, samples, overflow, stream);
                }
              });
}

}  // namespace TACET_NS
