/*
 * Operations of cuda/rnn: plain recurrent layers, h_t = act(a_t + h_{t-1} R + b). Conventions are
 * those of tacet.h; arrays are float32 and row-major, and results are bitwise the same on every run.
 * So many replicas, 1 to 65535, are as many layers of one shape with the launches of one: every array
 * is theirs one after the other, and the results of each are bitwise those it has alone. Weights on a
 * pattern: 1 replica.
 */
#ifndef TACET_RNN_H
#define TACET_RNN_H

#include "tacet_dense.h"
#include "tacet_pattern.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Writes the bytes of workspace that tacet_rnn_forward needs, for the same pattern. */
TACET_API int tacet_rnn_forward_bytes(tacet_context* context, int replicas, int batch, int units,
                                      const tacet_pattern* pattern, tacet_value* bytes);

/**
 * All steps.
 *
 * @param activation one of TACET_IDENTITY and so on
 * @param pattern of the recurrent weights, with units sources and targets; null for dense ones
 * @param recurrent R, [units][units], or [places] of the pattern
 * @param bias b, [units]
 * @param currents a, [steps][batch][units]
 * @param first h before the first step, [batch][units]; null for zeros
 * @param values h, [steps][batch][units]; may be the currents
 * @param last h after the last step, [batch][units], or null
 */
TACET_API int tacet_rnn_forward(tacet_context* context, int replicas, int steps, int batch,
                                int units, int activation, const tacet_pattern* pattern,
                                const float* recurrent, const float* bias, const float* currents,
                                const float* first, float* values, float* last, void* workspace,
                                int64_t workspace_bytes, void* stream);

/** Writes the bytes of workspace that tacet_rnn_backward needs, for the same pattern. */
TACET_API int tacet_rnn_backward_bytes(tacet_context* context, int replicas, int steps, int batch,
                                       int units, const tacet_pattern* pattern,
                                       tacet_value* bytes);

/**
 * The adjoint of tacet_rnn_forward.
 *
 * @param values, first those of the forward pass
 * @param errors dL/dh, [steps][batch][units]
 * @param current_gradient dL/da, written; may be the errors
 * @param recurrent_gradient dL/dR is added, with a pattern that of its synapses only; or null
 * @param bias_gradient dL/db is added; or null
 * @param first_gradient dL/dh before the first step, written; or null
 */
TACET_API int tacet_rnn_backward(tacet_context* context, int replicas, int steps, int batch,
                                 int units, int activation, const tacet_pattern* pattern,
                                 const float* recurrent, const float* values, const float* first,
                                 const float* errors, float* current_gradient,
                                 float* recurrent_gradient, float* bias_gradient,
                                 float* first_gradient, void* workspace, int64_t workspace_bytes,
                                 void* stream);

#ifdef __cplusplus
}
#endif

#endif
