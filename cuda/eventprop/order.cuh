// Sorted events for the simulators; see order.cu.
#pragma once

#include "eventprop/replica.cuh"
#include "eventprop/sort.cuh"

namespace TACET_NS {

/** Input events as they reach a layer: within the simulation, delayed per source, by time. */
struct ArrivalView {
  float* times;
  int32_t* sources;
  /** Index of the event within its sample. */
  int32_t* events;
  int32_t* counts;
  int capacity;
};

/** Events of each sample ordered by unit and, within a unit, by time. */
struct UnitOrder {
  int32_t* units;
  /** Index of the event within its sample. */
  int32_t* events;
  int capacity;
};

/**
 * Global memory for sorting samples that shared memory cannot hold: for each order of a sample twice as
 * many pairs as there are events at most.
 */
struct SortRoom {
  unsigned long long* keys;
  int32_t* values;
  int capacity;
};

/** Spikes as they are found: unsorted, counted beyond the capacity; see emit. */
struct SpikeSink {
  int32_t* counts;
  float* times;
  int32_t* units;
  float* slopes;
  int32_t* grazes;
  /** Why a sample failed: a bit per kind, 1 << -count of views.h. */
  int32_t* status;
  /** How many blocks have found all their spikes of a sample. */
  unsigned int* finished;
  int capacity;
  /** A sample with more spikes than that spikes without end. */
  int most;
};

/** A few units of rounding: the gradient does not exist where I - theta is 0. */
constexpr float kLeastSlope = 16.0f * 1.1920929e-7f;

/** Notes a spike; false says that the sample spikes without end. */
__device__ __forceinline__ bool emit(const SpikeSink& sink, int sample, float time, int unit,
                                     float slope) {
  const int at = atomicAdd(&sink.counts[sample], 1);
  if (at < sink.capacity) {
    const size_t k = static_cast<size_t>(sample) * sink.capacity + at;
    sink.times[k] = time;
    sink.units[k] = unit;
    sink.slopes[k] = fmaxf(slope, kLeastSlope);
  }
  return at < sink.most;
}

inline SpikeSink take_sink(tacet::Carver& carver, int samples, int capacity, int most) {
  const size_t spikes = static_cast<size_t>(samples) * static_cast<size_t>(capacity);
  SpikeSink sink{};
  sink.counts = carver.take<int32_t>(static_cast<size_t>(samples));
  sink.grazes = carver.take<int32_t>(static_cast<size_t>(samples));
  sink.status = carver.take<int32_t>(static_cast<size_t>(samples));
  sink.finished = carver.take<unsigned int>(static_cast<size_t>(samples));
  sink.times = carver.take<float>(spikes);
  sink.units = carver.take<int32_t>(spikes);
  sink.slopes = carver.take<float>(spikes);
  sink.capacity = capacity;
  sink.most = most;
  return sink;
}

inline ArrivalView take_arrivals(tacet::Carver& carver, int samples, int capacity) {
  const size_t events = static_cast<size_t>(samples) * static_cast<size_t>(capacity);
  ArrivalView view{};
  view.times = carver.take<float>(events);
  view.sources = carver.take<int32_t>(events);
  view.events = carver.take<int32_t>(events);
  view.counts = carver.take<int32_t>(static_cast<size_t>(samples));
  view.capacity = capacity;
  return view;
}

inline UnitOrder take_unit_order(tacet::Carver& carver, int samples, int capacity) {
  const size_t events = static_cast<size_t>(samples) * static_cast<size_t>(capacity);
  UnitOrder order{};
  order.units = carver.take<int32_t>(events);
  order.events = carver.take<int32_t>(events);
  order.capacity = capacity;
  return order;
}

/** Orders of each sample that order_for_adjoint makes at once. */
constexpr int kOrders = 3;

/** Room for so many orders of samples of that capacity; empty where shared memory does. */
inline SortRoom take_sort_room(tacet::Carver& carver, int samples, int capacity, int orders = 1) {
  SortRoom room{};
  if (capacity > kSharedPairs) {
    room.capacity = capacity;
    const size_t pairs = 2 * static_cast<size_t>(orders) * static_cast<size_t>(samples) *
                         static_cast<size_t>(room.capacity);
    room.keys = carver.take<unsigned long long>(pairs);
    room.values = carver.take<int32_t>(pairs);
  }
  return room;
}


/** Words of each sample that begin as 0; what is null does not exist. */
struct SampleWords {
  /** See SpikeSink. */
  int32_t* status;
  int32_t* counts = nullptr;
  int32_t* grazes = nullptr;
  unsigned int* finished = nullptr;

  __device__ __forceinline__ void clear(int sample) const {
    status[sample] = 0;
    if (counts != nullptr) {
      counts[sample] = 0;
      grazes[sample] = 0;
      finished[sample] = 0;
    }
  }
};

inline SampleWords words_of(const SpikeSink& sink) {
  return {sink.status, sink.counts, sink.grazes, sink.finished};
}

/** How a block sorts pairs that fit in shared memory. */
struct SharedSorting {
  Pairs pairs;

  __device__ Pairs pairs_for(int) const { return pairs; }

  __device__ Pairs sort(const Pairs& unsorted, int count) const {
    block_sort(unsorted, count);
    return unsorted;
  }
};

/** Tells what became of a sample and makes room for its errors; how many spikes there are to sort. */
__device__ __forceinline__ int conclude(const SpikeSink& found, const tacet::EventView& out,
                                        int sample) {
  const size_t base = static_cast<size_t>(sample) * out.capacity;
  const int count = found.counts[sample];
  const int status = found.status[sample];
  if (threadIdx.x == 0) {
    int result = count > found.most ? tacet::kRunaway : count;
    // What was wrong with the arguments comes before what it led to.
    for (int bad = tacet::kNotFinite; bad >= tacet::kBadCount; bad--) {
      if ((status >> -bad & 1) != 0) {
        result = bad;
      }
    }
    out.counts[sample] = result;
    out.grazes[sample] = found.grazes[sample];
  }
  const int kept = min(count, out.capacity);
  for (int k = static_cast<int>(threadIdx.x); k < kept; k += static_cast<int>(blockDim.x)) {
    out.errors[base + k] = 0.0f;
  }
  return kept;
}

/** Writes the first spikes that were found of a sample in order; a block's. */
template <typename Sorting>
__device__ __forceinline__ void sort_spikes(const SpikeSink& found, const tacet::EventView& out,
                                            int sample, int kept, const Sorting& sorting) {
  const size_t base = static_cast<size_t>(sample) * out.capacity;
  const int threads = static_cast<int>(blockDim.x);
  const Pairs pairs = sorting.pairs_for(kept);
  for (int k = static_cast<int>(threadIdx.x); k < kept; k += threads) {
    pairs.keys[k] = time_key(found.times[base + k], found.units[base + k]);
    pairs.values[k] = k;
  }
  const Pairs sorted = sorting.sort(pairs, kept);
  for (int k = static_cast<int>(threadIdx.x); k < kept; k += threads) {
    const SortKey key = sorted.keys[k];
    out.times[base + k] = key_time(key);
    out.units[base + k] = static_cast<int>(key & 0xffffffffu);
    out.slopes[base + k] = found.slopes[base + sorted.values[k]];
  }
}

/** Finds the arrivals of each sample; one with invalid input has none, and its status says so. */
void order_arrivals(const tacet::EventView& in, const SynapseView& rows, const ArrivalView& out,
                    const SortRoom& room, float duration, const SampleWords& words,
                    tacet::Stream stream);

/**
 * Everything that an adjoint needs in order, in one launch: the arrivals as in the forward pass, and
 * the events of in, and of out unless that is null, by unit.
 *
 * @param room of take_sort_room for kOrders
 */
void order_for_adjoint(const tacet::EventView& in, const SynapseView& rows,
                       const ArrivalView& arrivals, float duration, const UnitOrder& in_order,
                       const tacet::EventView* out, const UnitOrder& out_order,
                       const SortRoom& room, tacet::Stream stream);

/** Marks the samples where a delay is negative, infinite or not a number. */
void check_delays(const SynapseView& rows, int samples, int32_t* status, tacet::Stream stream);

void order_by_unit(const tacet::EventView& events, const UnitOrder& out, const SortRoom& room,
                   tacet::Stream stream);

/** Fills the output; spikes that were written to it as they were found are in order already. */
void order_spikes(const SpikeSink& found, const tacet::EventView& out, const SortRoom& room,
                  tacet::Stream stream);

}  // namespace TACET_NS
