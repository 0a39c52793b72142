// Forward pass of a whole sequence in one cooperative launch, CELL_RESET_AFTER only: a block owns a
// few units, keeps their columns of R in shared memory and exchanges what units send with the other
// blocks through L2, once per step, with one grid barrier.
//
// Layout: the 3 x units_per_block columns C of a block lie as [units][C]. Its threads are dealt out as
// C columns x as many slices of the sources as fit; a warp so reads neighbouring words. Each thread
// walks its slice for up to eight samples at once and skips sources that are silent in all of them;
// slices are added up in order. What units send is double-buffered as [groups][units][samples], so
// that a chunk of sources for a group is contiguous.
// Bytes per step and block: 4 units batch read from L2, 12 units per unit of the block from shared
// memory and group, the pointwise part as in forward.cu. Flops: 6 units batch per unit of the block.
#include "egru/engines.cuh"

namespace TACET_NS {

namespace {

constexpr int kThreads = 512;
/** Sources whose values are staged together. */
constexpr int kChunk = 512;
/** Fewer units per block are not worth their barrier. */
constexpr int kLeastUnits = 4;

/** How shared memory of a block is divided, in floats. */
struct PersistentShape {
  int units_per_block;

  __host__ __device__ int columns() const { return 3 * units_per_block; }
  __host__ __device__ int slices() const { return kThreads / columns(); }
  __host__ __device__ size_t partial(int shared) const {
    return static_cast<size_t>(kChunk) * shared;
  }
  __host__ __device__ size_t weights(int shared) const {
    return partial(shared) + static_cast<size_t>(kThreads) * shared;
  }
  __host__ __device__ size_t all(int shared, int units) const {
    return weights(shared) + static_cast<size_t>(units) * columns();
  }
};

template <int kShared>
__global__ void __launch_bounds__(kThreads, 1)
    persistent_kernel(const EgruCall call, const EgruOutputsView out, const EgruGroups groups,
                      const PersistentShape shape, const EgruForwardScratch scratch) {
  const int units = call.layer.units;
  const int columns = shape.columns();
  const int slices = shape.slices();
  TACET_DYNAMIC_SHARED(float, staged, 0, kChunk * kShared);
  TACET_DYNAMIC_SHARED(float, partial, shape.partial(kShared) * sizeof(float), kThreads * kShared);
  TACET_DYNAMIC_SHARED(float, weights, shape.weights(kShared) * sizeof(float),
                       static_cast<size_t>(units) * columns);
  const int thread = static_cast<int>(threadIdx.x);
  const int first = static_cast<int>(blockIdx.x) * shape.units_per_block;
  const int owned = min(shape.units_per_block, units - first);
  for (int64_t at = thread; at < static_cast<int64_t>(units) * columns; at += kThreads) {
    const int column = static_cast<int>(at % columns);
    const int gate = column / shape.units_per_block;
    const int unit = column % shape.units_per_block;
    weights[at] = unit < owned ? call.layer.recurrent[(at / columns * 3 + gate) * units + first + unit]
                               : 0.0f;
  }

  GridBarrier barrier(scratch.barrier);
  const int column = thread % columns;
  const int slice = thread / columns;
  for (int t = 0; t < call.sequence.steps; t++) {
    const float* const from = t % 2 == 0 ? scratch.sent : scratch.second;
    float* const to = t % 2 == 0 ? scratch.second : scratch.sent;
    for (int group = 0; group < groups.groups; group++) {
      const size_t base = static_cast<size_t>(group) * units * kShared;
      float sums[kShared] = {};
      for (int start = 0; start < units; start += kChunk) {
        const int count = min(kChunk, units - start);
        __syncthreads();
        for (int at = thread; at < count * kShared; at += kThreads) {
          // Not from L1, which does not see what other blocks wrote.
          staged[at] = __ldcg(from + base + static_cast<size_t>(start) * kShared + at);
        }
        __syncthreads();
        for (int source = slice; slice < slices && source < count; source += slices) {
          float y[kShared];
          bool silent = true;
#pragma unroll
          for (int b = 0; b < kShared; b++) {
            y[b] = staged[source * kShared + b];
            silent = silent && y[b] == 0.0f;
          }
          if (!silent) {
            const float w = weights[static_cast<size_t>(start + source) * columns + column];
#pragma unroll
            for (int b = 0; b < kShared; b++) {
              sums[b] = fmaf(y[b], w, sums[b]);
            }
          }
        }
      }
      if (slice < slices) {
#pragma unroll
        for (int b = 0; b < kShared; b++) {
          partial[(slice * columns + column) * kShared + b] = sums[b];
        }
      }
      __syncthreads();
      for (int at = thread; at < owned * kShared; at += kThreads) {
        const int unit = at / kShared;
        const int b = at % kShared;
        const int n = group * kShared + b;
        if (n < call.sequence.batch) {
          float gates[3];
          for (int gate = 0; gate < 3; gate++) {
            float sum = 0;
            for (int s = 0; s < slices; s++) {
              sum += partial[(s * columns + gate * shape.units_per_block + unit) * kShared + b];
            }
            gates[gate] = sum;
          }
          const int i = first + unit;
          const UnitOutput result =
              advance_unit(call, out, t, n, i, GateInputs{gates[0], gates[1], gates[2]}, 0.0f,
                           scratch.states);
          to[base + static_cast<size_t>(i) * kShared + b] = result.y;
          if (result.event && call.tape.h != nullptr) {
            atomicOr(call.tape.events + row_of(call, t, n) * event_words(call) + i / 32,
                     1u << (i % 32));
          }
        }
      }
    }
    if (t + 1 < call.sequence.steps) {
      barrier.sync();
    }
  }
}

template <int kShared>
int most_blocks(int units_per_block, int units) {
  const PersistentShape shape{units_per_block};
  return TACET_MAX_COOPERATIVE_BLOCKS(persistent_kernel<kShared>, kThreads,
                                      shape.all(kShared, units) * sizeof(float));
}

template <int kShared>
void launch(const EgruCall& call, const EgruOutputsView& outputs, const EgruGroups& groups,
            const EgruForwardScratch& scratch, tacet::Stream stream) {
  const EgruPersistentGrid grid = egru_persistent_grid(call);
  const PersistentShape shape{grid.units_per_block};
  TACET_LAUNCH_COOPERATIVE(persistent_kernel<kShared>, grid.blocks, kThreads,
                           shape.all(kShared, call.layer.units) * sizeof(float), stream, call,
                           outputs, groups, shape, scratch);
}

}  // namespace

EgruPersistentGrid egru_persistent_grid(const EgruCall& call) {
  constexpr EgruPersistentGrid kNone{0, 0};
  const int units = call.layer.units;
  if (call.layer.variant != EgruVariant::kCellResetAfter) {
    return kNone;
  }
  const int shared = egru_packed_groups(call.sequence.batch).shared;
  const int each = max(tacet::ceil_div(units, multiprocessor_count()), kLeastUnits);
  const PersistentShape shape{each};
  if (shape.columns() > kThreads || shape.all(shared, units) * sizeof(float) > shared_limit()) {
    return kNone;
  }
  const int blocks = tacet::ceil_div(units, each);
  const int most = shared == 1   ? most_blocks<1>(each, units)
                   : shared == 2 ? most_blocks<2>(each, units)
                   : shared == 4 ? most_blocks<4>(each, units)
                                 : most_blocks<8>(each, units);
  return blocks <= most ? EgruPersistentGrid{each, blocks} : kNone;
}

void egru_run_persistent(const EgruCall& call, const EgruOutputsView& outputs,
                         const EgruGroups& groups, const EgruForwardScratch& scratch,
                         tacet::Stream stream) {
  fill_bytes(scratch.barrier, 0, sizeof(unsigned int), stream);
  if (call.tape.h != nullptr) {
    fill_bytes(call.tape.events, 0,
               sizeof(uint32_t) * call.sequence.steps * call.sequence.batch * event_words(call),
               stream);
  }
  switch (groups.shared) {
    case 1:
      return launch<1>(call, outputs, groups, scratch, stream);
    case 2:
      return launch<2>(call, outputs, groups, scratch, stream);
    case 4:
      return launch<4>(call, outputs, groups, scratch, stream);
    default:
      return launch<8>(call, outputs, groups, scratch, stream);
  }
}

}  // namespace TACET_NS
