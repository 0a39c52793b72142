// Backward pass of the grid simulator: the exact transpose of a step between spikes, and the jump of
// the continuous adjoint at a spike (Wunderlich and Pehle 2021, table 1; delays after Meszaros,
// Knight and Nowotny 2025). Warps own the neurons that they own in the forward pass.
//
// Everything that several warps add to (gradients, errors of events) is summed in 64-bit fixed
// point, so that the order does not matter: one array of the gradient's size serves the whole
// batch, and results are bitwise reproducible. The adjoint is linear in the errors of the output,
// so the largest of them sets the scale: 2^36 units. Terms up to a million times larger fit, and
// sums up to 2^62 units. An overflow makes every gradient NaN.
// Bytes per step and sample: 52 neurons (state and constants); per event and row 8, and per synapse
// visited 20, 4 more for synaptic delays and 8 for their gradients. Flops: 5 per neuron and step, 5
// per synapse visited and 6 per term of a sum.
#include <cmath>

#include "eventprop/grid.cuh"

namespace TACET_NS {

namespace {

constexpr int kScaleBits = 36;
constexpr float kLargestTerm = 0x1p56f;
constexpr long long kLargestSum = 1ll << 62;
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
  GridForwardScratch scratch;
  /** Steps of the output spikes, [batch][capacity]. */
  const int32_t* out_steps;
  /** lambda_V and lambda_I of the last steps, [batch][slots][neurons]. */
  float* lv;
  float* li;
  /** Running integrals for tau_m, tau_s and the bias, [3][batch][neurons]. */
  float* integrals;
  const float* path;
  const float* kick;
  Sums sums;
  ScaleState* scale;
  /** Terms below this cannot amount to kLargestSum, however many there are. */
  float small_term;
  int first_sample;
  /** The launch goes back from the adjoint after this step ... */
  int from;
  /** ... to the one after this step. */
  int to;
};

/** Bits of a unit: the scale of all sums is 2 to this. */
__device__ int scale_bits(const ScaleState* state) {
  const int exponent = static_cast<int>(state->largest >> 23) - 127;
  return state->largest == 0 ? 0 : kScaleBits - exponent;
}

/** 2^exponent; only for those of which it and its inverse are ordinary numbers. */
__device__ __forceinline__ float power_of_two(int exponent) {
  return __int_as_float((127 + exponent) << 23);
}

/**
 * From numbers to fixed point and back, without double precision where terms are added, at which
 * many GPUs are slow. The scale has more digits before the point than a float has and is applied in
 * two factors: exact, or the result is 0 or too large either way.
 */
class FixedPoint {
 public:
  __device__ explicit FixedPoint(const ScaleState* state)
      : coarse_(power_of_two(scale_bits(state) / 2)),
        fine_(power_of_two(scale_bits(state) - scale_bits(state) / 2)) {}

  __device__ __forceinline__ float units(float value) const { return value * coarse_ * fine_; }

  /** Units rounded, in two parts; those that are too many give some number. */
  __device__ static __forceinline__ Fixed rounded(float units) {
    const int high = __float2int_rn(units * 0x1p-26f);
    const int low = __float2int_rn(fmaf(static_cast<float>(high), -0x1p26f, units));
    return static_cast<Fixed>(static_cast<long long>(high) * (1ll << 26) + low);
  }

  __device__ __forceinline__ float value(Fixed sum) const {
    const double units = static_cast<double>(static_cast<long long>(sum));
    return static_cast<float>(units * (1.0f / coarse_) * (1.0f / fine_));
  }

 private:
  float coarse_;
  float fine_;
};

/** Adds without reading the sum back, so nothing waits for it. */
__device__ __forceinline__ void add_blindly(Fixed* sum, Fixed term) {
#if defined(__CUDA_ARCH__)
  // nvcc makes the atomicAdd of one branch and this one a single returning instruction.
  asm volatile("red.global.add.u64 [%0], %1;" ::"l"(sum), "l"(term) : "memory");
#else
  atomicAdd(sum, term);
#endif
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
    const float value =
        broken ? __uint_as_float(0x7fc00000u) : FixedPoint(state).value(sums[at]);
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
        fixed_(a.scale) {}

  __device__ void run() {
    GridBarrier barrier = warp_.barrier(a_.scratch.barrier);
    if (a_.from == a_.call.steps) {
      begin();
    } else {
      const GridProgress so_far = progress();
      look_at_event(so_far.event);
      look_at_spike(so_far.spike);
    }
    for (int step = a_.from; step > a_.to || step == 0; step--) {
      pull_events(step);
      if (step > 0) {
        go_back(step, barrier);
      }
    }
    if (a_.to == 0) {
      add_integrals();
    } else if (lane_id() == 0) {
      progress() = {event_, spike_, 0};
    }
  }

 private:
  __device__ float constant(GridConstant which, int n) const {
    return a_.scratch.constants[static_cast<size_t>(which) * a_.call.layer.neurons + n];
  }

  __device__ GridProgress& progress() const {
    return a_.scratch.progress[warp_.segment_at(a_.tiling)];
  }

  __device__ size_t at_event(int event) const {
    return static_cast<size_t>(warp_.sample) * a_.call.in.capacity + event;
  }

  __device__ size_t at_spike(int spike) const {
    return static_cast<size_t>(warp_.sample) * a_.call.out.capacity + spike;
  }

  /** Makes an input event the one that comes next on the way back. */
  __device__ void look_at_event(int event) {
    event_ = event;
    event_step_ = event >= 0 ? a_.scratch.in_steps[at_event(event)] : -1;
  }

  /** The same for a spike of the output. */
  __device__ void look_at_spike(int spike) {
    spike_ = spike;
    spike_step_ = spike >= 0 ? a_.out_steps[at_spike(spike)] : -1;
  }

  __device__ void begin() {
    const tacet::GridCall& call = a_.call;
    look_at_event(stored(call.in.counts, warp_.sample, call.in.capacity) - 1);
    look_at_spike(stored(call.out.counts, warp_.sample, call.out.capacity) - 1);
    while (event_step_ > call.steps) {
      look_at_event(event_ - 1);
    }
  }

  /** Adds the input events of a step to the gradients; one of no source has been reported. */
  __device__ void pull_events(int step) {
    while (event_step_ >= step) {
      const size_t at = at_event(event_);
      const int source = a_.call.in.units[at];
      look_at_event(event_ - 1);
      if (has_source(a_.call.layer.input, source)) {
        pull(a_.call.layer.input, a_.scratch.input_delays, source, step, a_.sums.input_weights,
             a_.sums.input_delays,
             a_.sums.input_errors == nullptr ? nullptr : a_.sums.input_errors + at);
      }
    }
  }

  /** From the adjoint after a step and its arrivals to the one after the step before. */
  __device__ void go_back(int step, GridBarrier& barrier) {
    const int last = spike_;
    while (spike_step_ >= step) {
      look_at_spike(spike_ - 1);
    }
    pull_spikes(spike_ + 1, last, step, barrier);
    jump(spike_ + 1, last, step);
    retreat(step);
  }

  /** Adds spikes of a step to the gradients; their errors are there after it. */
  __device__ void pull_spikes(int first, int last, int step, GridBarrier& barrier) {
    if (a_.call.layer.recurrent.weights == nullptr) {
      return;
    }
    for (int k = first; k <= last; k++) {
      const size_t at = at_spike(k);
      pull(a_.call.layer.recurrent, a_.scratch.recurrent_delays, a_.call.out.units[at], step,
           a_.sums.recurrent_weights, a_.sums.recurrent_delays, a_.sums.spike_errors + at);
    }
    if (a_.tiling.tiles > 1) {
      barrier.sync();
    } else if (first <= last) {
      __syncthreads();
    }
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
    const float units = fixed_.units(value);
    const float size = fabsf(units);
    const Fixed term = FixedPoint::rounded(units);
    bool fits = size < kLargestTerm;
    if (size < a_.small_term) {
      add_blindly(sum, term);
    } else if (fits) {
      const auto now = static_cast<long long>(atomicAdd(sum, term) + term);
      fits = -kLargestSum < now && now < kLargestSum;
    }
    if (!fits) {
      atomicOr(&a_.scale->overflow, 1);
    }
  }

  /** Adds an event of a source at a step to the gradients, and its error to a sum. */
  __device__ void pull(const SynapseView& rows, const int32_t* delay_steps, int source, int step,
                       Fixed* weights, Fixed* delays, Fixed* error_sum) {
    float total = 0;
    grid_row(rows, delay_steps, source, warp_, step,
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
  __device__ void jump(int first, int last, int step) {
    const float* const after = a_.lv + slot(step);
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      before_[n - warp_.tile_first] = after[n];
    }
    __syncwarp();
    for (int k = first + lane_id(); k <= last; k += 32) {
      const size_t at = at_spike(k);
      const int n = a_.call.out.units[at];
      if (n >= warp_.first && n < warp_.last) {
        float error = a_.call.out.errors[at];
        if (a_.sums.spike_errors != nullptr) {
          error += fixed_.value(__ldcg(a_.sums.spike_errors + at));
        }
        before_[n - warp_.tile_first] = jump_of(n, a_.call.out.slopes[at], error, after[n]);
      }
    }
    __syncwarp();
  }

  __device__ float jump_of(int n, float slope, float error, float after) {
    const float outward = slope + constant(kTheta, n) - constant(kReset, n);
    const float least = constant(kTauMem, n) * a_.call.layer.least_slope;
    const float before = (error + outward * after) / fmaxf(slope, least);
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
  const FixedPoint fixed_;
  /** The input event and the spike that come next on the way back, and their steps. */
  int event_ = -1;
  int event_step_ = -1;
  int spike_ = -1;
  int spike_step_ = -1;
};

__global__ void __launch_bounds__(kGridMostThreads, 1) adjoint_kernel(const AdjointArguments arguments) {
  TACET_DYNAMIC_SHARED(float, before, 0, arguments.tiling.tile);
  Adjoint(arguments, before).run();
}

/** Scratch memory of a backward pass. */
struct AdjointScratch {
  GridForwardScratch forward;
  int32_t* out_steps;
  float* lv;
  float* li;
  float* integrals;
  float* path;
  int path_samples;
  Sums sums{};
  ScaleState* scale;
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
    out_steps = carver.take<int32_t>(static_cast<size_t>(call.in.batch) * call.out.capacity);
    const size_t start = carver.bytes();
    zeroed = carver.take<unsigned char>(0);
    lv = carver.take<float>(state * call.slots);
    li = carver.take<float>(state * call.slots);
    integrals = needs_path || g.bias != nullptr ? carver.take<float>(3 * state) : nullptr;
    take_sums(carver, call, g);
    scale = carver.take<ScaleState>(1);
    zeroed_bytes = carver.bytes() - start;
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
    sums.input_delays = take(g.input_delays, delays_of(call.layer.input, call.inputs));
    sums.recurrent_weights = take(g.recurrent_weights, call.recurrents);
    sums.recurrent_delays =
        take(g.recurrent_delays, delays_of(call.layer.recurrent, call.recurrents));
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
float small_term(const tacet::GridCall& call, const GridTiling& tiling) {
  const double of_a_sample = static_cast<double>(call.in.capacity) + call.out.capacity +
                             call.layer.neurons;
  const double small = static_cast<double>(kLargestSum) /
                       (of_a_sample * call.in.batch * tiling.segments());
  // Rounded down, and a larger term does not fit anyway.
  return std::fmin(std::nextafter(static_cast<float>(small), 0.0f), kLargestTerm);
}

void run_adjoint(const tacet::GridCall& call, const GridTiling& tiling,
                 const AdjointScratch& scratch, const float* kick, int first, int samples,
                 tacet::Stream stream) {
  const int threads = 32 * tiling.warps;
  const size_t shared = sizeof(float) * tiling.tile;
  const int together = tiling.tiles == 1
                           ? samples
                           : grid_adjoint_resident(threads, tiling.tile) / tiling.tiles;
  const size_t path_of_one = static_cast<size_t>(call.steps) * 2 * call.layer.neurons;
  for (int done = 0; done < samples; done += together) {
    const int part = min(together, samples - done);
    const float* path = scratch.path == nullptr ? nullptr : scratch.path + done * path_of_one;
    in_launches(call, [&](int passed, int until) {
      const AdjointArguments arguments{call,
                                       tiling,
                                       scratch.forward,
                                       scratch.out_steps,
                                       scratch.lv,
                                       scratch.li,
                                       scratch.integrals,
                                       path,
                                       kick,
                                       scratch.sums,
                                       scratch.scale,
                                       small_term(call, tiling),
                                       first + done,
                                       call.steps - passed,
                                       call.steps - until};
      if (tiling.tiles == 1) {
        TACET_LAUNCH(adjoint_kernel, part, threads, shared, stream, arguments);
        return;
      }
      fill_bytes(scratch.forward.barrier + first + done, 0, part * sizeof(unsigned int), stream);
      TACET_LAUNCH_COOPERATIVE(adjoint_kernel, part * tiling.tiles, threads, shared, stream,
                               arguments);
    });
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
  steps_of_events(call.out, call.dt, scratch.out_steps, stream);
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
  finish(s.input_errors, static_cast<size_t>(batch) * call.in.capacity, scratch.scale, false,
         call.in.errors, stream);
}

}  // namespace TACET_NS
