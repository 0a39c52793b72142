// Sorts the events of a sample by time or by unit, a block of 256 threads per sample (sort.cuh).
//
// arrivals_kernel: input events that arrive within the simulation, with their source's delay.
//   Without delays they are already sorted and are copied: 8 bytes read and 12 written per event.
// orders_kernel: what an adjoint needs, each by blocks of its own: the arrivals again, and the events
//   by (unit, time), so that a row's events, or a neuron's own spikes, are one segment found by binary
//   search. 4 bytes read and 8 written per event of an order by unit.
// spikes_kernel: the tape. Spikes are found neuron by neuron; ties in time are broken by unit and,
//   within a neuron, by discovery order, so the result is the same in every run. 12 bytes read and
//   written per spike.
#include "eventprop/order.cuh"

#include <type_traits>

namespace TACET_NS {

using tacet::EventView;

namespace {

constexpr int kThreads = kDigits;

/**
 * Of a block: shared memory if its events fit, else its part of a room. Without kRoom they always
 * fit, and the kernel is spared the registers that sorting by digits takes.
 */
template <bool kRoom>
struct Sorting {
  SortKey* shared_keys;
  int* shared_values;
  SortRoom room;

  /** The first or the second half of the block's part. */
  __device__ Pairs half(int which) const {
    const size_t block = static_cast<size_t>(blockIdx.y) * gridDim.x + blockIdx.x;
    const size_t at = (2 * block + which) * room.capacity;
    return {room.keys + at, room.values + at};
  }

  __device__ Pairs pairs_for(int count) const {
    return kRoom && count > kSharedPairs ? half(0) : Pairs{shared_keys, shared_values};
  }

  /** Sorts pairs_for(count), whose values ascend; returns where they are then. */
  __device__ Pairs sort(const Pairs& pairs, int count) const {
    if constexpr (kRoom) {
      if (count > kSharedPairs) {
        return block_digit_sort(half(0), half(1), count,
                                reinterpret_cast<DigitCounts*>(shared_values));
      }
    }
    block_sort(pairs, count);
    return pairs;
  }
};

/** Calls `function` with whether there is a room, as a constant. */
template <typename Function>
auto with_room(const SortRoom& room, Function function) {
  return room.keys != nullptr ? function(std::true_type()) : function(std::false_type());
}

/** Returns what is wrong with the events of the block's sample, as bits, to each thread its part. */
template <bool kRoom>
__device__ __forceinline__ int arrive(const EventView& in, const SynapseView& rows,
                                      const ArrivalView& out, const Sorting<kRoom>& sorting,
                                      float duration) {
  const int sample = static_cast<int>(blockIdx.x);
  const size_t base = static_cast<size_t>(sample) * in.capacity;
  const int count = stored(in.counts, sample, in.capacity);
  const bool delayed = rows.delays != nullptr && !rows.delay_per_synapse;
  const Pairs pairs = sorting.pairs_for(count);
  int arriving = 0;
  int bad = count_fault(in, sample);
  for (int e = static_cast<int>(threadIdx.x); e < count; e += kThreads) {
    int source = in.units[base + e];
    if (!has_source(rows, source)) {
      // The sample is reported; until then nothing may be read out of bounds.
      bad |= 1 << -tacet::kBadUnit;
      source = 0;
    }
    bad |= time_fault(in, base, e);
    // A sum of -0 and -0 would be sorted behind all others.
    const float time = in.times[base + e] + (delayed ? rows.delays[source] + 0.0f : 0.0f);
    arriving += time <= duration;
    if (delayed) {
      pairs.keys[e] = time_key(time, 0);
      pairs.values[e] = e;
    } else {
      out.times[base + e] = time;
      out.sources[base + e] = source;
      out.events[base + e] = e;
    }
  }
  const int total = __syncthreads_or(bad) ? 0 : block_sum(arriving);
  if (threadIdx.x == 0) {
    out.counts[sample] = total;
  }
  if (!delayed || total == 0) {
    return bad;
  }
  const Pairs sorted = sorting.sort(pairs, count);
  for (int k = static_cast<int>(threadIdx.x); k < total; k += kThreads) {
    const int e = sorted.values[k];
    const int source = in.units[base + e];
    out.times[base + k] = key_time(sorted.keys[k]);
    out.sources[base + k] = has_source(rows, source) ? source : 0;
    out.events[base + k] = e;
  }
  return bad;
}

template <bool kReplicas, bool kRoom>
__global__ void __launch_bounds__(kThreads)
    arrivals_kernel(EventView in, SynapseView all, ArrivalView out, SortRoom room, float duration,
                    SampleWords words) {
  TACET_SHARED(shared_keys, SortKey[kSharedPairs]);
  TACET_SHARED(shared_values, int[kSharedPairs]);
  const int sample = static_cast<int>(blockIdx.x);
  if (threadIdx.x == 0) {
    words.clear(sample);
  }
  // A barrier in between.
  const auto& rows = own_rows<kReplicas>(all, sample);
  const Sorting<kRoom> sorting{shared_keys, shared_values, room};
  const int bad = arrive(in, rows, out, sorting, duration);
  if (bad != 0) {
    atomicOr(&words.status[sample], bad);
  }
}

template <bool kRoom>
__device__ __forceinline__ void order_units(const EventView& events, const UnitOrder& out,
                                            const Sorting<kRoom>& sorting) {
  const int sample = static_cast<int>(blockIdx.x);
  const size_t base = static_cast<size_t>(sample) * events.capacity;
  const int count = stored(events.counts, sample, events.capacity);
  const Pairs pairs = sorting.pairs_for(count);
  for (int e = static_cast<int>(threadIdx.x); e < count; e += kThreads) {
    pairs.keys[e] = static_cast<unsigned int>(events.units[base + e]);
    pairs.values[e] = e;
  }
  const Pairs sorted = sorting.sort(pairs, count);
  for (int k = static_cast<int>(threadIdx.x); k < count; k += kThreads) {
    out.units[base + k] = static_cast<int>(sorted.keys[k]);
    out.events[base + k] = sorted.values[k];
  }
}

/** Row 0 of the grid finds the arrivals; the others are orders by unit, of in and of out. */
template <bool kReplicas, bool kRoom>
__global__ void __launch_bounds__(kThreads)
    orders_kernel(EventView in, SynapseView all, ArrivalView arrivals, float duration,
                  UnitOrder in_order, EventView out, UnitOrder out_order, SortRoom room) {
  TACET_SHARED(shared_keys, SortKey[kSharedPairs]);
  TACET_SHARED(shared_values, int[kSharedPairs]);
  const Sorting<kRoom> sorting{shared_keys, shared_values, room};
  if (blockIdx.y == 0) {
    const auto& rows = own_rows<kReplicas>(all, static_cast<int>(blockIdx.x));
    arrive(in, rows, arrivals, sorting, duration);
  } else if (blockIdx.y == 1) {
    order_units(in, in_order, sorting);
  } else {
    order_units(out, out_order, sorting);
  }
}

template <bool kRoom>
__global__ void __launch_bounds__(kThreads)
    unit_order_kernel(EventView events, UnitOrder out, SortRoom room) {
  TACET_SHARED(shared_keys, SortKey[kSharedPairs]);
  TACET_SHARED(shared_values, int[kSharedPairs]);
  order_units(events, out, Sorting<kRoom>{shared_keys, shared_values, room});
}

template <bool kRoom>
__global__ void __launch_bounds__(kThreads)
    spikes_kernel(SpikeSink found, EventView out, SortRoom room, bool sorted) {
  TACET_SHARED(shared_keys, SortKey[kSharedPairs]);
  TACET_SHARED(shared_values, int[kSharedPairs]);
  const int sample = static_cast<int>(blockIdx.x);
  const int kept = conclude(found, out, sample);
  if (!sorted) {
    sort_spikes(found, out, sample, kept, Sorting<kRoom>{shared_keys, shared_values, room});
  }
}

}  // namespace

void order_arrivals(const EventView& in, const SynapseView& rows, const ArrivalView& out,
                    const SortRoom& room, float duration, const SampleWords& words,
                    tacet::Stream stream) {
  with_replicas(rows, [&](auto replicas) {
    with_room(room, [&](auto has_room) {
      TACET_LAUNCH((arrivals_kernel<decltype(replicas)::value, decltype(has_room)::value>),
                   static_cast<unsigned int>(in.batch), kThreads, 0, stream, in, rows, out, room,
                   duration, words);
    });
  });
}

void order_for_adjoint(const EventView& in, const SynapseView& rows, const ArrivalView& arrivals,
                       float duration, const UnitOrder& in_order, const EventView* out,
                       const UnitOrder& out_order, const SortRoom& room, tacet::Stream stream) {
  const dim3 grid(static_cast<unsigned int>(in.batch), out == nullptr ? 2 : 3);
  with_replicas(rows, [&](auto replicas) {
    with_room(room, [&](auto has_room) {
      TACET_LAUNCH((orders_kernel<decltype(replicas)::value, decltype(has_room)::value>), grid,
                   kThreads, 0, stream, in, rows, arrivals, duration, in_order,
                   out == nullptr ? in : *out, out_order, room);
    });
  });
}

void order_by_unit(const EventView& events, const UnitOrder& out, const SortRoom& room,
                   tacet::Stream stream) {
  with_room(room, [&](auto has_room) {
    TACET_LAUNCH(unit_order_kernel<decltype(has_room)::value>,
                 static_cast<unsigned int>(events.batch), kThreads, 0, stream, events, out, room);
  });
}

void order_spikes(const SpikeSink& found, const EventView& out, const SortRoom& room,
                  tacet::Stream stream) {
  const bool sorted = found.times == out.times;
  with_room(room, [&](auto has_room) {
    TACET_LAUNCH(spikes_kernel<decltype(has_room)::value>, static_cast<unsigned int>(out.batch),
                 kThreads, 0, stream, found, out, room, sorted);
  });
}

}  // namespace TACET_NS
