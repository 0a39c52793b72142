// What a thread of a pass on tensor cores has of a step: a unit and a sample, the sums of the warps, and,
// forward, their inputs and the event bits.
#pragma once

#include <cstring>

#include "egru/fragments.cuh"

namespace TACET_NS {

/**
 * Adds the sums of the warps in order.
 *
 * @tparam kTargets sums of a unit and sample
 * @param sums of the group, at the lane's place
 */
template <int kTargets>
__device__ __forceinline__ void sum_warps(const float* sums, float (&all)[kTargets]) {
#pragma unroll 4
  for (int w = 0; w < kFragmentWarps; w++) {
#pragma unroll
    for (int target = 0; target < kTargets; target++) {
      all[target] += sums[(kTargets * w + target) * kFragmentUnits * kFragmentSamples];
    }
  }
}

/** Writes the bits of the events of a warp's 16 units and two samples. */
__device__ __forceinline__ void store_event_bits(const EgruCall& call, int t, int n, int first,
                                                 uint32_t events) {
  if (lane_id() % kFragmentUnits != 0 || n >= call.sequence.batch) {
    return;
  }
  uint16_t* const halves =
      reinterpret_cast<uint16_t*>(call.tape.events + row_of(call, t, n) * event_words(call)) +
      first / kFragmentUnits;
  halves[0] = static_cast<uint16_t>(events >> lane_id());
  const bool last = first + kFragmentUnits >= call.layer.units;
  if (last && first / kFragmentUnits % 2 == 0) {
    halves[1] = 0;
  }
}

/** What a block knows of itself, in shared memory, to take no registers. */
struct FragmentBlock {
  int team;
  /** The units that the block owns. */
  int first;
  int owned;
  unsigned int* counter;
  /** Among all. */
  int replica;
};

/** What a thread has in a pass over groups: a unit and a sample, if they are of the layer. */
struct FragmentOwned {
  FragmentPlace place;
  /** The group, by its number among those of the pass; its owners are whole warps. */
  int number;
  int group;
  bool in_pass;
  int n;
  int i;
  bool real;

  /** @param pass its first group */
  __device__ __forceinline__ FragmentOwned(const EgruCall& call, const FragmentShape& shape,
                                           const FragmentBlock& block, int pass, int thread)
      : place(thread), number(thread / (kFragmentOwners * kWarpSize)) {
    group = pass + number * shape.blocks.teams;
    in_pass = number < shape.together && group < shape.groups;
    n = group * kFragmentSamples + place.sample;
    i = block.first + place.unit;
    real = in_pass && n < call.sequence.batch && place.unit < block.owned;
  }

  /** The thread's sums among those of its pass, so many of a group. */
  __device__ __forceinline__ const float* among(const float* sums, int of_group) const {
    return sums + number * of_group + FragmentPlace::at(place.unit, place.sample);
  }
};

/**
 * The inputs of a step, which a thread asks for before it waits for the others; in shared memory, to take
 * no registers meanwhile.
 */
class InputsAhead {
 public:
  static constexpr int kRows = 4;

  /** @param rows [kRows][kPersistentThreads] in shared memory */
  __device__ __forceinline__ explicit InputsAhead(float (*rows)[kPersistentThreads]) : rows_(rows) {}

  /** @param knows whether the thread has kept the state */
  __device__ __forceinline__ void ask(const EgruCall& call, int t, const FragmentOwned& own,
                                      const float* states, bool knows) {
    if (own.real) {
      const int units = call.layer.units;
      const float* const from = call.sequence.currents + 3 * element(call, t, own.n, 0) + own.i;
      const int thread = thread_again();
#pragma unroll
      for (int gate = 0; gate < 3; gate++) {
        copies_.one(&rows_[gate][thread], from + gate * units, 0, 1);
      }
      if (!knows) {
        rows_[3][thread] = states[static_cast<size_t>(own.n) * units + own.i];
      }
    }
    copies_.commit();
  }

  __device__ __forceinline__ void keep(float h) { rows_[3][thread_again()] = h; }

  __device__ __forceinline__ UnitInputs take() {
    copies_.wait<0>();
    const int thread = thread_again();
    return {{rows_[0][thread], rows_[1][thread], rows_[2][thread]}, rows_[3][thread]};
  }

 private:
  float (*rows_)[kPersistentThreads];
  AsyncCopies<2, 3> copies_;
};

/** Arguments of a block's replica, which its first thread copies to shared memory for the same reason. */
template <bool kReplicas, typename Arguments>
__device__ __forceinline__ const Arguments& kept_part(const Arguments& all, uint64_t* words,
                                                      const OwnPart<kReplicas, Arguments>& own) {
  if constexpr (kReplicas) {
    static_assert(sizeof(Arguments) % sizeof(uint64_t) == 0);
    if (threadIdx.x == 0) {
      memcpy(words, &own, sizeof(Arguments));
    }
    return *reinterpret_cast<const Arguments*>(words);
  } else {
    return all;
  }
}

}  // namespace TACET_NS
