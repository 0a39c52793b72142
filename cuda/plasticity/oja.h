// Launcher of Oja's rule; the parameters are those of tacet_plasticity.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/declare.h"

namespace tacet {

/** Extents and constants of a call. */
struct OjaCall {
  int samples;
  int sources;
  int units;
  /** Of the rows that respond and change by the rule. */
  int first_row;
  int rows;
  float rate;
  /** Learning rate of the descent. */
  float descent;
};

}  // namespace tacet

TACET_DECLARE(void oja(const tacet::OjaCall& call, float* weights, const float* gradient,
                       const float* inputs, float* responses, tacet::Stream stream););
