// The events of one source over a batch, in the order of samples and times, staged in shared memory
// by all threads of a block: where their records begin, so that a thread of a synapse has the records
// of several events on their way at once instead of a chain of three loads for each.
#pragma once

#include "eventprop/reduce.cuh"

namespace TACET_NS {

/** Events that are staged before their records are added. */
constexpr int kStagedEvents = 256;

/** Loads of records that a thread has on their way. */
constexpr int kRecordsInFlight = 8;

/** Shared memory of a block of kThreads. */
template <int kThreads>
struct StagedEvents {
  /** Of the record of the first synapse. */
  size_t records[kStagedEvents];
  float times[kStagedEvents];
  /** Of kThreads samples: where the source's events begin, less those of earlier samples. */
  int begins[kThreads];
  /** Events in earlier samples of these. */
  int earlier[kThreads];
  int arriving[kThreads / kWarpSize];
};

/** The last sample, of those that are staged, before whose events there are at most k. */
template <int kThreads>
__device__ __forceinline__ int sample_of(const StagedEvents<kThreads>& staged, int k) {
  int low = 0;
  for (int step = kThreads / 2; step > 0; step /= 2) {
    low += staged.earlier[low + step] <= k ? step : 0;
  }
  return low;
}

/** Events of the source in kThreads samples from b0 on; where those of each are. */
template <int kThreads>
__device__ __forceinline__ int find_events(const RowSums& sums, int source, int b0,
                                           StagedEvents<kThreads>& staged) {
  const int sample = b0 + static_cast<int>(threadIdx.x);
  int begin = 0;
  int own = 0;
  if (sample < sums.events.batch) {
    const int events = stored(sums.events.counts, sample, sums.events.capacity);
    const int32_t* units = sums.order.units + static_cast<size_t>(sample) * sums.events.capacity;
    begin = lower_bound(units, events, source);
    own = lower_bound(units, events, source + 1) - begin;
  }
  int total = 0;
  if (__syncthreads_or(own > 0)) {
    const int earlier = block_exclusive_scan(own, &total);
    staged.begins[threadIdx.x] = begin - earlier;
    staged.earlier[threadIdx.x] = earlier;
    __syncthreads();
  }
  return total;
}

/** Stages the k-th event of those that find_events has found, where it arrives; how many then are. */
template <int kThreads>
__device__ __forceinline__ int stage_event(const RowSums& sums, int b0, int k, int total,
                                           float delay, float duration, int count,
                                           StagedEvents<kThreads>& staged) {
  size_t event = 0;
  float time = 0.0f;
  bool arrives = false;
  if (k < total) {
    const int s = sample_of(staged, k);
    const size_t base = static_cast<size_t>(b0 + s) * sums.events.capacity;
    event = base + sums.order.events[base + staged.begins[s] + k];
    time = sums.events.times[event];
    arrives = time + delay <= duration;
  }
  const unsigned int lanes = __ballot_sync(kFullWarp, arrives);
  if (lane_id() == 0) {
    staged.arriving[warp_id()] = __popc(lanes);
  }
  // Behind this barrier nobody reads what was staged before.
  __syncthreads();
  int at = count + __popc(lanes & lanes_below());
#pragma unroll
  for (int w = 0; w < kThreads / kWarpSize; w++) {
    const int arriving = staged.arriving[w];
    at += w < warp_id() ? arriving : 0;
    count += arriving;
  }
  if (arrives) {
    staged.records[at] = event * sums.records.longest;
    staged.times[at] = time;
  }
  __syncthreads();
  return count;
}

/**
 * Calls add(count) by all threads of the block whenever so many events of a source are staged, at
 * most kStagedEvents: all of them in the end, but those whose time plus delay is beyond the duration.
 */
template <int kThreads, typename Add>
__device__ __forceinline__ void for_staged_events(const RowSums& sums, int source, float delay,
                                                  float duration, StagedEvents<kThreads>& staged,
                                                  const Add& add) {
  int count = 0;
  for (int b0 = 0; b0 < sums.events.batch; b0 += kThreads) {
    const int total = find_events(sums, source, b0, staged);
    const bool last = b0 + kThreads >= sums.events.batch;
    int k = 0;
    do {
      if (k < total) {
        count = stage_event(sums, b0, k + static_cast<int>(threadIdx.x), total, delay, duration,
                            count, staged);
      }
      k += kThreads;
      if (count > (last && k >= total ? 0 : kStagedEvents - kThreads)) {
        add(count);
        count = 0;
      }
    } while (k < total);
  }
}

/**
 * Adds the records of the staged events to a sum, one after the other; own is the record of a
 * synapse, of event 0. With kLate a delay of the synapse's own leaves out those that would arrive
 * beyond the duration, and *any becomes true if one is added.
 */
template <bool kLate, int kThreads>
__device__ __forceinline__ float add_records(const StagedEvents<kThreads>& staged, int count,
                                             const float* __restrict__ own, float delay,
                                             float duration, float sum, bool* any) {
  for (int first = 0; first < count; first += kRecordsInFlight) {
    float records[kRecordsInFlight];
#pragma unroll
    for (int k = 0; k < kRecordsInFlight; k++) {
      const int at = first + k;
      const bool wanted = at < count && (!kLate || staged.times[at] + delay <= duration);
      // 0 changes no sum that begins as +0.
      records[k] = wanted ? own[staged.records[at]] : 0.0f;
      *any = *any || wanted;
    }
#pragma unroll
    for (int k = 0; k < kRecordsInFlight; k++) {
      sum += records[k];
    }
  }
  return sum;
}

}  // namespace TACET_NS
