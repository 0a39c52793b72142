/* Operations of cuda/plasticity: local plasticity of dense weights. Conventions are those of tacet.h. */
#ifndef TACET_PLASTICITY_H
#define TACET_PLASTICITY_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of gradient descent on all weights, and after it one of Oja's rule with the mean over the
 * samples. Results are bitwise the same on every run.
 *
 * @param weights [sources][units]
 * @param gradient like the weights, or null for no descent
 * @param descent learning rate of the descent
 * @param inputs [samples][sources]
 * @param first_row first of the sources that respond and whose weights change by the rule
 * @param rows number of these, at least 1
 * @param rate of the rule
 * @param responses scratch memory, [samples][units]
 */
TACET_API int tacet_oja(tacet_context* context, float* weights, const float* gradient,
                        float descent, const float* inputs, int samples, int sources, int units,
                        int first_row, int rows, float rate, float* responses, void* stream);

#ifdef __cplusplus
}
#endif

#endif
