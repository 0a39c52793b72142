#include "optim/update.h"

#include "dispatch.h"
#include "tacet_optim.h"

static_assert(TACET_SQUARES_SUMS == tacet::kSquaresParts + 1, "the numbers of C and C++ agree");

int tacet_adam(tacet_context* context, float* parameter, const float* gradient, float* first,
               float* second, int64_t count, float beta1, float beta2, float keep, float rate,
               float unbias, float epsilon, float clip, void* stream) {
  const tacet::AdamStep step{beta1, beta2, keep, rate, unbias, epsilon, clip};
  return TACET_DISPATCH(context, adam, parameter, gradient, first, second, count, step, stream);
}

int tacet_sgd(tacet_context* context, float* parameter, const float* gradient, float* velocity,
              int64_t count, float rate, float momentum, float decay, void* stream) {
  return TACET_DISPATCH(context, sgd, parameter, gradient, tacet::optional(velocity), count, rate,
                        momentum, decay,
                        stream);
}

int tacet_clamp(tacet_context* context, float* parameter, int64_t count, float low, float high,
                void* stream) {
  return TACET_DISPATCH(context, clamp, parameter, count, low, high, stream);
}

int tacet_scale(tacet_context* context, float* values, int64_t count, float factor, void* stream) {
  return TACET_DISPATCH(context, scale, values, count, factor, stream);
}

int tacet_sum_of_squares(tacet_context* context, const float* values, int64_t count, double* sums,
                         void* stream) {
  return TACET_DISPATCH(context, sum_of_squares, values, count, sums, stream);
}
