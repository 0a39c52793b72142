// Forward pass of the grid simulator: LIF neurons advanced by a fixed step, events over CSR or dense
// rows, delays rounded to steps. The motion is the exact one of tm V' = I - V, ts I' = -I (Wunderlich
// and Pehle 2021, eq. 1) over a step; potentials are measured from the bias.
//
// A launch simulates many steps; see grid.cuh for the ownership of neurons. A step: the warp
// advances its neurons and lists those at or above threshold, all warps of the sample synchronise,
// then each adds the rows of the spikes, of the input events and of delayed arrivals to its own
// currents.
// Bytes per step and sample: state stays in shared memory; 60 neurons of constants (L2), 8 per
// event and row, 8 per synapse visited and 4 more for synaptic delays, 8 neurons more for the ring
// where there are delays. Per launch 16 neurons to save and restore the state. Flops: 5 per neuron
// and step, 1 per synapse visited.
#include "eventprop/grid.cuh"

namespace TACET_NS {

namespace {

/** (1 - (1 - e^-x)/x)/x, 1/2 at 0. */
__device__ double second_order(double x) {
  if (fabs(x) < 0.05) {
    return 0.5 - x / 6 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7))));
  }
  return (1 + expm1(-x) / x) / x;
}

__global__ void prepare_kernel(const tacet::LayerView layer, double d,
                               float* __restrict__ constants, int32_t* __restrict__ senseless) {
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (n >= layer.neurons) {
    return;
  }
  const tacet::LifView& lif = layer.lif;
  const double tm = lif.tau_mem[n * lif.tau_mem_step];
  const double ts = lif.tau_syn[n * lif.tau_syn_step];
  const GridPropagator step(tm, ts, d);
  const double x = d * (tm - ts) / (tm * ts);
  const float bias = lif.bias[n * lif.bias_step];
  const float theta = lif.threshold[n * lif.threshold_step] - bias;
  const float reset = lif.reset[n * lif.reset_step] - bias;
  const bool finite = tm < infinity() && ts < infinity() && theta < infinity() &&
                      reset > -infinity();
  const bool comparable = tm > kEpsilon * ts && ts > kEpsilon * tm;
  if (!(finite && comparable && tm > 0 && ts > 0 && reset < theta && theta > -bias)) {
    atomicOr(senseless, 1);
  }
  const auto set = [&](GridConstant which, double value) {
    constants[static_cast<size_t>(which) * layer.neurons + n] = static_cast<float>(value);
  };
  set(kAlpha, step.alpha);
  set(kBeta, step.beta);
  set(kGamma, step.gamma);
  set(kAdjointGamma, step.gamma * tm / ts);
  set(kTauMemI, step.gamma - d * d / (tm * tm) * step.alpha * second_order(x));
  set(kTauMemV, -d / tm * step.alpha);
  set(kTauSynI, -d / ts * step.beta);
  set(kTauSynV, -d * d / (ts * ts) * step.beta * second_order(-x));
  set(kTheta, theta);
  set(kReset, reset);
  set(kStart, -bias);
  set(kTauMem, tm);
  set(kTauSyn, ts);
  set(kQuiet, theta - 0.001f * fabsf(theta));
  set(kLeast, static_cast<float>(1 - step.beta) * fabsf(theta));
}

struct ForwardArguments {
  tacet::GridCall call;
  GridTiling tiling;
  GridForwardScratch scratch;
  float* path;
  int first_sample;
  /** The launch goes from the state after this step, or from the beginning for 0, ... */
  int from;
  /** ... to the state after this one. */
  int to;
};

/** One warp's part of the simulation of a sample. */
class Simulation {
 public:
  __device__ Simulation(const ForwardArguments& a, float* u, float* i)
      : a_(a),
        warp_(a.tiling, a.call.layer.neurons, a.first_sample),
        u_(u),
        i_(i),
        events_(stored(a.call.in.counts, warp_.sample, a.call.in.capacity)) {}

  __device__ void run() {
    GridBarrier barrier = warp_.barrier(a_.scratch.barrier);
    if (a_.from == 0) {
      begin();
    } else {
      resume();
    }
    for (int step = a_.from == 0 ? 0 : a_.from + 1; step <= a_.to; step++) {
      if (step > 0) {
        advance(step);
        meet(barrier);
        take_spikes(step);
      }
      receive(step);
    }
    if (a_.path == nullptr && grazes_ > 0) {
      atomicAdd(&a_.call.out.grazes[warp_.sample], grazes_);
    }
    if (a_.to < a_.call.steps) {
      pause();
    } else if (a_.path == nullptr) {
      finish(barrier);
    }
  }

 private:
  /** Checks the input; the warps of the sample share its events. */
  __device__ void check_input() const {
    const tacet::EventView& in = a_.call.in;
    int bad = count_fault(in, warp_.sample);
    for (int e = warp_.index * 32 + lane_id(); e < events_; e += 32 * a_.tiling.segments()) {
      bad |= time_fault(in, at_event(0), e);
    }
    if (bad != 0) {
      atomicOr(&a_.scratch.broken[warp_.sample], bad);
    }
  }

  __device__ float constant(GridConstant which, int n) const {
    return a_.scratch.constants[static_cast<size_t>(which) * a_.call.layer.neurons + n];
  }

  __device__ void begin() {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      u_[n - warp_.tile_first] = constant(kStart, n);
      i_[n - warp_.tile_first] = 0;
    }
    look_at_event(0);
    if (a_.path == nullptr) {
      check_input();
    }
    __syncwarp();  // other lanes' events may come before the first barrier
  }

  /** u of a neuron between launches, and how far behind it i is. */
  __device__ float* kept(int n) const {
    return a_.scratch.kept + static_cast<size_t>(warp_.sample) * a_.call.layer.neurons + n;
  }

  __device__ size_t kept_stride() const {
    return static_cast<size_t>(a_.call.in.batch) * a_.call.layer.neurons;
  }

  __device__ GridProgress& progress() const {
    return a_.scratch.progress[warp_.segment_at(a_.tiling)];
  }

  __device__ void pause() {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      kept(n)[0] = u_[n - warp_.tile_first];
      kept(n)[kept_stride()] = i_[n - warp_.tile_first];
    }
    if (lane_id() == 0) {
      progress() = {event_, total_, bad_unit_ ? 1 : 0};
    }
  }

  __device__ void resume() {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      u_[n - warp_.tile_first] = kept(n)[0];
      i_[n - warp_.tile_first] = kept(n)[kept_stride()];
    }
    const GridProgress so_far = progress();
    look_at_event(so_far.event);
    total_ = so_far.spike;
    bad_unit_ = so_far.bad_unit != 0;
    __syncwarp();
  }

  __device__ void meet(GridBarrier& barrier) const {
    if (a_.tiling.tiles == 1) {
      __syncthreads();
    } else {
      barrier.sync();
    }
  }

  /** Where an input event of the sample is. */
  __device__ size_t at_event(int event) const {
    return static_cast<size_t>(warp_.sample) * a_.call.in.capacity + event;
  }

  /** Makes an input event the next one; its step is known before it is needed. */
  __device__ void look_at_event(int event) {
    event_ = event;
    event_step_ = event < events_ ? a_.scratch.in_steps[at_event(event)] : kNoStep;
  }

  /** Adds the input events and the delayed arrivals of a step. */
  __device__ void receive(int step) {
    while (event_step_ <= step) {
      const int source = a_.call.in.units[at_event(event_)];
      look_at_event(event_ + 1);
      if (has_source(a_.call.layer.input, source)) {
        send(a_.call.layer.input, a_.scratch.input_delays, source, step);
      } else {
        bad_unit_ = true;
      }
    }
    finish_step(step);
  }

  /** Where the lists of the sample begin for a step. */
  __device__ size_t lists(int step) const {
    return static_cast<size_t>((step & 1) * a_.call.in.batch + warp_.sample) * a_.call.layer.neurons;
  }

  __device__ size_t list_counts(int step) const {
    return static_cast<size_t>((step & 1) * a_.call.in.batch + warp_.sample) * a_.tiling.segments();
  }

  __device__ void advance(int step) {
    int spikes = 0;
    for (int start = warp_.first; start < warp_.last; start += 32) {
      const int n = start + lane_id();
      bool spike = false;
      float slope = 0;
      if (n < warp_.last) {
        float& u = u_[n - warp_.tile_first];
        float& i = i_[n - warp_.tile_first];
        u = constant(kAlpha, n) * u + constant(kGamma, n) * i;
        i = constant(kBeta, n) * i;
        if (u > constant(kQuiet, n)) {
          const float theta = constant(kTheta, n);
          slope = i - theta;
          spike = u >= theta;
          const float least = spike ? constant(kLeast, n) : 0.0f;
          if (spike ? slope < least : slope <= 0) {
            grazes_++;
            slope = least;
          }
          if (spike) {
            u = constant(kReset, n);
          }
        }
      }
      const unsigned int mask = __ballot_sync(kFullWarp, spike);
      if (spike) {
        const size_t at = lists(step) + warp_.first + spikes + __popc(mask & lanes_below());
        a_.scratch.fired[at] = n;
        a_.scratch.slopes[at] = slope;
      }
      spikes += __popc(mask);
    }
    if (lane_id() == 0) {
      a_.scratch.fired_counts[list_counts(step) + warp_.index] = spikes;
    }
  }

  /** Writes the warp's spikes of a step to the tape and sends those of all warps to its targets. */
  __device__ void take_spikes(int step) {
    const int segments = a_.tiling.segments();
    for (int start = 0; start < segments; start += 32) {
      const int mine = start + lane_id();
      const int count = mine < segments ? a_.scratch.fired_counts[list_counts(step) + mine] : 0;
      unsigned int active = __ballot_sync(kFullWarp, count > 0);
      while (active != 0) {
        const int lane = __ffs(static_cast<int>(active)) - 1;
        active &= active - 1;
        const int spikes = __shfl_sync(kFullWarp, count, lane);
        const size_t list = lists(step) + a_.tiling.first(start + lane);
        if (start + lane == warp_.index && a_.path == nullptr) {
          write_tape(list, spikes, step);
        }
        if (a_.call.layer.recurrent.weights != nullptr) {
          for (int k = 0; k < spikes; k++) {
            send(a_.call.layer.recurrent, a_.scratch.recurrent_delays, a_.scratch.fired[list + k],
                 step);
          }
        }
        // Beyond this the sample is given up, and the sum has to stay an int.
        total_ = min(total_ + spikes, tacet::kMostSpikes + 1);
      }
    }
  }

  __device__ void write_tape(size_t list, int spikes, int step) {
    const tacet::EventView& out = a_.call.out;
    const int room = min(out.capacity, tacet::kMostSpikes + 1);
    const float time = static_cast<float>(step * a_.call.dt);
    for (int k = lane_id(); k < spikes; k += 32) {
      if (total_ + k < room) {
        const size_t at = static_cast<size_t>(warp_.sample) * out.capacity + total_ + k;
        out.times[at] = time;
        out.units[at] = a_.scratch.fired[list + k];
        out.slopes[at] = a_.scratch.slopes[list + k];
        out.errors[at] = 0;
      }
    }
  }

  __device__ void send(const SynapseView& rows, const int32_t* delays, int source, int step) {
    float* const ring = a_.scratch.ring;
    const int slots = a_.call.slots;
    const int steps = a_.call.steps;
    const size_t base = static_cast<size_t>(warp_.sample) * slots;
    const int neurons = a_.call.layer.neurons;
    grid_row(rows, delays, source, warp_, step,
             [&](size_t s, int n, int arrival) {
               if (delays == nullptr) {
                 i_[n - warp_.tile_first] += rows.weights[s];
               } else if (arrival <= steps) {
                 ring[(base + arrival % slots) * neurons + n] += rows.weights[s];
               }
             });
    // Another lane may own the same target in the next row.
    __syncwarp();
  }

  /** Adds the delayed arrivals of a step and keeps the state where a backward pass wants it. */
  __device__ void finish_step(int step) {
    const int neurons = a_.call.layer.neurons;
    const bool keep = a_.path != nullptr && step < a_.call.steps;
    const size_t ring =
        (static_cast<size_t>(warp_.sample) * a_.call.slots + step % a_.call.slots) * neurons;
    const size_t path =
        (static_cast<size_t>(warp_.sample - a_.first_sample) * a_.call.steps + step) * 2 * neurons;
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      const int at = n - warp_.tile_first;
      if (a_.scratch.ring != nullptr) {
        i_[at] += a_.scratch.ring[ring + n];
        a_.scratch.ring[ring + n] = 0;
      }
      if (keep) {
        a_.path[path + n] = u_[at];
        a_.path[path + neurons + n] = i_[at];
      }
    }
    __syncwarp();
  }

  __device__ void finish(GridBarrier& barrier) {
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      const float sum = u_[n - warp_.tile_first] + i_[n - warp_.tile_first];
      if (__float_as_uint(fabsf(sum)) >= 0x7f800000u) {
        atomicOr(&a_.scratch.broken[warp_.sample], 1 << -tacet::kNotFinite);
      }
    }
    meet(barrier);
    if (warp_.index == 0 && lane_id() == 0) {
      a_.call.out.counts[warp_.sample] = count();
    }
  }

  __device__ int count() const {
    const int broken = a_.scratch.broken[warp_.sample];
    for (int bad = tacet::kBadCount; bad < tacet::kBadUnit; bad++) {
      if ((broken >> -bad & 1) != 0) {
        return bad;
      }
    }
    if (bad_unit_) {
      return tacet::kBadUnit;
    }
    if (*a_.scratch.senseless != 0) {
      return tacet::kBadParameters;
    }
    if (broken != 0) {
      return tacet::kNotFinite;
    }
    return total_ > tacet::kMostSpikes ? tacet::kRunaway : total_;
  }

  const ForwardArguments& a_;
  const GridWarp warp_;
  /** State of the block's neurons in shared memory. */
  float* const u_;
  float* const i_;
  const int events_;
  /** The next input event and its step. */
  int event_ = 0;
  int event_step_ = kNoStep;
  int total_ = 0;
  int grazes_ = 0;
  bool bad_unit_ = false;
};

__global__ void __launch_bounds__(kGridMostThreads, 1)
    simulate_kernel(const ForwardArguments arguments) {
  TACET_DYNAMIC_SHARED(float, u, 0, arguments.tiling.tile);
  TACET_DYNAMIC_SHARED(float, i, arguments.tiling.tile * sizeof(float), arguments.tiling.tile);
  Simulation(arguments, u, i).run();
}

}  // namespace

int grid_simulate_resident(int threads, int tile) {
  return TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel, threads, 2 * sizeof(float) * tile);
}

GridTiling grid_tiling(const tacet::GridCall& call) {
  const int needed = tacet::ceil_div(call.layer.neurons, kGridMostTile);
  int tiles = call.tiles;
  if (tiles == 0) {
    tiles = min(call.layer.neurons / kGridLeastTile, kGridEnoughBlocks / call.in.batch);
  }
  tiles = max(max(tiles, needed), 1);
  if (tiles > 1) {
    const int resident = min(grid_simulate_resident(kGridMostThreads, kGridMostTile),
                             grid_adjoint_resident(kGridMostThreads, kGridMostTile));
    if (needed > resident) {
      throw tacet::Error(tacet::Status::kInvalidArgument,
                         "neurons: this device holds at most " +
                             std::to_string(static_cast<int64_t>(resident) * kGridMostTile) +
                             ", got " + std::to_string(call.layer.neurons));
    }
    tiles = min(tiles, resident);
  }
  GridTiling tiling;
  tiling.tile = round_to_warp(tacet::ceil_div(call.layer.neurons, tiles));
  tiling.tiles = tacet::ceil_div(call.layer.neurons, tiling.tile);
  tiling.warps = min(kGridMostWarps, tiling.tile / 32);
  tiling.segment = round_to_warp(tacet::ceil_div(tiling.tile, tiling.warps));
  return tiling;
}

void grid_prepare(const tacet::GridCall& call, const GridForwardScratch& scratch,
                  tacet::Stream stream) {
  fill_bytes(scratch.senseless, 0, sizeof(int32_t), stream);
  TACET_LAUNCH(prepare_kernel, tacet::ceil_div(call.layer.neurons, 128), 128, 0, stream, call.layer,
               call.dt, scratch.constants, scratch.senseless);
  steps_of_events(call.in, call.dt, scratch.in_steps, stream);
  const auto turn = [&](const SynapseView& rows, int64_t synapses, int32_t* delays) {
    if (rows.delays != nullptr) {
      steps_of_delays(rows.delays, delays_of(rows, synapses), call.dt, delays, stream);
    }
  };
  turn(call.layer.input, call.inputs, scratch.input_delays);
  turn(call.layer.recurrent, call.recurrents, scratch.recurrent_delays);
}

GridForwardScratch::GridForwardScratch(tacet::Carver& carver, const tacet::GridCall& call,
                                       const GridTiling& tiling) {
  const size_t state = static_cast<size_t>(call.in.batch) * call.layer.neurons;
  const bool delayed = call.layer.input.delays != nullptr || call.layer.recurrent.delays != nullptr;
  const auto take_delays = [&](const SynapseView& rows, int64_t synapses) {
    return rows.delays == nullptr ? nullptr : carver.take<int32_t>(delays_of(rows, synapses));
  };
  constants = carver.take<float>(static_cast<size_t>(kGridConstants) * call.layer.neurons);
  in_steps = carver.take<int32_t>(static_cast<size_t>(call.in.batch) * call.in.capacity);
  input_delays = take_delays(call.layer.input, call.inputs);
  recurrent_delays = take_delays(call.layer.recurrent, call.recurrents);
  ring = delayed ? carver.take<float>(state * call.slots) : nullptr;
  fired = carver.take<int32_t>(2 * state);
  slopes = carver.take<float>(2 * state);
  fired_counts = carver.take<int32_t>(static_cast<size_t>(2) * call.in.batch * tiling.segments());
  broken = carver.take<int32_t>(call.in.batch);
  senseless = carver.take<int32_t>(1);
  barrier = carver.take<unsigned int>(call.in.batch);
  progress = carver.take<GridProgress>(static_cast<size_t>(call.in.batch) * tiling.segments());
  kept = call.launch_steps < call.steps ? carver.take<float>(2 * state) : nullptr;
}

void grid_simulate(const tacet::GridCall& call, const GridTiling& tiling,
                   const GridForwardScratch& scratch, int first, int samples, float* path,
                   tacet::Stream stream) {
  const int threads = 32 * tiling.warps;
  const size_t shared = 2 * sizeof(float) * tiling.tile;
  // Blocks of a sample wait for one another and have to run together; other samples may follow.
  const int together = tiling.tiles == 1
                           ? samples
                           : grid_simulate_resident(threads, tiling.tile) / tiling.tiles;
  for (int done = 0; done < samples; done += together) {
    const int part = min(together, samples - done);
    // Where a path is kept, its samples count from the first one.
    float* const part_path =
        path == nullptr ? nullptr
                        : path + static_cast<size_t>(done) * call.steps * 2 * call.layer.neurons;
    in_launches(call, [&](int from, int to) {
      const ForwardArguments arguments{call, tiling, scratch, part_path, first + done, from, to};
      if (tiling.tiles == 1) {
        TACET_LAUNCH(simulate_kernel, part, threads, shared, stream, arguments);
        return;
      }
      fill_bytes(scratch.barrier + first + done, 0, part * sizeof(unsigned int), stream);
      TACET_LAUNCH_COOPERATIVE(simulate_kernel, part * tiling.tiles, threads, shared, stream,
                               arguments);
    });
  }
}

void grid_forward_bytes(const tacet::GridCall& call, size_t* bytes) {
  tacet::Carver carver(nullptr);
  const GridForwardScratch measured(carver, call, grid_tiling(call));
  *bytes = carver.bytes();
}

void grid_forward(const tacet::GridCall& call, const tacet::Workspace& workspace,
                  tacet::Stream stream) {
  const GridTiling tiling = grid_tiling(call);
  tacet::Carver carver(workspace.base);
  const GridForwardScratch scratch(carver, call, tiling);
  require_bytes(carver, workspace);
  grid_prepare(call, scratch, stream);
  if (scratch.ring != nullptr) {
    fill_bytes(scratch.ring, 0,
               static_cast<size_t>(call.in.batch) * call.slots * call.layer.neurons * sizeof(float), stream);
  }
  fill_bytes(scratch.broken, 0, call.in.batch * sizeof(int32_t), stream);
  fill_bytes(call.out.grazes, 0, call.in.batch * sizeof(int32_t), stream);
  grid_simulate(call, tiling, scratch, 0, call.in.batch, nullptr, stream);
}

}  // namespace TACET_NS
