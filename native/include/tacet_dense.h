/*
 * Operations of cuda/dense: products, rows, softmax cross-entropy, dropout, activations, k winners,
 * gain control. Conventions are those of tacet.h; matrices are float32 and row-major, and results are
 * bitwise the same on every run.
 *
 * Operations with `replicas`, 1 to 65535, do the same for so many independent problems of one shape
 * with the launches of one: every array is as many arrays as there are replicas, one after the other.
 * The results of a replica are bitwise those it has alone, but for products by cuBLAS.
 */
#ifndef TACET_DENSE_H
#define TACET_DENSE_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What the factors of a product are rounded to; sums are float32. TACET_BF16X3: each to the sum of two
 * bfloat16, multiplied on tensor cores but for the product of the smaller ones: a term a b has an error
 * of 2^-15 |a b| at most. TACET_BF16: to one bfloat16, 2^-7 |a b|. Below 2^-133 factors count as 0.
 */
enum { TACET_FLOAT32 = 0, TACET_BF16X3 = 1, TACET_BF16 = 2 };

/**
 * Says what the factors of tacet_multiply on this context are from now on; TACET_FLOAT32 before. Those of
 * event-gated units follow where an engine has them: the recurrent products of TACET_EGRU_PERSISTENT
 * and TACET_EGRU_DENSE forward, and the gradient of dense recurrent weights (tacet_egru.h).
 * TACET_UNAVAILABLE: others than TACET_FLOAT32, on a GPU of a compute capability below 8.0 or by a
 * library without code for its architecture or an older one from 8.0 on.
 */
TACET_API int tacet_set_factors(tacet_context* context, int factors);

/** Writes the bytes of workspace that tacet_multiply needs. */
TACET_API int tacet_multiply_bytes(tacet_context* context, int replicas, int m, int n, int k,
                                   tacet_value* bytes);

/**
 * C = op(A) op(B), or C += op(A) op(B), with op(A) m x k and op(B) k x n.
 *
 * @param transpose_a whether A is stored k x m
 * @param transpose_b whether B is stored n x k
 * @param add 0: C is overwritten without being read
 */
TACET_API int tacet_multiply(tacet_context* context, int replicas, int transpose_a, int transpose_b,
                             int m, int n, int k, const float* a, const float* b, int add, float* c,
                             void* workspace, int64_t workspace_bytes, void* stream);

/*
 * Products by cuBLAS, a libcublas.so.13 or .12 that is found and loaded at run time; libtacet does
 * not link to it. If a path, a file or a folder, is given, only that is tried. Otherwise the search
 * covers the loader's paths (LD_LIBRARY_PATH, ld.so.cache), $CUDA_HOME and $CUDA_PATH,
 * /usr/local/cuda*, and the packages of TACET_PYTHON and of each python3 on the PATH; the first that
 * works is used.
 */

typedef struct tacet_cublas tacet_cublas;

/**
 * Version and file of the cuBLAS that loads here, valid until this thread's next call. Null if none
 * does; tacet_last_error then lists every location tried and the reason.
 *
 * @param path null or empty to look for it
 */
TACET_API const char* tacet_cublas_find(const char* path);

/**
 * Writes the address of a new handle for products on a stream, with 4 MiB of device memory of its
 * own (32 MiB from compute capability 9.0 on). TACET_UNAVAILABLE: no cuBLAS works, and why.
 *
 * @param context of kind TACET_CUDA; must outlive the handle
 * @param path null or empty to look for it
 */
TACET_API int tacet_cublas_create(tacet_context* context, const char* path, void* stream,
                                  tacet_value* cublas);

/** Version and file of the library of a handle, valid until this thread's next call. */
TACET_API const char* tacet_cublas_description(tacet_cublas* cublas);

/**
 * tacet_multiply by cuBLAS, on the stream of the handle: in float32, bitwise reproducible on a
 * device, and compatible with stream capture.
 */
TACET_API int tacet_cublas_multiply(tacet_cublas* cublas, int replicas, int transpose_a,
                                    int transpose_b, int m, int n, int k, const float* a,
                                    const float* b, int add, float* c);

/** Destroys a handle once its products are done. */
TACET_API int tacet_cublas_destroy(tacet_cublas* cublas);

/** Adds row [columns] to every row of matrix [rows][columns]. */
TACET_API int tacet_add_to_rows(tacet_context* context, int replicas, float* matrix,
                                const float* row, int64_t rows, int columns, void* stream);

/** Multiplies row i of matrix [rows][columns] by factors[i]; 0 gives 0, also of NaN. */
TACET_API int tacet_scale_rows(tacet_context* context, float* matrix, const float* factors,
                               int64_t rows, int columns, void* stream);

/** Writes the bytes of workspace that tacet_add_column_sums needs. */
TACET_API int tacet_column_sums_bytes(tacet_context* context, int replicas, int64_t rows,
                                      int columns, tacet_value* bytes);

/** Adds the sum of all rows of matrix [rows][columns] to sums [columns]. */
TACET_API int tacet_add_column_sums(tacet_context* context, int replicas, const float* matrix,
                                    int64_t rows, int columns, float* sums, void* workspace,
                                    int64_t workspace_bytes, void* stream);

/**
 * out[i] = table[rows[i]] for i < count, of a table [table_rows][columns]; NaN where the table has no
 * such row.
 */
TACET_API int tacet_gather_rows(tacet_context* context, int replicas, const float* table,
                                int table_rows, const int32_t* rows, int64_t count, int columns,
                                float* out, void* stream);

/**
 * table[rows[i]] += errors[i] for i < count, in the order of i for each row of the table
 * [table_rows][columns]; indices outside of it are ignored.
 */
TACET_API int tacet_scatter_add_rows(tacet_context* context, int replicas, const float* errors,
                                     const int32_t* rows, int count, int columns, int table_rows,
                                     float* table, void* stream);

/**
 * Softmax cross-entropy of logits [rows][classes]; rows with a label below 0 are ignored, and a label
 * of `classes` or more makes loss and errors of its row NaN.
 *
 * @param losses [rows]
 * @param predicted [rows], or null
 * @param errors scale (softmax - one-hot), may be the logits, or null
 */
TACET_API int tacet_softmax_cross_entropy(tacet_context* context, const float* logits,
                                          const int32_t* labels, int rows, int classes, float scale,
                                          float* losses, int32_t* predicted, float* errors,
                                          void* stream);

/**
 * target[i] = source[i] / (1-p), or 0 with probability p. Element i draws with cell
 * e = (i / group) % period: word e % 4 of the Philox block with counter (e / 4, 0, 3), e / 4 of 64
 * bits, and the seed as its key; it is dropped if (word >> 8) 2^-24 < p.
 *
 * @param target may be the source
 */
TACET_API int tacet_dropout(tacet_context* context, const float* source, int64_t count, double p,
                            int64_t seed, int64_t group, int64_t period, float* target,
                            void* stream);

/** Activations: x; tanh x; x above 0, else 0; 1 / (1 + exp(-x)). */
enum { TACET_IDENTITY = 0, TACET_TANH = 1, TACET_RELU = 2, TACET_SIGMOID = 3 };

/** Values of every element; the target may be the source. */
TACET_API int tacet_activate(tacet_context* context, const float* source, int64_t count,
                             int activation, float* target, void* stream);

/** Multiplies every error by the slope of the activation where it has that value. */
TACET_API int tacet_activate_backward(tacet_context* context, const float* values, float* errors,
                                      int64_t count, int activation, void* stream);

/**
 * Keeps the `winners` largest values of each row of values [rows][units], of equal ones the first, and
 * makes the others 0; -0 equals 0, and NaN is larger than everything.
 *
 * @param winners 1 to units
 * @param kept [rows][units], may be the values
 * @param marks bit i % 32 of word i / 32 of a row is set where unit i has won, [rows][ceil(units /
 *     32)]; or null
 */
TACET_API int tacet_keep_winners(tacet_context* context, const float* values, int64_t rows,
                                 int units, int winners, float* kept, uint32_t* marks,
                                 void* stream);

/** Adjoint of tacet_keep_winners: errors [rows][units] become 0 where there is no mark. */
TACET_API int tacet_drop_losers(tacet_context* context, const uint32_t* marks, int64_t rows,
                                int units, float* errors, void* stream);

/**
 * controlled = relu(x - g mean_j relu(x_j)) for each row x of values [rows][units].
 *
 * @param gain g, one number
 * @param controlled [rows][units], may be the values
 */
TACET_API int tacet_control_gain(tacet_context* context, const float* values, int64_t rows,
                                 int units, const float* gain, float* controlled, void* stream);

/** Writes the bytes of workspace that tacet_control_gain_backward needs for a gradient of the gain. */
TACET_API int tacet_control_gain_backward_bytes(tacet_context* context, int64_t rows,
                                                tacet_value* bytes);

/**
 * Adjoint of tacet_control_gain.
 *
 * @param values those of the forward pass
 * @param errors dL/dcontrolled, replaced by dL/dvalue
 * @param gain_gradient dL/dg is added to it; null if not wanted, and no workspace is needed
 */
TACET_API int tacet_control_gain_backward(tacet_context* context, const float* values, int64_t rows,
                                          int units, const float* gain, float* errors,
                                          float* gain_gradient, void* workspace,
                                          int64_t workspace_bytes, void* stream);

#ifdef __cplusplus
}
#endif

#endif
