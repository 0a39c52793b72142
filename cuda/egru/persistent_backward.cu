// Backward pass of a whole sequence in one launch, or in a few where it has many steps: a block owns
// the adjoints of a few units, keeps their rows of R in shared memory and exchanges the adjoints of the
// products with the blocks of its team through L2, with one barrier per step (PAPER: two). Work
// that depends on no other block (loading the tape of the next step, finding the units that are
// needed) is done before the wait.
//
// Layout: the rows of R of a block lie transposed, [3 units][units_per_block], so that a warp reads
// neighbouring words; the adjoints dq of a step as [groups][3 units][samples], double-buffered by
// step, since some blocks still read one step while others write the next. Units whose dy no sample
// of the group needs are left out of the product, and the threads are distributed over the others.
// Bytes per step and block: 12 units batch read from L2, 12 units per needed unit of the block from
// shared memory and group, the pointwise part as in backward.cu. Flops: 6 units batch per such unit.
#include "egru/adjoint.cuh"

namespace TACET_NS {

namespace {

/** Those of a block's units that anything depends on, for a group of samples. */
template <int kShared>
class NeededUnits {
 public:
  __device__ NeededUnits(uint16_t* list, int16_t* places) : list_(list), places_(places) {}

  /** Finds them for step t, once if asked again; all threads call it. */
  __device__ void find(const EgruCall& call, const PersistentPlace& place, int t, int group) {
    if (t == t_ && group == group_) {
      return;
    }
    t_ = t;
    group_ = group;
    const int unit = static_cast<int>(threadIdx.x);
    int needed = 0;
    for (int b = 0; b < kShared && unit < place.owned && needed == 0; b++) {
      needed = is_needed(call, t, group * kShared + b, place.first + unit) ? 1 : 0;
    }
    const int rank = block_exclusive_scan(needed, &count_);
    if (unit < place.owned) {
      places_[unit] = static_cast<int16_t>(needed != 0 ? rank : -1);
      if (needed != 0) {
        list_[rank] = static_cast<uint16_t>(unit);
      }
    }
    __syncthreads();
  }

  __device__ int count() const { return count_; }
  __device__ const uint16_t* list() const { return list_; }

  /** The sum of a unit, 0 for one that was left out. */
  __device__ float sum(const ResidentProduct<kShared>& product, int unit, int b) const {
    return places_[unit] < 0 ? 0.0f : product.sum(places_[unit], b);
  }

 private:
  uint16_t* list_;
  int16_t* places_;
  int count_ = 0;
  int t_ = -1;
  int group_ = -1;
};

/** The pointwise part of what a block owns; a thread has a unit and a sample of the group. */
template <int kShared>
class OwnedAdjoints {
 public:
  __device__ OwnedAdjoints(const BackwardArguments& a, const PersistentPlace& place)
      : a_(a), place_(place) {
    if (static_cast<int>(threadIdx.x) < place.owned * kShared) {
      constants_ = load_adjoint_constants(a, place.first + static_cast<int>(threadIdx.x) / kShared);
    }
  }

  /** Calls `function` with what this thread owns of a group: (b, n, unit, i). */
  template <typename Function>
  __device__ __forceinline__ void for_each(int group, Function function) const {
    for (int at = static_cast<int>(threadIdx.x); at < place_.owned * kShared;
         at += kPersistentThreads) {
      const int b = at % kShared;
      const int unit = at / kShared;
      function(b, group * kShared + b, unit, place_.first + unit);
    }
  }

  /** Prefetches the inputs of step t for the team's first group. */
  __device__ void load_ahead(int t) {
    const int thread = static_cast<int>(threadIdx.x);
    const int n = place_.team * kShared + thread % kShared;
    if (thread < place_.owned * kShared && n < a_.call.sequence.batch) {
      ahead_ = load_adjoint_inputs(a_, t, n, place_.first + thread / kShared);
    }
  }

  /** Retreats by step t. @param dq of the group, [3 units][samples] */
  __device__ void retreat(int t, int group, float* dq) const {
    const EgruCall& call = a_.call;
    const int units = call.layer.units;
    for_each(group, [&](int b, int n, int unit, int i) {
      GateErrors d{0.0f, 0.0f, 0.0f};
      if (n < call.sequence.batch) {
        const bool end = t >= steps_of(call, n) - 1;
        const float product = end ? 0.0f : a_.products[static_cast<size_t>(n) * units + i];
        const bool known = unit * kShared + b < kPersistentThreads;
        d = retreat_unit(a_, t, n, i, known ? constants_ : load_adjoint_constants(a_, i),
                         known && group == place_.team ? ahead_
                                                       : load_adjoint_inputs(a_, t, n, i),
                         product);
      }
      dq[static_cast<size_t>(i) * kShared + b] = d.z;
      dq[static_cast<size_t>(units + i) * kShared + b] = d.r;
      dq[static_cast<size_t>(2 * units + i) * kShared + b] = d.g;
    });
  }

 private:
  const BackwardArguments& a_;
  const PersistentPlace& place_;
  AdjointConstants constants_{};
  AdjointInputs ahead_{};
};

/** Steps last .. first. @param first_replica of the launch */
template <int kShared, bool kReplicas>
__global__ void __launch_bounds__(kPersistentThreads, 1)
    persistent_backward_kernel(const BackwardArguments all, const SampleGroups groups,
                               const PersistentShape shape, int last, int first,
                               unsigned int* counters, int first_replica) {
  // Arguments of a replica are in shared memory: registers are short.
  constexpr int kMostListed = kReplicas ? kPersistentMostUnits : kPersistentThreads;
  TACET_SHARED(own, uint64_t[kReplicas ? sizeof(BackwardArguments) / sizeof(uint64_t) : 1]);
  const PersistentPlace place(shape, all.call.layer.units, kReplicas);
  if (kReplicas && threadIdx.x == 0) {
    *reinterpret_cast<BackwardArguments*>(own) = of_replica(all, first_replica + place.replica);
  }
  if (kReplicas) {
    __syncthreads();
  }
  const BackwardArguments& a = kReplicas ? *reinterpret_cast<const BackwardArguments*>(own) : all;
  const EgruCall& call = a.call;
  const int units = call.layer.units;
  const int each = shape.units_per_block;
  TACET_SHARED(list, uint16_t[kMostListed]);
  TACET_SHARED(places, int16_t[kMostListed]);
  static_assert(sizeof(list) + sizeof(places) + kCollectivesShared +
                    (kReplicas ? sizeof(BackwardArguments) : 0) <=
                kPersistentOtherShared);
  TACET_DYNAMIC_SHARED(float, staged, 0, kPersistentChunk * kShared);
  TACET_DYNAMIC_SHARED(float, partial, shape.partial(kShared) * sizeof(float),
                       kPersistentThreads * kShared);
  TACET_DYNAMIC_SHARED(float, weights, shape.weights(kShared) * sizeof(float),
                       static_cast<size_t>(units) * shape.weights_of_source());
  const int thread = static_cast<int>(threadIdx.x);
  for (int unit = 0; unit < each; unit++) {
    for (int k = thread; k < 3 * units; k += kPersistentThreads) {
      weights[static_cast<size_t>(k) * each + unit] =
          unit < place.owned
              ? call.layer.recurrent[static_cast<size_t>(place.first + unit) * 3 * units + k]
              : 0.0f;
    }
  }

  TeamBarrier barrier(shape, place, counters);
  ResidentProduct<kShared> product(staged, partial);
  NeededUnits<kShared> needed(list, places);
  const bool paper = is_paper(call);
  const size_t size = 3 * groups.elements(units);
  OwnedAdjoints<kShared> owned(a, place);
  owned.load_ahead(last);
  for (int t = last; t >= first; t--) {
    float* const dq = a.dq + (t % 2) * size;
    for (int group = place.team; group < groups.groups; group += shape.teams) {
      owned.retreat(t, group, dq + static_cast<size_t>(group) * 3 * units * kShared);
    }
    barrier.arrive();
    needed.find(call, place, t, place.team);
    if (t > first) {
      owned.load_ahead(t - 1);
    }
    barrier.wait();
    if (paper) {
      for (int group = place.team; group < groups.groups; group += shape.teams) {
        float* const own = dq + static_cast<size_t>(group) * 3 * units * kShared;
        needed.find(call, place, t, group);
        product.run(own + static_cast<size_t>(2) * units * kShared, units,
                    weights + static_cast<size_t>(2) * units * each, each, needed.count(),
                    needed.list());
        owned.for_each(group, [&](int b, int n, int unit, int i) {
          if (n < call.sequence.batch && t < steps_of(call, n)) {
            own[static_cast<size_t>(units + i) * kShared + b] =
                retreat_reset(a, t, n, i, needed.sum(product, unit, b));
          }
        });
      }
      barrier.sync();
    }
    if (t > 0 || a.gradients.initial_y != nullptr) {
      for (int group = place.team; group < groups.groups; group += shape.teams) {
        needed.find(call, place, t, group);
        product.run(dq + static_cast<size_t>(group) * 3 * units * kShared,
                    (paper ? 2 : 3) * units, weights, each, needed.count(), needed.list());
        owned.for_each(group, [&](int b, int n, int unit, int i) {
          if (n < call.sequence.batch) {
            a.products[static_cast<size_t>(n) * units + i] = needed.sum(product, unit, b);
          }
        });
      }
    }
  }
}

int most_teams(const EgruCall& call, const PersistentShape& shape) {
  return with_shared(packed_groups(call.sequence.batch).shared, [&](auto constant) {
    constexpr int kShared = decltype(constant)::value;
    return with_replicas(call, [&]([[maybe_unused]] auto replicas) {
      return TACET_MOST_TEAMS((persistent_backward_kernel<kShared, decltype(replicas)::value>), shape,
                              shape.bytes(kShared, call.layer.units));
    });
  });
}

}  // namespace

PersistentShape persistent_backward_shape(const EgruCall& call) {
  const EgruEngine engine = call.layer.engine;
  const bool wanted = engine == EgruEngine::kPersistent ||
                      (engine == EgruEngine::kAuto && persistent_pays(call));
  return wanted ? persistent_shape(call, most_teams) : PersistentShape{0, 0, 0, false};
}

void run_persistent_backward(const BackwardArguments& arguments, const PersistentShape& shape,
                             int last, int first, unsigned int* counters, tacet::Stream stream) {
  const EgruCall& call = arguments.call;
  const SampleGroups groups = packed_groups(call.sequence.batch);
  for_each_launch(call, shape, [&](int first_replica, const PersistentShape& launched) {
    fill_bytes(counters, 0, sizeof(unsigned int) * launched.counters(), stream);
    with_shared(groups.shared, [&](auto constant) {
      constexpr int kShared = decltype(constant)::value;
      with_replicas(call, [&](auto replicas) {
        TACET_LAUNCH_PERSISTENT((persistent_backward_kernel<kShared, decltype(replicas)::value>),
                                launched, launched.bytes(kShared, call.layer.units), stream,
                                arguments, groups, launched, last, first, counters, first_replica);
      });
    });
  });
}

}  // namespace TACET_NS
