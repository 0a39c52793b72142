// Backward pass of a whole sequence in one launch, or in a few where it has many steps, on tensor cores:
// the twin of fragments_forward.cu, with the same layers, divisions and factors. Equations: adjoint.cuh;
// layout and exchange: fragments.cuh.
//
// A step: a warp multiplies what its tiles of sources sent back from the step after, three adjoints of a
// unit, and leaves the sums in shared memory; a lane with a unit and a sample adds those of the 16 warps in
// order, which is what reached dy through R, goes back by its step and sends. One barrier. What the others
// do not wait for, adjoints of currents and the tape of the step before, comes between arrival and wait.
// Tiles whose adjoints are all 0 (beyond the ends of samples, before any error, kept by zoneout) are neither
// read nor multiplied. Sums over the steps for gradients of biases and thresholds stay in registers until
// the launch ends; they are of a unit and a sample, so they do not depend on the number of teams.
//
// Floor of a step and team of B samples, all active: 20 units B of the tape (12 where it is compact; the
// state before a step is that after the next one) and 12 units B of adjoints of currents, 4 units B of
// errors; R is read once in a launch. Exchange: 6 units B written (two bfloat16: 12), read by every block,
// so units / 16 times, from L2: 768 (1,536) bytes a tile and group. Flops and mma.sync as forward; shared
// memory moves 16 KiB a group.
#include "egru/fragment_adjoint.cuh"
#include "egru/fragment_shape.cuh"

namespace TACET_NS {

namespace {

/** Steps last .. first, and where `stop` is -1 the product after them. @param first_replica of the launch */
template <int kSteps, bool kSplit, bool kReplicas>
__global__ void __launch_bounds__(kPersistentThreads, 1)
    fragment_backward_kernel(const BackwardArguments all, const FragmentShape shape, int last, int first,
                             int stop, const FragmentExchange exchange, int first_replica) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  __trap();
#else
  constexpr int kArguments = sizeof(BackwardArguments) / sizeof(uint64_t);
  TACET_SHARED(block, FragmentBlock);
  TACET_SHARED(constants, AdjointConstants[kFragmentUnits]);
  TACET_SHARED(tape, float[TapeAhead::kRows][kPersistentThreads]);
  // Where weights leave no registers for them.
  constexpr bool kSumsInShared = kFragmentsKept<kSteps, kSplit> > 0;
  TACET_SHARED(kept_sums, float[kStepSums][kSumsInShared ? kPersistentThreads : 1]);
  TACET_SHARED(argument_words, uint64_t[kReplicas ? kArguments : 1]);
  static_assert(sizeof(block) + sizeof(constants) + sizeof(tape) + sizeof(kept_sums) +
                    sizeof(argument_words) <=
                kFragmentOtherShared<true>);
  TACET_DYNAMIC_SHARED(float, sums, 0, kFragmentSums<true> * shape.together);
  TACET_DYNAMIC_SHARED(uint4, kept, shape.sums_bytes<true>(),
                       (kFragmentsKept<kSteps, kSplit>)*kPersistentThreads);
  const PersistentPlace place(shape.blocks, all.call.layer.units, kReplicas);
  const int replica = kReplicas ? first_replica + place.replica : 0;
  const BackwardArguments& a =
      kept_part<kReplicas>(all, argument_words, own_part<kReplicas>(all, replica));
  if (threadIdx.x == 0) {
    block = {place.team, place.first, place.owned,
             TeamBarrier::counter_of(shape.blocks, place, exchange.barrier), replica};
  }
  __syncthreads();
  const EgruCall& call = a.call;
  if (static_cast<int>(threadIdx.x) < min(block.owned, kFragmentUnits)) {
    constants[threadIdx.x] =
        load_adjoint_constants(a, block.first + static_cast<int>(threadIdx.x));
  }
  const ResidentFragments<kSteps, kSplit, true> weights(call, block.first, kept);
  TapeAhead ahead(tape);
  StepSums totals;
  ahead.ask(a, last, FragmentOwned(call, shape, block, block.team, thread_again()), false);
  __syncthreads();
#pragma unroll 1
  for (int t = last; t >= stop; t--) {
#pragma unroll 1
    for (int pass = block.team, pass_groups; pass < shape.groups; pass += pass_groups) {
      // Groups of the team, in passes of as many as there are sums for.
      pass_groups = shape.together * shape.blocks.teams;
      compute_again(pass_groups);
      const bool heard = t + 1 < call.sequence.steps;
      if (heard) {
        weights.multiply_pass(shape, exchange.of_step<true, kSplit>(shape, t + 1, kReplicas ? block.replica : 0),
                              pass, sums);
        __syncthreads();
      }
      const FragmentOwned own(call, shape, block, pass, thread_again());
      UnitAdjoint step{};
      if (own.real) {
        float dy[1] = {};
        if (heard) {
          sum_warps(own.among(sums, kFragmentSums<true>), dy);
        }
        if (t < 0) {
          a.products[static_cast<size_t>(own.n) * call.layer.units + own.i] = dy[0];
        } else {
          const AdjointInputs inputs = ahead.take(a, t, own.i);
          step = adjoint_of_step(a, t, own.n, own.i, constants[own.place.unit], inputs, dy[0],
                                 ahead.adjoint());
        }
      }
      if (t >= 0 && own.in_pass) {
        send_fragments<kSplit>(exchange.of_step<true, kSplit>(shape, t, kReplicas ? block.replica : 0),
                               shape.tiles(), shape.groups, block.first / kFragmentUnits, own.group,
                               own.place,
                               {step.currents.z, step.currents.r, step.product});
      }
      const bool last_pass = pass + pass_groups >= shape.groups;
      const bool meets = last_pass && t > stop;
      TeamBarrier barrier(shape.blocks, block.counter, last - t);
      if (meets) {
        barrier.arrive();
      }
      const FragmentOwned stored(call, shape, block, pass, thread_again());
      if (t >= 0 && stored.real) {
        store_currents(a, t, stored.n, stored.i, step);
        const int units = call.layer.units;
        float* const row = a.totals + static_cast<size_t>(stored.n) * kStepSums * units + stored.i;
        if (t + 1 == call.sequence.steps) {
          totals = {};
        } else if (t == last || !shape.at_once()) {
          totals.load(row, units);
        } else if (kSumsInShared) {
          totals.load(&kept_sums[0][thread_again()], kPersistentThreads);
        }
        totals.add(step);
        const bool leaves = t == first || !shape.at_once();
        if (leaves) {
          totals.store(row, units);
        } else if (kSumsInShared) {
          totals.store(&kept_sums[0][thread_again()], kPersistentThreads);
        }
        if (step.runs) {
          ahead.keep(step.dh);
          if (leaves) {
            a.dh[static_cast<size_t>(stored.n) * units + stored.i] = step.dh;
          }
        }
      }
      if (!last_pass || meets) {
        const int next = last_pass ? block.team : pass + pass_groups;
        ahead.ask(a, last_pass ? t - 1 : t, FragmentOwned(call, shape, block, next, thread_again()),
                  last_pass && shape.at_once());
      }
      if (!last_pass) {
        __syncthreads();  // the sums are read
      } else if (meets) {
        barrier.wait();
      }
    }
  }
#endif
}

int most_teams(const EgruCall& call, const PersistentShape& shape) {
  return with_fragments(call, [&]([[maybe_unused]] auto steps, [[maybe_unused]] auto split) {
    return with_replicas(call, [&]([[maybe_unused]] auto replicas) {
      return TACET_MOST_TEAMS((fragment_backward_kernel<decltype(steps)::value, decltype(split)::value,
                                                        decltype(replicas)::value>),
                              shape, most_fragment_bytes<true>(call));
    });
  });
}

}  // namespace

FragmentShape fragment_backward_shape(const EgruCall& call) {
  return fragments_hold(call) && TACET_HAS_FRAGMENTS((fragment_backward_kernel<1, true, false>))
             ? fragment_shape<true>(call, most_teams)
             : FragmentShape{};
}

FragmentExchange carve_fragment_backward(const EgruCall& call, const FragmentShape& shape,
                                         tacet::Carver& carver) {
  return with_fragments(call, [&](auto, auto split) {
    return FragmentExchange::carve<true, decltype(split)::value>(call, shape, carver);
  });
}

void run_fragment_backward(const BackwardArguments& arguments, const FragmentShape& shape, int last,
                           int first, const FragmentExchange& exchange, tacet::Stream stream) {
  const EgruCall& call = arguments.call;
  const int stop = first == 0 && arguments.gradients.initial_y != nullptr ? -1 : first;
  for_each_launch(call, shape.blocks, [&](int first_replica, const PersistentShape& blocks) {
    FragmentShape launched = shape;
    launched.blocks = blocks;
    fill_bytes(exchange.barrier, 0, sizeof(unsigned int) * blocks.counters(), stream);
    with_fragments(call, [&](auto steps, auto split) {
      with_replicas(call, [&](auto replicas) {
        TACET_LAUNCH_PERSISTENT((fragment_backward_kernel<decltype(steps)::value, decltype(split)::value,
                                                          decltype(replicas)::value>),
                                blocks, shape.shared_bytes<true>(), stream, arguments, launched, last,
                                first, stop, exchange, first_replica);
      });
    });
  });
}

}  // namespace TACET_NS
