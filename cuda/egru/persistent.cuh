// What the persistent kernels of both directions share: how a layer and its samples are divided among
// blocks, the product with the weights that a block keeps, and the barrier of the blocks that work
// together.
//
// A team of blocks holds all of R, a block the weights of a few units; teams take turns at groups of
// up to eight samples and never wait for each other. A team is a cluster where one holds the layer
// (sm_90 and newer), whose barrier costs a fraction of one through memory; otherwise the blocks of a
// cooperative launch are dealt out to as many teams as there are groups, or as hold the layer.
#pragma once

#include <type_traits>

#include "egru/engines.cuh"

namespace TACET_NS {

constexpr int kPersistentThreads = 512;
/** Sources whose values are staged together. */
constexpr int kPersistentChunk = 512;
/** Fewer units per block are not worth their barrier. */
constexpr int kPersistentLeastUnits = 4;
/** Clusters are no larger. */
constexpr int kPersistentMostCluster = 16;
/** Left for what kernels declare themselves, in bytes. */
constexpr size_t kPersistentOtherShared = 4096;
/** Counters of teams lie in lines of their own. */
constexpr int kPersistentCounterStride = 32;

/** How a layer is divided; no blocks if it does not fit. */
struct PersistentShape {
  int units_per_block;
  /** Blocks of a team. */
  int blocks;
  int teams;
  bool cluster;

  __host__ __device__ int weights_of_source() const { return 3 * units_per_block; }
  /** Where the sums of slices and the weights lie in shared memory, in floats. */
  __host__ __device__ size_t partial(int shared) const {
    return static_cast<size_t>(kPersistentChunk) * shared;
  }
  __host__ __device__ size_t weights(int shared) const {
    return partial(shared) + static_cast<size_t>(kPersistentThreads) * shared;
  }
  __host__ __device__ size_t bytes(int shared, int units) const {
    return sizeof(float) * (weights(shared) + static_cast<size_t>(units) * weights_of_source());
  }
  size_t counters() const { return static_cast<size_t>(teams) * kPersistentCounterStride; }
};

/** The place of a block. */
struct PersistentPlace {
  int team;
  /** The units that the block owns. */
  int first;
  int owned;

  __device__ PersistentPlace(const PersistentShape& shape, int units) {
    const int member = static_cast<int>(blockIdx.x) % shape.blocks;
    team = static_cast<int>(blockIdx.x) / shape.blocks;
    first = member * shape.units_per_block;
    owned = max(min(shape.units_per_block, units - first), 0);
  }
};

/** Barrier over a team. */
class TeamBarrier {
 public:
  __device__ TeamBarrier(const PersistentShape& shape, int team, unsigned int* counters)
      : barrier_(counters + static_cast<size_t>(team) * kPersistentCounterStride, shape.blocks),
        cluster_(shape.cluster) {}

  __device__ void sync() {
    if (cluster_) {
      cluster_sync();
    } else {
      barrier_.sync();
    }
  }

 private:
  GridBarrier barrier_;
  bool cluster_;
};

/**
 * The product of what other blocks sent, [sources][kShared] in L2, with columns of the weights in
 * shared memory, [sources][stride]. The threads are dealt out as columns x as many slices of the
 * sources as fit; a warp so reads neighbouring words. Each walks its slice for all samples of the
 * group at once and skips sources that are silent in all of them; slices are added up in order.
 */
template <int kShared>
class ResidentProduct {
 public:
  /** @param staged kPersistentChunk kShared floats; @param partial kPersistentThreads kShared */
  __device__ ResidentProduct(float* staged, float* partial) : staged_(staged), partial_(partial) {}

  /**
   * Multiplies. All threads call it, and may read sums when it returns.
   *
   * @param columns how many, up to kPersistentThreads
   * @param list which of the columns of the weights they are; null if the first
   */
  __device__ void run(const float* __restrict__ values, int sources, const float* weights,
                      int stride, int columns, const uint16_t* list) {
    columns_ = columns;
    slices_ = kPersistentThreads / max(columns, 1);
    const int thread = static_cast<int>(threadIdx.x);
    const int slice = thread / max(columns, 1);
    const bool works = columns > 0 && slice < slices_;
    const int place = thread - slice * columns;
    const int column = works && list != nullptr ? list[place] : place;
    float sums[kShared] = {};
    for (int start = 0; start < sources; start += kPersistentChunk) {
      const int count = min(kPersistentChunk, sources - start);
      __syncthreads();
      for (int at = thread; at < count * kShared; at += kPersistentThreads) {
        // Not from L1, which does not see what other blocks wrote.
        staged_[at] = __ldcg(values + static_cast<size_t>(start) * kShared + at);
      }
      __syncthreads();
      for (int source = slice; works && source < count; source += slices_) {
        float y[kShared];
        bool silent = true;
#pragma unroll
        for (int b = 0; b < kShared; b++) {
          y[b] = staged_[source * kShared + b];
          silent = silent && y[b] == 0.0f;
        }
        if (!silent) {
          const float w = weights[static_cast<size_t>(start + source) * stride + column];
#pragma unroll
          for (int b = 0; b < kShared; b++) {
            sums[b] = fmaf(y[b], w, sums[b]);
          }
        }
      }
    }
    if (works) {
#pragma unroll
      for (int b = 0; b < kShared; b++) {
        partial_[thread * kShared + b] = sums[b];
      }
    }
    __syncthreads();
  }

  /** The sum of a column, by its place in the list, for a sample of the group. */
  __device__ float sum(int place, int b) const {
    float sum = 0;
    for (int slice = 0; slice < slices_; slice++) {
      sum += partial_[(slice * columns_ + place) * kShared + b];
    }
    return sum;
  }

 private:
  float* staged_;
  float* partial_;
  int columns_ = 0;
  int slices_ = 0;
};

/** How many teams of a shape run at the same time, by the kernel that will run them. */
using MostTeams = int (*)(const PersistentShape& shape, int shared, int units);

/** How a layer is divided among the blocks of a kernel; no blocks if it does not fit. */
inline PersistentShape persistent_shape(const EgruCall& call, MostTeams most_teams) {
  const int units = call.layer.units;
  const EgruGroups groups = egru_packed_groups(call.sequence.batch);
  const auto fits = [&](int each) {
    const PersistentShape shape{each, 1, 1, false};
    return shape.weights_of_source() <= kPersistentThreads &&
           shape.bytes(groups.shared, units) + kPersistentOtherShared <= shared_limit();
  };
  const auto each_of = [&](int blocks) {
    return max(tacet::ceil_div(units, blocks), kPersistentLeastUnits);
  };
  for (int blocks = kPersistentMostCluster; blocks >= 1; blocks /= 2) {
    // The smallest cluster whose blocks have the fewest units that pay.
    const bool wasteful = blocks > 1 && each_of(blocks / 2) == kPersistentLeastUnits;
    if (!wasteful && fits(each_of(blocks))) {
      PersistentShape shape{each_of(blocks), blocks, 1, true};
      shape.teams = min(groups.groups, most_teams(shape, groups.shared, units));
      if (shape.teams > 0) {
        return shape;
      }
    }
  }
  const int multiprocessors = multiprocessor_count();
  int least_blocks = 1;
  while (least_blocks < multiprocessors && !fits(each_of(least_blocks))) {
    least_blocks++;
  }
  const int teams = max(min(groups.groups, multiprocessors / least_blocks), 1);
  const int each = each_of(multiprocessors / teams);
  PersistentShape shape{each, tacet::ceil_div(units, each), teams, false};
  if (fits(each)) {
    shape.teams = min(teams, most_teams(shape, groups.shared, units));
    if (shape.teams > 0) {
      return shape;
    }
  }
  return {0, 0, 0, false};
}

/**
 * Whether a pass gains by staying on the chip, if it fits: a step of a small batch is bound by launches
 * and by reading R, and on chip it does neither; larger batches have the arithmetic for tiles.
 */
inline bool persistent_pays(const EgruCall& call) {
  constexpr int kMostBatch = 32;
  // Before the first step all of R is read, of which a step by events reads a fraction.
  constexpr int kLeastSteps = 4;
  return call.sequence.batch <= kMostBatch && call.sequence.steps >= kLeastSteps;
}

/** How a forward pass divides a layer. */
PersistentShape persistent_forward_shape(const EgruCall& call);

/** Runs all steps of a forward pass in one launch. */
void run_persistent_forward(const EgruCall& call, const EgruOutputsView& outputs,
                            const EgruGroups& groups, const PersistentShape& shape,
                            const EgruForwardScratch& scratch, tacet::Stream stream);

/** Calls `function` with the number of samples that share a walk, as a constant. */
template <typename Function>
auto with_shared(int shared, Function function) {
  switch (shared) {
    case 1:
      return function(std::integral_constant<int, 1>());
    case 2:
      return function(std::integral_constant<int, 2>());
    case 4:
      return function(std::integral_constant<int, 4>());
    default:
      return function(std::integral_constant<int, 8>());
  }
}

/** Launches a persistent kernel by its shape. */
#define TACET_LAUNCH_PERSISTENT(kernel, shape, bytes, stream, ...)                                 \
  ((shape).cluster                                                                                 \
       ? TACET_LAUNCH_CLUSTERS(kernel, (shape).blocks, (shape).blocks * (shape).teams,             \
                               kPersistentThreads, bytes, stream, __VA_ARGS__)                     \
       : TACET_LAUNCH_COOPERATIVE(kernel, (shape).blocks * (shape).teams, kPersistentThreads, bytes, \
                                  stream, __VA_ARGS__))

/** How many teams of a shape a kernel runs at the same time. */
#define TACET_MOST_TEAMS(kernel, shape, bytes)                                             \
  ((shape).cluster ? TACET_MOST_CLUSTERS(kernel, (shape).blocks, kPersistentThreads, bytes) \
                   : TACET_MAX_COOPERATIVE_BLOCKS(kernel, kPersistentThreads, bytes) /       \
                         (shape).blocks)

}  // namespace TACET_NS
