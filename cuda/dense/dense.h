// Launchers of dense operations; the parameters are those of tacet_dense.h.
#pragma once

#include "common/workspace.h"

TACET_DECLARE(
    size_t multiply_bytes(int m, int n, int k);
    void multiply(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a,
                  const float* b, bool add, float* c, const tacet::Workspace& workspace,
                  tacet::Stream stream);
    void add_to_rows(float* matrix, const float* row, int64_t rows, int columns,
                     tacet::Stream stream);
    size_t column_sums_bytes(int64_t rows, int columns);
    void add_column_sums(const float* matrix, int64_t rows, int columns, float* sums,
                         const tacet::Workspace& workspace, tacet::Stream stream);
    void gather_rows(const float* table, int table_rows, const int32_t* rows, int64_t count,
                     int columns, float* out, tacet::Stream stream);
    void scatter_add_rows(const float* errors, const int32_t* rows, int count, int columns,
                          int table_rows, float* table, tacet::Stream stream);
    void softmax_cross_entropy(const float* logits, const int32_t* labels, int rows, int classes,
                               float scale, float* losses, int32_t* predicted, float* errors,
                               tacet::Stream stream);
    void dropout(const float* source, int64_t count, uint32_t limit, float scale, uint64_t seed,
                 int64_t group, int64_t period, float* target, tacet::Stream stream););
