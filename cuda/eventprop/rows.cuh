// Rows of a connectivity on the device: dense, fixed fan-out or compressed.
#pragma once

#include "common/kernel.cuh"
#include "eventprop/membrane.cuh"

namespace TACET_NS {

using tacet::SynapseView;

__device__ __forceinline__ bool has_source(const SynapseView& rows, int source) {
  return static_cast<unsigned int>(source) < static_cast<unsigned int>(rows.sources);
}

/** Whether synapse j of a row ends at target j. */
__host__ __device__ __forceinline__ bool is_dense(const SynapseView& rows) {
  return rows.indices == nullptr;
}

__device__ __forceinline__ size_t row_begin(const SynapseView& rows, int source) {
  return rows.offsets == nullptr ? static_cast<size_t>(source) * rows.row
                                 : static_cast<size_t>(rows.offsets[source]);
}

__device__ __forceinline__ int row_length(const SynapseView& rows, int source) {
  return rows.offsets == nullptr ? rows.row : rows.offsets[source + 1] - rows.offsets[source];
}

/** Target of the j-th synapse of the row that begins at synapse begin. */
__device__ __forceinline__ int row_target(const SynapseView& rows, size_t begin, int j) {
  if (is_dense(rows)) {
    return j;
  }
  return rows.narrow ? static_cast<int>(static_cast<const uint16_t*>(rows.indices)[begin + j])
                     : static_cast<const int32_t*>(rows.indices)[begin + j];
}

__device__ __forceinline__ float delay_of(const SynapseView& rows, int source, size_t synapse) {
  if (rows.delays == nullptr) {
    return 0.0f;
  }
  return rows.delays[rows.delay_per_synapse ? synapse : static_cast<size_t>(source)];
}

/** First j of the row whose target is not below the given one. */
__device__ __forceinline__ int row_lower_bound(const SynapseView& rows, size_t begin, int length,
                                               int target) {
  if (is_dense(rows)) {
    return target < length ? target : length;
  }
  int low = 0;
  int high = length;
  while (low < high) {
    const int middle = (low + high) >> 1;
    if (row_target(rows, begin, middle) < target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Number of stored events of a sample; negative counts are errors of an earlier pass. */
__device__ __forceinline__ int stored(const int32_t* counts, int sample, int capacity) {
  return max(0, min(counts[sample], capacity));
}

/** The error of a sample's input event count, as a bit as in SpikeSink, or 0. */
__device__ __forceinline__ int count_fault(const tacet::EventView& in, int sample) {
  const int count = in.counts[sample];
  return count < 0 || count > in.capacity ? 1 << -tacet::kBadCount : 0;
}

/** The error of the time of event e of the sample that begins at base, as a bit, or 0. */
__device__ __forceinline__ int time_fault(const tacet::EventView& in, size_t base, int e) {
  const float time = in.times[base + e];
  const bool good = time >= 0.0f && time < infinity() &&
                    (e == 0 || !(time < in.times[base + e - 1]));
  return good ? 0 : 1 << -tacet::kBadTime;
}

/** First index of the ascending values that is not below value. */
__device__ __forceinline__ int lower_bound(const int32_t* values, int count, int value) {
  int low = 0;
  int high = count;
  while (low < high) {
    const int middle = (low + high) >> 1;
    if (values[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace TACET_NS
