// Forward pass of a whole sequence in one launch, or in a few where it has many steps, on tensor cores:
// CELL_RESET_AFTER with factors of bfloat16 (up to 2,048 units) or of two bfloat16 each (up to 1,024),
// sm_80 and newer. Layout and exchange: fragments.cuh.
//
// A step: a warp reads which of its tiles of sources have an event in each group, adds these tiles' products
// to three fragments of sums, and leaves them in shared memory; a lane with a unit and a sample adds the
// sums of the 16 warps in order, advances the unit and sends what it has to send. One barrier. What the
// others do not wait for, tape, outputs and the inputs of the next step, comes between arrival and wait.
//
// Registers: fragments of R are 48 rows x units bfloat16 over 512 threads, so 3 units / 64 to a thread
// (96 for 2,048 units; of two bfloat16 each twice that), of the 128 that there are. Where they are 96,
// constants of a unit stay in shared memory.
// Floor of a step and team of B samples, all active: 12 units B of currents and as the pointwise part in
// forward.cu; R is read once in a launch. Exchange: 2 units B written (two bfloat16: 4), read by
// every block, so units / 16 times, from L2: 256 (512) bytes a tile and group. Flops: 6 units B a unit, three
// times that for two bfloat16; a block issues 3 units ceil(B / 8) / 16 mma.sync (9 units ...), shared memory
// moves 48 KiB a group.
#include "egru/fragment_shape.cuh"
#include "egru/fragment_step.cuh"

namespace TACET_NS {

namespace {

/** Left for the sequence: the state of each unit, and what is sent. */
struct FragmentScratch {
  /** [batch][units] */
  float* states;
  FragmentExchange exchange;
};

__device__ __forceinline__ FragmentScratch of_replica(const FragmentScratch& all, const EgruCall& call,
                                                      size_t words, size_t events, int replica) {
  return {own_array(all.states, state_elements(call), replica),
          of_replica(all.exchange, words, events, replica)};
}

/** State, trace and what was sent before the first step: a block per tile and group. */
template <bool kSplit, bool kReplicas>
__global__ void __launch_bounds__(kFragmentOwners* kWarpSize)
    fragment_start_kernel(const EgruCall calls, const EgruOutputsView outs, const FragmentShape shape,
                          const FragmentScratch scratches) {
  const int replica = block_replica<kReplicas>();
  const EgruCall& call = own_part<kReplicas>(calls, replica);
  const EgruOutputsView& out = own_part<kReplicas>(outs, replica, calls);
  const FragmentScratch& scratch = own_part<kReplicas>(scratches, replica, calls, shape.words<false, kSplit>(),
                                                       shape.event_words());
  const FragmentPlace place(static_cast<int>(threadIdx.x));
  const int tile = static_cast<int>(blockIdx.x);
  const int group = static_cast<int>(blockIdx.y);
  const int n = group * kFragmentSamples + place.sample;
  const int i = tile * kFragmentUnits + place.unit;
  const bool real = i < call.layer.units && n < call.sequence.batch;
  const float y = real ? start_unit(call, out, n, i, scratch.states) : 0.0f;
  send_fragments<kSplit>(scratch.exchange.of_step<false, kSplit>(shape, 0), shape.tiles(), shape.groups,
                         tile, group, place, {y});
}

/** Steps first .. end - 1. @param first_replica of the launch */
template <int kSteps, bool kSplit, bool kReplicas>
__global__ void __launch_bounds__(kPersistentThreads, 1)
    fragment_forward_kernel(const EgruCall calls, const EgruOutputsView outs, const FragmentShape shape,
                            int first, int end, const FragmentScratch scratches, int first_replica) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  __trap();
#else
  TACET_SHARED(block, FragmentBlock);
  TACET_SHARED(counts, int[kFragmentUnits]);
  TACET_SHARED(constants, UnitConstants[kFragmentUnits]);
  TACET_SHARED(inputs, float[InputsAhead::kRows][kPersistentThreads]);
  TACET_SHARED(call_words, uint64_t[kReplicas ? sizeof(EgruCall) / sizeof(uint64_t) : 1]);
  TACET_SHARED(out_words, uint64_t[kReplicas ? sizeof(EgruOutputsView) / sizeof(uint64_t) : 1]);
  TACET_SHARED(scratch_words, uint64_t[kReplicas ? sizeof(FragmentScratch) / sizeof(uint64_t) : 1]);
  static_assert(sizeof(block) + sizeof(counts) + sizeof(constants) + sizeof(inputs) +
                    sizeof(call_words) + sizeof(out_words) + sizeof(scratch_words) <=
                kFragmentOtherShared<false>);
  TACET_DYNAMIC_SHARED(float, sums, 0, kFragmentSums<false> * shape.together);
  TACET_DYNAMIC_SHARED(uint4, kept, shape.sums_bytes<false>(),
                       (kFragmentsKept<kSteps, kSplit>)*kPersistentThreads);
  const PersistentPlace place(shape.blocks, calls.layer.units, kReplicas);
  const int replica = kReplicas ? first_replica + place.replica : 0;
  const EgruCall& call = kept_part<kReplicas>(calls, call_words, own_part<kReplicas>(calls, replica));
  const EgruOutputsView& out =
      kept_part<kReplicas>(outs, out_words, own_part<kReplicas>(outs, replica, calls));
  const FragmentScratch& scratch = kept_part<kReplicas>(
      scratches, scratch_words,
      own_part<kReplicas>(scratches, replica, calls, shape.words<false, kSplit>(), shape.event_words()));
  if (threadIdx.x == 0) {
    block = {place.team, place.first, place.owned,
             TeamBarrier::counter_of(shape.blocks, place, scratches.exchange.barrier), replica};
  }
  __syncthreads();
  if (threadIdx.x < kFragmentUnits) {
    counts[threadIdx.x] = 0;
    const int unit = static_cast<int>(threadIdx.x);
    if (unit < block.owned) {
      constants[unit] = load_constants(call, block.first + unit);
    }
  }
  const ResidentFragments<kSteps, kSplit, false> weights(call, block.first, kept);
  // Groups of the team, in passes of as many as there are sums for.
  const int pass_groups = shape.together * shape.blocks.teams;
  InputsAhead ahead(inputs);
  ahead.ask(call, first, FragmentOwned(call, shape, block, block.team, thread_again()), scratch.states,
            false);
#pragma unroll 1
  for (int t = first; t < end; t++) {
#pragma unroll 1
    for (int pass = block.team; pass < shape.groups; pass += pass_groups) {
      weights.multiply_pass(shape, scratch.exchange.of_step<false, kSplit>(shape, t), pass, sums);
      __syncthreads();
      const FragmentOwned own(call, shape, block, pass, thread_again());
      UnitStep step{};
      if (own.real) {
        float p[3] = {};
        sum_warps(own.among(sums, kFragmentSums<false>), p);
        step = step_unit(call, t, own.n, own.i, constants[own.place.unit], ahead.take(),
                         {p[0], p[1], p[2]}, 0.0f);
      }
      if (own.in_pass) {
        send_fragments<kSplit>(scratch.exchange.of_step<false, kSplit>(shape, t + 1), shape.tiles(),
                               shape.groups, block.first / kFragmentUnits, own.group, own.place, {step.y});
      }
      const bool last = pass + pass_groups >= shape.groups;
      const bool meets = last && t + 1 < end;
      TeamBarrier barrier(shape.blocks, block.counter, t - first);
      if (meets) {
        barrier.arrive();
      }
      if (own.real) {
        store_unit(call, out, t, own.n, own.i, step, scratch.states);
        if (step.event && out.counts != nullptr) {
          atomicAdd(counts + own.place.unit, 1);
        }
        ahead.keep(step.h);
      }
      if (call.tape.h != nullptr && own.in_pass) {
        store_event_bits(call, t, own.n, block.first, __ballot_sync(kFullWarp, step.event));
      }
      if (!last) {
        ahead.ask(call, t, FragmentOwned(call, shape, block, pass + pass_groups, thread_again()),
                  scratch.states, false);
        __syncthreads();  // the sums are read
      } else if (meets) {
        ahead.ask(call, t + 1, FragmentOwned(call, shape, block, block.team, thread_again()),
                  scratch.states, pass == block.team);
        barrier.wait();
      }
    }
  }
  __syncthreads();
  const int unit = static_cast<int>(threadIdx.x);
  if (out.counts != nullptr && unit < block.owned && counts[unit] != 0) {
    atomicAdd(out.counts + block.first + unit, counts[unit]);
  }
#endif
}

int most_teams(const EgruCall& call, const PersistentShape& shape) {
  return with_fragments(call, [&]([[maybe_unused]] auto steps, [[maybe_unused]] auto split) {
    return with_replicas(call, [&]([[maybe_unused]] auto replicas) {
      return TACET_MOST_TEAMS((fragment_forward_kernel<decltype(steps)::value, decltype(split)::value,
                                                       decltype(replicas)::value>),
                              shape, most_fragment_bytes<false>(call));
    });
  });
}

template <int kSteps, bool kSplit, bool kReplicas>
void run(const EgruCall& call, const EgruOutputsView& outputs, const FragmentShape& shape,
         const FragmentScratch& scratch, tacet::Stream stream) {
  TACET_LAUNCH((fragment_start_kernel<kSplit, kReplicas>),
               replica_grid(call, shape.tiles(), shape.groups), kFragmentOwners * kWarpSize, 0, stream,
               call, outputs, shape, scratch);
  const int steps = call.sequence.steps;
  for (int first = 0; first < steps;) {
    const int end = first + min(steps - first, call.layer.launch_steps);
    for_each_launch(call, shape.blocks, [&](int first_replica, const PersistentShape& blocks) {
      FragmentShape launched = shape;
      launched.blocks = blocks;
      fill_bytes(scratch.exchange.barrier, 0, sizeof(unsigned int) * blocks.counters(), stream);
      TACET_LAUNCH_PERSISTENT((fragment_forward_kernel<kSteps, kSplit, kReplicas>), blocks,
                              shape.shared_bytes<false>(), stream, call, outputs, launched, first, end, scratch,
                              first_replica);
    });
    first = end;
  }
}

}  // namespace

FragmentShape fragment_forward_shape(const EgruCall& call) {
  return fragments_hold(call) && TACET_HAS_FRAGMENTS((fragment_forward_kernel<1, true, false>))
             ? fragment_shape<false>(call, most_teams)
             : FragmentShape{};
}

void run_fragment_forward(const EgruCall& call, const EgruOutputsView& outputs,
                          const FragmentShape& shape, tacet::Carver& carver,
                          const tacet::Workspace* workspace, tacet::Stream stream) {
  with_fragments(call, [&](auto steps, auto split) {
    constexpr bool kSplit = decltype(split)::value;
    FragmentScratch scratch{};
    scratch.states = outputs.last_h != nullptr
                         ? outputs.last_h
                         : carver.take<float>(call.layer.replicas * state_elements(call));
    scratch.exchange = FragmentExchange::carve<false, kSplit>(call, shape, carver);
    if (workspace == nullptr) {
      return;
    }
    require_bytes(carver, *workspace);
    with_replicas(call, [&](auto replicas) {
      run<decltype(steps)::value, kSplit, decltype(replicas)::value>(call, outputs, shape, scratch, stream);
    });
  });
}

}  // namespace TACET_NS
