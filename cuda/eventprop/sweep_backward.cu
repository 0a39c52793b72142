// Adjoint of sweep_forward.cu (Wunderlich and Pehle 2021, table 1).
//
// A thread owns a neuron of a sample and walks back through arrivals and its own spikes with
// lambdaV and lambdaI in registers; at each arrival it writes a record, from which reduce.cu
// computes the gradients of weights, delays and input times. Own spikes are one segment of the tape
// ordered by unit.
//
// Launch: grid (neurons / 64, samples), 64 threads; as many samples at a time as the workspace
// holds records for. Shared memory: 0.5 KB, 4.5 KB for compressed rows.
// Bytes: 4 or 8 written per (arrival, target), 28 per spike. Flops: ~6 per (arrival, neuron) with
// shared time constants and ~40 without; ~60 per spike.
#include "eventprop/sweep.cuh"

namespace TACET_NS {

using tacet::EventView;
using tacet::GradientView;
using tacet::LayerView;
using tacet::LifView;

namespace {

/** The spikes of one neuron from the last to the first. */
struct OwnSpikes {
  const EventView& out;
  const UnitOrder& order;
  size_t base;
  int first;
  int next;
  float time;

  __device__ OwnSpikes(const EventView& out_, const UnitOrder& order_, int sample, int n)
      : out(out_), order(order_), base(static_cast<size_t>(sample) * out_.capacity) {
    const int count = stored(out.counts, sample, out.capacity);
    first = lower_bound(order.units + base, count, n);
    next = lower_bound(order.units + base, count, n + 1);
    step();
  }

  /** Goes to the spike before; time is -1 when there is none. */
  __device__ void step() {
    next--;
    time = next >= first ? out.times[index()] : -1.0f;
  }

  __device__ size_t index() const { return base + order.events[base + next]; }
};

/** Replicas take registers for what is theirs. */
template <bool kSharedTau, bool kReplicas>
__global__ void __launch_bounds__(kTile, kReplicas ? 12 : 16)
    sweep_backward_kernel(LifView all_lif, SynapseView all_rows, ArrivalView arrivals, EventView out,
                          UnitOrder order, const float* __restrict__ kicks, RecordView records,
                          float* __restrict__ partial, float duration, float least_slope) {
  TACET_SHARED(steps, Step[kChunk]);
  TACET_SHARED(places, int[kChunk][kTile]);
  const int sample = static_cast<int>(blockIdx.y);
  const auto& lif = own_lif<kReplicas>(all_lif, all_rows, sample);
  const auto& rows = own_rows<kReplicas>(all_rows, sample);
  const int first_neuron = static_cast<int>(blockIdx.x) * kTile;
  const int n = first_neuron + static_cast<int>(threadIdx.x);
  const bool alive = n < rows.targets;
  const bool dense = is_dense(rows);
  Neuron neuron;
  neuron.load(lif, alive ? n : 0);
  OwnSpikes spikes(out, order, sample, alive ? n : rows.targets);
  const int arriving = arrivals.counts[sample];
  float lambda_v = 0.0f;
  float lambda_i = 0.0f;
  JumpSums sums;
  for (int last = arriving; last >= 0; last -= kChunk) {
    const int first = max(0, last + 1 - kChunk);
    const int count = last + 1 - first;
    stage_steps<kSharedTau>(arrivals, sample, arriving, first, count, duration, neuron.membrane,
                            steps);
    __syncthreads();
    if (!dense) {
      stage_places<kTile>(rows, steps, count, first_neuron, places);
      __syncthreads();
    }
    for (int p = count - 1; p >= 0 && alive; p--) {
      const float from = steps[p].from;
      float time = steps[p].to;
      Span span;
      if (kSharedTau) {
        span = steps[p].span;
      } else {
        span = neuron.membrane.span(time - from);
      }
      while (spikes.time > from) {
        const Span part = neuron.membrane.span(time - spikes.time);
        neuron.membrane.retreat(part, &lambda_v, &lambda_i);
        const size_t k = spikes.index();
        // Read at each spike: as another register for all of them it would cost four warps.
        const float kick = own_kick<kReplicas>(kicks, rows, sample, n);
        lambda_v =
            jump(neuron, out.slopes[k], least_slope, out.errors[k], lambda_v, kick, &sums);
        time = spikes.time;
        span = neuron.membrane.span(time - from);
        spikes.step();
      }
      neuron.membrane.retreat(span, &lambda_v, &lambda_i);
      const int place = dense ? n : places[p][threadIdx.x];
      if (steps[p].event >= 0 && place >= 0) {
        records.write(records.at(sample, steps[p].event, place), lambda_v, lambda_i);
      }
    }
    __syncthreads();
  }
  if (alive && partial != nullptr) {
    const size_t at = static_cast<size_t>(sample) * rows.targets + n;
    const size_t kind = static_cast<size_t>(gridDim.y) * rows.targets;
    partial[kThreshold * kind + at] = neuron.membrane.tm * sums.before;
    partial[kReset * kind + at] = -neuron.membrane.tm * sums.after;
  }
}

}  // namespace

size_t sweep_backward_bytes(const LayerView& layer, const EventView& in, const EventView& out,
                            const GradientView& gradients, int samples) {
  tacet::Carver carver(nullptr);
  LayerScratch(carver, layer, in, out, gradients, samples);
  return carver.bytes();
}

void sweep_backward(const LayerView& layer, const EventView& all_in, const EventView& all_out,
                    const GradientView& gradients, const float* kick,
                    const tacet::Workspace& workspace, tacet::Stream stream) {
  const int most = tacet::samples_that_fit(all_in.batch, workspace.bytes, [&](int samples) {
    return sweep_backward_bytes(layer, all_in, all_out, gradients, samples);
  });
  for (int first = 0; first < all_in.batch; first += most) {
    const int samples = std::min(most, all_in.batch - first);
    const EventView in = tacet::slice(all_in, first, samples);
    const EventView out = tacet::slice(all_out, first, samples);
    tacet::Carver carver(workspace.base);
    const LayerScratch s(carver, layer, in, out, gradients, samples);
    order_for_adjoint(in, layer.input, s.arrivals, layer.duration, s.in_order, &out, s.out_order,
                      s.room, stream);
    const dim3 grid(static_cast<unsigned int>(tacet::ceil_div(layer.neurons, kTile)),
                    static_cast<unsigned int>(samples));
    with_replicas(layer.input, [&](auto replicas) {
      const auto sweep_backward = shares_tau(layer.lif)
                                      ? sweep_backward_kernel<true, decltype(replicas)::value>
                                      : sweep_backward_kernel<false, decltype(replicas)::value>;
      TACET_LAUNCH(sweep_backward, grid, kTile, 0, stream, layer.lif, layer.input, s.arrivals, out,
                   s.out_order, kick, s.input_records, s.partial, layer.duration,
                   layer.least_slope);
    });
    reduce_layer(layer, nullptr, in, gradients, s, stream);
  }
}

}  // namespace TACET_NS
