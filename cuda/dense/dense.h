// Launchers of dense operations; the parameters are those of tacet_dense.h.
#pragma once

#include "common/workspace.h"

namespace tacet {

/** Numbered as TACET_IDENTITY and so on. */
enum class Activation { kIdentity, kTanh, kRelu, kSigmoid };

/** In what factors are multiplied; numbered as TACET_FLOAT32 and so on. */
enum class Factors { kFloat32, kBfloat16x3, kBfloat16 };

/** C = op(A) op(B), or C += op(A) op(B), with op(A) m x k and op(B) k x n, of each replica. */
struct ProductCall {
  bool transpose_a;
  bool transpose_b;
  int m;
  int n;
  int k;
  const float* a;
  const float* b;
  bool add;
  /** [replicas][m][n] */
  float* c;
  int replicas = 1;
  /** Elements from the matrix of a replica to that of the next. */
  int64_t a_apart = 0;
  int64_t b_apart = 0;
  Factors factors = Factors::kFloat32;
};

}  // namespace tacet

TACET_DECLARE(
    size_t multiply_bytes(int m, int n, int k, int replicas);
    void multiply(const tacet::ProductCall& call, const tacet::Workspace& workspace,
                  tacet::Stream stream);
    bool has_tensor_products();
    void tensor_product(const tacet::ProductCall& call, int parts, float* sums, bool add,
                        tacet::Stream stream);
    void add_to_rows(int replicas, float* matrix, const float* row, int64_t rows, int columns,
                     tacet::Stream stream);
    void scale_rows(float* matrix, const float* factors, int64_t rows, int columns,
                    tacet::Stream stream);
    size_t column_sums_bytes(int replicas, int64_t rows, int columns);
    void add_column_sums(int replicas, const float* matrix, int64_t rows, int columns, float* sums,
                         const tacet::Workspace& workspace, tacet::Stream stream);
    void gather_rows(int replicas, const float* table, int table_rows, const int32_t* rows,
                     int64_t count, int columns, float* out, tacet::Stream stream);
    void scatter_add_rows(int replicas, const float* errors, const int32_t* rows, int count,
                          int columns, int table_rows, float* table, tacet::Stream stream);
    void softmax_cross_entropy(const float* logits, const int32_t* labels, int rows, int classes,
                               float scale, float* losses, int32_t* predicted, float* errors,
                               tacet::Stream stream);
    void dropout(const float* source, int64_t count, uint32_t limit, float scale, uint64_t seed,
                 int64_t group, int64_t period, float* target, tacet::Stream stream);
    void activate(const float* source, int64_t count, tacet::Activation activation, float* target,
                  tacet::Stream stream);
    void activate_backward(const float* values, float* errors, int64_t count,
                           tacet::Activation activation, tacet::Stream stream);
    void keep_winners(const float* values, int64_t rows, int units, int winners, float* kept,
                      uint32_t* marks, tacet::Stream stream);
    void drop_losers(const uint32_t* marks, int64_t rows, int units, float* errors,
                     tacet::Stream stream);
    void control_gain(const float* values, int64_t rows, int units, const float* gain,
                      float* controlled, tacet::Stream stream);
    size_t control_gain_backward_bytes(int64_t rows);
    void control_gain_backward(const float* values, int64_t rows, int units, const float* gain,
                               float* errors, float* gain_gradient,
                               const tacet::Workspace& workspace, tacet::Stream stream););
