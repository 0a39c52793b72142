/* Operations of cuda/optim: parameter updates in place. Conventions are those of tacet.h. */
#ifndef TACET_OPTIM_H
#define TACET_OPTIM_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Adam with decoupled weight decay; bias corrections are folded into the constants.
 *
 * @param first first moment, [count]
 * @param second second moment, [count]
 * @param keep 1 - rate * weight decay
 * @param rate rate / (1 - beta1^step)
 * @param unbias sqrt(1 - beta2^step)
 * @param clip gradients are first brought into [-clip, clip]; infinity for none
 */
TACET_API int tacet_adam(tacet_context* context, float* parameter, const float* gradient,
                         float* first, float* second, int64_t count, float beta1, float beta2,
                         float keep, float rate, float unbias, float epsilon, float clip,
                         void* stream);

/** Gradient descent; velocity is null without momentum. */
TACET_API int tacet_sgd(tacet_context* context, float* parameter, const float* gradient,
                        float* velocity, int64_t count, float rate, float momentum, float decay,
                        void* stream);

/** Clamps every element into [low, high]; a NaN stays one. */
TACET_API int tacet_clamp(tacet_context* context, float* parameter, int64_t count, float low,
                          float high, void* stream);

/** Multiplies every element by factor. */
TACET_API int tacet_scale(tacet_context* context, float* values, int64_t count, float factor,
                          void* stream);

enum { TACET_SQUARES_SUMS = 1025 };

/**
 * Sum of the squares of all elements, in a fixed order.
 *
 * @param sums [TACET_SQUARES_SUMS], the first is the result
 */
TACET_API int tacet_sum_of_squares(tacet_context* context, const float* values, int64_t count,
                                   double* sums, void* stream);

#ifdef __cplusplus
}
#endif

#endif
