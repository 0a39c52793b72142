// From a C function of the ABI to the kernels of the context's kind, exceptions becoming statuses.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "checked.h"
#include "common/error.h"
#include "common/workspace.h"
#include "host/emulator.h"
#include "runtime.h"
#include "tacet.h"

struct tacet_context {
  int kind;
  std::unique_ptr<tacet::Runtime> runtime;
  tacet::emulator::Options host_options;
  /** What tacet_set_factors says. */
  int factors = 0;
};

namespace tacet {

/** Stores the error that is being handled for tacet_last_error; call from a catch block. */
int remember_error(const char* function) noexcept;

/** Runs the body of an ABI function. */
template <typename Body>
int guarded(const char* function, Body&& body) noexcept {
  try {
    body();
    return TACET_OK;
  } catch (...) {
    return remember_error(function);
  }
}

inline void require(bool condition, const char* what) {
  if (!condition) {
    throw Error(Status::kInvalidArgument, what);
  }
}

/** A 64-bit member of a structure that kernels hold in 32 bits. */
inline int narrowed(int64_t value, int64_t least, const char* what) {
  if (value < least || value > std::numeric_limits<int>::max()) {
    throw Error(Status::kInvalidArgument, std::string(what) + ": expected " +
                                              std::to_string(least) + " to 2147483647, got " +
                                              std::to_string(value));
  }
  return static_cast<int>(value);
}

inline void require_context(const tacet_context* context) {
  require(context != nullptr, "context: expected a context, got null");
#ifdef TACET_CHECKED
  checked::require_context(context);
#endif
}

inline Workspace workspace_of(void* base, int64_t bytes) {
  require(base != nullptr && bytes > 0, "workspace: expected memory, got none");
  return {base, static_cast<size_t>(bytes)};
}

/** Runs the body with the context's device current. */
template <typename Body>
int with_context(const char* function, tacet_context* context, Body&& body) noexcept {
  return guarded(function, [&] {
    require_context(context);
    const DeviceScope scope(*context->runtime);
    body(*context->runtime);
  });
}

template <typename Host, typename Cuda>
int dispatch(const char* function, tacet_context* context, Host&& host, Cuda&& cuda) noexcept {
  return with_context(function, context, [&](Runtime&) {
    if (context->kind == TACET_HOST) {
      const emulator::OptionsScope scope(context->host_options);
      host();
    } else {
      cuda();
    }
  });
}

}  // namespace tacet

#if TACET_WITH_CUDA
#define TACET_CALL_CUDA(function, ...) ::tacet_cuda::function(__VA_ARGS__)
#else
#define TACET_CALL_CUDA(function, ...) (void)0 /* there are no CUDA contexts in this build */
#endif

/** The whole body of most operations: calls the launcher of that name in the context's world. */
#define TACET_DISPATCH(context, function, ...)         \
  ::tacet::dispatch(                                   \
      __func__, context,                               \
      [&] {                                            \
        TACET_INSPECT(__VA_ARGS__);                    \
        ::tacet_host::function(__VA_ARGS__);           \
        TACET_WHOLE();                                 \
      },                                               \
      [&] {                                            \
        TACET_INSPECT(__VA_ARGS__);                    \
        TACET_CALL_CUDA(function, __VA_ARGS__);        \
      })
