// What the forward and the backward kernel of the grid simulator share: how a sample is divided
// among blocks and warps, rows, scratch memory.
//
// A sample belongs to `tiles` blocks, a tile to `warps` warps, and each warp owns a contiguous
// segment of neurons: it alone advances them and adds to their currents, walking all events of a
// step in order. So sums have a fixed order without a barrier between events; blocks and warps
// synchronise once per step, to exchange spikes.
//
// A launch takes a sample through a limited number of steps, since a GPU that drives a display kills
// a kernel after a few seconds; what the warps hold on chip is saved in between.
#pragma once

#include <algorithm>

#include "common/kernel.cuh"
#include "eventprop/grid.h"
#include "eventprop/rows.cuh"
#include "eventprop/time_grid.cuh"

namespace TACET_NS {

constexpr int kGridMostWarps = 16;
constexpr int kGridMostThreads = 32 * kGridMostWarps;
/** Neurons of a block: their state has to fit the 64 KB of shared memory of sm_75. */
constexpr int kGridMostTile = 8192;
/** Largest number of blocks for which the barriers pay off. */
constexpr int kGridEnoughBlocks = 128;
constexpr int kGridLeastTile = 512;

/** Constants of a neuron, arrays [kGridConstants][neurons]. */
enum GridConstant {
  kAlpha,
  kBeta,
  kGamma,
  kAdjointGamma,
  kTauMemI,
  kTauMemV,
  kTauSynI,
  kTauSynV,
  kTheta,
  kResetTo,
  kStart,
  kMembraneTau,
  kSynapseTau,
  kQuiet,
  kLeast,
  kGridConstants
};

/** How a sample is divided. */
struct GridTiling {
  int tiles;
  int warps;
  /** Neurons of a tile and of a warp, multiples of 32. */
  int tile;
  int segment;

  __host__ __device__ int segments() const { return tiles * warps; }
  /** Neurons of a lane, at most. */
  __host__ __device__ int per_lane() const { return segment / 32; }
  __host__ __device__ int first(int segment_index) const {
    return segment_index / warps * tile + segment_index % warps * segment;
  }
};

inline int round_to_warp(int n) { return tacet::ceil_div(n, 32) * 32; }

/** Tiles of a sample, as a call asks for or as suits it, of at most so many neurons. */
int grid_tiles(const tacet::GridCall& call, int most_tile);

/** Fails where a sample has more tiles than so many blocks that run together. */
void require_resident(const tacet::GridCall& call, int most_tile, int resident);

/** That many tiles. */
GridTiling grid_tiling_of(const tacet::GridCall& call, int tiles);

/**
 * The tiling of a call; blocks of one sample always fit the device together.
 *
 * @param most_tile most neurons of a tile
 * @param resident() how many blocks of so many neurons run together, of each kernel of both passes
 */
template <typename Resident>
GridTiling grid_tiling(const tacet::GridCall& call, int most_tile, Resident&& resident) {
  int tiles = grid_tiles(call, most_tile);
  if (tiles > 1) {
    const int together = resident();
    require_resident(call, most_tile, together);
    tiles = min(tiles, together);
  }
  return grid_tiling_of(call, tiles);
}

/** The tiling of LIF neurons. */
GridTiling grid_tiling(const tacet::GridCall& call);

/** The segment of the calling warp, and the barrier over the blocks of its sample. */
struct GridWarp {
  int tiles;
  int sample;
  int index;
  int first;
  int last;
  int tile_first;

  __device__ GridWarp(const GridTiling& tiling, int neurons, int first_sample)
      : tiles(tiling.tiles) {
    const int tile_index = static_cast<int>(blockIdx.x) % tiling.tiles;
    sample = first_sample + static_cast<int>(blockIdx.x) / tiling.tiles;
    index = tile_index * tiling.warps + warp_id();
    tile_first = tile_index * tiling.tile;
    const int tile_last = min(tile_first + tiling.tile, neurons);
    first = min(tile_first + warp_id() * tiling.segment, tile_last);
    last = min(first + tiling.segment, tile_last);
  }

  /** Index into arrays [batch][segments]. */
  __device__ size_t segment_at(const GridTiling& tiling) const {
    return static_cast<size_t>(sample) * tiling.segments() + index;
  }

  /** Samples are independent: each has its own counter, [batch] zeroed words. */
  __device__ GridBarrier barrier(unsigned int* counters) const {
    return GridBarrier(counters + sample, static_cast<unsigned int>(tiles));
  }
};

/** First synapse of [begin, end) whose target is at least `target`; a search 32 ways at once. */
__device__ __forceinline__ int grid_lower_bound(const SynapseView& rows, int begin, int end,
                                                int target) {
  while (end - begin > 0) {
    const int stride = (end - begin + 31) / 32;
    const int probe = begin + lane_id() * stride;
    const bool below = probe < end && row_target(rows, 0, probe) < target;
    const int count = __popc(__ballot_sync(kFullWarp, below));
    if (count == 0) {
      return begin;
    }
    const int next = begin + count * stride;
    begin = begin + (count - 1) * stride + 1;
    end = min(end, next);
  }
  return begin;
}

/** The part of a row that a warp walks. */
struct GridRow {
  int source = 0;
  /** Steps that all its synapses take; 0 where each has its own delay. */
  int delay = 0;
  /** The first synapse that does not end before the segment, and the end of the row; compressed
   * rows only. */
  int begin = 0;
  int end = 0;
};

/** Delay of a source, as in GridRow. */
__device__ __forceinline__ int grid_delay(const SynapseView& rows, const int32_t* delays,
                                          int source) {
  return delays != nullptr && !rows.delay_per_synapse ? delays[source] : 0;
}

/** The row of a source that the calling lane alone looks up: 32 lanes, 32 rows at once. */
__device__ __forceinline__ GridRow grid_row_of_lane(const SynapseView& rows, const int32_t* delays,
                                                    int source, const GridWarp& warp) {
  GridRow row{source, grid_delay(rows, delays, source), 0, 0};
  if (!is_dense(rows)) {
    const size_t begin = row_begin(rows, source);
    const int length = row_length(rows, source);
    row.begin = static_cast<int>(begin) + row_lower_bound(rows, begin, length, warp.first);
    row.end = static_cast<int>(begin) + length;
  }
  return row;
}

/** The row of a source that all lanes look up together. */
__device__ __forceinline__ GridRow grid_row_of_warp(const SynapseView& rows, const int32_t* delays,
                                                    int source, const GridWarp& warp) {
  GridRow row{source, grid_delay(rows, delays, source), 0, 0};
  if (!is_dense(rows)) {
    const int begin = static_cast<int>(row_begin(rows, source));
    row.end = begin + row_length(rows, source);
    row.begin = grid_lower_bound(rows, begin, row.end, warp.first);
  }
  return row;
}

/**
 * Most rows that are looked up one after another by all lanes and not each by a lane: 32 lanes find
 * a place with a fifth of the loads in turn that one takes.
 */
constexpr int kGridRowsInTurn = 4;

/** The row that a lane has looked up, in all lanes. */
__device__ __forceinline__ GridRow grid_row_from(const GridRow& row, int lane) {
  return {__shfl_sync(kFullWarp, row.source, lane), __shfl_sync(kFullWarp, row.delay, lane),
          __shfl_sync(kFullWarp, row.begin, lane), __shfl_sync(kFullWarp, row.end, lane)};
}

/**
 * Calls visit(synapse, target, step of arrival) for the synapses of a row that end in the segment
 * of the warp, 32 at a time; the targets of a row differ. All lanes take part.
 *
 * @param delays those of the rows in steps, null where there are none
 */
template <typename Visit>
__device__ __forceinline__ void grid_walk(const SynapseView& rows, const int32_t* delays,
                                          const GridRow& walked, const GridWarp& warp, int step,
                                          Visit&& visit) {
  const bool per_synapse = rows.delay_per_synapse;
  const int delay = walked.delay;
  if (is_dense(rows)) {
    const size_t row = row_begin(rows, walked.source);
    for (int n = warp.first + lane_id(); n < warp.last; n += 32) {
      const size_t s = row + n;
      visit(s, n, step + (per_synapse ? delays[s] : delay));
    }
    return;
  }
  const int end = walked.end;
  int at = walked.begin;
  for (bool more = true; more; at += 32) {
    const int s = at + lane_id();
    const int n = s < end ? row_target(rows, 0, s) : rows.targets;
    const bool mine = n < warp.last;
    if (mine) {
      visit(static_cast<size_t>(s), n, step + (per_synapse ? delays[s] : delay));
    }
    more = __all_sync(kFullWarp, mine);
  }
}

/** grid_walk() along the row of a source. */
template <typename Visit>
__device__ __forceinline__ void grid_row(const SynapseView& rows, const int32_t* delays, int source,
                                         const GridWarp& warp, int step, Visit&& visit) {
  grid_walk(rows, delays, grid_row_of_warp(rows, delays, source, warp), warp, step, visit);
}

/** Most blocks with the state of `tile` neurons that can wait for one another. */
int grid_simulate_resident(int threads, int tile);
int grid_adjoint_resident(int threads, int tile);

/** Where a warp is in its sample between two launches. */
struct GridProgress {
  /** Input event that comes next; backward, the last one that is left. */
  int event;
  /** Spikes so far; backward, the last one that is left. */
  int spike;
  /** Whether an input event named a source that does not exist; forward only. */
  int bad_unit;
};

/** Calls launch(from, to) for parts of a pass over the steps from .. to, in their order. */
template <typename Launch>
void in_launches(const tacet::GridCall& call, Launch&& launch) {
  for (int from = 0; from < call.steps;) {
    const int to = from + std::min(call.launch_steps, call.steps - from);
    launch(from, to);
    from = to;
  }
}

/** What neurons take of scratch memory, in words per neuron; of LIF neurons by default. */
struct GridWords {
  int constants = kGridConstants;
  /** State between launches and in a path. */
  int states = 2;
  /** Currents, or onsets of currents, that weights are added to. */
  int receptors = 1;
  /** Variables that move once an arrival is there: V, or the currents of onsets. */
  int movers = 1;
  /** State of a backward pass, beyond what arrivals see. */
  int adjoints = 0;
  /** Running sums of a backward pass. */
  int integrals = 3;
};

/** What the forward kernel keeps in scratch memory. */
struct GridForwardScratch {
  float* constants;
  /** Steps of the input events, [batch][capacity]. */
  int32_t* in_steps;
  /** Delays in steps, like those of the layer; null without delays. */
  int32_t* input_delays;
  int32_t* recurrent_delays;
  /** Arrivals by step, [receptors][batch][slots][neurons]; null without delays. */
  float* ring;
  /** Neurons that spike in a step and their slopes, [2][batch][neurons], and how many there are,
   * [2][batch][segments]. */
  int32_t* fired;
  float* slopes;
  int32_t* fired_counts;
  /** Samples whose state is not a number, [batch]. */
  int32_t* broken;
  /** Whether a neuron has invalid parameters, [1]. */
  int32_t* senseless;
  /** Counters of the barriers, [batch]. */
  unsigned int* barrier;
  /** [batch][segments]: to each warp its own, since no warp waits until the others have read. */
  GridProgress* progress;
  /** The states between two launches, [states][batch][neurons]; null where one launch does. */
  float* kept;

  GridForwardScratch(tacet::Carver& carver, const tacet::GridCall& call, const GridTiling& tiling,
                     const GridWords& words = {});
};

/** Zeroes the arrivals. */
void clear_ring(const tacet::GridCall& call, const GridForwardScratch& scratch, int receptors,
                tacet::Stream stream);

/** Turns times of input events and delays into steps. */
void grid_prepare_steps(const tacet::GridCall& call, const GridForwardScratch& scratch,
                        tacet::Stream stream);

/**
 * Writes the constants of all neurons, looks whether they make sense, and turns times of input
 * events and delays into steps.
 */
void grid_prepare(const tacet::GridCall& call, const GridForwardScratch& scratch,
                  tacet::Stream stream);

/**
 * Simulates samples first .. first + samples - 1.
 *
 * @param path null, or where u and i after each step go instead of spikes to the output, for a
 *     backward pass: [samples][steps][2][neurons]
 */
void grid_simulate(const tacet::GridCall& call, const GridTiling& tiling,
                   const GridForwardScratch& scratch, int first, int samples, float* path,
                   tacet::Stream stream);

}  // namespace TACET_NS
