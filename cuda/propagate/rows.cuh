// Rows of a connectivity as seen by kernels. Each format has the same members:
//   row(source, tile)   the part of a row within a tile; whole(source) is all of it
//   at(row, k)          synapse k of it
//   pair(row, k)        synapses k and k + 32, which lanes of a warp take together
//   position(row, k)    where its weight is, and that of its gradient and delay
// A synapse that does not exist has a target of -1. k runs from 0 to row.count - 1; with padded rows
// (procedural, blocks beyond the last unit) some of those do not exist.
#pragma once

#include "propagate/law.cuh"
#include "propagate/views.h"

namespace TACET_NS {

/** Where a part of a row is; the meaning of the members depends on the format. */
struct Row {
  long long begin;
  int count;
  int extra;
};

struct Synapse {
  int target;
  float weight;
};

struct SynapsePair {
  Synapse a;
  Synapse b;
};

/** Row of another lane. */
__device__ __forceinline__ Row shuffled(const Row& row, int lane) {
  return Row{__shfl_sync(kFullWarp, row.begin, lane), __shfl_sync(kFullWarp, row.count, lane),
             __shfl_sync(kFullWarp, row.extra, lane)};
}

/** Pair of a format that has no cheaper way. */
template <typename Rows>
__device__ __forceinline__ SynapsePair two_of(const Rows& rows, const Row& row, int k) {
  return SynapsePair{rows.at(row, k), rows.at(row, k + 32)};
}

struct DenseRows {
  const float* weights;
  int targets;
  int width;

  __device__ explicit DenseRows(const tacet::RowsView& v)
      : weights(v.weights), targets(v.targets), width(v.shape.width) {}

  __device__ Row row(int source, int tile) const {
    const int low = tile * width;
    return Row{static_cast<long long>(source) * targets + low, min(width, targets - low), low};
  }
  __device__ Row whole(int source) const {
    return Row{static_cast<long long>(source) * targets, targets, 0};
  }
  __device__ size_t position(const Row& row, int k) const { return row.begin + k; }
  __device__ int target(const Row& row, int k) const { return k < row.count ? row.extra + k : -1; }
  __device__ Synapse at(const Row& row, int k) const {
    return k < row.count ? Synapse{row.extra + k, __ldg(weights + row.begin + k)}
                         : Synapse{-1, 0.0f};
  }
  __device__ SynapsePair pair(const Row& row, int k) const { return two_of(*this, row, k); }
};

/** Rows with a list of targets, of any length (offsets) or all of one. */
template <typename Index>
struct IndexedRows {
  const float* weights;
  const int32_t* offsets;
  const Index* indices;
  const int32_t* pivots;
  int length;
  int tiles;

  __device__ explicit IndexedRows(const tacet::RowsView& v)
      : weights(v.weights),
        offsets(v.offsets),
        indices(static_cast<const Index*>(v.indices)),
        pivots(v.pivots),
        length(v.length),
        tiles(v.shape.tiles) {}

  __device__ Row whole(int source) const {
    if (offsets == nullptr) {
      return Row{static_cast<long long>(source) * length, length, 0};
    }
    const int begin = __ldg(offsets + source);
    return Row{begin, __ldg(offsets + source + 1) - begin, 0};
  }
  __device__ Row row(int source, int tile) const {
    if (pivots == nullptr) {
      return whole(source);
    }
    const long long begin =
        offsets == nullptr ? static_cast<long long>(source) * length : __ldg(offsets + source);
    const int32_t* cut = pivots + static_cast<size_t>(source) * (tiles + 1) + tile;
    const int first = __ldg(cut);
    return Row{begin + first, __ldg(cut + 1) - first, 0};
  }
  __device__ size_t position(const Row& row, int k) const { return row.begin + k; }
  __device__ int target(const Row& row, int k) const {
    return k < row.count ? static_cast<int>(__ldg(indices + row.begin + k)) : -1;
  }
  __device__ Synapse at(const Row& row, int k) const {
    return k < row.count ? Synapse{static_cast<int>(__ldg(indices + row.begin + k)),
                                   __ldg(weights + row.begin + k)}
                         : Synapse{-1, 0.0f};
  }
  __device__ SynapsePair pair(const Row& row, int k) const { return two_of(*this, row, k); }
};

/** Rows through square blocks; begin is the first block, extra the line within each block. */
struct BlockRows {
  const float* weights;
  const int32_t* offsets;
  const int32_t* columns;
  const int32_t* pivots;
  int targets;
  /** log2 of the edge of a block. */
  int shift;
  int tiles;

  __device__ explicit BlockRows(const tacet::RowsView& v)
      : weights(v.weights),
        offsets(v.offsets),
        columns(static_cast<const int32_t*>(v.indices)),
        pivots(v.pivots),
        targets(v.targets),
        shift(v.shift),
        tiles(v.shape.tiles) {}

  __device__ Row whole(int source) const {
    const int begin = __ldg(offsets + (source >> shift));
    return Row{begin, (__ldg(offsets + (source >> shift) + 1) - begin) << shift, line(source)};
  }
  __device__ Row row(int source, int tile) const {
    if (pivots == nullptr) {
      return whole(source);
    }
    const int block_row = source >> shift;
    const int32_t* cut = pivots + static_cast<size_t>(block_row) * (tiles + 1) + tile;
    const int first = __ldg(cut);
    return Row{__ldg(offsets + block_row) + first, (__ldg(cut + 1) - first) << shift,
               line(source)};
  }
  /** Line of a source, or column of a synapse, in its block. */
  __device__ int line(int k) const { return k & ((1 << shift) - 1); }
  __device__ size_t position(const Row& row, int k) const {
    const size_t block = row.begin + (k >> shift);
    return (((block << shift) + row.extra) << shift) + line(k);
  }
  __device__ int target(const Row& row, int k) const {
    if (k >= row.count) {
      return -1;
    }
    const int target = (__ldg(columns + row.begin + (k >> shift)) << shift) + line(k);
    return target < targets ? target : -1;
  }
  __device__ Synapse at(const Row& row, int k) const {
    const int reached = target(row, k);
    return Synapse{reached, reached < 0 ? 0.0f : __ldg(weights + position(row, k))};
  }
  __device__ SynapsePair pair(const Row& row, int k) const { return two_of(*this, row, k); }
};

/**
 * Computed rows: begin is the first synapse, a multiple of 64, and extra the source. One call of
 * Philox gives synapses k and k + 32 of a chunk of 64.
 */
struct ProceduralRows {
  uint64_t seed;
  uint64_t stratum;
  int targets;
  int fan_out;
  int width;
  int law;
  float first;
  float second;

  __device__ explicit ProceduralRows(const tacet::RowsView& v)
      : seed(v.seed),
        stratum(v.stratum),
        targets(v.targets),
        fan_out(v.length),
        width(v.shape.width),
        law(v.law),
        first(v.first),
        second(v.second) {}

  __device__ Row whole(int source) const { return Row{0, fan_out, source}; }
  __device__ Row row(int source, int tile) const {
    // The strata that reach into the tile; the outermost two can miss it, as can the padding.
    const uint64_t low = static_cast<uint64_t>(tile) * width;
    const uint64_t high = min(low + width, static_cast<uint64_t>(targets));
    const int from = static_cast<int>((low << 32) / stratum) & ~63;
    const int to = min(fan_out, static_cast<int>((high << 32) / stratum) + 1);
    return Row{from, to - from, source};
  }
  __device__ size_t position(const Row&, int) const { return 0; }
  __device__ int target(const Row& row, int k) const { return at(row, k).target; }
  __device__ Synapse at(const Row& row, int k) const {
    const SynapsePair both = pair(row, (k & ~63) | (k & 31));
    return (k & 32) == 0 ? both.a : both.b;
  }
  __device__ SynapsePair pair(const Row& row, int k) const {
    const int synapse = static_cast<int>(row.begin) + k;
    const PhiloxWords words = philox(synapse & 31, synapse >> 6, row.extra, 0, seed);
    return SynapsePair{drawn(row, k, words.x0, words.x1), drawn(row, k + 32, words.x2, words.x3)};
  }
  __device__ Synapse drawn(const Row& row, int k, uint32_t place, uint32_t bits) const {
    if (k >= row.count) {
      return Synapse{-1, 0.0f};
    }
    const uint64_t synapse = static_cast<uint64_t>(row.begin) + k;
    const uint32_t low = static_cast<uint32_t>(synapse * stratum >> 32);
    const uint32_t high = static_cast<uint32_t>((synapse + 1) * stratum >> 32);
    return Synapse{static_cast<int>(low + __umulhi(place, high - low)),
                   drawn_weight(law, first, second, bits)};
  }
};

/** Where a sample's values of a slot are, by delay. */
struct Slots {
  tacet::SlotsView view;
  size_t stride;

  __device__ Slots(const tacet::SlotsView& v, int batch, int targets)
      : view(v), stride(static_cast<size_t>(batch) * targets) {}

  __device__ float* of_delay(int delay) const {
    const int slot = view.slot + delay;
    return view.values + (slot < view.slots ? slot : slot - view.slots) * stride;
  }
  /** Of an event of this source; with delays per synapse, each must be looked up. */
  __device__ float* of_source(int source) const {
    return view.delays == nullptr || view.per_synapse ? of_delay(0)
                                                      : of_delay(__ldg(view.delays + source));
  }
  __device__ float* of_synapse(float* of_source, size_t position) const {
    return view.delays != nullptr && view.per_synapse ? of_delay(__ldg(view.delays + position))
                                                      : of_source;
  }
};

}  // namespace TACET_NS

/** Calls a template function with the rows of the format as its type argument. */
#define TACET_FOR_FORMAT(view, call)                                       \
  switch ((view).format) {                                                 \
    case ::tacet::Format::kDense: call(DenseRows); break;                  \
    case ::tacet::Format::kCsr:                                            \
    case ::tacet::Format::kFanOut:                                         \
      if ((view).narrow) {                                                 \
        call(IndexedRows<uint16_t>);                                       \
      } else {                                                             \
        call(IndexedRows<int32_t>);                                        \
      }                                                                    \
      break;                                                               \
    case ::tacet::Format::kBlocks: call(BlockRows); break;                 \
    case ::tacet::Format::kProcedural: call(ProceduralRows); break;        \
  }
