// Forward pass of the grid simulator: LIF neurons advanced by a fixed step, events over CSR or dense
// rows, delays rounded to steps. The motion is the exact one of tm V' = I - V, ts I' = -I (Wunderlich
// and Pehle 2021, eq. 1) over a step; potentials are measured from the bias.
// The walk through the steps is that of grid_simulation.cuh.
//
// Bytes per step and sample: state stays in shared memory and registers; 16 neurons of constants
// (L2) where a lane has more than two neurons, else they are read once per launch; per event and
// warp 8, the row's bounds and a search in it, 32 events at once; 8 per synapse visited and 4 more for synaptic delays, 8 neurons more for the ring
// where there are delays. Per launch 16 neurons to save and restore the state. Flops: 5 per neuron
// and step, 1 per synapse visited.
#include "eventprop/grid_simulation.cuh"

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
  set(kResetTo, reset);
  set(kStart, -bias);
  set(kMembraneTau, tm);
  set(kSynapseTau, ts);
  set(kQuiet, theta - 0.001f * fabsf(theta));
  set(kLeast, static_cast<float>(1 - step.beta) * fabsf(theta));
}

/** What moves a neuron by a step, and the potential above which it may be near its threshold. */
struct LifMotion {
  float alpha;
  float beta;
  float gamma;
  float quiet;
};

/**
 * LIF neurons. Currents are in shared memory, since any lane of the warp adds to them; the rest of
 * the state, too, where a lane has more than two neurons, else in registers beside the constants of
 * each step.
 */
template <int kPerLane>
struct LifSteps {
  static constexpr int kHeld = kPerLane;
  static constexpr int kPlaces = kHeld > 0 ? kHeld : 1;

  const GridForwardArguments& a;
  float* i;
  /** Potentials in shared memory, where they are not held. */
  float* u;
  LifMotion held_motion[kPlaces];
  float held_u[kPlaces];

  __device__ LifSteps(const GridForwardArguments& arguments, float* state)
      : a(arguments), i(state), u(state + arguments.tiling.tile) {}

  __host__ __device__ static constexpr int receptors() { return 1; }
  __device__ static constexpr int receptor(float) { return 0; }
  __device__ static constexpr int words() { return 2; }

  __device__ float constant(GridConstant which, int n) const {
    return a.scratch.constants[static_cast<size_t>(which) * a.call.layer.neurons + n];
  }

  __device__ LifMotion load_motion(int n) const {
    return {constant(kAlpha, n), constant(kBeta, n), constant(kGamma, n), constant(kQuiet, n)};
  }

  __device__ void hold(const GridNeuron& neuron) {
    if constexpr (kHeld > 0) {
      held_motion[neuron.held] = load_motion(neuron.n);
    }
  }

  __device__ LifMotion motion(const GridNeuron& neuron) const {
    if constexpr (kHeld > 0) {
      return held_motion[neuron.held];
    } else {
      return load_motion(neuron.n);
    }
  }

  __device__ float& potential(const GridNeuron& neuron) {
    if constexpr (kHeld > 0) {
      return held_u[neuron.held];
    } else {
      return u[neuron.at];
    }
  }

  __device__ void begin(const GridNeuron& neuron) {
    hold(neuron);
    potential(neuron) = constant(kStart, neuron.n);
    i[neuron.at] = 0;
  }

  __device__ float& current(int at, int) const { return i[at]; }

  __device__ float sum(const GridNeuron& neuron) { return potential(neuron) + i[neuron.at]; }

  __device__ void save(const GridNeuron& neuron, float* words, size_t stride) {
    words[0] = potential(neuron);
    words[stride] = i[neuron.at];
  }

  __device__ void restore(const GridNeuron& neuron, const float* words, size_t stride) {
    hold(neuron);
    potential(neuron) = words[0];
    i[neuron.at] = words[stride];
  }

  __device__ bool advance(const GridNeuron& neuron, int, float* slope, int* grazes) {
    const LifMotion m = motion(neuron);
    const float before = i[neuron.at];
    const float voltage = m.alpha * potential(neuron) + m.gamma * before;
    const float after = m.beta * before;
    potential(neuron) = voltage;
    i[neuron.at] = after;
    if (!(voltage > m.quiet)) {
      return false;
    }
    const float theta = constant(kTheta, neuron.n);
    *slope = after - theta;
    const bool spike = voltage >= theta;
    const float least = spike ? constant(kLeast, neuron.n) : 0.0f;
    if (spike ? *slope < least : *slope <= 0) {
      (*grazes)++;
      *slope = least;
    }
    if (spike) {
      potential(neuron) = constant(kResetTo, neuron.n);
    }
    return spike;
  }
};

/** Most neurons of a lane that registers hold. */
constexpr int kMostHeld = 2;

/** Words of shared memory of a neuron. */
constexpr int shared_words(int held) { return held > 0 ? 1 : 2; }

size_t shared_bytes(int held, int tile) { return sizeof(float) * shared_words(held) * tile; }

template <int kHeld>
__global__ void __launch_bounds__(kGridMostThreads, 1)
    simulate_kernel(const GridForwardArguments arguments) {
  TACET_DYNAMIC_SHARED(float, state, 0,
                       static_cast<size_t>(shared_words(kHeld)) * arguments.tiling.tile);
  GridSimulation<LifSteps<kHeld>>(arguments, {arguments, state}).run();
}

template <int kHeld>
void launch(const GridForwardArguments& arguments, int samples, tacet::Stream stream) {
  const GridTiling& tiling = arguments.tiling;
  const int threads = 32 * tiling.warps;
  const size_t shared = shared_bytes(kHeld, tiling.tile);
  if (tiling.tiles == 1) {
    TACET_LAUNCH(simulate_kernel<kHeld>, samples, threads, shared, stream, arguments);
  } else {
    TACET_LAUNCH_COOPERATIVE(simulate_kernel<kHeld>, samples * tiling.tiles, threads, shared,
                             stream, arguments);
  }
}

}  // namespace

int grid_simulate_resident(int threads, int tile) {
  return min(TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel<0>, threads, shared_bytes(0, tile)),
             min(TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel<1>, threads, shared_bytes(1, tile)),
                 TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel<kMostHeld>, threads,
                                              shared_bytes(kMostHeld, tile))));
}

int grid_tiles(const tacet::GridCall& call, int most_tile) {
  const int needed = tacet::ceil_div(call.layer.neurons, most_tile);
  int tiles = call.tiles;
  if (tiles == 0) {
    tiles = min(call.layer.neurons / kGridLeastTile, kGridEnoughBlocks / call.in.batch);
  }
  return max(max(tiles, needed), 1);
}

void require_resident(const tacet::GridCall& call, int most_tile, int resident) {
  if (tacet::ceil_div(call.layer.neurons, most_tile) > resident) {
    throw tacet::Error(tacet::Status::kInvalidArgument,
                       "neurons: this device holds at most " +
                           std::to_string(static_cast<int64_t>(resident) * most_tile) +
                           ", got " + std::to_string(call.layer.neurons));
  }
}

GridTiling grid_tiling_of(const tacet::GridCall& call, int tiles) {
  GridTiling tiling;
  tiling.tile = round_to_warp(tacet::ceil_div(call.layer.neurons, tiles));
  tiling.tiles = tacet::ceil_div(call.layer.neurons, tiling.tile);
  tiling.warps = min(kGridMostWarps, tiling.tile / 32);
  tiling.segment = round_to_warp(tacet::ceil_div(tiling.tile, tiling.warps));
  return tiling;
}

GridTiling grid_tiling(const tacet::GridCall& call) {
  return grid_tiling(call, kGridMostTile, [] {
    return min(grid_simulate_resident(kGridMostThreads, kGridMostTile),
               grid_adjoint_resident(kGridMostThreads, kGridMostTile));
  });
}

void grid_prepare(const tacet::GridCall& call, const GridForwardScratch& scratch,
                  tacet::Stream stream) {
  fill_bytes(scratch.senseless, 0, sizeof(int32_t), stream);
  TACET_LAUNCH(prepare_kernel, tacet::ceil_div(call.layer.neurons, 128), 128, 0, stream, call.layer,
               call.dt, scratch.constants, scratch.senseless);
  grid_prepare_steps(call, scratch, stream);
}

void grid_prepare_steps(const tacet::GridCall& call, const GridForwardScratch& scratch,
                        tacet::Stream stream) {
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
                                       const GridTiling& tiling, const GridWords& words) {
  const size_t state = static_cast<size_t>(call.in.batch) * call.layer.neurons;
  const bool delayed = call.layer.input.delays != nullptr || call.layer.recurrent.delays != nullptr;
  const auto take_delays = [&](const SynapseView& rows, int64_t synapses) {
    return rows.delays == nullptr ? nullptr : carver.take<int32_t>(delays_of(rows, synapses));
  };
  constants = carver.take<float>(static_cast<size_t>(words.constants) * call.layer.neurons);
  in_steps = carver.take<int32_t>(static_cast<size_t>(call.in.batch) * call.in.capacity);
  input_delays = take_delays(call.layer.input, call.inputs);
  recurrent_delays = take_delays(call.layer.recurrent, call.recurrents);
  ring = delayed ? carver.take<float>(words.receptors * state * call.slots) : nullptr;
  fired = carver.take<int32_t>(2 * state);
  slopes = carver.take<float>(2 * state);
  fired_counts = carver.take<int32_t>(static_cast<size_t>(2) * call.in.batch * tiling.segments());
  broken = carver.take<int32_t>(call.in.batch);
  senseless = carver.take<int32_t>(1);
  barrier = carver.take<unsigned int>(call.in.batch);
  progress = carver.take<GridProgress>(static_cast<size_t>(call.in.batch) * tiling.segments());
  kept = call.launch_steps < call.steps ? carver.take<float>(words.states * state) : nullptr;
}

void clear_ring(const tacet::GridCall& call, const GridForwardScratch& scratch, int receptors,
                tacet::Stream stream) {
  if (scratch.ring != nullptr) {
    fill_bytes(scratch.ring, 0,
               receptors * static_cast<size_t>(call.in.batch) * call.slots * call.layer.neurons *
                   sizeof(float),
               stream);
  }
}

void grid_simulate(const tacet::GridCall& call, const GridTiling& tiling,
                   const GridForwardScratch& scratch, int first, int samples, float* path,
                   tacet::Stream stream) {
  grid_in_parts(
      call, tiling, scratch.barrier, first, samples, stream,
      [&] { return grid_simulate_resident(32 * tiling.warps, tiling.tile); },
      [&](int done, int part, int from, int to) {
        // Where a path is kept, its samples count from the first one.
        float* const part_path =
            path == nullptr
                ? nullptr
                : path + static_cast<size_t>(done) * call.steps * 2 * call.layer.neurons;
        const GridForwardArguments arguments{call, tiling, scratch, part_path, first + done,
                                             from, to};
        if (tiling.per_lane() == 1) {
          launch<1>(arguments, part, stream);
        } else if (tiling.per_lane() <= kMostHeld) {
          launch<kMostHeld>(arguments, part, stream);
        } else {
          launch<0>(arguments, part, stream);
        }
      });
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
  grid_run_forward(
      call, scratch, LifSteps<0>::receptors(), stream, [&] { grid_prepare(call, scratch, stream); },
      [&] { grid_simulate(call, tiling, scratch, 0, call.in.batch, nullptr, stream); });
}

}  // namespace TACET_NS
