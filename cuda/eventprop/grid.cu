// Forward pass of the grid simulator: LIF neurons advanced by a fixed step, events over CSR or dense
// rows, delays rounded to steps. The motion is the exact one of tm V' = I - V, ts I' = -I (Wunderlich
// and Pehle 2021, eq. 1) over a step; potentials are measured from the bias.
// The walk through the steps is that of grid_simulation.cuh.
//
// Bytes per step and sample: state stays in shared memory; 60 neurons of constants (L2), 8 per
// event and row, 8 per synapse visited and 4 more for synaptic delays, 8 neurons more for the ring
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

/** LIF neurons; their state is in shared memory. */
struct LifSteps {
  const GridForwardArguments& a;
  float* u;
  float* i;

  __host__ __device__ static constexpr int receptors() { return 1; }
  __device__ static constexpr int receptor(float) { return 0; }
  __device__ static constexpr int words() { return 2; }

  __device__ float constant(GridConstant which, int n) const {
    return a.scratch.constants[static_cast<size_t>(which) * a.call.layer.neurons + n];
  }

  __device__ void begin(int n, int at) const {
    u[at] = constant(kStart, n);
    i[at] = 0;
  }

  __device__ float& current(int at, int) const { return i[at]; }

  __device__ float sum(int at) const { return u[at] + i[at]; }

  __device__ void save(int at, float* words, size_t stride) const {
    words[0] = u[at];
    words[stride] = i[at];
  }

  __device__ void restore(int at, const float* words, size_t stride) const {
    u[at] = words[0];
    i[at] = words[stride];
  }

  __device__ bool advance(int n, int at, int, float* slope, int* grazes) const {
    u[at] = constant(kAlpha, n) * u[at] + constant(kGamma, n) * i[at];
    i[at] = constant(kBeta, n) * i[at];
    if (!(u[at] > constant(kQuiet, n))) {
      return false;
    }
    const float theta = constant(kTheta, n);
    *slope = i[at] - theta;
    const bool spike = u[at] >= theta;
    const float least = spike ? constant(kLeast, n) : 0.0f;
    if (spike ? *slope < least : *slope <= 0) {
      (*grazes)++;
      *slope = least;
    }
    if (spike) {
      u[at] = constant(kResetTo, n);
    }
    return spike;
  }
};

__global__ void __launch_bounds__(kGridMostThreads, 1)
    simulate_kernel(const GridForwardArguments arguments) {
  TACET_DYNAMIC_SHARED(float, u, 0, arguments.tiling.tile);
  TACET_DYNAMIC_SHARED(float, i, arguments.tiling.tile * sizeof(float), arguments.tiling.tile);
  GridSimulation<LifSteps>(arguments, {arguments, u, i}).run();
}

}  // namespace

int grid_simulate_resident(int threads, int tile) {
  return TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel, threads, 2 * sizeof(float) * tile);
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
  const int threads = 32 * tiling.warps;
  const size_t shared = 2 * sizeof(float) * tiling.tile;
  grid_in_parts(
      call, tiling, scratch.barrier, first, samples, stream,
      [&] { return grid_simulate_resident(threads, tiling.tile); },
      [&](int done, int part, int from, int to) {
        // Where a path is kept, its samples count from the first one.
        float* const part_path =
            path == nullptr
                ? nullptr
                : path + static_cast<size_t>(done) * call.steps * 2 * call.layer.neurons;
        const GridForwardArguments arguments{call, tiling, scratch, part_path, first + done,
                                             from, to};
        if (tiling.tiles == 1) {
          TACET_LAUNCH(simulate_kernel, part, threads, shared, stream, arguments);
        } else {
          TACET_LAUNCH_COOPERATIVE(simulate_kernel, part * tiling.tiles, threads, shared, stream,
                                   arguments);
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
      call, scratch, LifSteps::receptors(), stream, [&] { grid_prepare(call, scratch, stream); },
      [&] { grid_simulate(call, tiling, scratch, 0, call.in.batch, nullptr, stream); });
}

}  // namespace TACET_NS
