// Exact simulation of any layer: recurrent, with a delay per synapse, with compressed rows.
//
// A block of 256 threads per sample. Every neuron has a state at its last event, the arrivals ahead
// of it - input arrivals, which are known, and pending ones, which earlier spikes sent - and a
// predicted next spike. The block takes the earliest prediction, which is final: the neuron fires,
// its row is sent, a thread per synapse, and targets reached before their own prediction predict
// again (Wunderlich and Pehle 2021, eq. 1, event by event). Predictions look ahead to a horizon of
// some 32 arrivals or spikes only, so that a neuron does not rescan all its future arrivals after
// every spike it receives. Layers without recurrence need no order among neurons: a thread walks
// each to the end.
//
// Layout: 10 words per neuron in shared memory (up to 1024 neurons, 40 KB) or in the workspace;
// pending arrivals [samples][pending][neurons], 8 bytes each. Dense input rows without synaptic
// delays are read in place; others are queued per neuron first (queue.cu). A full pending buffer
// sets *overflow, and the caller repeats the pass with a larger one.
// Bytes: 8 per recurrent synaptic event and 4 per input one, 16 and 24 where they are queued.
// Flops: ~60 per synaptic event, ~200 per spike; 2 barriers and a minimum over neurons per spike.
#include "eventprop/walk_loop.cuh"
#include "eventprop/walker.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;

namespace {

template <bool kReplicas>
__global__ void __launch_bounds__(kWalkThreads, 2)
    walk_forward_kernel(LayerView all, ArrivalView arrivals, QueueView queues,
                        PendingView pending, float* words, SpikeSink sink, int32_t* overflow) {
  const int sample = static_cast<int>(blockIdx.x);
  const LayerView& layer = own_layer<kReplicas>(all, sample);
  const int neurons = layer.neurons;
  if (words == nullptr) {
    TACET_DYNAMIC_SHARED(float, shared_states, 0, kStateWords * static_cast<size_t>(neurons));
    words = shared_states;
  } else {
    words += static_cast<size_t>(sample) * kStateWords * neurons;
  }
  Walker walker(layer, arrivals, queues, pending, words, sample);
  int bad = 0;
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    Neuron neuron;
    neuron.load(layer.lif, n);
    bad |= neuron.sensible() ? 0 : 1 << -tacet::kBadParameters;
    walker.begin(n);
  }
  if (bad != 0) {
    atomicOr(&sink.status[sample], bad);
  }
  if (__syncthreads_or(bad)) {
    return;
  }
  if (layer.recurrent.weights == nullptr) {
    walk_alone(walker, sink, sample);
  } else if (!walk_together(walker, sink, sample)) {
    *overflow = 1;
  }
  __syncthreads();
  for (int n = static_cast<int>(threadIdx.x); n < neurons; n += kWalkThreads) {
    const float state = walker.s.u[n] + walker.s.i[n] + walker.s.next_current[n];
    if (!(fabsf(state) < infinity())) {
      bad = 1 << -tacet::kNotFinite;
    }
  }
  if (bad != 0) {
    atomicOr(&sink.status[sample], bad);
  }
  if (walker.grazes > 0) {
    atomicAdd(&sink.grazes[sample], walker.grazes);
  }
}

}  // namespace

size_t walk_forward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                          int pending, int samples) {
  return walk_scratch_bytes(layer, in, out, pending, samples, kStateWords);
}

void walk_forward(const LayerView& layer, const EventView& in, const EventView& out, int pending,
                  int32_t* overflow, const tacet::Workspace& workspace, tacet::Stream stream) {
  walk_rounds(layer, in, out, pending, kStateWords, workspace, stream,
              [&](const WalkScratch& scratch, int samples) {
                with_replicas(layer.input, [&](auto replicas) {
                  TACET_LAUNCH(walk_forward_kernel<decltype(replicas)::value>,
                               static_cast<unsigned int>(samples), kWalkThreads,
                               shared_words(layer.neurons, kStateWords), stream, layer,
                               scratch.arrivals, scratch.queues, scratch.pending, scratch.words,
                               scratch.sink, overflow);
                });
              });
}

}  // namespace TACET_NS
