// CUDA's device functions for g++: barriers, warp collectives, atomics, bits and rounding modes.
// Included by cuda_language.h. Left out: __activemask and everything without a _sync mask (they
// depend on the order of execution) and what sm_75 lacks (__reduce_*_sync).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "host/block.h"

#define TACET_PLACE const char *file = __builtin_FILE(), int line = __builtin_LINE()

namespace tacet_host {

using tacet::emulator::WarpOperation;

// Barriers.

inline void __syncthreads(TACET_PLACE) {
  tacet::emulator::current().block->barrier(0, {"__syncthreads", file, line});
}

/** Barrier over the blocks of a cluster; writes before it are visible to all of them after it. */
inline void cluster_sync(TACET_PLACE) {
  __syncthreads(file, line);
  if (threadIdx.x + threadIdx.y + threadIdx.z == 0) {
    tacet::emulator::current().block->meet_cluster();
  }
  __syncthreads(file, line);
}

inline int __syncthreads_count(int predicate, TACET_PLACE) {
  return tacet::emulator::current().block->barrier(predicate,
                                                   {"__syncthreads_count", file, line});
}

inline int __syncthreads_or(int predicate, TACET_PLACE) {
  return tacet::emulator::current().block->barrier(predicate, {"__syncthreads_or", file, line}) > 0;
}

inline int __syncthreads_and(int predicate, TACET_PLACE) {
  return tacet::emulator::current().block->barrier(!predicate,
                                                   {"__syncthreads_and", file, line}) == 0;
}

inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Warp collectives.

inline uint64_t meet(WarpOperation operation, unsigned int mask, uint64_t value, uint32_t source,
                     const char* what, const char* file, int line) {
  return tacet::emulator::current().block->meet(operation, mask, value, source,
                                                {what, file, line});
}

inline void __syncwarp(unsigned int mask = 0xffffffffu, TACET_PLACE) {
  meet(WarpOperation::kSync, mask, 0, 0, "__syncwarp", file, line);
}

inline unsigned int __ballot_sync(unsigned int mask, int predicate, TACET_PLACE) {
  return static_cast<unsigned int>(meet(WarpOperation::kBallot, mask, predicate != 0, 0,
                                        "__ballot_sync", file, line));
}

inline int __any_sync(unsigned int mask, int predicate, TACET_PLACE) {
  return meet(WarpOperation::kBallot, mask, predicate != 0, 0, "__any_sync", file, line) != 0;
}

inline int __all_sync(unsigned int mask, int predicate, TACET_PLACE) {
  return meet(WarpOperation::kBallot, mask, predicate != 0, 0, "__all_sync", file, line) == mask;
}

template <typename T>
uint64_t bits_of(T value) {
  static_assert(std::is_trivially_copyable_v<T> && (sizeof(T) == 4 || sizeof(T) == 8),
                "warp collectives exchange 4 or 8 bytes");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

template <typename T>
unsigned int __match_any_sync(unsigned int mask, T value, TACET_PLACE) {
  return static_cast<unsigned int>(
      meet(WarpOperation::kMatch, mask, bits_of(value), 0, "__match_any_sync", file, line));
}

/**
 * What each lane of a whole warp gave, by lane; CUDA has nothing like it. Stays until all lanes have met
 * again, which they have to before the next one.
 */
template <typename T>
T* const* share(T* own, TACET_PLACE) {
  return reinterpret_cast<T* const*>(meet(WarpOperation::kShare, 0xffffffffu,
                                          reinterpret_cast<uint64_t>(own), 0, "share", file, line));
}

/** The lane a shuffle reads; a lane outside the segment of width stands for the caller's own. */
template <typename T>
T shuffle(unsigned int mask, T value, int source, const char* what, const char* file, int line) {
  const uint64_t bits = meet(WarpOperation::kShuffle, mask, bits_of(value),
                             static_cast<uint32_t>(source), what, file, line);
  T result;
  std::memcpy(&result, &bits, sizeof(T));
  return result;
}

inline int own_lane() { return static_cast<int>(tacet::emulator::current().number % 32); }

template <typename T>
T __shfl_sync(unsigned int mask, T value, int source, int width = 32, TACET_PLACE) {
  const int start = own_lane() & ~(width - 1);
  return shuffle(mask, value, start + (source & (width - 1)), "__shfl_sync", file, line);
}

template <typename T>
T __shfl_up_sync(unsigned int mask, T value, unsigned int delta, int width = 32, TACET_PLACE) {
  const int lane = own_lane();
  const int source = lane - static_cast<int>(delta);
  return shuffle(mask, value, source < (lane & ~(width - 1)) ? lane : source, "__shfl_up_sync",
                 file, line);
}

template <typename T>
T __shfl_down_sync(unsigned int mask, T value, unsigned int delta, int width = 32, TACET_PLACE) {
  const int lane = own_lane();
  const int source = lane + static_cast<int>(delta);
  return shuffle(mask, value, source > (lane | (width - 1)) ? lane : source, "__shfl_down_sync",
                 file, line);
}

template <typename T>
T __shfl_xor_sync(unsigned int mask, T value, int lane_mask, int width = 32, TACET_PLACE) {
  const int lane = own_lane();
  const int source = lane ^ lane_mask;
  return shuffle(mask, value, source > (lane | (width - 1)) ? lane : source, "__shfl_xor_sync",
                 file, line);
}

// Atomics: other blocks may run on other OS threads, so these are real ones.

template <typename T, typename Function>
T atomic_update(T* address, Function&& function) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  auto* word = reinterpret_cast<Bits*>(address);
  Bits before = __atomic_load_n(word, __ATOMIC_RELAXED);
  for (;;) {
    T value;
    std::memcpy(&value, &before, sizeof(T));
    const T updated = function(value);
    Bits after;
    std::memcpy(&after, &updated, sizeof(T));
    if (__atomic_compare_exchange_n(word, &before, after, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED)) {
      return value;
    }
  }
}

#define TACET_ATOMIC_INTEGER(T)                                                                  \
  inline T atomicAdd(T* address, T value) {                                                      \
    return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);                                 \
  }                                                                                              \
  inline T atomicExch(T* address, T value) {                                                     \
    return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);                                \
  }                                                                                              \
  inline T atomicCAS(T* address, T expected, T value) {                                          \
    __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_RELAXED,              \
                                __ATOMIC_RELAXED);                                               \
    return expected;                                                                             \
  }

#define TACET_ATOMIC_BITS(T)                                                                     \
  inline T atomicMin(T* address, T value) {                                                      \
    return atomic_update(address, [=](T old) { return old < value ? old : value; });             \
  }                                                                                              \
  inline T atomicMax(T* address, T value) {                                                      \
    return atomic_update(address, [=](T old) { return old > value ? old : value; });             \
  }                                                                                              \
  inline T atomicAnd(T* address, T value) {                                                      \
    return __atomic_fetch_and(address, value, __ATOMIC_RELAXED);                                 \
  }                                                                                              \
  inline T atomicOr(T* address, T value) {                                                       \
    return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);                                  \
  }                                                                                              \
  inline T atomicXor(T* address, T value) {                                                      \
    return __atomic_fetch_xor(address, value, __ATOMIC_RELAXED);                                 \
  }

TACET_ATOMIC_INTEGER(int)
TACET_ATOMIC_INTEGER(unsigned int)
TACET_ATOMIC_INTEGER(unsigned long long)
TACET_ATOMIC_BITS(int)
TACET_ATOMIC_BITS(unsigned int)
TACET_ATOMIC_BITS(long long)
TACET_ATOMIC_BITS(unsigned long long)

#undef TACET_ATOMIC_INTEGER
#undef TACET_ATOMIC_BITS

inline int atomicSub(int* address, int value) { return atomicAdd(address, -value); }

inline float atomicAdd(float* address, float value) {
  return atomic_update(address, [=](float old) { return old + value; });
}

inline double atomicAdd(double* address, double value) {
  return atomic_update(address, [=](double old) { return old + value; });
}

inline float atomicExch(float* address, float value) {
  return atomic_update(address, [=](float) { return value; });
}

// Loads and stores with cache hints.

template <typename T>
T __ldg(const T* address) {
  return *address;
}

template <typename T>
T __ldcs(const T* address) {
  return *address;
}

template <typename T>
T __ldcg(const T* address) {
  return *address;
}

template <typename T>
void __stcs(T* address, T value) {
  *address = value;
}

template <typename T>
void __stcg(T* address, T value) {
  *address = value;
}

// Bits.

inline int __popc(unsigned int x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned int>(x)); }
inline int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}

inline unsigned int __brev(unsigned int x) {
  unsigned int reversed = 0;
  for (int i = 0; i < 32; i++) {
    reversed |= (x >> i & 1u) << (31 - i);
  }
  return reversed;
}

inline unsigned int __umulhi(unsigned int a, unsigned int b) {
  return static_cast<unsigned int>(uint64_t{a} * b >> 32);
}

inline int __mulhi(int a, int b) { return static_cast<int>(int64_t{a} * b >> 32); }

template <typename To, typename From>
To reinterpret_bits(From value) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To result;
  std::memcpy(&result, &value, sizeof(To));
  return result;
}

inline int __float_as_int(float x) { return reinterpret_bits<int>(x); }
inline unsigned int __float_as_uint(float x) { return reinterpret_bits<unsigned int>(x); }
inline float __int_as_float(int x) { return reinterpret_bits<float>(x); }
inline float __uint_as_float(unsigned int x) { return reinterpret_bits<float>(x); }
inline long long __double_as_longlong(double x) { return reinterpret_bits<long long>(x); }
inline double __longlong_as_double(long long x) { return reinterpret_bits<double>(x); }

// Arithmetic. The rounding conversions assume the default mode, as the JVM does.

/** CUDA's conversions saturate and send NaN to 0; the C++ cast would be undefined. */
template <typename Integer, typename Real>
Integer saturate(Real x) {
  constexpr auto low = static_cast<Real>(std::numeric_limits<Integer>::min());
  if (x != x) {
    return 0;
  }
  if (x <= low) {
    return std::numeric_limits<Integer>::min();
  }
  // 2^(bits) is exact in either type, the largest integer is not.
  if (x >= static_cast<Real>(std::numeric_limits<Integer>::max() / 2 + 1) * 2) {
    return std::numeric_limits<Integer>::max();
  }
  return static_cast<Integer>(x);
}

inline int __float2int_rn(float x) { return saturate<int>(std::nearbyint(x)); }
inline int __float2int_rd(float x) { return saturate<int>(std::floor(x)); }
inline int __float2int_ru(float x) { return saturate<int>(std::ceil(x)); }
inline int __float2int_rz(float x) { return saturate<int>(std::trunc(x)); }
inline unsigned int __float2uint_rn(float x) { return saturate<unsigned int>(std::nearbyint(x)); }
inline unsigned int __float2uint_rz(float x) { return saturate<unsigned int>(std::trunc(x)); }
inline long long __float2ll_rn(float x) { return saturate<long long>(std::nearbyint(x)); }
inline int __double2int_rn(double x) { return saturate<int>(std::nearbyint(x)); }
inline long long __double2ll_rn(double x) { return saturate<long long>(std::nearbyint(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned int x) { return static_cast<float>(x); }
inline float __ll2float_rn(long long x) { return static_cast<float>(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __saturatef(float x) { return x != x ? 0.0f : std::clamp(x, 0.0f, 1.0f); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }

#define TACET_MIN_MAX(T)                                     \
  constexpr T min(T a, T b) { return b < a ? b : a; }        \
  constexpr T max(T a, T b) { return a < b ? b : a; }

TACET_MIN_MAX(int)
TACET_MIN_MAX(unsigned int)
TACET_MIN_MAX(long)
TACET_MIN_MAX(unsigned long)
TACET_MIN_MAX(long long)
TACET_MIN_MAX(unsigned long long)

#undef TACET_MIN_MAX

// As on the GPU, the operand that is a number wins over a NaN.
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }

[[noreturn]] inline void __trap() {
  tacet::emulator::current().block->fail("__trap was called by the kernel");
}

}  // namespace tacet_host

#undef TACET_PLACE
