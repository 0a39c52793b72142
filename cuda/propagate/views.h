// Arguments of the kernels of event propagation: connectivity, events of a step, values of the
// targets. Plain C++, filled by the C ABI and passed to kernels by value.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tacet {

enum class Format : int { kDense = 0, kCsr = 1, kFanOut = 2, kBlocks = 3, kProcedural = 4 };

/** What sums of the forward pass in a fixed order are while they grow. */
enum class Sums : int { kFloat32 = 0, kInt32 = 1 };

/** How the forward pass cuts the targets and the events. */
struct ForwardShape {
  /** Targets of a tile, a multiple of 64, and number of tiles. */
  int width;
  int tiles;
  /** Warps of a block; of floats, each has its own accumulators of a tile. */
  int warps;
  /** Blocks that share the events of a tile and a sample. */
  int parts;
};

/** Synapses in rows by source; targets ascend within a row. */
struct RowsView {
  /** In row order, or [blocks][size][size]. */
  const float* weights;
  /** [sources + 1], or [block rows + 1] for blocks. */
  const int32_t* offsets;
  /** Target of each synapse, or block column of each block. */
  const void* indices;
  /** [rows of offsets][tiles + 1], positions within the row; null for one tile. */
  const int32_t* pivots;
  /** [parts][batch][targets], used when there are several parts. */
  float* partials;
  Format format;
  int sources;
  int targets;
  bool narrow;
  /** Fan-out, or edge of a block. */
  int length;
  /** log2 of the edge of a block. */
  int shift;
  /** Mean synapses per row. */
  int mean;
  /** Number of weights. */
  int64_t count;
  ForwardShape shape;
  Sums sums;
  /** Of the device. */
  int multiprocessors;
  /** Procedural: key, width of a stratum in 2^-32 targets, distribution and its parameters. */
  uint64_t seed;
  uint64_t stratum;
  int law;
  float first;
  float second;
};

/** The events of a step: lists [batch][capacity] in ascending order and a bitmap. */
struct ListsView {
  const int32_t* counts;
  const int32_t* units;
  /** Null for binary events. */
  const float* values;
  /** [batch][ceil(sources / 32)]. */
  const uint32_t* bitmap;
  int batch;
  int capacity;
};

/** Values of the targets, [slots][batch][targets]; a delay of d is in slot (slot + d) % slots. */
struct SlotsView {
  float* values;
  /** Null without delays. */
  const uint16_t* delays;
  bool per_synapse;
  int slots;
  int slot;
};

}  // namespace tacet
