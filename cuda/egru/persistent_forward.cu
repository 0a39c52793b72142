// Forward pass of a whole sequence in one launch, or in a few where it has many steps: a block owns a
// few units, keeps their columns of R in shared memory and exchanges what units send with the blocks of
// its team through L2, with one barrier per step (PAPER: two, as its reset gate acts before the
// product).
//
// Layout: the 3 x units_per_block columns of a block lie as [units][columns], gate by gate. What
// units send is double-buffered, [groups][units][samples], so that a chunk of sources for a group
// is contiguous; a product reads one buffer, and its results go to the other. All state that one
// launch leaves to the next is in global memory, so results do not depend on where a launch ends.
// Bytes per step and block: 4 units batch read from L2, 12 units per unit of the block from shared
// memory and group, the pointwise part as in forward.cu. Flops: 6 units batch per unit of the block.
#include "egru/persistent.cuh"

namespace TACET_NS {

namespace {

/** One product and what follows from it: a step, or of PAPER half of one. */
struct Round {
  int t;
  /** Whether it ends with the gate g; PAPER has its gates z and r in one before. */
  bool last;
  int first_gate;
  int gates;
  const float* from;
  float* to;

  __device__ Round(const EgruCall& call, const EgruForwardScratch& scratch, int round) {
    const bool paper = is_paper(call);
    const bool second = round % 2 == 1;
    t = paper ? round / 2 : round;
    last = !paper || second;
    first_gate = paper && last ? 2 : 0;
    gates = !paper ? 3 : last ? 1 : 2;
    from = second ? scratch.second : scratch.sent;
    to = second ? scratch.sent : scratch.second;
  }
};

/**
 * Sets the bits of the events of a warp, whose lanes are [units][samples]; all of them call it. Words
 * are shared with other blocks, so they are changed by atomics, one for all units of the warp.
 *
 * @param first the unit of the warp's first lane
 */
template <int kShared>
__device__ __forceinline__ void set_event_bits(const EgruCall& call, int t, int group, int first,
                                               bool event) {
  const uint32_t events = __ballot_sync(kFullWarp, event);
  const int b = lane_id();
  const int n = group * kShared + b;
  if (events == 0 || b >= kShared || n >= call.sequence.batch) {
    return;
  }
  uint32_t bits = 0;
#pragma unroll
  for (int unit = 0; unit < kWarpSize / kShared; unit++) {
    bits |= (events >> (unit * kShared + b) & 1u) << unit;
  }
  uint32_t* const words =
      call.tape.events + row_of(call, t, n) * event_words(call) + first / 32;
  const int shift = first % 32;
  const uint32_t beyond = shift == 0 ? 0u : bits >> (32 - shift);
  if (bits << shift != 0) {
    atomicOr(words, bits << shift);
  }
  if (beyond != 0) {
    atomicOr(words + 1, beyond);
  }
}

/** The pointwise part of what a block owns; a thread has a unit and a sample of the group. */
template <int kShared>
class OwnedUnits {
 public:
  /** @param counts of events, kPersistentMostUnits in shared memory */
  __device__ OwnedUnits(const EgruCall& call, const EgruOutputsView& out,
                        const PersistentShape& shape, const PersistentPlace& place,
                        const EgruForwardScratch& scratch, int* counts)
      : call_(call), out_(out), each_(shape.units_per_block), place_(place), scratch_(scratch),
        counts_(counts) {
    const int thread = static_cast<int>(threadIdx.x);
    for (int unit = thread; unit < kPersistentMostUnits; unit += kPersistentThreads) {
      counts_[unit] = 0;
    }
    if (thread < place.owned * kShared) {
      constants_ = load_constants(call, place.first + thread / kShared);
    }
  }

  /** Prefetches the inputs of a step for the team's first group. */
  __device__ void load_ahead(int t) {
    const int thread = static_cast<int>(threadIdx.x);
    const int n = place_.team * kShared + thread % kShared;
    if (thread < place_.owned * kShared && n < call_.sequence.batch) {
      ahead_ = load_inputs(call_, t, n, place_.first + thread / kShared, scratch_.states);
    }
  }

  /** What follows from a product; all threads call it. */
  __device__ void run(const Round& round, const ResidentProduct<kShared>& product, int group) {
    const int owned = place_.owned * kShared;
    const int lane = lane_id();
    // Whole warps, for they collect their events.
    for (int start = warp_id() * kWarpSize; start < owned; start += kPersistentThreads) {
      const int at = start + lane;
      const bool event = at < owned && group * kShared + at % kShared < call_.sequence.batch &&
                         advance(round, product, group, at);
      if (round.last && call_.tape.h != nullptr) {
        set_event_bits<kShared>(call_, round.t, group, place_.first + start / kShared, event);
      }
    }
  }

  /** Adds the counts to the caller's; all threads call it, at the end. */
  __device__ void add_counts() const {
    __syncthreads();
    const int unit = static_cast<int>(threadIdx.x);
    if (out_.counts != nullptr && unit < place_.owned && counts_[unit] != 0) {
      atomicAdd(out_.counts + place_.first + unit, counts_[unit]);
    }
  }

 private:
  /** Returns whether there is an event. */
  __device__ __forceinline__ bool advance(const Round& round,
                                          const ResidentProduct<kShared>& product, int group,
                                          int at) {
    const int unit = at / kShared;
    const int b = at % kShared;
    const int n = group * kShared + b;
    const int i = place_.first + unit;
    const bool known = at < kPersistentThreads;
    const UnitConstants constants = known ? constants_ : load_constants(call_, i);
    const UnitInputs inputs = known && group == place_.team
                                  ? ahead_
                                  : load_inputs(call_, round.t, n, i, scratch_.states);
    const bool paper = is_paper(call_);
    const size_t sent =
        (static_cast<size_t>(group) * call_.layer.units + i) * kShared + b;
    // What this thread knows of z and r when PAPER comes back for g.
    float* const kept =
        paper ? scratch_.products + 2 * (static_cast<size_t>(n) * call_.layer.units + i) : nullptr;
    if (!round.last) {
      const GateInputs p{product.sum(unit, b), product.sum(each_ + unit, b), 0.0f};
      kept[0] = p.z;
      kept[1] = p.r;
      float z;
      float r;
      update_and_reset(call_, constants, inputs, p, &z, &r);
      round.to[sent] = r * __ldcg(round.from + sent);
      return false;
    }
    const GateInputs p =
        paper ? GateInputs{kept[0], kept[1], product.sum(unit, b)}
              : GateInputs{product.sum(unit, b), product.sum(each_ + unit, b),
                           product.sum(2 * each_ + unit, b)};
    const UnitStep result = advance_unit(call_, out_, round.t, n, i, constants, inputs, p,
                                         paper ? __ldcg(round.to + sent) : 0.0f, scratch_.states);
    round.to[sent] = result.y;
    if (result.event && out_.counts != nullptr) {
      atomicAdd(counts_ + unit, 1);
    }
    return result.event;
  }

  const EgruCall& call_;
  const EgruOutputsView& out_;
  const int each_;
  const PersistentPlace& place_;
  const EgruForwardScratch& scratch_;
  int* counts_;
  UnitConstants constants_{};
  UnitInputs ahead_{};
};

/** Copies a block's columns of R; a thread stays in its column. */
__device__ __forceinline__ void keep_columns(const EgruCall& call, const PersistentShape& shape,
                                             const PersistentPlace& place, float* weights) {
  const int units = call.layer.units;
  const int stride = shape.weights_of_source();
  const int rows = kPersistentThreads / stride;
  const int thread = static_cast<int>(threadIdx.x);
  const int column = thread % stride;
  const int unit = column % shape.units_per_block;
  const bool owned = unit < place.owned;
  const size_t row_of_r = static_cast<size_t>(3) * units;
  const float* const from = call.layer.recurrent +
                            static_cast<size_t>(column / shape.units_per_block) * units +
                            place.first + unit;
  if (thread / stride < rows) {
    for (int source = thread / stride; source < units; source += rows) {
      weights[source * stride + column] = owned ? from[source * row_of_r] : 0.0f;
    }
  }
}

/** Steps first .. end - 1. @param first_replica of the launch */
template <int kShared, bool kReplicas>
__global__ void __launch_bounds__(kPersistentThreads, 1)
    persistent_forward_kernel(const EgruCall calls, const EgruOutputsView outs,
                              const SampleGroups groups, const PersistentShape shape, int first,
                              int end, const EgruForwardScratch scratches, int first_replica) {
  TACET_SHARED(counts, int[kPersistentMostUnits]);
  static_assert(sizeof(counts) <= kPersistentOtherShared);
  const PersistentPlace place(shape, calls.layer.units, kReplicas);
  const int replica = kReplicas ? first_replica + place.replica : 0;
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  const EgruOutputsView& out = own_part<kReplicas>(outs, replica, calls);
  const EgruForwardScratch& scratch = own_part<kReplicas>(scratches, replica, calls);
  const int units = call.layer.units;
  const int stride = shape.weights_of_source();
  TACET_DYNAMIC_SHARED(float, staged, 0, kPersistentChunk * kShared);
  TACET_DYNAMIC_SHARED(float, partial, shape.partial(kShared) * sizeof(float),
                       kPersistentThreads * kShared);
  TACET_DYNAMIC_SHARED(float, weights, shape.weights(kShared) * sizeof(float),
                       static_cast<size_t>(units) * stride);
  keep_columns(call, shape, place, weights);
  TeamBarrier barrier(shape, place, scratches.barrier);
  ResidentProduct<kShared> product(staged, partial);
  OwnedUnits<kShared> owned(call, out, shape, place, scratch, counts);
  owned.load_ahead(first);
  const int passes = is_paper(call) ? 2 : 1;
  for (int k = first * passes; k < end * passes; k++) {
    const Round round(call, scratch, k);
    for (int group = place.team; group < groups.groups; group += shape.teams) {
      product.run(round.from + static_cast<size_t>(group) * units * kShared, units,
                  weights + round.first_gate * shape.units_per_block, stride,
                  round.gates * shape.units_per_block, nullptr);
      owned.run(round, product, group);
    }
    if (k + 1 < end * passes) {
      barrier.arrive();
      if (round.last) {
        owned.load_ahead(round.t + 1);
      }
      barrier.wait();
    }
  }
  owned.add_counts();
}

int most_teams(const EgruCall& call, const PersistentShape& shape) {
  return with_shared(packed_groups(call.sequence.batch).shared, [&](auto constant) {
    constexpr int kShared = decltype(constant)::value;
    return with_replicas(call, [&]([[maybe_unused]] auto replicas) {
      return TACET_MOST_TEAMS((persistent_forward_kernel<kShared, decltype(replicas)::value>), shape,
                              shape.bytes(kShared, call.layer.units));
    });
  });
}

}  // namespace

PersistentShape persistent_forward_shape(const EgruCall& call) {
  return persistent_shape(call, most_teams);
}

void run_persistent_forward(const EgruCall& call, const EgruOutputsView& outputs,
                            const SampleGroups& groups, const PersistentShape& shape,
                            const EgruForwardScratch& scratch, tacet::Stream stream) {
  const int steps = call.sequence.steps;
  if (call.tape.h != nullptr) {
    fill_bytes(call.tape.events, 0,
               sizeof(uint32_t) * call.layer.replicas * steps * call.sequence.batch *
                   event_words(call),
               stream);
  }
  for (int first = 0; first < steps;) {
    const int end = first + min(steps - first, call.layer.launch_steps);
    for_each_launch(call, shape, [&](int first_replica, const PersistentShape& launched) {
      fill_bytes(scratch.barrier, 0, sizeof(unsigned int) * launched.counters(), stream);
      with_shared(groups.shared, [&](auto constant) {
        constexpr int kShared = decltype(constant)::value;
        with_replicas(call, [&](auto replicas) {
          TACET_LAUNCH_PERSISTENT((persistent_forward_kernel<kShared, decltype(replicas)::value>),
                                  launched, launched.bytes(kShared, call.layer.units), stream, call,
                                  outputs, groups, launched, first, end, scratch, first_replica);
        });
      });
    });
    first = end;
  }
}

}  // namespace TACET_NS
