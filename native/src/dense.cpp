#include "dense/dense.h"

#include <cmath>

#include "dispatch.h"
#include "tacet_dense.h"

using tacet::require;

namespace {

/** Memory that may be none; the launcher sees whether it is enough. */
tacet::Workspace scratch(void* base, int64_t bytes) { return {base, static_cast<size_t>(bytes)}; }

}  // namespace

int tacet_multiply_bytes(tacet_context* context, int m, int n, int k, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::multiply_bytes(m, n, k));
  });
}

int tacet_multiply(tacet_context* context, int transpose_a, int transpose_b, int m, int n, int k,
                   const float* a, const float* b, int add, float* c, void* workspace,
                   int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, multiply, transpose_a != 0, transpose_b != 0, m, n, k, a, b,
                        add != 0, c, scratch(workspace, workspace_bytes), stream);
}

int tacet_add_to_rows(tacet_context* context, float* matrix, const float* row, int64_t rows,
                      int columns, void* stream) {
  return TACET_DISPATCH(context, add_to_rows, matrix, row, rows, columns, stream);
}

int tacet_column_sums_bytes(tacet_context* context, int64_t rows, int columns,
                            tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::column_sums_bytes(rows, columns));
  });
}

int tacet_add_column_sums(tacet_context* context, const float* matrix, int64_t rows, int columns,
                          float* sums, void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, add_column_sums, matrix, rows, columns, sums,
                        scratch(workspace, workspace_bytes), stream);
}

int tacet_gather_rows(tacet_context* context, const float* table, const int32_t* rows,
                      int64_t count, int columns, float* out, void* stream) {
  return TACET_DISPATCH(context, gather_rows, table, rows, count, columns, out, stream);
}

int tacet_scatter_add_rows(tacet_context* context, const float* errors, const int32_t* rows,
                           int count, int columns, float* table, void* stream) {
  return TACET_DISPATCH(context, scatter_add_rows, errors, rows, count, columns, table, stream);
}

int tacet_softmax_cross_entropy(tacet_context* context, const float* logits, const int32_t* labels,
                                int rows, int classes, float scale, float* losses,
                                int32_t* predicted, float* errors, void* stream) {
  return TACET_DISPATCH(context, softmax_cross_entropy, logits, labels, rows, classes, scale, losses,
                        predicted, errors, stream);
}

int tacet_dropout(tacet_context* context, const float* source, int64_t count, double p,
                  int64_t seed, int64_t group, int64_t period, float* target, void* stream) {
  // An integer is below p 2^24 if it is below that rounded up.
  const auto limit = static_cast<uint32_t>(std::ceil(p * 0x1p24));
  return TACET_DISPATCH(context, dropout, source, count, limit, static_cast<float>(1 / (1 - p)),
                        static_cast<uint64_t>(seed), group, period, target, stream);
}
