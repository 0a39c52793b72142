/* Operations of cuda/optim: updates in place, of many arrays at once. Conventions are those of tacet.h. */
#ifndef TACET_OPTIM_H
#define TACET_OPTIM_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A parameter that is updated. */
typedef struct tacet_update {
  float* parameter;
  float* gradient;
  /** First moment of Adam, or velocity; like the parameter. Null for descent without momentum. */
  float* first;
  /** Second moment of Adam; null for descent. */
  float* second;
  int64_t count;
  /** Bits of floats. Learning rate; of Adam divided by 1 - beta1^step. */
  int64_t rate;
  /** Adam multiplies the parameter by it: 1 - rate * weight decay. Of descent the weight decay. */
  int64_t keep;
  /** The parameter is brought into [low, high] afterwards; a NaN stays one. */
  int64_t low;
  int64_t high;
  /** Whether the gradient is set to 0 afterwards, 0 or 1. */
  int64_t clears;
} tacet_update;

/** An array that is read or changed together with others. */
typedef struct tacet_array {
  float* values;
  int64_t count;
} tacet_array;

enum {
  TACET_UPDATE_WORDS = 10,
  TACET_ARRAY_WORDS = 2,
  /** Of a list these many arrays are in one launch. */
  TACET_LISTED = 32,
  /** Partial sums of the squares of an array at most. */
  TACET_SQUARES_PARTS = 256,
  /** What goes before them: the sum, and the factor of a clipped norm. */
  TACET_SQUARES_RESULTS = 2
};

/**
 * Adam with decoupled weight decay; bias corrections are folded into the constants.
 *
 * @param unbias sqrt(1 - beta2^step)
 * @param clip gradients are first brought into [-clip, clip]; infinity for none
 */
TACET_API int tacet_adam(tacet_context* context, const tacet_update* updates, int64_t count,
                         float beta1, float beta2, float unbias, float epsilon, float clip,
                         void* stream);

/** Gradient descent, with momentum where there is a velocity. */
TACET_API int tacet_sgd(tacet_context* context, const tacet_update* updates, int64_t count,
                        float momentum, void* stream);

/** Multiplies every element by factor. */
TACET_API int tacet_scale(tacet_context* context, float* values, int64_t count, float factor,
                          void* stream);

/** Sets every element of the arrays to 0. */
TACET_API int tacet_zero(tacet_context* context, const tacet_array* arrays, int64_t count,
                         void* stream);

/**
 * Sum of the squares of all elements of the arrays, in a fixed order.
 *
 * @param sums [TACET_SQUARES_RESULTS + TACET_SQUARES_PARTS count], the first is the result
 */
TACET_API int tacet_sum_of_squares(tacet_context* context, const tacet_array* arrays,
                                   int64_t count, double* sums, void* stream);

/**
 * Scales the arrays so that the root of that sum is at most most; nothing is read back.
 *
 * @param sums as above; the first is the sum before
 */
TACET_API int tacet_clip_norm(tacet_context* context, const tacet_array* arrays, int64_t count,
                              double most, double* sums, void* stream);

#ifdef __cplusplus
}
#endif

#endif
