#include "dense/dense.h"

#include <cmath>
#include <memory>
#include <string>

#include "activation.h"
#include "cublas.h"
#include "dispatch.h"
#include "tacet_dense.h"

using tacet::require;

namespace {

thread_local std::string last_cublas;

/** Device memory of an object, in the order of a stream. */
class Memory {
 public:
  Memory(tacet::Runtime& runtime, size_t bytes, void* stream)
      : runtime_(runtime),
        stream_(stream),
        bytes_(bytes),
        address_(runtime.allocate(bytes, stream)) {}
  ~Memory() {
    try {
      runtime_.free(address_, stream_);
    } catch (const tacet::Error&) {
      // The device has failed for good and told so before.
    }
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  size_t bytes() const { return bytes_; }
  void* address() const { return address_; }

 private:
  tacet::Runtime& runtime_;
  void* const stream_;
  const size_t bytes_;
  void* const address_;
};

/** What NVIDIA recommends for cublasSetWorkspace. */
size_t cublas_workspace_bytes(tacet::Runtime& runtime) {
  int64_t info[TACET_INFO_COUNT];
  runtime.info(info);
  return size_t{info[TACET_INFO_COMPUTE_CAPABILITY] >= 90 ? 32u : 4u} << 20;
}

/** Replicas are an axis of a grid. */
int replicas_of(int replicas) {
  require(replicas > 0 && replicas <= 65535, "replicas: expected 1 to 65535");
  return replicas;
}

/** Products of replicas, whose rows of all results are numbered by 32-bit integers. */
tacet::ProductCall product_of(int factors, int replicas, int transpose_a, int transpose_b, int m, int n,
                              int k, const float* a, const float* b, int add, float* c) {
  tacet::narrowed(int64_t{replicas_of(replicas)} * m, 1, "replicas x m");
  // Tiles of 128 columns are rows of a grid, of which there are at most 65535.
  require(n <= 65535 * 128, "n: expected at most 8388480 columns of C");
  return {transpose_a != 0,
          transpose_b != 0,
          m,
          n,
          k,
          a,
          b,
          add != 0,
          c,
          replicas,
          int64_t{m} * k,
          int64_t{k} * n,
          static_cast<tacet::Factors>(factors)};
}

bool has_tensor_products(const tacet_context& context) {
  if (context.kind == TACET_HOST) {
    const tacet::emulator::OptionsScope scope(context.host_options);
    return tacet_host::has_tensor_products();
  }
#if TACET_WITH_CUDA
  return tacet_cuda::has_tensor_products();
#else
  return false;
#endif
}

/** Memory that may be none; the launcher sees whether it is enough. */
tacet::Workspace scratch(void* base, int64_t bytes) { return {base, static_cast<size_t>(bytes)}; }

}  // namespace

struct tacet_cublas {
  tacet_cublas(tacet_context* of, const std::string& path, void* on)
      : context(of),
        stream(on),
        workspace(*of->runtime, cublas_workspace_bytes(*of->runtime), on),
        library(tacet::first_cublas(tacet::search_cublas(path), [&](const auto& candidate) {
          handle = std::make_unique<tacet::Cublas>(candidate, stream, workspace.address(),
                                                   workspace.bytes());
        })) {}

  tacet_context* const context;
  void* const stream;
  const Memory workspace;
  std::unique_ptr<tacet::Cublas> handle;
  const tacet::CublasLibrary library;
};

namespace {

/** Runs the body with the device of the handle current. */
template <typename Body>
int with_cublas(const char* function, const tacet_cublas* cublas, Body&& body) noexcept {
  if (cublas == nullptr) {
    return tacet::guarded(function, [] { require(false, "cublas: expected a handle, got null"); });
  }
  return tacet::with_context(function, cublas->context, [&](tacet::Runtime&) { body(); });
}

}  // namespace

int tacet_set_factors(tacet_context* context, int factors) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(factors >= TACET_FLOAT32 && factors <= TACET_BF16,
            "factors: expected TACET_FLOAT32, TACET_BF16X3 or TACET_BF16");
    if (factors != TACET_FLOAT32 && !has_tensor_products(*context)) {
      throw tacet::Error(tacet::Status::kUnavailable,
                         "factors: expected TACET_FLOAT32, for there are no bfloat16 products on this "
                         "device, whose compute capability is below 8.0 or not one that this library "
                         "has code for");
    }
    context->factors = factors;
  });
}

int tacet_multiply_bytes(tacet_context* context, int replicas, int m, int n, int k,
                         tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes =
        static_cast<tacet_value>(tacet_host::multiply_bytes(m, n, k, replicas_of(replicas)));
  });
}

int tacet_multiply(tacet_context* context, int replicas, int transpose_a, int transpose_b, int m,
                   int n, int k, const float* a, const float* b, int add, float* c,
                   void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, multiply,
                        product_of(context->factors, replicas, transpose_a, transpose_b, m, n, k, a, b, add, c),
                        scratch(workspace, workspace_bytes), stream);
}

const char* tacet_cublas_find(const char* path) {
  const int status = tacet::guarded(__func__, [&] {
    const auto search = tacet::search_cublas(path != nullptr ? path : "");
    last_cublas = tacet::first_cublas(search, [](const auto&) {}).description();
  });
  return status == TACET_OK ? last_cublas.c_str() : nullptr;
}

int tacet_cublas_create(tacet_context* context, const char* path, void* stream,
                        tacet_value* cublas) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(context->kind == TACET_CUDA,
            "context: expected a TACET_CUDA context; cuBLAS does not see host memory");
    require(cublas != nullptr, "cublas: expected an address, got null");
    *cublas = reinterpret_cast<tacet_value>(
        new tacet_cublas(context, path != nullptr ? path : "", stream));
  });
}

const char* tacet_cublas_description(tacet_cublas* cublas) {
  const int status =
      with_cublas(__func__, cublas, [&] { last_cublas = cublas->library.description(); });
  return status == TACET_OK ? last_cublas.c_str() : nullptr;
}

int tacet_cublas_multiply(tacet_cublas* cublas, int replicas, int transpose_a, int transpose_b,
                          int m, int n, int k, const float* a, const float* b, int add, float* c) {
  return with_cublas(__func__, cublas, [&] {
    cublas->handle->multiply(replicas_of(replicas), transpose_a != 0, transpose_b != 0, m, n, k, 1,
                             a, b, add != 0 ? 1.0f : 0.0f, c);
  });
}

int tacet_cublas_destroy(tacet_cublas* cublas) {
  return with_cublas(__func__, cublas, [&] {
    const std::unique_ptr<tacet_cublas> owned(cublas);
    // Its products use the workspace.
    cublas->context->runtime->stream_synchronize(cublas->stream);
  });
}

int tacet_add_to_rows(tacet_context* context, int replicas, float* matrix, const float* row,
                      int64_t rows, int columns, void* stream) {
  return TACET_DISPATCH(context, add_to_rows, replicas_of(replicas), matrix, row, rows, columns,
                        stream);
}

int tacet_scale_rows(tacet_context* context, float* matrix, const float* factors, int64_t rows,
                     int columns, void* stream) {
  return TACET_DISPATCH(context, scale_rows, matrix, factors, rows, columns, stream);
}

int tacet_column_sums_bytes(tacet_context* context, int replicas, int64_t rows, int columns,
                            tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(
        tacet_host::column_sums_bytes(replicas_of(replicas), rows, columns));
  });
}

int tacet_add_column_sums(tacet_context* context, int replicas, const float* matrix, int64_t rows,
                          int columns, float* sums, void* workspace, int64_t workspace_bytes,
                          void* stream) {
  return TACET_DISPATCH(context, add_column_sums, replicas_of(replicas), matrix, rows, columns,
                        sums, scratch(workspace, workspace_bytes), stream);
}

int tacet_gather_rows(tacet_context* context, int replicas, const float* table, int table_rows,
                      const int32_t* rows, int64_t count, int columns, float* out, void* stream) {
  return TACET_DISPATCH(context, gather_rows, replicas_of(replicas), table, table_rows, rows, count,
                        columns, out, stream);
}

int tacet_scatter_add_rows(tacet_context* context, int replicas, const float* errors,
                           const int32_t* rows, int count, int columns, int table_rows,
                           float* table, void* stream) {
  return TACET_DISPATCH(context, scatter_add_rows, replicas_of(replicas), errors, rows, count,
                        columns, table_rows, table, stream);
}

int tacet_softmax_cross_entropy(tacet_context* context, const float* logits, const int32_t* labels,
                                int rows, int classes, float scale, float* losses,
                                int32_t* predicted, float* errors, void* stream) {
  return TACET_DISPATCH(context, softmax_cross_entropy, logits, labels, rows, classes, scale, losses,
                        tacet::optional(predicted), tacet::optional(errors), stream);
}

int tacet_dropout(tacet_context* context, const float* source, int64_t count, double p,
                  int64_t seed, int64_t group, int64_t period, float* target, void* stream) {
  // An integer is below p 2^24 if it is below that rounded up.
  const auto limit = static_cast<uint32_t>(std::ceil(p * 0x1p24));
  return TACET_DISPATCH(context, dropout, source, count, limit, static_cast<float>(1 / (1 - p)),
                        static_cast<uint64_t>(seed), group, period, target, stream);
}

int tacet_activate(tacet_context* context, const float* source, int64_t count, int activation,
                   float* target, void* stream) {
  return TACET_DISPATCH(context, activate, source, count, tacet::activation_of(activation), target,
                        stream);
}

int tacet_activate_backward(tacet_context* context, const float* values, float* errors,
                            int64_t count, int activation, void* stream) {
  return TACET_DISPATCH(context, activate_backward, values, errors, count,
                        tacet::activation_of(activation), stream);
}

int tacet_keep_winners(tacet_context* context, const float* values, int64_t rows, int units,
                       int winners, float* kept, uint32_t* marks, void* stream) {
  return TACET_DISPATCH(context, keep_winners, values, rows, units, winners, kept,
                        tacet::optional(marks), stream);
}

int tacet_drop_losers(tacet_context* context, const uint32_t* marks, int64_t rows, int units,
                      float* errors, void* stream) {
  return TACET_DISPATCH(context, drop_losers, marks, rows, units, errors, stream);
}

int tacet_control_gain(tacet_context* context, const float* values, int64_t rows, int units,
                       const float* gain, float* controlled, void* stream) {
  return TACET_DISPATCH(context, control_gain, values, rows, units, gain, controlled, stream);
}

int tacet_control_gain_backward_bytes(tacet_context* context, int64_t rows, tacet_value* bytes) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime&) {
    require(bytes != nullptr, "bytes: expected an address, got null");
    *bytes = static_cast<tacet_value>(tacet_host::control_gain_backward_bytes(rows));
  });
}

int tacet_control_gain_backward(tacet_context* context, const float* values, int64_t rows,
                                int units, const float* gain, float* errors, float* gain_gradient,
                                void* workspace, int64_t workspace_bytes, void* stream) {
  return TACET_DISPATCH(context, control_gain_backward, values, rows, units, gain, errors,
                        tacet::optional(gain_gradient), scratch(workspace, workspace_bytes),
                        stream);
}
