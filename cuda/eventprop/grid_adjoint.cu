// Backward pass of the grid simulator: the exact transpose of a step between spikes, and the jump of
// the continuous adjoint at a spike (Wunderlich and Pehle 2021, table 1; delays after Meszaros,
// Knight and Nowotny 2025). Warps own the neurons that they own in the forward pass.
//
// Everything that several warps add to (gradients, errors of events) is summed in 64-bit fixed
// point, so that the order does not matter: one array of the gradient's size for the whole batch,
// and bitwise the same result on every run. The adjoint is linear in the errors of the output, so
// the largest of them sets the scale: 2^36 units, terms up to a million times larger fit, and sums up
// to 2^62 units. What does not fit makes every gradient NaN.
// Bytes per step and sample: 52 neurons (state and constants); per event and row 8 + 16 per synapse.
#include "eventprop/grid.cuh"

namespace TACET_NS {

namespace {

constexpr int kScaleBits = 36;
constexpr double kLargestTerm = 0x1p56;
constexpr double kLargestSum = 0x1p62;
/** States of as many samples as fit are kept at a time for gradients of time constants. */
constexpr size_t kMostPathBytes = size_t{1} << 29;
constexpr int kFinishThreads = 256;

using Fixed = unsigned long long;

/** Largest error as float bits, and whether a term did not fit. */
struct ScaleState {
  unsigned int largest;
  int overflow;
};

/** Sums in fixed point, null where not wanted. */
struct Sums {
  Fixed* input_weights;
  Fixed* input_delays;
  Fixed* recurrent_weights;
  Fixed* recurrent_delays;
  Fixed* tau_mem;
  Fixed* tau_syn;
  Fixed* threshold;
  Fixed* reset;
  Fixed* bias;
  Fixed* input_errors;
  /** What the targets of each output spike add to its error, [batch][capacity]. */
  Fixed* spike_errors;
};

struct AdjointArguments {
  tacet::GridCall call;
  GridTiling tiling;
  const float* constants;
  /** lambda_V and lambda_I of the last steps, [batch][slots][neurons]. */
  float* lv;
  float* li;
  /** Running integrals for tau_m, tau_s and the bias, [3][batch][neurons]. */
  float* integrals;
  const float* path;
  const float* kick;
  Sums sums;
  ScaleState* scale;
  unsigned int* barrier;
  /** Terms below this cannot amount to kLargestSum, however many there are. */
  double small_term;
  int first_sample;
};

__device__ double scale_of(const ScaleState* state) {
  const int exponent = static_cast<int>(state->largest >> 23) - 127;
  return state->largest == 0 ? 1.0 : ldexp(1.0, kScaleBits - exponent);
}

__global__ void scale_kernel(const tacet::EventView out, const float* __restrict__ kick,
                             const tacet::LifView lif, ScaleState* state) {
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
                              const ScaleState* __restrict__ state, bool add,
                              float* __restrict__ gradient) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at < count) {
    const bool broken = state->overflow != 0 || state->largest >= 0x7f800000u;
    const double sum = static_cast<double>(static_cast<long long>(sums[at])) / scale_of(state);
    const float value = broken ? __uint_as_float(0x7fc00000u) : static_cast<float>(sum);
    gradient[at] = add ? gradient[at] + value : value;
  }
}

/** One warp's part of the adjoint of a sample. */
class Adjoint {
 public:
  __device__ Adjoint(const AdjointArguments& a, float* before)
      : a_(a),
        warp_(a.tiling, a.call.layer.neurons, a.first_sample),
        before_(before),
        scale_(scale_of(a.scale)) {}

  __device__ void run() {
    GridBarrier barrier = warp_.barrier(a_.barrier);
    const tacet::GridCall& call = a_.call;
    const size_t in_begin = static_cast<size_t>(warp_.sample) * call.in.capacity;
    const size_t out_begin = static_cast<size_t>(warp_.sample) * call.out.capacity;
    int event = stored(call.in.counts, warp_.sample, call.in.capacity) - 1;
    int spike = stored(call.out.counts, warp_.sample, call.out.capacity) - 1;
    while (event >= 0 && grid_step(call.in.times[in_begin + event], call.dt) > call.steps) {
      event--;
    }
    for (int step = call.steps; step >= 0; step--) {
      while (event >= 0 && grid_step(call.in.times[in_begin + event], call.dt) >= step) {
        pull(call.layer.input, call.in.units[in_begin + event], step, a_.sums.input_weights,
             a_.sums.input_delays,
             a_.sums.input_errors == nullptr ? nullptr : a_.sums.input_errors + in_begin + event);
        event--;
      }
      if (step == 0) {
        break;
      }
      const int last = spike;
      while (spike >= 0 && grid_step(call.out.times[out_begin + spike], call.dt) >= step) {
        spike--;
      }
      if (call.layer.recurrent.weights != nullptr) {
        for (int k = spike + 1; k <= last; k++) {
          pull(call.layer.recurrent, call.out.units[out_begin + k], step, a_.sums.recurrent_weights,
               a_.sums.recurrent_delays, a_.sums.spike_errors + out_begin + k);
        }
        if (a_.tiling.tiles > 1) {
          barrier.sync();
        } else if (spike < last) {
          __syncthreads();
        }
      }
      jump(out_begin, spike + 1, last, step);
      retreat(step);
    }
    add_integrals();
  }

 private:
  __device__ float constant(GridConstant which, int n) const {
    return a_.constants[static_cast<size_t>(which) * a_.call.layer.neurons + n];
  }

  __device__ size_t slot(int step) const {
    return (static_cast<size_t>(warp_.sample) * a_.call.slots + step % a_.call.slots) *
           a_.call.layer.neurons;
  }

  /**
   * Small terms are added blindly. A larger one looks at what it has made of the sum: up to
   * kLargestSum of others and as much again of small terms still fit 63 bits, so none can pass
   * unseen.
   */
  __device__ void add(Fixed* sum, float value) {
    const double units = static_cast<double>(value) * scale_;
    const double size = fabs(units);
    bool fits = size < kLargestTerm;
    if (fits) {
      const auto term = static_cast<Fixed>(static_cast<long long>(rint(units)));
      if (size < a_.small_term) {
        atomicAdd(sum, term);
      } else {
        const auto now = static_cast<long long>(atomicAdd(sum, term) + term);
        fits = fabs(static_cast<double>(now)) < kLargestSum;
      }
    }
    if (!fits) {
      atomicOr(&a_.scale->overflow, 1);
    }
  }

  /** Adds an event of a source at a step to the gradients, and its error to a sum. */
  __device__ void pull(const SynapseView& rows, int source, int step, Fixed* weights,
                       Fixed* delays, Fixed* error_sum) {
    float total = 0;
    grid_row(rows, source, warp_, step, a_.call.dt,
             [&](size_t s, int n, int arrival) {
               if (arrival > a_.call.steps) {
                 return;
               }
               const float current = a_.li[slot(arrival) + n];
               const float error = rows.weights[s] * (a_.lv[slot(arrival) + n] - current);
               if (weights != nullptr) {
                 add(weights + s, -constant(kTauSyn, n) * current);
               }
               if (delays != nullptr && rows.delay_per_synapse) {
                 add(delays + s, error);
               }
               total += error;
             });
    total = warp_sum(total);
    if (lane_id() == 0) {
      if (error_sum != nullptr) {
        add(error_sum, total);
      }
      if (delays != nullptr && !rows.delay_per_synapse) {
        add(delays + source, total);
      }
    }
  }

  /** lambda_V before the spikes of a step, to before_. */
  __device__ void jump(size_t out_begin, int first, int last, int step) {
    const float* const after = a_.lv + slot(step);
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      before_[n - warp_.tile_first] = after[n];
    }
    __syncwarp();
    for (int k = first + lane_id(); k <= last; k += 32) {
      const int n = a_.call.out.units[out_begin + k];
      if (n >= warp_.first && n < warp_.last) {
        float error = a_.call.out.errors[out_begin + k];
        if (a_.sums.spike_errors != nullptr) {
          const auto sum = static_cast<long long>(__ldcg(a_.sums.spike_errors + out_begin + k));
          error += static_cast<float>(static_cast<double>(sum) / scale_);
        }
        before_[n - warp_.tile_first] =
            jump_of(n, a_.call.out.slopes[out_begin + k], error, after[n]);
      }
    }
    __syncwarp();
  }

  __device__ float jump_of(int n, float slope, float error, float after) {
    const float outward = slope + constant(kTheta, n) - constant(kReset, n);
    const float before = (error + outward * after) / slope;
    if (a_.sums.threshold != nullptr) {
      add(a_.sums.threshold + n * a_.call.layer.lif.threshold_step, constant(kTauMem, n) * before);
    }
    if (a_.sums.reset != nullptr) {
      add(a_.sums.reset + n * a_.call.layer.lif.reset_step, -constant(kTauMem, n) * after);
    }
    return a_.kick == nullptr ? before : before + a_.kick[n];
  }

  /** The transpose of a step, from the adjoint before the spikes of `step`. */
  __device__ void retreat(int step) {
    const size_t now = slot(step);
    const size_t earlier = slot(step - 1);
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      const float voltage = before_[n - warp_.tile_first];
      const float current = a_.li[now + n];
      if (a_.integrals != nullptr) {
        integrate(n, step, voltage, current);
      }
      a_.li[earlier + n] = constant(kBeta, n) * current + constant(kAdjointGamma, n) * voltage;
      a_.lv[earlier + n] = constant(kAlpha, n) * voltage;
    }
    __syncwarp();
  }

  __device__ size_t integral(int which, int n) const {
    return (static_cast<size_t>(which) * a_.call.in.batch + warp_.sample) * a_.call.layer.neurons + n;
  }

  /** Integrals over the step that ends with this adjoint, in closed form. */
  __device__ void integrate(int n, int step, float voltage, float current) {
    if (a_.path != nullptr) {
      const size_t state =
          (static_cast<size_t>(warp_.sample - a_.first_sample) * a_.call.steps + step - 1) * 2 *
          a_.call.layer.neurons;
      const float u = a_.path[state + n];
      const float i = a_.path[state + a_.call.layer.neurons + n];
      a_.integrals[integral(0, n)] +=
          voltage * (constant(kTauMemI, n) * i + constant(kTauMemV, n) * u);
      a_.integrals[integral(1, n)] +=
          i * (constant(kTauSynI, n) * current + constant(kTauSynV, n) * voltage);
    }
    a_.integrals[integral(2, n)] -= voltage * constant(kTauMem, n) * (1 - constant(kAlpha, n));
  }

  __device__ void add_integrals() {
    if (a_.integrals == nullptr) {
      return;
    }
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      if (a_.sums.tau_mem != nullptr) {
        add(a_.sums.tau_mem + n * a_.call.layer.lif.tau_mem_step, a_.integrals[integral(0, n)]);
      }
      if (a_.sums.tau_syn != nullptr) {
        add(a_.sums.tau_syn + n * a_.call.layer.lif.tau_syn_step, a_.integrals[integral(1, n)]);
      }
      if (a_.sums.bias != nullptr) {
        add(a_.sums.bias + n * a_.call.layer.lif.bias_step, a_.integrals[integral(2, n)]);
      }
    }
  }

  const AdjointArguments& a_;
  const GridWarp warp_;
  /** lambda_V of the block's neurons before the spikes of a step, in shared memory. */
  float* const before_;
  const double scale_;
};

__global__ void __launch_bounds__(kGridMostThreads, 1) adjoint_kernel(const AdjointArguments arguments) {
  TACET_DYNAMIC_SHARED(float, before, 0, arguments.tiling.tile);
  Adjoint(arguments, before).run();
}

/** Scratch memory of a backward pass. */
struct AdjointScratch {
  GridForwardScratch forward;
  float* lv;
  float* li;
  float* integrals;
  float* path;
  int path_samples;
  Sums sums{};
  ScaleState* scale;
  /** Counters of the barriers, [batch]. */
  unsigned int* barrier;
  /** Everything from here on is zeroed. */
  unsigned char* zeroed;
  size_t zeroed_bytes;

  AdjointScratch(tacet::Carver& carver, const tacet::GridCall& call,
                 const tacet::GradientView& g, const GridTiling& tiling)
      : forward(carver, call, tiling) {
    const size_t state = static_cast<size_t>(call.in.batch) * call.layer.neurons;
    const bool needs_path = g.tau_mem != nullptr || g.tau_syn != nullptr;
    const size_t path_of_one = static_cast<size_t>(call.steps) * 2 * call.layer.neurons;
    const size_t fitting = max(kMostPathBytes / sizeof(float) / path_of_one, size_t{1});
    path_samples = needs_path ? static_cast<int>(min(fitting, static_cast<size_t>(call.in.batch)))
                              : call.in.batch;
    path = needs_path ? carver.take<float>(path_of_one * path_samples) : nullptr;
    const size_t start = carver.bytes();
    zeroed = carver.take<unsigned char>(0);
    lv = carver.take<float>(state * call.slots);
    li = carver.take<float>(state * call.slots);
    integrals = needs_path || g.bias != nullptr ? carver.take<float>(3 * state) : nullptr;
    take_sums(carver, call, g);
    scale = carver.take<ScaleState>(1);
    barrier = carver.take<unsigned int>(call.in.batch);
    zeroed_bytes = carver.bytes() - start;
  }

  /** Number of delays of a connectivity. */
  static size_t delays(const SynapseView& rows, int64_t synapses) {
    return rows.delay_per_synapse ? static_cast<size_t>(synapses)
                                  : static_cast<size_t>(rows.sources);
  }

  void take_sums(tacet::Carver& carver, const tacet::GridCall& call,
                 const tacet::GradientView& g) {
    const auto take = [&](const float* wanted, size_t count) {
      return wanted == nullptr ? nullptr : carver.take<Fixed>(count);
    };
    const auto per_neuron = [&](const float* wanted, int step) {
      return take(wanted, step == 0 ? 1 : call.layer.neurons);
    };
    sums.input_weights = take(g.input_weights, call.inputs);
    sums.input_delays = take(g.input_delays, delays(call.layer.input, call.inputs));
    sums.recurrent_weights = take(g.recurrent_weights, call.recurrents);
    sums.recurrent_delays = take(g.recurrent_delays, delays(call.layer.recurrent, call.recurrents));
    sums.tau_mem = per_neuron(g.tau_mem, call.layer.lif.tau_mem_step);
    sums.tau_syn = per_neuron(g.tau_syn, call.layer.lif.tau_syn_step);
    sums.threshold = per_neuron(g.threshold, call.layer.lif.threshold_step);
    sums.reset = per_neuron(g.reset, call.layer.lif.reset_step);
    sums.bias = per_neuron(g.bias, call.layer.lif.bias_step);
    sums.input_errors =
        take(call.in.errors, static_cast<size_t>(call.in.batch) * call.in.capacity);
    sums.spike_errors = take(call.layer.recurrent.weights == nullptr ? nullptr : call.out.errors,
                             static_cast<size_t>(call.in.batch) * call.out.capacity);
  }
};

/** kLargestSum by an upper bound of the number of terms of any one sum. */
double small_term(const tacet::GridCall& call, const GridTiling& tiling) {
  const double of_a_sample = static_cast<double>(call.in.capacity) + call.out.capacity +
                             call.layer.neurons;
  return kLargestSum / (of_a_sample * call.in.batch * tiling.segments());
}

void run_adjoint(const tacet::GridCall& call, const GridTiling& tiling,
                 const AdjointScratch& scratch, const float* kick, int first, int samples,
                 tacet::Stream stream) {
  const int threads = 32 * tiling.warps;
  const size_t shared = sizeof(float) * tiling.tile;
  AdjointArguments arguments{call,          tiling,         scratch.forward.constants,
                             scratch.lv,    scratch.li,     scratch.integrals,
                             scratch.path,  kick,           scratch.sums,
                             scratch.scale, scratch.barrier, small_term(call, tiling),
                             first};
  if (tiling.tiles == 1) {
    TACET_LAUNCH(adjoint_kernel, samples, threads, shared, stream, arguments);
    return;
  }
  const int resident = grid_adjoint_resident(threads, tiling.tile) / tiling.tiles;
  const size_t path_of_one = static_cast<size_t>(call.steps) * 2 * call.layer.neurons;
  for (int done = 0; done < samples; done += resident) {
    const int part = min(resident, samples - done);
    arguments.first_sample = first + done;
    arguments.path = scratch.path == nullptr ? nullptr : scratch.path + done * path_of_one;
    TACET_LAUNCH_COOPERATIVE(adjoint_kernel, part * tiling.tiles, threads, shared, stream,
                             arguments);
  }
}

void finish(const Fixed* sums, size_t count, const ScaleState* scale, bool add, float* gradient,
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

void grid_backward_bytes(const tacet::GridCall& call, const tacet::GradientView& gradients,
                         size_t* bytes) {
  tacet::Carver carver(nullptr);
  const AdjointScratch measured(carver, call, gradients, grid_tiling(call));
  *bytes = carver.bytes();
}

void grid_backward(const tacet::GridCall& call, const tacet::GradientView& gradients,
                   const float* kick, const tacet::Workspace& workspace, tacet::Stream stream) {
  const GridTiling tiling = grid_tiling(call);
  const int batch = call.in.batch;
  tacet::Carver carver(workspace.base);
  const AdjointScratch scratch(carver, call, gradients, tiling);
  require_bytes(carver, workspace);
  grid_prepare(call, scratch.forward, stream);
  fill_bytes(scratch.zeroed, 0, scratch.zeroed_bytes, stream);
  if (scratch.path != nullptr && scratch.forward.ring != nullptr) {
    fill_bytes(scratch.forward.ring, 0,
               static_cast<size_t>(batch) * call.slots * call.layer.neurons * sizeof(float),
               stream);
  }
  // A grid has at most 65535 rows of blocks.
  for (int first = 0; first < batch; first += 65535) {
    const tacet::EventView part = tacet::slice(call.out, first, min(65535, batch - first));
    TACET_LAUNCH(scale_kernel, dim3(4, part.batch), 128, 0, stream, part, kick, call.layer.lif,
                 scratch.scale);
  }
  for (int first = 0; first < batch; first += scratch.path_samples) {
    const int samples = min(scratch.path_samples, batch - first);
    if (scratch.path != nullptr) {
      grid_simulate(call, tiling, scratch.forward, first, samples, scratch.path, stream);
    }
    run_adjoint(call, tiling, scratch, kick, first, samples, stream);
  }
  const Sums& s = scratch.sums;
  const tacet::LifView& lif = call.layer.lif;
  const auto add = [&](const Fixed* sums, size_t count, float* gradient) {
    finish(sums, count, scratch.scale, true, gradient, stream);
  };
  const auto values = [&](int step) {
    return step == 0 ? size_t{1} : static_cast<size_t>(call.layer.neurons);
  };
  add(s.input_weights, call.inputs, gradients.input_weights);
  add(s.input_delays, AdjointScratch::delays(call.layer.input, call.inputs),
      gradients.input_delays);
  add(s.recurrent_weights, call.recurrents, gradients.recurrent_weights);
  add(s.recurrent_delays, AdjointScratch::delays(call.layer.recurrent, call.recurrents),
      gradients.recurrent_delays);
  add(s.tau_mem, values(lif.tau_mem_step), gradients.tau_mem);
  add(s.tau_syn, values(lif.tau_syn_step), gradients.tau_syn);
  add(s.threshold, values(lif.threshold_step), gradients.threshold);
  add(s.reset, values(lif.reset_step), gradients.reset);
  add(s.bias, values(lif.bias_step), gradients.bias);
  finish(s.input_errors, static_cast<size_t>(batch) * call.in.capacity, scratch.scale, false,
         call.in.errors, stream);
}

}  // namespace TACET_NS
