#include "dispatch.h"
#include "plasticity/oja.h"
#include "tacet_plasticity.h"

using tacet::OjaCall;
using tacet::require;

namespace {

OjaCall checked(const OjaCall& call) {
  require(call.samples > 0 && call.sources > 0 && call.units > 0,
          "samples, sources, units: expected positive numbers");
  require(call.first_row >= 0 && call.rows > 0 && call.rows <= call.sources - call.first_row,
          "first_row, rows: expected some rows of the weights");
  return call;
}

}  // namespace

int tacet_oja(tacet_context* context, float* weights, const float* gradient, float descent,
              const float* inputs, int samples, int sources, int units, int first_row, int rows,
              float rate, float* responses, void* stream) {
  const OjaCall call{samples, sources, units, first_row, rows, rate, descent};
  return TACET_DISPATCH(context, oja, checked(call), weights, tacet::optional(gradient), inputs,
                        responses, stream);
}
