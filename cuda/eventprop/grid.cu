// Forward pass of the grid simulator: LIF neurons advanced by a fixed step, events over CSR or dense
// rows, delays rounded to steps. The motion is the exact one of tm V' = I - V, ts I' = -I (Wunderlich
// and Pehle 2021, eq. 1) over a step; potentials are measured from the bias.
//
// One launch simulates whole sequences; see grid.cuh for who owns what. A step: the warp advances
// its neurons and lists those at or above threshold, all warps of the sample meet, then each adds
// the rows of the spikes, of the input events and of delayed arrivals to its own currents.
// Bytes per step and sample: state stays in shared memory; 60 neurons of constants (L2), 8 per
// event and row, 8 per synapse visited, 8 neurons more for the ring where there are delays.
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
  const float* constants;
  float* ring;
  int32_t* fired;
  float* slopes;
  int32_t* fired_counts;
  int32_t* broken;
  const int32_t* senseless;
  unsigned int* barrier;
  float* path;
  int first_sample;
};

/** One warp's part of the simulation of a sample. */
class Simulation {
 public:
  __device__ Simulation(const ForwardArguments& a, float* u, float* i)
      : a_(a), warp_(a.tiling, a.call.layer.neurons, a.first_sample), u_(u), i_(i) {}

  __device__ void run() {
    GridBarrier barrier = warp_.barrier(a_.barrier);
    const tacet::EventView& in = a_.call.in;
    const size_t begin = static_cast<size_t>(warp_.sample) * in.capacity;
    const int end = stored(in.counts, warp_.sample, in.capacity);
    int next = 0;
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      u_[n - warp_.tile_first] = constant(kStart, n);
      i_[n - warp_.tile_first] = 0;
    }
    __syncwarp();  // other lanes' events may come before the first barrier
    if (a_.path == nullptr) {
      check_input(begin, end);
    }
    for (int step = 0; step <= a_.call.steps; step++) {
      if (step > 0) {
        advance(step);
        if (a_.tiling.tiles == 1) {
          __syncthreads();
        } else {
          barrier.sync();
        }
        take_spikes(step);
      }
      while (next < end && grid_step(in.times[begin + next], a_.call.dt) <= step) {
        const int source = in.units[begin + next++];
        if (has_source(a_.call.layer.input, source)) {
          send(a_.call.layer.input, source, step);
        } else {
          bad_unit_ = true;
        }
      }
      finish_step(step);
    }
    if (a_.path == nullptr) {
      finish(barrier);
    }
  }

 private:
  /** Looks for input that makes no sense; the warps of the sample share its events. */
  __device__ void check_input(size_t begin, int end) {
    const tacet::EventView& in = a_.call.in;
    int bad = count_fault(in, warp_.sample);
    for (int e = warp_.index * 32 + lane_id(); e < end; e += 32 * a_.tiling.segments()) {
      bad |= time_fault(in, begin, e);
    }
    if (bad != 0) {
      atomicOr(&a_.broken[warp_.sample], bad);
    }
  }

  __device__ float constant(GridConstant which, int n) const {
    return a_.constants[static_cast<size_t>(which) * a_.call.layer.neurons + n];
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
        a_.fired[at] = n;
        a_.slopes[at] = slope;
      }
      spikes += __popc(mask);
    }
    if (lane_id() == 0) {
      a_.fired_counts[list_counts(step) + warp_.index] = spikes;
    }
  }

  /** Writes the warp's spikes of a step to the tape and sends those of all warps to its targets. */
  __device__ void take_spikes(int step) {
    const int segments = a_.tiling.segments();
    for (int start = 0; start < segments; start += 32) {
      const int mine = start + lane_id();
      const int count = mine < segments ? a_.fired_counts[list_counts(step) + mine] : 0;
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
            send(a_.call.layer.recurrent, a_.fired[list + k], step);
          }
        }
        total_ += spikes;
      }
    }
  }

  __device__ void write_tape(size_t list, int spikes, int step) {
    const tacet::EventView& out = a_.call.out;
    const float time = static_cast<float>(step * a_.call.dt);
    for (int k = lane_id(); k < spikes; k += 32) {
      if (total_ + k < out.capacity) {
        const size_t at = static_cast<size_t>(warp_.sample) * out.capacity + total_ + k;
        out.times[at] = time;
        out.units[at] = a_.fired[list + k];
        out.slopes[at] = a_.slopes[list + k];
        out.errors[at] = 0;
      }
    }
  }

  __device__ void send(const SynapseView& rows, int source, int step) {
    float* const ring = a_.ring;
    const int slots = a_.call.slots;
    const int steps = a_.call.steps;
    const size_t base = static_cast<size_t>(warp_.sample) * slots;
    const int neurons = a_.call.layer.neurons;
    grid_row(rows, source, warp_, step, a_.call.dt,
             [&](size_t s, int n, int arrival) {
               if (rows.delays == nullptr) {
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
      if (a_.ring != nullptr) {
        i_[at] += a_.ring[ring + n];
        a_.ring[ring + n] = 0;
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
        atomicOr(&a_.broken[warp_.sample], 1 << -tacet::kNotFinite);
      }
    }
    if (grazes_ > 0) {
      atomicAdd(&a_.call.out.grazes[warp_.sample], grazes_);
    }
    if (a_.tiling.tiles == 1) {
      __syncthreads();
    } else {
      barrier.sync();
    }
    if (warp_.index == 0 && lane_id() == 0) {
      a_.call.out.counts[warp_.sample] = count();
    }
  }

  __device__ int count() const {
    const int broken = a_.broken[warp_.sample];
    for (int bad = tacet::kBadCount; bad < tacet::kBadUnit; bad++) {
      if ((broken >> -bad & 1) != 0) {
        return bad;
      }
    }
    if (bad_unit_) {
      return tacet::kBadUnit;
    }
    if (*a_.senseless != 0) {
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

/** The longest delay in steps, kept from overflowing; -1 where one is no finite number >= 0. */
__global__ void longest_delay_kernel(const float* __restrict__ delays, int64_t count, double dt,
                                     int32_t* __restrict__ longest) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  unsigned int most = 0;
  for (int64_t s = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; s < count;
       s += stride) {
    const float d = delays[s];
    // As an unsigned number, -1 is larger than every delay.
    const bool good = d >= 0 && d < infinity();
    most = max(most, good ? static_cast<unsigned int>(grid_step(d, dt)) : 0xffffffffu);
  }
  atomicMax(reinterpret_cast<unsigned int*>(longest), most);
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
}

GridForwardScratch::GridForwardScratch(tacet::Carver& carver, const tacet::GridCall& call,
                                       const GridTiling& tiling) {
  const size_t state = static_cast<size_t>(call.in.batch) * call.layer.neurons;
  const bool delayed = call.layer.input.delays != nullptr || call.layer.recurrent.delays != nullptr;
  constants = carver.take<float>(static_cast<size_t>(kGridConstants) * call.layer.neurons);
  ring = delayed ? carver.take<float>(state * call.slots) : nullptr;
  fired = carver.take<int32_t>(2 * state);
  slopes = carver.take<float>(2 * state);
  fired_counts = carver.take<int32_t>(static_cast<size_t>(2) * call.in.batch * tiling.segments());
  broken = carver.take<int32_t>(call.in.batch);
  senseless = carver.take<int32_t>(1);
  barrier = carver.take<unsigned int>(call.in.batch);
}

void grid_simulate(const tacet::GridCall& call, const GridTiling& tiling,
                   const GridForwardScratch& scratch, int first, int samples, float* path,
                   tacet::Stream stream) {
  const int threads = 32 * tiling.warps;
  const size_t shared = 2 * sizeof(float) * tiling.tile;
  ForwardArguments arguments{call,           tiling,          scratch.constants, scratch.ring,
                             scratch.fired,  scratch.slopes,  scratch.fired_counts,
                             scratch.broken, scratch.senseless, scratch.barrier, path,              first};
  if (tiling.tiles == 1) {
    TACET_LAUNCH(simulate_kernel, samples, threads, shared, stream, arguments);
    return;
  }
  fill_bytes(scratch.barrier + first, 0, samples * sizeof(unsigned int), stream);
  const int resident = grid_simulate_resident(threads, tiling.tile) / tiling.tiles;
  for (int done = 0; done < samples; done += resident) {
    const int part = min(resident, samples - done);
    arguments.first_sample = first + done;
    // Where a path is kept, its samples count from the first one.
    arguments.path = path == nullptr ? nullptr
                                     : path + static_cast<size_t>(done) * call.steps * 2 *
                                                  call.layer.neurons;
    TACET_LAUNCH_COOPERATIVE(simulate_kernel, part * tiling.tiles, threads, shared, stream,
                             arguments);
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

void grid_longest_delay(const float* delays, int64_t count, double dt, int32_t* steps,
                        tacet::Stream stream) {
  fill_bytes(steps, 0, sizeof(int32_t), stream);
  const int blocks = static_cast<int>(min(tacet::ceil_div(count, int64_t{256}), int64_t{1024}));
  TACET_LAUNCH(longest_delay_kernel, blocks, 256, 0, stream, delays, count, dt, steps);
}

}  // namespace TACET_NS
