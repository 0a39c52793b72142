// Steps of a fixed length: which one a time belongs to, and how far a neuron moves in one.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

/** What a step of d ms does to a free neuron: u = alpha u + gamma i, i = beta i. */
struct GridPropagator {
  double alpha;
  double beta;
  double gamma;

  /** In double precision, since alpha - beta loses digits where d is short. */
  __device__ GridPropagator(double tm, double ts, double d)
      : alpha(exp(-d / tm)), beta(exp(-d / ts)) {
    const double x = d * (tm - ts) / (tm * ts);
    gamma = d / tm * beta * (x == 0 ? 1 : expm1(x) / x);
  }
};

/** Step nearest to a time, in double precision like everywhere. */
__device__ __forceinline__ int grid_step(float time, double dt) {
  const double step = rint(static_cast<double>(time) / dt);
  return step < 1073741824.0 ? static_cast<int>(step) : 1073741824;
}

}  // namespace TACET_NS
