// Samples in groups of up to eight whose values lie next to one another, so that a kernel that needs
// a unit's value in all of them reads it at once.
#pragma once

#include <type_traits>

#include "common/kernel.cuh"

namespace TACET_NS {

/** Samples of a group; a power of two up to this. */
constexpr int kMostShared = 8;

/** How samples are grouped: groups of `shared`, [groups][units][shared] in memory. */
struct SampleGroups {
  int shared;
  int groups;

  __host__ __device__ size_t elements(int units) const {
    return static_cast<size_t>(groups) * units * shared;
  }

  __device__ __forceinline__ size_t at(int n, int i, int units) const {
    return (static_cast<size_t>(n / shared) * units + i) * shared + n % shared;
  }
};

/** Groups of up to eight samples. */
inline SampleGroups packed_groups(int batch) {
  int shared = 1;
  while (shared < batch && shared < kMostShared) {
    shared *= 2;
  }
  return {shared, tacet::ceil_div(batch, shared)};
}

/** Calls `function` with the number of samples of a group, as a constant. */
template <typename Function>
auto with_shared(int shared, Function function) {
  switch (shared) {
    case 1:
      return function(std::integral_constant<int, 1>());
    case 2:
      return function(std::integral_constant<int, 2>());
    case 4:
      return function(std::integral_constant<int, 4>());
    default:
      return function(std::integral_constant<int, 8>());
  }
}

/** Loads kCount neighbours, as float4 where there are four. */
template <int kCount>
__device__ __forceinline__ void load_values(const float* __restrict__ from, float* values) {
  if (kCount % 4 == 0) {
#pragma unroll
    for (int k = 0; k < kCount / 4; k++) {
      const float4 four = reinterpret_cast<const float4*>(from)[k];
      values[4 * k] = four.x;
      values[4 * k + 1] = four.y;
      values[4 * k + 2] = four.z;
      values[4 * k + 3] = four.w;
    }
  } else {
#pragma unroll
    for (int k = 0; k < kCount; k++) {
      values[k] = from[k];
    }
  }
}

constexpr int kPackThreads = 256;

/** A thread per group and column; a group that is not full has zeros. */
template <typename Value>
__global__ void __launch_bounds__(kPackThreads)
    pack_groups_kernel(const Value value, int rows, int columns, const SampleGroups groups,
                       float* __restrict__ packed) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * kPackThreads + threadIdx.x;
  if (at >= static_cast<int64_t>(groups.groups) * columns) {
    return;
  }
  const int row = static_cast<int>(at / columns) * groups.shared;
  const int column = static_cast<int>(at % columns);
  const auto element = [&](int n) { return n < rows ? value(n, column) : 0.0f; };
  float* const group = packed + at * groups.shared;
  if (groups.shared < 4) {
    for (int b = 0; b < groups.shared; b++) {
      group[b] = element(row + b);
    }
    return;
  }
  for (int b = 0; b < groups.shared; b += 4) {
    // Whole pieces of a sector: threads store far from one another.
    *reinterpret_cast<float4*>(group + b) = make_float4(element(row + b), element(row + b + 1),
                                                        element(row + b + 2), element(row + b + 3));
  }
}

/** Packs value(row, column) of rows that are samples. */
template <typename Value>
void launch_pack(const Value& value, int rows, int columns, const SampleGroups& groups,
                 float* packed, tacet::Stream stream) {
  const int64_t count = static_cast<int64_t>(groups.groups) * columns;
  TACET_LAUNCH((pack_groups_kernel<Value>),
               static_cast<unsigned int>(tacet::ceil_div(count, int64_t{kPackThreads})),
               kPackThreads, 0, stream, value, rows, columns, groups, packed);
}

}  // namespace TACET_NS
