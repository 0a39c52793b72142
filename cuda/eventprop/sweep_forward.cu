// Exact simulation of a feed-forward layer without delays or with a delay per source.
//
// Neurons are independent, so a thread owns a neuron of a sample, keeps V and I in registers and
// walks the sample's arrivals in order; between two arrivals the closed-form motion and crossing
// test of membrane.cuh apply (Wunderlich and Pehle 2021, eq. 1). Where all neurons share their time
// constants the propagators of a step are computed once per tile.
//
// Launch: grid (neurons / 64, samples), 64 threads; arrivals and weights staged 16 steps at a time,
// 4.5 KB of shared memory. Spikes go to a list per sample by one counter; the last of a sample's
// blocks sorts them in shared memory, or a launch of its own where they might not fit.
// Bytes: 4 per (arrival, target), 12 per (arrival, tile), 24 per spike (found, then sorted).
// Flops: ~10 per (arrival, neuron) with shared time constants and ~40 without; ~200 per spike.
#include "common/last_block.cuh"
#include "eventprop/sweep.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::LayerView;
using tacet::LifView;

namespace {

// With replicas, whose arguments take registers, 16 blocks on a multiprocessor, or the compiler spills
// to fit more.
template <bool kSharedTau, bool kReplicas>
__global__ void __launch_bounds__(kTile, kReplicas ? 16 : 0)
    sweep_forward_kernel(LifView all_lif, SynapseView all_rows, ArrivalView arrivals, SpikeSink sink,
                         EventView out, int room, float duration) {
  TACET_SHARED(steps, Step[kChunk]);
  TACET_SHARED(weights, float[kChunk][kTile]);
  TACET_DYNAMIC_SHARED(SortKey, keys, 0, static_cast<size_t>(room));
  TACET_DYNAMIC_SHARED(int, values, static_cast<size_t>(room) * sizeof(SortKey),
                       static_cast<size_t>(room));
  const int sample = static_cast<int>(blockIdx.y);
  const auto& lif = own_lif<kReplicas>(all_lif, all_rows, sample);
  const auto& rows = own_rows<kReplicas>(all_rows, sample);
  const int first_neuron = static_cast<int>(blockIdx.x) * kTile;
  const int n = first_neuron + static_cast<int>(threadIdx.x);
  const bool alive = n < rows.targets;
  Neuron neuron;
  neuron.load(lif, alive ? n : 0);
  const int arriving = arrivals.counts[sample];
  float u = neuron.start;
  float i = 0.0f;
  int grazes = 0;
  bool settles = neuron.sensible();
  for (int first = 0; first <= arriving; first += kChunk) {
    const int count = min(kChunk, arriving + 1 - first);
    stage_steps<kSharedTau>(arrivals, sample, arriving, first, count, duration, neuron.membrane,
                            steps);
    __syncthreads();
    stage_weights<kTile>(rows, steps, count, first_neuron, weights);
    __syncthreads();
    for (int p = 0; p < count && alive; p++) {
      i += weights[p][threadIdx.x];
      const float to = steps[p].to;
      float time = steps[p].from;
      if (!(to > time)) {
        continue;
      }
      Span span;
      if (kSharedTau) {
        span = steps[p].span;
      } else {
        span = neuron.membrane.span(to - time);
      }
      float u_end = span.end_of(u, i);
      float i_end = span.beta * i;
      while (i > neuron.gate && settles) {
        const float at = neuron.membrane.crossing(u, i, neuron.theta, to - time, u_end, i_end,
                                                  &grazes);
        if (!(at >= 0.0f)) {
          break;
        }
        i *= expf(-at * neuron.membrane.ts_inverse);
        time = spike_time(time, at, to);
        settles = emit(sink, sample, time, n, i - neuron.theta);
        u = neuron.reset;
        span = neuron.membrane.span(to - time);
        u_end = span.end_of(u, i);
        i_end = span.beta * i;
      }
      u = u_end;
      i = i_end;
    }
    __syncthreads();
  }
  if (alive) {
    if (grazes > 0) {
      atomicAdd(&sink.grazes[sample], grazes);
    }
    const int bad = !neuron.sensible()             ? 1 << -tacet::kBadParameters
                    : !(fabsf(u + i) < infinity()) ? 1 << -tacet::kNotFinite
                                                   : 0;
    if (bad != 0) {
      atomicOr(&sink.status[sample], bad);
    }
  }
  if (room > 0 && is_last_block(&sink.finished[sample], gridDim.x)) {
    sort_spikes(sink, out, sample, conclude(sink, out, sample), SharedSorting{{keys, values}});
  }
}

struct Scratch {
  ArrivalView arrivals;
  SortRoom in_room;
  SpikeSink sink;
  SortRoom out_room;

  Scratch(tacet::Carver& carver, int samples, int in_capacity, int out_capacity, int most_spikes)
      : arrivals(take_arrivals(carver, samples, in_capacity)),
        in_room(take_sort_room(carver, samples, in_capacity)),
        sink(take_sink(carver, samples, out_capacity, most_spikes)),
        out_room(take_sort_room(carver, samples, out_capacity)) {}
};

}  // namespace

size_t sweep_forward_bytes(const EventView& in, const EventView& out, int samples) {
  tacet::Carver carver(nullptr);
  Scratch(carver, samples, in.capacity, out.capacity, tacet::kMostSpikes);
  return carver.bytes();
}

void sweep_forward(const LayerView& layer, const EventView& all_in, const EventView& all_out,
                   const tacet::Workspace& workspace, tacet::Stream stream) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return sweep_forward_bytes(all_in, all_out, samples);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    const Scratch scratch(carver, samples, in.capacity, out.capacity, layer.most_spikes);
    order_arrivals(in, layer.input, scratch.arrivals, scratch.in_room, layer.duration,
                   words_of(scratch.sink), stream);
    check_delays(layer.input, samples, scratch.sink.status, stream);
    const dim3 grid(static_cast<unsigned int>(tacet::ceil_div(layer.neurons, kTile)),
                    static_cast<unsigned int>(samples));
    const int room = out.capacity <= kSharedPairs ? sort_room(out.capacity) : 0;
    const size_t shared = static_cast<size_t>(room) * (sizeof(SortKey) + sizeof(int));
    with_replicas(layer.input, [&](auto replicas) {
      const auto sweep_forward = shares_tau(layer.lif)
                                     ? sweep_forward_kernel<true, decltype(replicas)::value>
                                     : sweep_forward_kernel<false, decltype(replicas)::value>;
      TACET_LAUNCH(sweep_forward, grid, kTile, shared, stream, layer.lif, layer.input,
                   scratch.arrivals, scratch.sink, out, room, layer.duration);
    });
    if (room == 0) {
      order_spikes(scratch.sink, out, scratch.out_room, stream);
    }
  }
}

}  // namespace TACET_NS
