// Forward pass of the grid simulator over neurons of a variant: without leak, with a soft reset, a
// refractory period, an adaptive threshold, an adaptation current, an inhibitory synapse or alpha
// synapses. The walk through the steps is that of grid_simulation.cuh; one kernel for all variants,
// which skips what a neuron lacks, but for those with alpha synapses, which have one of their own.
//
// Layout: 2 to 6 words of state per neuron in shared memory, with alpha synapses 3 to 8. Bytes per step
// and sample: 24 to 76 neurons of constants (L2), 4 more for each onset, the rest as in grid.cu. Flops:
// 5 to 20 per neuron and step, 5 more for each onset, 1 per synapse visited.
#include "eventprop/grid_variant.cuh"

namespace TACET_NS {

namespace {

constexpr int kPrepareThreads = 128;

/** E1 of variant.cuh in double precision, since a pass has as many factors as steps. */
__device__ double first_integral_of(double a, double b, double t) {
  const double difference = fabs(a - b);
  const double slower = exp(-fmin(a, b) * t);
  return difference * t == 0 ? t * slower : slower * (-expm1(-difference * t) / difference);
}

/** E2 of variant.cuh, likewise. */
__device__ double second_integral_of(double a, double b, double t) {
  const double x = (a - b) * t;
  if (fabs(x) < 0.5) {
    double term = 0.5;
    double sum = term;
    for (int k = 3; k < 16; k++) {
      term *= x / k;
      sum += term;
    }
    return t * t * exp(-a * t) * sum;
  }
  return (exp(-b * t) - exp(-a * t) * (1 + x)) / ((a - b) * (a - b));
}

/** E3 and E11 of variant.cuh, likewise. */
__device__ double third_integral_of(double a, double b, double t) {
  const double x = (a - b) * t;
  if (fabs(x) < 1) {
    double term = 1.0 / 3;
    double sum = term;
    for (int k = 4; k < 22; k++) {
      term *= x / k;
      sum += term;
    }
    return t * t * t * exp(-a * t) * sum;
  }
  const double inverse = 1 / (a - b);
  return (2 * exp(-b * t) - exp(-a * t) * (2 + x * (2 + x))) * inverse * inverse * inverse;
}

__device__ double mixed_integral_of(double a, double b, double t) {
  const double x = (a - b) * t;
  if (fabs(x) < 2) {
    double term = 1;
    double sum = term;
    for (int k = 1; k < 10; k++) {
      term *= 0.25 * x * x / (2 * k * (2 * k + 3));
      sum += term;
    }
    return t * t * t * exp(-0.5 * (a + b) * t) / 6 * sum;
  }
  const double inverse = 1 / (a - b);
  return ((x - 2) * exp(-b * t) + (x + 2) * exp(-a * t)) * inverse * inverse * inverse;
}

__global__ void __launch_bounds__(kPrepareThreads)
    prepare_kernel(const GridVariantCall call, float* __restrict__ constants,
                   int32_t* __restrict__ senseless) {
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const tacet::LayerView& layer = call.grid.layer;
  const tacet::VariantView& variant = call.variant;
  if (n >= layer.neurons) {
    return;
  }
  if (!is_sensible(layer.lif, variant, n)) {
    atomicOr(senseless, 1);
  }
  const auto set = [&](int which, double value) {
    constants[static_cast<size_t>(which) * layer.neurons + n] = static_cast<float>(value);
  };
  const double d = call.grid.dt;
  const double tm = value_of(layer.lif.tau_mem, layer.lif.tau_mem_step, n);
  const double bias = value_of(layer.lif.bias, layer.lif.bias_step, n);
  const double leak = variant.leaky ? 1 / tm : 0;
  const double drive = bias / tm;
  const double fade_v = exp(-leak * d);
  const double ones = first_integral_of(leak, 0, d);
  set(kFadeV, fade_v);
  set(kPushV, drive * ones);
  set(kLeak, leak);
  set(kDrive, drive);
  set(kMembrane, drive * (ones - leak * second_integral_of(leak, 0, d)) / tm);
  set(kMembraneV, -leak * d * fade_v / tm);
  set(kOnes, ones / tm);
  const float* taus[] = {layer.lif.tau_syn, variant.tau_inhibitory, variant.tau_threshold,
                         variant.tau_adaptation};
  const int steps[] = {layer.lif.tau_syn_step, variant.tau_inhibitory_step,
                       variant.tau_threshold_step, variant.tau_adaptation_step};
  const double couplings[] = {1 / tm, 1 / tm, 0, -1 / tm};
#pragma unroll
  for (int k = 0; k < kDecaying; k++) {
    if (taus[k] == nullptr) {
      continue;
    }
    const double rate = 1 / static_cast<double>(taus[k][n * steps[k]]);
    const double fade = exp(-rate * d);
    const double spread = couplings[k] * first_integral_of(leak, rate, d);
    set(part_of(k, kFade), fade);
    set(part_of(k, kSpread), spread);
    set(part_of(k, kRate), rate);
    set(part_of(k, kOwn), d * fade * rate * rate);
    set(part_of(k, kCross), couplings[k] * second_integral_of(rate, leak, d) * rate * rate);
    set(part_of(k, kMembraneX),
        (spread - couplings[k] * leak * second_integral_of(leak, rate, d)) / tm);
    if (variant.alpha && k <= kInhibition) {
      const double push = couplings[k] * rate;
      const double before = second_integral_of(rate, leak, d);
      set(part_of(k, kRamp), rate * d);
      set(part_of(k, kOnsetSpread), push * before);
      set(part_of(k, kOnsetCross),
          -push * rate * (before - rate * third_integral_of(rate, leak, d)));
      set(part_of(k, kOnsetMembrane),
          push * (before - leak * mixed_integral_of(rate, leak, d)) / tm);
    }
  }
  const double theta = value_of(layer.lif.threshold, layer.lif.threshold_step, n);
  const double needed = (variant.leaky ? theta : 0) - bias;
  const double lost = -expm1(-d / value_of(layer.lif.tau_syn, layer.lif.tau_syn_step, n));
  set(kLeastRise, lost * fabs(needed) / tm);
  if (variant.refractory != nullptr) {
    const int period = min(grid_step(value_of(variant.refractory, variant.refractory_step, n), d),
                           call.grid.steps + 1);
    constants[static_cast<size_t>(kRefractorySteps) * layer.neurons + n] = __int_as_float(period);
  }
}

struct VariantForwardArguments {
  GridForwardArguments grid;
  tacet::VariantView variant;
  VariantWords words;
};

/** Neurons of a variant; their state is in shared memory, [words][neurons of a tile]. */
template <bool kAlpha>
struct GridVariantSteps {
  /** All state is in shared memory. */
  static constexpr int kHeld = 0;

  const VariantForwardArguments& a;
  float* state;

  __device__ __forceinline__ int receptors() const { return a.words.has(kInhibition) ? 2 : 1; }
  __device__ __forceinline__ int words() const { return a.words.count; }

  __device__ __forceinline__ int receptor(float weight) const {
    return TACET_NS::receptor(a.variant, weight) == kInhibition ? 1 : 0;
  }

  __device__ __forceinline__ GridVariantConstants constants() const {
    return {a.grid.scratch.constants, a.grid.call.layer.neurons};
  }

  __device__ __forceinline__ float& word(int which, int at) const {
    return state[which * a.grid.tiling.tile + at];
  }

  /** A variable that the neuron has. */
  __device__ __forceinline__ float& decaying(int k, int at) const {
    return word(a.words.of[k], at);
  }

  /** All words are 0, the step from which on V moves too. */
  __device__ void begin(const GridNeuron& neuron) const {
    for (int w = 0; w < words(); w++) {
      word(w, neuron.at) = 0.0f;
    }
  }

  __device__ __forceinline__ float& current(int at, int receptor) const {
    return decaying(kReceptors<kAlpha> + (receptor == 0 ? kCurrent : kInhibition), at);
  }

  __device__ float sum(const GridNeuron& neuron) const {
    const int at = neuron.at;
    float sum = word(0, at);
#pragma unroll
    for (int k = 0; k < kVariables<kAlpha>; k++) {
      sum += a.words.has(k) ? decaying(k, at) : 0.0f;
    }
    return sum;
  }

  __device__ void save(const GridNeuron& neuron, float* to, size_t stride) const {
    for (int w = 0; w < words(); w++) {
      to[w * stride] = word(w, neuron.at);
    }
  }

  __device__ void restore(const GridNeuron& neuron, const float* from,
                          size_t stride) const {
    for (int w = 0; w < words(); w++) {
      word(w, neuron.at) = from[w * stride];
    }
  }

  __device__ bool advance(const GridNeuron& neuron, int step, float* slope, int* grazes) const {
    const int n = neuron.n;
    const int at = neuron.at;
    const GridVariantConstants c = constants();
    const bool moves = a.words.free < 0 || step > __float_as_int(word(a.words.free, at));
    float v = word(0, at);
    if (moves) {
      v = c.get(kFadeV, n) * v + c.get(kPushV, n);
    }
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (a.words.has(k)) {
        float& x = decaying(k, at);
        if (moves && k != kThresholdRise) {
          v += c.part(k, kSpread, n) * x;
        }
        x *= c.part(k, kFade, n);
        if (kAlpha && k <= kInhibition) {
          float& onset = decaying(kDecaying + k, at);
          v += moves ? c.part(k, kOnsetSpread, n) * onset : 0.0f;
          onset *= c.part(k, kFade, n);
          x += c.part(k, kRamp, n) * onset;
        }
      }
    }
    word(0, at) = v;
    return moves && reaches(c, n, at, v, step, slope, grazes);
  }

  __device__ __forceinline__ bool reaches(const GridVariantConstants& c, int n, int at, float v,
                                          int step, float* slope, int* grazes) const {
    const tacet::LifView& lif = a.grid.call.layer.lif;
    const float theta = value_of(lif.threshold, lif.threshold_step, n);
    const bool adapts = a.words.has(kThresholdRise);
    const float above = adapts ? decaying(kThresholdRise, at) : 0.0f;
    const float distance = v - (theta + above);
    if (!(distance > -0.001f * theta)) {
      return false;
    }
    *slope = rise(c, n, at, theta + above);
    if (adapts) {
      *slope += c.part(kThresholdRise, kRate, n) * above;
    }
    const bool spike = distance >= 0.0f;
    const float least = spike ? c.get(kLeastRise, n) : 0.0f;
    if (spike ? *slope < least : *slope <= 0.0f) {
      (*grazes)++;
      *slope = least;
    }
    if (spike) {
      *slope = fmaxf(*slope, kLeastSlope);
      fire(c, n, at, v, theta, step);
    }
    return spike;
  }

  /** dV/dt. */
  __device__ __forceinline__ float rise(const GridVariantConstants& c, int n, int at,
                                        float v) const {
    const tacet::LifView& lif = a.grid.call.layer.lif;
    float current = decaying(kCurrent, at);
    current += a.words.has(kInhibition) ? decaying(kInhibition, at) : 0.0f;
    current -= a.words.has(kAdaptation) ? decaying(kAdaptation, at) : 0.0f;
    return c.get(kDrive, n) - c.get(kLeak, n) * v +
           current / value_of(lif.tau_mem, lif.tau_mem_step, n);
  }

  __device__ __forceinline__ void fire(const GridVariantConstants& c, int n, int at, float v,
                                       float theta, int step) const {
    const tacet::LifView& lif = a.grid.call.layer.lif;
    word(0, at) = lif.reset == nullptr ? v - theta : value_of(lif.reset, lif.reset_step, n);
    if (a.words.has(kThresholdRise)) {
      decaying(kThresholdRise, at) +=
          value_of(a.variant.threshold_jump, a.variant.threshold_jump_step, n);
    }
    if (a.words.has(kAdaptation)) {
      decaying(kAdaptation, at) +=
          value_of(a.variant.adaptation_jump, a.variant.adaptation_jump_step, n);
    }
    if (a.words.free >= 0) {
      word(a.words.free, at) = __int_as_float(step + c.refractory_steps(n));
    }
  }
};

template <bool kAlpha>
__global__ void __launch_bounds__(kGridMostThreads, 1)
    simulate_kernel(const VariantForwardArguments arguments) {
  TACET_DYNAMIC_SHARED(float, state, 0,
                       static_cast<size_t>(arguments.words.count) * arguments.grid.tiling.tile);
  GridSimulation<GridVariantSteps<kAlpha>>(arguments.grid, {arguments, state}).run();
}

/** How many blocks run together. */
int resident(const VariantWords& words, int threads, int tile) {
  const size_t shared = words.count * sizeof(float) * tile;
  return words.alpha() ? TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel<true>, threads, shared)
                       : TACET_MAX_COOPERATIVE_BLOCKS(simulate_kernel<false>, threads, shared);
}

template <bool kAlpha>
void launch(const VariantForwardArguments& arguments, int samples, tacet::Stream stream) {
  const GridTiling& tiling = arguments.grid.tiling;
  const int threads = 32 * tiling.warps;
  const size_t shared = arguments.words.count * sizeof(float) * tiling.tile;
  if (tiling.tiles == 1) {
    TACET_LAUNCH(simulate_kernel<kAlpha>, samples, threads, shared, stream, arguments);
  } else {
    TACET_LAUNCH_COOPERATIVE(simulate_kernel<kAlpha>, samples * tiling.tiles, threads, shared,
                             stream, arguments);
  }
}

}  // namespace

GridTiling grid_variant_tiling(const GridVariantCall& call) {
  const int most = call.words.most_tile();
  return grid_tiling(call.grid, most, [&] {
    return min(resident(call.words, kGridMostThreads, most),
               grid_variant_adjoint_resident(call.words, kGridMostThreads));
  });
}

void grid_variant_prepare(const GridVariantCall& call, const GridForwardScratch& scratch,
                          tacet::Stream stream) {
  fill_bytes(scratch.senseless, 0, sizeof(int32_t), stream);
  TACET_LAUNCH(prepare_kernel, tacet::ceil_div(call.grid.layer.neurons, kPrepareThreads),
               kPrepareThreads, 0, stream, call, scratch.constants, scratch.senseless);
  grid_prepare_steps(call.grid, scratch, stream);
}

void grid_variant_simulate(const GridVariantCall& call, const GridTiling& tiling,
                           const GridForwardScratch& scratch, int first, int samples, float* path,
                           tacet::Stream stream) {
  const size_t path_of_one =
      static_cast<size_t>(call.grid.steps) * call.words.count * call.grid.layer.neurons;
  grid_in_parts(
      call.grid, tiling, scratch.barrier, first, samples, stream,
      [&] { return resident(call.words, 32 * tiling.warps, tiling.tile); },
      [&](int done, int part, int from, int to) {
        const VariantForwardArguments arguments{
            {call.grid, tiling, scratch, path == nullptr ? nullptr : path + done * path_of_one,
             first + done, from, to},
            call.variant,
            call.words};
        if (call.words.alpha()) {
          launch<true>(arguments, part, stream);
        } else {
          launch<false>(arguments, part, stream);
        }
      });
}

void grid_variant_forward_bytes(const tacet::GridCall& grid, const tacet::VariantView& variant,
                                size_t* bytes) {
  const GridVariantCall call(grid, variant);
  tacet::Carver carver(nullptr);
  const GridForwardScratch measured(carver, grid, grid_variant_tiling(call), call.words.words());
  *bytes = carver.bytes();
}

void grid_variant_forward(const tacet::GridCall& grid, const tacet::VariantView& variant,
                          const tacet::Workspace& workspace, tacet::Stream stream) {
  const GridVariantCall call(grid, variant);
  const GridTiling tiling = grid_variant_tiling(call);
  tacet::Carver carver(workspace.base);
  const GridForwardScratch scratch(carver, grid, tiling, call.words.words());
  require_bytes(carver, workspace);
  grid_run_forward(
      grid, scratch, call.words.receptors(), stream,
      [&] { grid_variant_prepare(call, scratch, stream); },
      [&] { grid_variant_simulate(call, tiling, scratch, 0, grid.in.batch, nullptr, stream); });
}

}  // namespace TACET_NS
