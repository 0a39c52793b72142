// Neurons of a variant on a time grid: what the forward and the backward kernel share. A step is the
// closed form of variant.cuh over the length of a step; docs/hybrid-neurons.md has the equations.
#pragma once

#include "eventprop/grid_simulation.cuh"
#include "eventprop/variant_walker.cuh"

namespace TACET_NS {

/** Constants of a neuron, arrays [kOnsets or kGridVariantConstants][neurons]. */
enum GridVariantConstant {
  /** By which V is multiplied in a step, and what the bias adds to it. */
  kFadeV,
  kPushV,
  /** Rate of the leak, and what the bias adds to dV/dt. */
  kLeak,
  kDrive,
  /** Least dV/dt at a spike. */
  kLeastRise,
  /** Refractory period in steps, an integer. */
  kRefractorySteps,
  /** The integral of lambda_V dV/dt is tau_m lambda_V times these, the second times V. */
  kMembrane,
  kMembraneV,
  /** That of lambda_V is tau_m lambda_V times this. */
  kOnes,
  /** From here on for each variable that decays, see GridVariantPart. */
  kParts
};

/** Constants of a variable that decays. */
enum GridVariantPart {
  kFade,
  /** What a step adds to V, times the variable. */
  kSpread,
  kRate,
  /** The integral of lambda_k x_k is tau_k^2 x_k (own lambda_k + cross lambda_V). */
  kOwn,
  kCross,
  /** What it adds to the integral of lambda_V dV/dt. */
  kMembraneX,
  kGridVariantParts
};

/** Constants of the onset of a current, behind all others. */
enum GridOnsetPart {
  /** What a step adds to the current, times the onset at its end. */
  kRamp,
  /** What a step adds to V, times the onset. */
  kOnsetSpread,
  /** What lambda_V times the onset adds to dL/dtau of the current. */
  kOnsetCross,
  /** What the onset adds to the integral of lambda_V dV/dt. */
  kOnsetMembrane,
  kGridOnsetParts
};

constexpr int kOnsets = kParts + kDecaying * kGridVariantParts;
constexpr int kGridVariantConstants = kOnsets + (kInhibition + 1) * kGridOnsetParts;

__device__ __forceinline__ constexpr int part_of(int k, GridVariantPart part) {
  return kParts + k * kGridVariantParts + part;
}

__device__ __forceinline__ constexpr int part_of(int k, GridOnsetPart part) {
  return kOnsets + k * kGridOnsetParts + part;
}

/** Where the state of a neuron is, in words; -1 where it has none. */
struct VariantWords {
  int of[kVariables<true>];
  /** The step from which on V moves. */
  int free;
  int count;

  __host__ __device__ explicit VariantWords(const tacet::VariantView& variant) : of{}, count(2) {
    of[kCurrent] = 1;
    of[kInhibition] = variant.tau_inhibitory != nullptr ? count++ : -1;
    of[kThresholdRise] = variant.tau_threshold != nullptr ? count++ : -1;
    of[kAdaptation] = variant.tau_adaptation != nullptr ? count++ : -1;
    free = variant.refractory != nullptr ? count++ : -1;
    for (int k = 0; k <= kInhibition; k++) {
      of[kDecaying + k] = variant.alpha && has(k) ? count++ : -1;
    }
  }

  __host__ __device__ __forceinline__ bool has(int k) const { return of[k] >= 0; }

  bool alpha() const { return has(kDecaying + kCurrent); }

  /** Neurons of a block: their state has to fit the 64 KB of shared memory of sm_75. */
  int most_tile() const { return 16384 / count / 32 * 32; }

  __host__ __device__ int receptors() const { return of[kInhibition] < 0 ? 1 : 2; }

  /** Of V, of the threshold's rise and of the adaptation; and dL/dt of the end of the last period. */
  static constexpr int kAdjoints = 4;

  GridWords words() const {
    const int constants = alpha() ? kGridVariantConstants : kOnsets;
    return {constants, count, receptors(), alpha() ? receptors() : 1, kAdjoints, kVariantSums};
  }
};

/** A call with what its neurons have. */
struct GridVariantCall {
  tacet::GridCall grid;
  tacet::VariantView variant;
  VariantWords words;

  GridVariantCall(const tacet::GridCall& grid_, const tacet::VariantView& variant_)
      : grid(grid_), variant(variant_), words(variant_) {}
};

/** Reads the constants of neurons. */
struct GridVariantConstants {
  const float* values;
  int neurons;

  __device__ __forceinline__ float get(int which, int n) const {
    return values[static_cast<size_t>(which) * neurons + n];
  }

  template <typename Part>
  __device__ __forceinline__ float part(int k, Part part, int n) const {
    return get(part_of(k, part), n);
  }

  __device__ __forceinline__ int refractory_steps(int n) const {
    return __float_as_int(get(kRefractorySteps, n));
  }
};

/** A parameter that the neurons have. */
__device__ __forceinline__ float value_of(const float* values, int step, int n) {
  return values[n * step];
}

int grid_variant_adjoint_resident(const VariantWords& words, int threads);

GridTiling grid_variant_tiling(const GridVariantCall& call);

/** As grid_prepare. */
void grid_variant_prepare(const GridVariantCall& call, const GridForwardScratch& scratch,
                          tacet::Stream stream);

/** As grid_simulate. */
void grid_variant_simulate(const GridVariantCall& call, const GridTiling& tiling,
                           const GridForwardScratch& scratch, int first, int samples, float* path,
                           tacet::Stream stream);

}  // namespace TACET_NS
