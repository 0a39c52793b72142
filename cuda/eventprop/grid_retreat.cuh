// The backward pass of the grid simulator, whatever the neurons: steps back, events and their errors,
// delays. Warps own the neurons that they own in the forward pass.
//
// Everything that several warps add to (gradients, errors of events) is summed in 64-bit fixed
// point, so that the order does not matter: one array of the gradient's size serves the whole
// batch, and results are bitwise reproducible. The adjoint is linear in the errors of the output,
// so the largest of them sets the scale: 2^36 units. Terms up to a million times larger fit, and
// sums up to 2^62 units. An overflow makes every gradient NaN.
#pragma once

#include <cmath>

#include "eventprop/grid_simulation.cuh"
#include "eventprop/reduce.cuh"

namespace TACET_NS {

constexpr int kScaleBits = 36;
constexpr float kLargestTerm = 0x1p56f;
constexpr long long kLargestSum = 1ll << 62;
/** States of as many samples as fit are kept at a time for gradients of time constants. */
constexpr size_t kMostPathBytes = size_t{1} << 29;

using Fixed = unsigned long long;

/** Largest error as float bits, and whether a term did not fit. */
struct GridScale {
  unsigned int largest;
  int overflow;
};

/** Sums in fixed point, null where not wanted. */
struct GridSums {
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

struct GridAdjointArguments {
  tacet::GridCall call;
  GridTiling tiling;
  GridForwardScratch scratch;
  /** Steps of the output spikes, [batch][capacity]. */
  const int32_t* out_steps;
  /**
   * The adjoint of the last steps as arrivals see it, [batch][slots][neurons]: of what moves once they
   * are there, V or with alpha synapses each current, and of what they reach, each receptor.
   */
  float* lv;
  float* li;
  /** Running integrals, of LIF neurons for tau_m, tau_s and the bias, [integrals][batch][neurons]. */
  float* integrals;
  const float* path;
  const float* kick;
  GridSums sums;
  GridScale* scale;
  /** Terms below this cannot amount to kLargestSum, however many there are. */
  float small_term;
  int first_sample;
  /** The launch goes back from the adjoint after this step ... */
  int from;
  /** ... to the one after this step. */
  int to;
};

/** Bits of a unit: the scale of all sums is 2 to this. */
__device__ __forceinline__ int scale_bits(const GridScale* state) {
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
  __device__ explicit FixedPoint(const GridScale* state)
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

/** Adds to sums in fixed point. */
class FixedSums {
 public:
  __device__ explicit FixedSums(const GridAdjointArguments& a) : a_(a), fixed_(a.scale) {}

  /**
   * Small terms are added blindly. A larger one looks at what it has made of the sum: up to
   * kLargestSum of others and as much again of small terms still fit 63 bits, so none can pass
   * unseen.
   */
  __device__ void add(Fixed* sum, float value) const {
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

  __device__ float value(Fixed sum) const { return fixed_.value(sum); }

 private:
  const GridAdjointArguments& a_;
  const FixedPoint fixed_;
};

/**
 * One warp's part of the adjoint of a sample.
 *
 * Neurons has receptor(weight), mover(receptor), what moves once an arrival is there, tau(receptor, n),
 * its time constant,
 *   before_jumps(warp, slot), before any spike of a step,
 *   jump(sums, warp, n, slope, error, step, slot), over a spike,
 *   retreat(warp, n, step, slot, earlier), back over a step to the slot of the one before, and
 *   end(sums, warp, n), which adds what it has summed up.
 */
template <typename Neurons>
class GridAdjoint {
 public:
  __device__ GridAdjoint(const GridAdjointArguments& a, const Neurons& neurons)
      : a_(a),
        warp_(a.tiling, a.call.layer.neurons, a.first_sample),
        neurons_(neurons),
        sums_(a) {}

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
      for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
        neurons_.end(sums_, warp_, n);
      }
    } else if (lane_id() == 0) {
      progress() = {event_, spike_, 0};
    }
  }

 private:
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

  __device__ size_t slots_of_receptor() const {
    return static_cast<size_t>(a_.call.in.batch) * a_.call.slots * a_.call.layer.neurons;
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
               const float weight = rows.weights[s];
               const int receptor = neurons_.receptor(weight);
               const float current = a_.li[receptor * slots_of_receptor() + slot(arrival) + n];
               const float moved =
                   a_.lv[neurons_.mover(receptor) * slots_of_receptor() + slot(arrival) + n];
               const float error = weight * (moved - current);
               if (weights != nullptr) {
                 sums_.add(weights + s, -neurons_.tau(receptor, n) * current);
               }
               if (delays != nullptr && rows.delay_per_synapse) {
                 sums_.add(delays + s, error);
               }
               total += error;
             });
    total = warp_sum(total);
    if (lane_id() == 0) {
      if (error_sum != nullptr) {
        sums_.add(error_sum, total);
      }
      if (delays != nullptr && !rows.delay_per_synapse) {
        sums_.add(delays + source, total);
      }
    }
  }

  /** From the adjoint after the spikes of a step to that before them. */
  __device__ void jump(int first, int last, int step) {
    neurons_.before_jumps(warp_, slot(step));
    for (int k = first + lane_id(); k <= last; k += 32) {
      const size_t at = at_spike(k);
      const int n = a_.call.out.units[at];
      if (n >= warp_.first && n < warp_.last) {
        float error = a_.call.out.errors[at];
        if (a_.sums.spike_errors != nullptr) {
          error += sums_.value(__ldcg(a_.sums.spike_errors + at));
        }
        neurons_.jump(sums_, warp_, n, a_.call.out.slopes[at], error, step, slot(step));
      }
    }
    __syncwarp();
  }

  /** The transpose of a step, from the adjoint before the spikes of `step`. */
  __device__ void retreat(int step) {
    const size_t now = slot(step);
    const size_t earlier = slot(step - 1);
    for (int n = warp_.first + lane_id(); n < warp_.last; n += 32) {
      neurons_.retreat(warp_, n, step, now, earlier);
    }
    __syncwarp();
  }

  const GridAdjointArguments& a_;
  const GridWarp warp_;
  const Neurons neurons_;
  const FixedSums sums_;
  /** The input event and the spike that come next on the way back, and their steps. */
  int event_ = -1;
  int event_step_ = -1;
  int spike_ = -1;
  int spike_step_ = -1;
};

/** Scratch memory of a backward pass. */
struct GridAdjointScratch {
  GridForwardScratch forward;
  int32_t* out_steps;
  float* lv;
  float* li;
  float* integrals;
  float* path;
  int path_samples;
  GridSums sums{};
  /** Of the parameters of a variant, those before kNeuronSums left out; null where not wanted. */
  Fixed* more[kVariantSums - kNeuronSums]{};
  /** [adjoints][batch][neurons]; null of LIF neurons. */
  float* adjoints;
  GridScale* scale;
  /** Everything from here on is zeroed. */
  unsigned char* zeroed;
  size_t zeroed_bytes;

  GridAdjointScratch(tacet::Carver& carver, const tacet::GridCall& call,
                     const tacet::GradientView& g, const GridTiling& tiling,
                     const GridWords& words = {})
      : forward(carver, call, tiling, words) {
    const size_t state = static_cast<size_t>(call.in.batch) * call.layer.neurons;
    const bool needs_path = g.tau_mem != nullptr || g.tau_syn != nullptr || words.adjoints > 0;
    const size_t path_of_one =
        static_cast<size_t>(call.steps) * words.states * call.layer.neurons;
    const size_t fitting = max(kMostPathBytes / sizeof(float) / path_of_one, size_t{1});
    path_samples = needs_path ? static_cast<int>(min(fitting, static_cast<size_t>(call.in.batch)))
                              : call.in.batch;
    path = needs_path ? carver.take<float>(path_of_one * path_samples) : nullptr;
    out_steps = carver.take<int32_t>(static_cast<size_t>(call.in.batch) * call.out.capacity);
    const size_t start = carver.bytes();
    zeroed = carver.take<unsigned char>(0);
    lv = carver.take<float>(words.movers * state * call.slots);
    li = carver.take<float>(words.receptors * state * call.slots);
    adjoints = words.adjoints == 0 ? nullptr : carver.take<float>(words.adjoints * state);
    integrals = needs_path || g.bias != nullptr ? carver.take<float>(words.integrals * state)
                                                : nullptr;
    take_sums(carver, call, g);
    scale = carver.take<GridScale>(1);
    zeroed_bytes = carver.bytes() - start;
  }

  /** Those of a parameter of a variant. */
  Fixed* more_sums(int kind) const { return more[kind - kNeuronSums]; }

  /** The path of a sample of a round, of so many words of state; or null. */
  float* path_of(const tacet::GridCall& call, int states, int sample) const {
    return path == nullptr ? nullptr
                           : path + static_cast<size_t>(sample) * call.steps * states *
                                        call.layer.neurons;
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
    const auto take_more = [&](int kind, const float* wanted) {
      more[kind - kNeuronSums] = take(wanted, static_cast<size_t>(call.layer.neurons));
    };
    take_more(kTauInhibitory, g.tau_inhibitory);
    take_more(kTauThreshold, g.tau_threshold);
    take_more(kTauAdaptation, g.tau_adaptation);
    take_more(kRefractory, g.refractory);
    take_more(kThresholdJump, g.threshold_jump);
    take_more(kAdaptationJump, g.adaptation_jump);
    sums.input_errors =
        take(call.in.errors, static_cast<size_t>(call.in.batch) * call.in.capacity);
    sums.spike_errors = take(call.layer.recurrent.weights == nullptr ? nullptr : call.out.errors,
                             static_cast<size_t>(call.in.batch) * call.out.capacity);
  }
};

/** kLargestSum by an upper bound of the number of terms of any one sum. */
inline float small_term(const tacet::GridCall& call, const GridTiling& tiling) {
  const double of_a_sample = static_cast<double>(call.in.capacity) + call.out.capacity +
                             call.layer.neurons;
  const double small = static_cast<double>(kLargestSum) /
                       (of_a_sample * call.in.batch * tiling.segments());
  // Rounded down, and a larger term does not fit anyway.
  return std::fmin(std::nextafter(static_cast<float>(small), 0.0f), kLargestTerm);
}

/** Arguments of an adjoint kernel for some of the samples and of the steps. */
inline GridAdjointArguments grid_adjoint_arguments(const tacet::GridCall& call,
                                                   const GridTiling& tiling,
                                                   const GridAdjointScratch& scratch,
                                                   const float* kick, const float* path, int first,
                                                   int passed, int until) {
  return {call,
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
          first,
          call.steps - passed,
          call.steps - until};
}

/** Sets the scale of all sums. */
void grid_scale(const tacet::GridCall& call, const float* kick, GridScale* scale,
                tacet::Stream stream);

/** Adds so many sums to a gradient; nothing where there are none. */
void grid_add_sums(const Fixed* sums, size_t count, const GridScale* scale, float* gradient,
                   tacet::Stream stream);

/** Adds the gradients that all neurons have, and writes the errors of the input. */
void grid_finish(const tacet::GridCall& call, const GridAdjointScratch& scratch,
                 const tacet::GradientView& gradients, tacet::Stream stream);

/**
 * A backward pass.
 *
 * @param prepare() writes the constants
 * @param simulate(first, samples) keeps their states in the path
 * @param retreat(first, samples) goes back through them
 */
template <typename Prepare, typename Simulate, typename Retreat>
void grid_run_backward(const tacet::GridCall& call, const GridAdjointScratch& scratch,
                       int receptors, const tacet::GradientView& gradients, const float* kick,
                       tacet::Stream stream, Prepare&& prepare, Simulate&& simulate,
                       Retreat&& retreat) {
  prepare();
  steps_of_events(call.out, call.dt, scratch.out_steps, stream);
  fill_bytes(scratch.zeroed, 0, scratch.zeroed_bytes, stream);
  if (scratch.path != nullptr) {
    clear_ring(call, scratch.forward, receptors, stream);
  }
  grid_scale(call, kick, scratch.scale, stream);
  for (int first = 0; first < call.in.batch; first += scratch.path_samples) {
    const int samples = min(scratch.path_samples, call.in.batch - first);
    if (scratch.path != nullptr) {
      simulate(first, samples);
    }
    retreat(first, samples);
  }
  grid_finish(call, scratch, gradients, stream);
}

}  // namespace TACET_NS
