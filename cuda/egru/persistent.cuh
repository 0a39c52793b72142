// Shared by the persistent kernels of both directions: the partition of a layer and its samples
// among blocks, the product with the weights that a block keeps, and the barrier of a team of
// blocks.
//
// A team of blocks holds all of R, and each block the weights of a few units; groups of up to eight
// samples are distributed over the teams, which never wait for each other. A team is a cluster
// where one holds the layer (sm_90 and newer) with few units per block, since its barrier costs a
// fraction of one through memory; otherwise the blocks of a cooperative launch are divided into as
// many teams as there are groups, or as can hold the layer.
#pragma once

#include "egru/engines.cuh"

namespace TACET_NS {

constexpr int kPersistentThreads = 512;
/** Sources whose values are staged together. */
constexpr int kPersistentChunk = 512;
/** Fewer units per block do not pay for the barrier. */
constexpr int kPersistentLeastUnits = 4;
/** Clusters are no larger. */
constexpr int kPersistentMostCluster = 16;
/** More units per block are too many where the blocks of a cooperative launch have fewer. */
constexpr int kPersistentClusterUnits = 16;
/** Units of a block at most, as each has three columns. */
constexpr int kPersistentMostUnits = kPersistentThreads / 3;
/** Left for what kernels declare themselves, in bytes; each asserts that it declares no more. */
constexpr size_t kPersistentOtherShared = 2304;
/** Counters of teams are in separate cache lines. */
constexpr int kPersistentCounterStride = 32;

/** How a layer is divided; no blocks if it does not fit. */
struct PersistentShape {
  int units_per_block;
  /** Blocks of a team. */
  int blocks;
  /** Of a replica. */
  int teams;
  bool cluster;
  /** How many run at once. */
  int replicas = 1;

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
  size_t counters() const {
    return static_cast<size_t>(replicas) * teams * kPersistentCounterStride;
  }
};

/** The place of a block. */
struct PersistentPlace {
  int team;
  /** The units that the block owns. */
  int first;
  int owned;
  /** Among those that run at once. */
  int replica;

  /** @param replicas whether there are several */
  __device__ PersistentPlace(const PersistentShape& shape, int units, bool replicas) {
    const int member = static_cast<int>(blockIdx.x) % shape.blocks;
    team = static_cast<int>(blockIdx.x) / shape.blocks;
    replica = replicas ? team / shape.teams : 0;
    team -= replica * shape.teams;
    first = member * shape.units_per_block;
    owned = max(min(shape.units_per_block, units - first), 0);
  }
};

/** Barrier over a team. */
class TeamBarrier {
 public:
  __device__ TeamBarrier(const PersistentShape& shape, const PersistentPlace& place,
                         unsigned int* counters)
      : TeamBarrier(shape, counter_of(shape, place, counters), 0) {}

  /** @param past how often the team has met before */
  __device__ TeamBarrier(const PersistentShape& shape, unsigned int* counter, unsigned int past)
      : barrier_(counter, shape.blocks, past), cluster_(shape.cluster) {}

  static __device__ __forceinline__ unsigned int* counter_of(const PersistentShape& shape,
                                                             const PersistentPlace& place,
                                                             unsigned int* counters) {
    return counters + static_cast<size_t>(place.replica * shape.teams + place.team) *
                          kPersistentCounterStride;
  }

  __device__ void sync() {
    arrive();
    wait();
  }

  /** As that of GridBarrier; a cluster arrives when it waits, since its barrier is fast. */
  __device__ void arrive() {
    if (!cluster_) {
      barrier_.arrive();
    }
  }

  __device__ void wait() {
    if (cluster_) {
      cluster_sync();
    } else {
      barrier_.wait();
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
 * group at once, silent sources too: to look whether one is silent takes as many instructions as to
 * add what it sent. Slices are added up in order.
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
      if (works) {
        add(weights + static_cast<size_t>(start) * stride + column, stride, slice, count, sums);
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
  /** Adds the sources of a slice among those that are staged. */
  __device__ __forceinline__ void add(const float* weights, int stride, int slice, int count,
                                      float* sums) const {
    const int slices = slices_;
#pragma unroll 4
    for (int source = slice; source < count; source += slices) {
      const float w = weights[source * stride];
#pragma unroll
      for (int b = 0; b < kShared; b++) {
        sums[b] = fmaf(staged_[source * kShared + b], w, sums[b]);
      }
    }
  }

  float* staged_;
  float* partial_;
  int columns_ = 0;
  int slices_ = 0;
};

/** How many teams of a shape run at the same time, by the kernel that will run them. */
using MostTeams = int (*)(const EgruCall& call, const PersistentShape& shape);

/** Units of each of so many blocks. */
inline int units_of_block(const EgruCall& call, int blocks) {
  return max(tacet::ceil_div(call.layer.units, blocks), kPersistentLeastUnits);
}

/** Whether a block has room for so many units. */
inline bool fits_block(const EgruCall& call, int each) {
  const PersistentShape shape{each, 1, 1, false};
  const int shared = packed_groups(call.sequence.batch).shared;
  return each <= kPersistentMostUnits &&
         shape.bytes(shared, call.layer.units) + kPersistentOtherShared <= shared_limit();
}

/**
 * The shape with as many teams as it is given at most and the device runs; no blocks if it runs none.
 * Replicas share the device: each has fewer teams, but not other blocks, on which sums depend.
 */
inline PersistentShape with_teams(const EgruCall& call, PersistentShape shape,
                                  MostTeams most_teams) {
  shape.replicas = call.layer.replicas;
  const int most = most_teams(call, shape);
  if (most == 0) {
    return {0, 0, 0, false};
  }
  shape.teams = max(min(shape.teams, most / shape.replicas), 1);
  shape.replicas = min(shape.replicas, most / shape.teams);
  return shape;
}

/** The smallest cluster whose blocks have the fewest units that pay. */
inline PersistentShape cluster_shape(const EgruCall& call, MostTeams most_teams) {
  const int groups = packed_groups(call.sequence.batch).groups;
  for (int blocks = kPersistentMostCluster; blocks >= 1; blocks /= 2) {
    const int each = units_of_block(call, blocks);
    const bool wasteful = blocks > 1 && units_of_block(call, blocks / 2) == kPersistentLeastUnits;
    if (!wasteful && fits_block(call, each)) {
      const PersistentShape shape = with_teams(call, {each, blocks, groups, true}, most_teams);
      if (shape.blocks > 0) {
        return shape;
      }
    }
  }
  return {0, 0, 0, false};
}

/** As many teams as there are groups, or as hold the layer, and all multiprocessors for them. */
inline PersistentShape cooperative_shape(const EgruCall& call, MostTeams most_teams) {
  const int multiprocessors = multiprocessor_count();
  int least_blocks = 1;
  while (least_blocks < multiprocessors && !fits_block(call, units_of_block(call, least_blocks))) {
    least_blocks++;
  }
  const int groups = packed_groups(call.sequence.batch).groups;
  const int teams = max(min(groups, multiprocessors / least_blocks), 1);
  const int each = units_of_block(call, multiprocessors / teams);
  if (!fits_block(call, each)) {
    return {0, 0, 0, false};
  }
  return with_teams(call, {each, tacet::ceil_div(call.layer.units, each), teams, false},
                    most_teams);
}

/**
 * How a layer is divided among the blocks of a kernel; no blocks if it does not fit, or if its
 * weights are on a sparse pattern.
 *
 * A cluster has the faster barrier, a cooperative launch more blocks. With H sources and `each` units
 * in a block of 16 warps, a scheduler issues 4 warps x 3 each H / 512 sources x c instructions for a
 * product, where c, counted in the machine code for sm_90, is 6 with one sample to 14 with eight: in
 * clusters of 16 blocks with each = 16, so H = 256, 580 to 1,340. From there on it grows with the
 * square of H, while it stays at 4/each of that in a launch whose blocks have four units.
 */
inline PersistentShape persistent_shape(const EgruCall& call, MostTeams most_teams) {
  if (call.layer.is_sparse()) {
    return {0, 0, 0, false};
  }
  const tacet::EgruClusters wanted = call.layer.clusters;
  if (wanted == tacet::EgruClusters::kOff) {
    return cooperative_shape(call, most_teams);
  }
  const PersistentShape cluster = cluster_shape(call, most_teams);
  if (wanted == tacet::EgruClusters::kOn) {
    if (cluster.blocks == 0 && fits_block(call, units_of_block(call, kPersistentMostCluster))) {
      throw tacet::Error(tacet::Status::kInvalidArgument,
                         "clusters: expected a GPU that runs clusters which hold the layer (sm_90 or "
                         "newer, and code for it in this library), got one that does not; set "
                         "tacet.egru.clusters to auto or off");
    }
    return cluster;
  }
  if (cluster.blocks > 0 && cluster.units_per_block <= kPersistentClusterUnits) {
    return cluster;
  }
  const PersistentShape cooperative = cooperative_shape(call, most_teams);
  const bool smaller = cluster.blocks == 0 || cooperative.units_per_block < cluster.units_per_block;
  return cooperative.blocks > 0 && smaller ? cooperative : cluster;
}

/**
 * Whether a persistent pass pays, if it fits: a step of a small batch is bound by launches and by
 * reading R, and a persistent kernel does neither; larger batches have enough arithmetic for tiles.
 */
inline bool persistent_pays(const EgruCall& call) {
  constexpr int kMostBatch = 32;
  // Before the first step all of R is read, of which a step by events reads a fraction.
  constexpr int kLeastSteps = 4;
  return call.sequence.batch <= kMostBatch && call.sequence.steps >= kLeastSteps;
}

/** How a forward pass divides a layer. */
PersistentShape persistent_forward_shape(const EgruCall& call);

/** Runs all steps of a forward pass, in as few launches as the layer allows. */
void run_persistent_forward(const EgruCall& call, const EgruOutputsView& outputs,
                            const SampleGroups& groups, const PersistentShape& shape,
                            const EgruForwardScratch& scratch, tacet::Stream stream);

/** Launches a persistent kernel by its shape. */
#define TACET_LAUNCH_PERSISTENT(kernel, shape, bytes, stream, ...)                                 \
  ((shape).cluster                                                                                 \
       ? TACET_LAUNCH_CLUSTERS(kernel, (shape).blocks,                                             \
                               (shape).blocks * (shape).teams * (shape).replicas,                  \
                               kPersistentThreads, bytes, stream, __VA_ARGS__)                     \
       : TACET_LAUNCH_COOPERATIVE(kernel, (shape).blocks * (shape).teams * (shape).replicas,       \
                                  kPersistentThreads, bytes, stream, __VA_ARGS__))

/**
 * Calls `function` with the first replica of each launch and the shape of the launch: a device runs so
 * many blocks at once that wait for each other, so that replicas may take several launches.
 */
template <typename Function>
void for_each_launch(const EgruCall& call, PersistentShape shape, Function function) {
  const int together = shape.replicas;
  for (int first = 0; first < call.layer.replicas; first += together) {
    shape.replicas = min(together, call.layer.replicas - first);
    function(first, shape);
  }
}

/** How many teams of a shape a kernel runs at the same time. */
#define TACET_MOST_TEAMS(kernel, shape, bytes)                                             \
  ((shape).cluster ? TACET_MOST_CLUSTERS(kernel, (shape).blocks, kPersistentThreads, bytes) \
                   : TACET_MAX_COOPERATIVE_BLOCKS(kernel, kPersistentThreads, bytes) /       \
                         (shape).blocks)

}  // namespace TACET_NS
