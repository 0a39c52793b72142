// Forward pass of a whole sequence in one launch: a block owns a few units, keeps their columns of R
// in shared memory and exchanges what units send with the blocks of its team through L2, with one
// barrier per step (PAPER: two, as its reset gate acts before the product).
//
// Layout: the 3 x units_per_block columns of a block lie as [units][columns], gate by gate. What units
// send lies in two buffers, [groups][units][samples], so that a chunk of sources for a group is
// contiguous; a product reads one and what follows from it goes into the other, in turns.
// Bytes per step and block: 4 units batch read from L2, 12 units per unit of the block from shared
// memory and group, the pointwise part as in forward.cu. Flops: 6 units batch per unit of the block.
#include "egru/persistent.cuh"

namespace TACET_NS {

namespace {

template <int kShared>
__global__ void __launch_bounds__(kPersistentThreads, 1)
    persistent_forward_kernel(const EgruCall call, const EgruOutputsView out,
                              const EgruGroups groups, const PersistentShape shape,
                              const EgruForwardScratch scratch) {
  const int units = call.layer.units;
  const int each = shape.units_per_block;
  const int stride = shape.weights_of_source();
  TACET_DYNAMIC_SHARED(float, staged, 0, kPersistentChunk * kShared);
  TACET_DYNAMIC_SHARED(float, partial, shape.partial(kShared) * sizeof(float),
                       kPersistentThreads * kShared);
  TACET_DYNAMIC_SHARED(float, weights, shape.weights(kShared) * sizeof(float),
                       static_cast<size_t>(units) * stride);
  const int thread = static_cast<int>(threadIdx.x);
  const PersistentPlace place(shape, units);
  for (int64_t at = thread; at < static_cast<int64_t>(units) * stride; at += kPersistentThreads) {
    const int column = static_cast<int>(at % stride);
    const int gate = column / each;
    const int unit = column % each;
    weights[at] = unit < place.owned
                      ? call.layer.recurrent[(at / stride * 3 + gate) * units + place.first + unit]
                      : 0.0f;
  }

  TeamBarrier barrier(shape, place.team, scratch.barrier);
  ResidentProduct<kShared> product(staged, partial);
  const bool paper = is_paper(call);
  const int passes = paper ? 2 : 1;
  const int rounds = call.sequence.steps * passes;
  for (int round = 0; round < rounds; round++) {
    const int t = round / passes;
    // The last pass of a step ends with the gate g; PAPER has its gates z and r in one before.
    const bool last = !paper || round % 2 == 1;
    const int first_gate = paper && last ? 2 : 0;
    const int gates = !paper ? 3 : last ? 1 : 2;
    const float* const from = round % 2 == 0 ? scratch.sent : scratch.second;
    float* const to = round % 2 == 0 ? scratch.second : scratch.sent;
    for (int group = place.team; group < groups.groups; group += shape.teams) {
      const size_t base = static_cast<size_t>(group) * units * kShared;
      product.run(from + base, units, weights + first_gate * each, stride, gates * each, nullptr);
      for (int at = thread; at < place.owned * kShared; at += kPersistentThreads) {
        const int unit = at / kShared;
        const int b = at % kShared;
        const int n = group * kShared + b;
        if (n >= call.sequence.batch) {
          continue;
        }
        const int i = place.first + unit;
        const size_t sent = base + static_cast<size_t>(i) * kShared + b;
        // What this thread knows of z and r when PAPER comes back for g.
        float* const kept = paper ? scratch.products + 2 * (static_cast<size_t>(n) * units + i)
                                  : nullptr;
        if (!last) {
          const GateInputs p{product.sum(unit, b), product.sum(each + unit, b), 0.0f};
          kept[0] = p.z;
          kept[1] = p.r;
          float z;
          float r;
          update_and_reset(call, t, n, i, p, &z, &r);
          to[sent] = r * __ldcg(from + sent);
          continue;
        }
        const GateInputs p =
            paper ? GateInputs{kept[0], kept[1], product.sum(unit, b)}
                  : GateInputs{product.sum(unit, b), product.sum(each + unit, b),
                               product.sum(2 * each + unit, b)};
        const UnitOutput result = advance_unit(call, out, t, n, i, p,
                                               paper ? __ldcg(to + sent) : 0.0f, scratch.states);
        to[sent] = result.y;
        if (result.event && call.tape.h != nullptr) {
          atomicOr(call.tape.events + row_of(call, t, n) * event_words(call) + i / 32,
                   1u << (i % 32));
        }
      }
    }
    if (round + 1 < rounds) {
      barrier.sync();
    }
  }
}

int most_teams(const PersistentShape& shape, int shared, int units) {
  return with_shared(shared, [&](auto constant) {
    constexpr int kShared = decltype(constant)::value;
    return TACET_MOST_TEAMS(persistent_forward_kernel<kShared>, shape,
                            shape.bytes(kShared, units));
  });
}

}  // namespace

PersistentShape persistent_forward_shape(const EgruCall& call) {
  return persistent_shape(call, most_teams);
}

void run_persistent_forward(const EgruCall& call, const EgruOutputsView& outputs,
                            const EgruGroups& groups, const PersistentShape& shape,
                            const EgruForwardScratch& scratch, tacet::Stream stream) {
  fill_bytes(scratch.barrier, 0, sizeof(unsigned int) * shape.counters(), stream);
  if (call.tape.h != nullptr) {
    fill_bytes(call.tape.events, 0,
               sizeof(uint32_t) * call.sequence.steps * call.sequence.batch * event_words(call),
               stream);
  }
  with_shared(groups.shared, [&](auto constant) {
    constexpr int kShared = decltype(constant)::value;
    TACET_LAUNCH_PERSISTENT(persistent_forward_kernel<kShared>, shape,
                            shape.bytes(kShared, call.layer.units), stream, call, outputs, groups,
                            shape, scratch);
  });
}

}  // namespace TACET_NS
