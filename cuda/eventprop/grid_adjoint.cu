// Backward pass of the grid simulator: the exact transpose of a step between spikes, and the jump of
// the continuous adjoint at a spike (Wunderlich and Pehle 2021, table 1; delays after Meszaros,
// Knight and Nowotny 2025). The walk back through the steps is that of grid_retreat.cuh.
//
// Bytes per step and sample: 52 neurons (state and constants); per event and row 8, and per synapse
// visited 20, 4 more for synaptic delays and 8 for their gradients. Flops: 5 per neuron and step, 5
// per synapse visited and 6 per term of a sum.
#include "eventprop/grid_retreat.cuh"

namespace TACET_NS {

namespace {

constexpr int kFinishThreads = 256;

__global__ void scale_kernel(const tacet::EventView out, const float* __restrict__ kick,
                             const tacet::LifView lif, GridScale* state) {
  const int sample = static_cast<int>(blockIdx.y);
  const int count = stored(out.counts, sample, out.capacity);
  const size_t begin = static_cast<size_t>(sample) * out.capacity;
  float largest = 0;
  for (int k = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); k < count;
       k += static_cast<int>(gridDim.x * blockDim.x)) {
    // Bits order like numbers, and those of a NaN above all.
    largest = __uint_as_float(max(__float_as_uint(largest),
                                  __float_as_uint(fabsf(out.errors[begin + k]))));
    if (kick != nullptr) {
      const int n = out.units[begin + k];
      const float jump = fabsf(kick[n] * lif.tau_mem[n * lif.tau_mem_step]);
      largest = __uint_as_float(max(__float_as_uint(largest), __float_as_uint(jump)));
    }
  }
  atomicMax(&state->largest, __float_as_uint(largest));
}

__global__ void finish_kernel(const Fixed* __restrict__ sums, int64_t count,
                              const GridScale* __restrict__ state, bool add,
                              float* __restrict__ gradient) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at < count) {
    const bool broken = state->overflow != 0 || state->largest >= 0x7f800000u;
    const float value =
        broken ? __uint_as_float(0x7fc00000u) : FixedPoint(state).value(sums[at]);
    gradient[at] = add ? gradient[at] + value : value;
  }
}

/** LIF neurons on the way back. */
struct LifRetreat {
  const GridAdjointArguments& a;
  /** lambda_V of the block's neurons before the spikes of a step, in shared memory. */
  float* before;

  __device__ static constexpr int receptor(float) { return 0; }
  __device__ static constexpr int mover(int) { return 0; }

  __device__ float constant(GridConstant which, int n) const {
    return a.scratch.constants[static_cast<size_t>(which) * a.call.layer.neurons + n];
  }

  __device__ float tau(int, int n) const { return constant(kSynapseTau, n); }

  __device__ void before_jumps(const GridWarp& warp, size_t slot) const {
    const float* const after = a.lv + slot;
    for (int n = warp.first + lane_id(); n < warp.last; n += 32) {
      before[n - warp.tile_first] = after[n];
    }
    __syncwarp();
  }

  __device__ void jump(const FixedSums& sums, const GridWarp& warp, int n, float slope, float error,
                       int, size_t slot) const {
    before[n - warp.tile_first] = jump_of(sums, n, slope, error, a.lv[slot + n]);
  }

  __device__ float jump_of(const FixedSums& sums, int n, float slope, float error,
                           float after) const {
    const float outward = slope + constant(kTheta, n) - constant(kResetTo, n);
    const float least = constant(kMembraneTau, n) * a.call.layer.least_slope;
    const float jumped = (error + outward * after) / fmaxf(slope, least);
    if (a.sums.threshold != nullptr) {
      sums.add(a.sums.threshold + n * a.call.layer.lif.threshold_step,
               constant(kMembraneTau, n) * jumped);
    }
    if (a.sums.reset != nullptr) {
      sums.add(a.sums.reset + n * a.call.layer.lif.reset_step, -constant(kMembraneTau, n) * after);
    }
    return a.kick == nullptr ? jumped : jumped + a.kick[n];
  }

  __device__ void retreat(const GridWarp& warp, int n, int step, size_t now,
                          size_t earlier) const {
    const float voltage = before[n - warp.tile_first];
    const float current = a.li[now + n];
    if (a.integrals != nullptr) {
      integrate(warp, n, step, voltage, current);
    }
    a.li[earlier + n] = constant(kBeta, n) * current + constant(kAdjointGamma, n) * voltage;
    a.lv[earlier + n] = constant(kAlpha, n) * voltage;
  }

  __device__ float& integral(const GridWarp& warp, int which, int n) const {
    return a.integrals[(static_cast<size_t>(which) * a.call.in.batch + warp.sample) *
                           a.call.layer.neurons +
                       n];
  }

  /** Integrals over the step that ends with this adjoint, in closed form. */
  __device__ void integrate(const GridWarp& warp, int n, int step, float voltage,
                            float current) const {
    if (a.path != nullptr) {
      const size_t state =
          (static_cast<size_t>(warp.sample - a.first_sample) * a.call.steps + step - 1) * 2 *
          a.call.layer.neurons;
      const float u = a.path[state + n];
      const float i = a.path[state + a.call.layer.neurons + n];
      integral(warp, 0, n) += voltage * (constant(kTauMemI, n) * i + constant(kTauMemV, n) * u);
      integral(warp, 1, n) +=
          i * (constant(kTauSynI, n) * current + constant(kTauSynV, n) * voltage);
    }
    integral(warp, 2, n) -= voltage * constant(kMembraneTau, n) * (1 - constant(kAlpha, n));
  }

  __device__ void end(const FixedSums& sums, const GridWarp& warp, int n) const {
    if (a.integrals == nullptr) {
      return;
    }
    if (a.sums.tau_mem != nullptr) {
      sums.add(a.sums.tau_mem + n * a.call.layer.lif.tau_mem_step, integral(warp, 0, n));
    }
    if (a.sums.tau_syn != nullptr) {
      sums.add(a.sums.tau_syn + n * a.call.layer.lif.tau_syn_step, integral(warp, 1, n));
    }
    if (a.sums.bias != nullptr) {
      sums.add(a.sums.bias + n * a.call.layer.lif.bias_step, integral(warp, 2, n));
    }
  }
};

__global__ void __launch_bounds__(kGridMostThreads, 1)
    adjoint_kernel(const GridAdjointArguments arguments) {
  TACET_DYNAMIC_SHARED(float, before, 0, arguments.tiling.tile);
  GridAdjoint<LifRetreat>(arguments, {arguments, before}).run();
}

void finish(const Fixed* sums, size_t count, const GridScale* scale, bool add, float* gradient,
            tacet::Stream stream) {
  if (sums != nullptr) {
    TACET_LAUNCH(finish_kernel, tacet::ceil_div(count, size_t{kFinishThreads}), kFinishThreads, 0,
                 stream, sums, static_cast<int64_t>(count), scale, add, gradient);
  }
}

}  // namespace

int grid_adjoint_resident(int threads, int tile) {
  return TACET_MAX_COOPERATIVE_BLOCKS(adjoint_kernel, threads, sizeof(float) * tile);
}

void grid_scale(const tacet::GridCall& call, const float* kick, GridScale* scale,
                tacet::Stream stream) {
  // A grid has at most 65535 rows of blocks.
  for (int first = 0; first < call.in.batch; first += 65535) {
    const tacet::EventView part = tacet::slice(call.out, first, min(65535, call.in.batch - first));
    TACET_LAUNCH(scale_kernel, dim3(4, part.batch), 128, 0, stream, part, kick, call.layer.lif,
                 scale);
  }
}

void grid_add_sums(const Fixed* sums, size_t count, const GridScale* scale, float* gradient,
                   tacet::Stream stream) {
  finish(sums, count, scale, true, gradient, stream);
}

void grid_finish(const tacet::GridCall& call, const GridAdjointScratch& scratch,
                 const tacet::GradientView& gradients, tacet::Stream stream) {
  const GridSums& s = scratch.sums;
  const tacet::LifView& lif = call.layer.lif;
  const auto add = [&](const Fixed* sums, size_t count, float* gradient) {
    grid_add_sums(sums, count, scratch.scale, gradient, stream);
  };
  const auto values = [&](int step) {
    return step == 0 ? size_t{1} : static_cast<size_t>(call.layer.neurons);
  };
  add(s.input_weights, call.inputs, gradients.input_weights);
  add(s.input_delays, delays_of(call.layer.input, call.inputs),
      gradients.input_delays);
  add(s.recurrent_weights, call.recurrents, gradients.recurrent_weights);
  add(s.recurrent_delays, delays_of(call.layer.recurrent, call.recurrents),
      gradients.recurrent_delays);
  add(s.tau_mem, values(lif.tau_mem_step), gradients.tau_mem);
  add(s.tau_syn, values(lif.tau_syn_step), gradients.tau_syn);
  add(s.threshold, values(lif.threshold_step), gradients.threshold);
  add(s.reset, values(lif.reset_step), gradients.reset);
  add(s.bias, values(lif.bias_step), gradients.bias);
  finish(s.input_errors, static_cast<size_t>(call.in.batch) * call.in.capacity, scratch.scale,
         false, call.in.errors, stream);
}

void grid_backward_bytes(const tacet::GridCall& call, const tacet::GradientView& gradients,
                         size_t* bytes) {
  tacet::Carver carver(nullptr);
  const GridAdjointScratch measured(carver, call, gradients, grid_tiling(call));
  *bytes = carver.bytes();
}

void grid_backward(const tacet::GridCall& call, const tacet::GradientView& gradients,
                   const float* kick, const tacet::Workspace& workspace, tacet::Stream stream) {
  const GridTiling tiling = grid_tiling(call);
  tacet::Carver carver(workspace.base);
  const GridAdjointScratch scratch(carver, call, gradients, tiling);
  require_bytes(carver, workspace);
  const int threads = 32 * tiling.warps;
  const size_t shared = sizeof(float) * tiling.tile;
  const auto retreat = [&](int first, int samples) {
    grid_in_parts(
        call, tiling, scratch.forward.barrier, first, samples, stream,
        [&] { return grid_adjoint_resident(threads, tiling.tile); },
        [&](int done, int part, int passed, int until) {
          const GridAdjointArguments arguments = grid_adjoint_arguments(
              call, tiling, scratch, kick, scratch.path_of(call, 2, done), first + done, passed,
              until);
          if (tiling.tiles == 1) {
            TACET_LAUNCH(adjoint_kernel, part, threads, shared, stream, arguments);
          } else {
            TACET_LAUNCH_COOPERATIVE(adjoint_kernel, part * tiling.tiles, threads, shared, stream,
                                     arguments);
          }
        });
  };
  grid_run_backward(
      call, scratch, 1, gradients, kick, stream,
      [&] { grid_prepare(call, scratch.forward, stream); },
      [&](int first, int samples) {
        grid_simulate(call, tiling, scratch.forward, first, samples, scratch.path, stream);
      },
      retreat);
}

}  // namespace TACET_NS
