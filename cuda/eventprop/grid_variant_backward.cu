// Backward pass of the grid simulator over neurons of a variant: the adjoint of the closed form of a
// step, and the jump of variant_backward.cu at a spike with the state of its step. The walk back
// through the steps is that of grid_retreat.cuh. A jump takes the state after its spike and an arrival
// has to know whether its neuron is refractory, so every pass simulates once more and keeps the states
// of all steps. Here lambda = dL/dx; what arrivals read is -lambda_k / tau_k, of V 0 while a neuron is
// refractory. Neurons with alpha synapses, whose arrivals see onsets and currents, have a kernel of
// their own.
//
// Bytes per step and sample: 24 to 56 neurons of states and adjoints, 28 to 84 of constants, 8 for
// each parameter with a gradient, 24 more for each onset; per synapse visited as in grid_adjoint.cu.
// Flops: 10 to 40 per neuron and step, 20 more for each onset.
#include "eventprop/grid_retreat.cuh"
#include "eventprop/grid_variant.cuh"
#include "eventprop/variant_retreat.cuh"

namespace TACET_NS {

namespace {

/** Which rows of the adjoints are whose. */
enum AdjointRow { kRowV, kRowThreshold, kRowAdaptation, kRowEnd };

/** Sums of parameters, null where not wanted, and the steps of their elements by neuron. */
struct ParameterSums {
  Fixed* of[kVariantSums];
  int step[kVariantSums];
};

struct VariantAdjointArguments {
  GridAdjointArguments grid;
  tacet::VariantView variant;
  VariantWords words;
  /** [VariantWords::kAdjoints][batch][neurons]. */
  float* adjoints;
  ParameterSums parameters;
};

/** Neurons of a variant on the way back. */
template <bool kAlpha>
struct GridVariantRetreat {
  const VariantAdjointArguments& a;

  __device__ __forceinline__ int receptor(float weight) const {
    return TACET_NS::receptor(a.variant, weight) == kInhibition ? 1 : 0;
  }

  __device__ static __forceinline__ int mover(int receptor) { return kAlpha ? receptor : 0; }

  __device__ __forceinline__ float tau(int receptor, int n) const {
    const tacet::LifView& lif = a.grid.call.layer.lif;
    return receptor == 0 ? value_of(lif.tau_syn, lif.tau_syn_step, n)
                         : value_of(a.variant.tau_inhibitory, a.variant.tau_inhibitory_step, n);
  }

  __device__ __forceinline__ float tau_mem(int n) const {
    return value_of(a.grid.call.layer.lif.tau_mem, a.grid.call.layer.lif.tau_mem_step, n);
  }

  __device__ __forceinline__ GridVariantConstants constants() const {
    return {a.grid.scratch.constants, a.grid.call.layer.neurons};
  }

  __device__ __forceinline__ float& adjoint(const GridWarp& warp, int row, int n) const {
    return a.adjoints[(static_cast<size_t>(row) * a.grid.call.in.batch + warp.sample) *
                          a.grid.call.layer.neurons +
                      n];
  }

  __device__ __forceinline__ size_t slots_of_receptor() const {
    return static_cast<size_t>(a.grid.call.in.batch) * a.grid.call.slots *
           a.grid.call.layer.neurons;
  }

  /** Adds to the sum of a parameter. */
  __device__ __forceinline__ void add(const GridWarp& warp, int kind, int n, float value) const {
    if (a.parameters.of[kind] != nullptr) {
      a.grid.integrals[(static_cast<size_t>(kind) * a.grid.call.in.batch + warp.sample) *
                           a.grid.call.layer.neurons +
                       n] += value;
    }
  }

  /** The state after a step and its arrivals, and from which step on V moves. */
  struct Kept {
    VariantState<false> state;
    const float* words;
    int free;
  };

  __device__ __forceinline__ Kept kept(const GridWarp& warp, int n, int step) const {
    const int neurons = a.grid.call.layer.neurons;
    const float* const words =
        a.grid.path +
        (static_cast<size_t>(warp.sample - a.grid.first_sample) * a.grid.call.steps + step) *
            a.words.count * neurons +
        n;
    Kept kept;
    kept.words = words;
    kept.state.v = words[0];
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      kept.state.x[k] = a.words.has(k) ? words[a.words.of[k] * neurons] : 0.0f;
    }
    kept.free = a.words.free < 0 ? 0 : __float_as_int(words[a.words.free * neurons]);
    return kept;
  }

  /** Whether variable k has an onset. */
  __device__ __forceinline__ bool rises(int k) const {
    return kAlpha && k <= kInhibition && a.words.has(k);
  }

  /** The onset of a current that has one. */
  __device__ __forceinline__ float onset(const Kept& kept, int k) const {
    return kept.words[a.words.of[kDecaying + k] * a.grid.call.layer.neurons];
  }

  /** The variables that decay a step later. */
  __device__ __forceinline__ VariantState<false> faded(const GridVariantConstants& c, int n,
                                                       const Kept& kept) const {
    VariantState<false> state = kept.state;
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (rises(k)) {
        state.x[k] += c.part(k, kRamp, n) * onset(kept, k);
      }
      if (a.words.has(k)) {
        state.x[k] *= c.part(k, kFade, n);
      }
    }
    return state;
  }

  __device__ __forceinline__ float rise(const GridVariantConstants& c, int n,
                                        const VariantState<false>& s, float v) const {
    return c.get(kDrive, n) - c.get(kLeak, n) * v +
           (s.x[kCurrent] + s.x[kInhibition] - s.x[kAdaptation]) / tau_mem(n);
  }

  /** V at the end of a step that moves. */
  __device__ __forceinline__ float potential(const GridVariantConstants& c, int n,
                                             const Kept& kept) const {
    float v = c.get(kFadeV, n) * kept.state.v + c.get(kPushV, n);
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (a.words.has(k) && k != kThresholdRise) {
        v += c.part(k, kSpread, n) * kept.state.x[k];
      }
      if (rises(k)) {
        v += c.part(k, kOnsetSpread, n) * onset(kept, k);
      }
    }
    return v;
  }

  __device__ void before_jumps(const GridWarp&, size_t) const {}

  /** Over the spike of a neuron at a step; see VariantRetreat.java. */
  __device__ void jump(const FixedSums&, const GridWarp& warp, int n, float slope, float error,
                       int step, size_t) const {
    const GridVariantConstants c = constants();
    const tacet::LifView& lif = a.grid.call.layer.lif;
    const bool soft = lif.reset == nullptr;
    const float theta = value_of(lif.threshold, lif.threshold_step, n);
    const Kept from = kept(warp, n, step - 1);
    const float before = potential(c, n, from);
    VariantState<false> s = faded(c, n, from);
    const float v = adjoint(warp, kRowV, n);
    const float above = s.x[kThresholdRise];
    const float approach =
        a.words.has(kThresholdRise) ? c.part(kThresholdRise, kRate, n) * above : 0.0f;
    float numerator = error;
    if (a.words.has(kThresholdRise)) {
      const float rise = value_of(a.variant.threshold_jump, a.variant.threshold_jump_step, n);
      const float own = adjoint(warp, kRowThreshold, n);
      numerator += own * c.part(kThresholdRise, kRate, n) * rise;
      add(warp, kThresholdJump, n, own);
    }
    float adapted = 0.0f;
    if (a.words.has(kAdaptation)) {
      adapted = value_of(a.variant.adaptation_jump, a.variant.adaptation_jump_step, n);
      const float own = adjoint(warp, kRowAdaptation, n);
      numerator += own * c.part(kAdaptation, kRate, n) * adapted;
      add(warp, kAdaptationJump, n, own);
      s.x[kAdaptation] += adapted;
    }
    const float reset = soft ? before - theta : value_of(lif.reset, lif.reset_step, n);
    if (a.words.free >= 0) {
      numerator += soft ? v * (slope - approach) : 0.0f;
      float end = adjoint(warp, kRowEnd, n);
      if (c.refractory_steps(n) == 0) {
        end = v * rise(c, n, s, reset);
        add(warp, kRefractory, n, -end);
      }
      numerator -= end;
      adjoint(warp, kRowEnd, n) = 0.0f;
    } else if (soft) {
      numerator += v * (adapted / tau_mem(n) - c.get(kLeak, n) * theta);
    } else {
      // By the slope rather than the state, which is the same unless the slope is the least.
      numerator -= v * (slope - approach + c.get(kLeak, n) * (theta + above - reset) -
                        adapted / tau_mem(n));
    }
    const float mu = numerator / fmaxf(slope, a.grid.call.layer.least_slope);
    add(warp, kThreshold, n, soft ? mu - v : mu);
    add(warp, kReset, n, v);
    float jumped = soft ? v - mu : -mu;
    if (a.words.has(kThresholdRise)) {
      adjoint(warp, kRowThreshold, n) += mu;
    }
    if (a.grid.kick != nullptr) {
      jumped -= tau_mem(n) * a.grid.kick[n];
    }
    adjoint(warp, kRowV, n) = jumped;
  }

  __device__ void retreat(const GridWarp& warp, int n, int step, size_t now,
                          size_t earlier) const {
    const GridVariantConstants c = constants();
    const Kept from = kept(warp, n, step - 1);
    const bool moves = step > from.free;
    const float v = adjoint(warp, kRowV, n);
    if (step == from.free) {
      const VariantState<false> end = faded(c, n, from);
      const float effect = v * rise(c, n, end, end.v);
      adjoint(warp, kRowEnd, n) = effect;
      add(warp, kRefractory, n, -effect);
    }
    float integral = c.get(kMembrane, n) + c.get(kMembraneV, n) * from.state.v;
    // Not unrolled, for want of registers.
#pragma unroll 1
    for (int k = 0; kAlpha && k < a.words.receptors(); k++) {
      const float x = onset(from, k);
      go_back_onset(warp, c, k, n, x, moves ? v : 0.0f, now, earlier);
      integral += c.part(k, kOnsetMembrane, n) * x;
    }
#pragma unroll
    for (int k = 0; k < kDecaying; k++) {
      if (a.words.has(k)) {
        go_back(warp, c, k, n, from.state.x[k], moves ? v : 0.0f, now, earlier);
        integral += k == kThresholdRise ? 0.0f : c.part(k, kMembraneX, n) * from.state.x[k];
      }
    }
    float membrane = v;
    if (moves) {
      add(warp, kTauMem, n, -v * integral);
      add(warp, kBias, n, v * c.get(kOnes, n));
      membrane = v * c.get(kFadeV, n);
      adjoint(warp, kRowV, n) = membrane;
    }
    if (!kAlpha) {
      a.grid.lv[earlier + n] = step - 1 >= from.free ? -membrane / tau_mem(n) : 0.0f;
    }
  }

  /** The slots of a current: those that arrivals reach, or with alpha synapses what these move. */
  __device__ __forceinline__ float* slots_of(int k) const {
    return (kAlpha ? a.grid.lv : a.grid.li) + (k == kCurrent ? 0 : slots_of_receptor());
  }

  /** Takes the adjoint of the onset of current k back, before that of the current. */
  __device__ __forceinline__ void go_back_onset(const GridWarp& warp, const GridVariantConstants& c,
                                                int k, int n, float x, float v, size_t now,
                                                size_t earlier) const {
    float* const onsets = a.grid.li + (k == kCurrent ? 0 : slots_of_receptor());
    const float own = onsets[now + n];
    const float current = slots_of(k)[now + n];
    const float rate = c.part(k, kRate, n);
    const float ramp = c.part(k, kRamp, n);
    onsets[earlier + n] =
        c.part(k, kFade, n) * (own + ramp * current) - c.part(k, kOnsetSpread, n) * v * rate;
    const float later = (1.0f - ramp) * current - own;
    add(warp, tau_sum(k), n, x * (c.part(k, kOwn, n) * later / rate + c.part(k, kOnsetCross, n) * v));
  }

  /** Takes the adjoint of a variable that decays back over a step, in which lambda_V is v if V moves. */
  __device__ __forceinline__ void go_back(const GridWarp& warp, const GridVariantConstants& c, int k,
                                          int n, float x, float v, size_t now,
                                          size_t earlier) const {
    const float spread = k == kThresholdRise ? 0.0f : c.part(k, kSpread, n) * v;
    const float cross = k == kThresholdRise ? 0.0f : c.part(k, kCross, n) * v;
    const float fade = c.part(k, kFade, n);
    float lambda;
    if (k == kCurrent || k == kInhibition) {
      float* const slots = slots_of(k);
      const float arriving = slots[now + n];
      const float rate = c.part(k, kRate, n);
      lambda = -arriving / rate;
      slots[earlier + n] = fade * arriving - spread * rate;
    } else {
      float& own = adjoint(warp, k == kThresholdRise ? kRowThreshold : kRowAdaptation, n);
      lambda = own;
      own = fade * lambda + spread;
    }
    add(warp, tau_sum(k), n, x * (c.part(k, kOwn, n) * lambda + cross));
  }

  __device__ void end(const FixedSums& sums, const GridWarp& warp, int n) const {
#pragma unroll
    for (int kind = 0; kind < kVariantSums; kind++) {
      if (a.parameters.of[kind] != nullptr) {
        sums.add(a.parameters.of[kind] + n * a.parameters.step[kind],
                 a.grid.integrals[(static_cast<size_t>(kind) * a.grid.call.in.batch +
                                   warp.sample) *
                                      a.grid.call.layer.neurons +
                                  n]);
      }
    }
  }
};

template <bool kAlpha>
__global__ void __launch_bounds__(kGridMostThreads, 1)
    adjoint_kernel(const VariantAdjointArguments arguments) {
  GridAdjoint<GridVariantRetreat<kAlpha>>(arguments.grid, {arguments}).run();
}

template <bool kAlpha>
void launch(const VariantAdjointArguments& arguments, int samples, tacet::Stream stream) {
  const GridTiling& tiling = arguments.grid.tiling;
  if (tiling.tiles == 1) {
    TACET_LAUNCH(adjoint_kernel<kAlpha>, samples, 32 * tiling.warps, 0, stream, arguments);
  } else {
    TACET_LAUNCH_COOPERATIVE(adjoint_kernel<kAlpha>, samples * tiling.tiles, 32 * tiling.warps, 0,
                             stream, arguments);
  }
}

/** Sums of all parameters, where they are wanted. */
ParameterSums parameter_sums(const tacet::LifView& lif, const tacet::VariantView& variant,
                             const GridAdjointScratch& scratch) {
  ParameterSums all{};
  const auto set = [&](int kind, Fixed* sums, int step) {
    all.of[kind] = sums;
    all.step[kind] = step;
  };
  set(kTauMem, scratch.sums.tau_mem, lif.tau_mem_step);
  set(kTauSyn, scratch.sums.tau_syn, lif.tau_syn_step);
  set(kThreshold, scratch.sums.threshold, lif.threshold_step);
  set(kReset, scratch.sums.reset, lif.reset_step);
  set(kBias, scratch.sums.bias, lif.bias_step);
  const auto set_more = [&](int kind, int step) { set(kind, scratch.more_sums(kind), step); };
  set_more(kTauInhibitory, variant.tau_inhibitory_step);
  set_more(kTauThreshold, variant.tau_threshold_step);
  set_more(kTauAdaptation, variant.tau_adaptation_step);
  set_more(kRefractory, variant.refractory_step);
  set_more(kThresholdJump, variant.threshold_jump_step);
  set_more(kAdaptationJump, variant.adaptation_jump_step);
  return all;
}

}  // namespace

int grid_variant_adjoint_resident(const VariantWords& words, int threads) {
  return words.alpha() ? TACET_MAX_COOPERATIVE_BLOCKS(adjoint_kernel<true>, threads, 0)
                       : TACET_MAX_COOPERATIVE_BLOCKS(adjoint_kernel<false>, threads, 0);
}

void grid_variant_backward_bytes(const tacet::GridCall& grid, const tacet::VariantView& variant,
                                 const tacet::GradientView& gradients, size_t* bytes) {
  const GridVariantCall call(grid, variant);
  tacet::Carver carver(nullptr);
  const GridAdjointScratch measured(carver, grid, gradients, grid_variant_tiling(call),
                                    call.words.words());
  *bytes = carver.bytes();
}

void grid_variant_backward(const tacet::GridCall& grid, const tacet::VariantView& variant,
                           const tacet::GradientView& gradients, const float* kick,
                           const tacet::Workspace& workspace, tacet::Stream stream) {
  const GridVariantCall call(grid, variant);
  const GridTiling tiling = grid_variant_tiling(call);
  tacet::Carver carver(workspace.base);
  const GridAdjointScratch scratch(carver, grid, gradients, tiling, call.words.words());
  require_bytes(carver, workspace);
  const ParameterSums parameters = parameter_sums(grid.layer.lif, variant, scratch);
  const auto retreat = [&](int first, int samples) {
    grid_in_parts(
        grid, tiling, scratch.forward.barrier, first, samples, stream,
        [&] { return grid_variant_adjoint_resident(call.words, 32 * tiling.warps); },
        [&](int done, int part, int passed, int until) {
          const VariantAdjointArguments arguments{
              grid_adjoint_arguments(grid, tiling, scratch, kick,
                                     scratch.path_of(grid, call.words.count, done), first + done,
                                     passed, until),
              variant, call.words, scratch.adjoints, parameters};
          if (call.words.alpha()) {
            launch<true>(arguments, part, stream);
          } else {
            launch<false>(arguments, part, stream);
          }
        });
  };
  grid_run_backward(
      grid, scratch, call.words.receptors(), gradients, kick, stream,
      [&] { grid_variant_prepare(call, scratch.forward, stream); },
      [&](int first, int samples) {
        grid_variant_simulate(call, tiling, scratch.forward, first, samples, scratch.path, stream);
      },
      retreat);
  float* const wanted[] = {gradients.tau_inhibitory, gradients.tau_threshold,
                           gradients.tau_adaptation, gradients.refractory,
                           gradients.threshold_jump, gradients.adaptation_jump};
  for (int kind = kNeuronSums; kind < kVariantSums; kind++) {
    const size_t count =
        parameters.step[kind] == 0 ? size_t{1} : static_cast<size_t>(grid.layer.neurons);
    grid_add_sums(parameters.of[kind], count, scratch.scale, wanted[kind - kNeuronSums], stream);
  }
}

}  // namespace TACET_NS
