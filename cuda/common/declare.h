// Declares a launcher once for both builds. Plain C++, included by kernels and by the ABI.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tacet {

/** A cudaStream_t on the GPU; ignored by host execution, which is synchronous. */
using Stream = void*;

/** Quotient rounded up, for grid sizes. */
template <typename T>
constexpr T ceil_div(T value, T divisor) {
  return (value + divisor - 1) / divisor;
}

}  // namespace tacet

/** Declares launchers in tacet_cuda (built by nvcc) and in tacet_host (built by g++). */
#define TACET_DECLARE(...)    \
  namespace tacet_cuda {      \
  __VA_ARGS__                 \
  }                           \
  namespace tacet_host {      \
  __VA_ARGS__                 \
  }                           \
  static_assert(true, "allows a semicolon")
