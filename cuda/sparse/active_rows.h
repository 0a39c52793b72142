// Products that add the rows of active sources on a pattern. Plain C++.
#pragma once

#include <algorithm>

#include "common/workspace.h"
#include "sparse/pattern.h"

namespace tacet {

/** How a product over rows is divided. */
struct ActiveShape {
  /** Targets of a tile, a multiple of 64, and number of tiles. */
  int width;
  int tiles;
  /** Warps of a block; each has its own sums of a tile. */
  int warps;
};

/** @param each values of a synapse */
inline ActiveShape active_shape(const PatternView& pattern, int each) {
  // 48 KB of shared memory beside the list of events: 64 KB is what every GPU has.
  constexpr int kFloats = 12288;
  constexpr int kLeastWarps = 4;
  // Tiles in which a row has 32 synapses, one for each lane.
  const int64_t wanted = int64_t{32} * pattern.targets / pattern.mean();
  const int most = kFloats / kLeastWarps / each;
  const int width = static_cast<int>(
      ceil_div(std::clamp<int64_t>(std::min<int64_t>(wanted, pattern.targets), 1, most - 63),
               int64_t{64}) *
      64);
  return {width, ceil_div(pattern.targets, width), std::min(kFloats / width / each, 8)};
}

/** What a product over active rows reads and writes. */
struct ActiveProduct {
  PatternValues values;
  ActiveShape shape;
  /** Where tiles begin within rows, [sources][tiles + 1]; null for one tile. */
  const int32_t* pivots;
  /** What sources send, [batch][sources], and the bits of those that send something. */
  const float* sent;
  const uint32_t* bits;
  int batch;
  /** Blocks that share the events of a sample and a tile. */
  int parts;
  /** [parts][batch][stride] */
  float* products;
  int stride;
};

/** Memory for the pivots; null if there is one tile. */
inline int32_t* carve_pivots(const PatternView& pattern, const ActiveShape& shape, Carver& carver) {
  return shape.tiles == 1 ? nullptr
                          : carver.take<int32_t>(static_cast<size_t>(pattern.sources) *
                                                 (static_cast<size_t>(shape.tiles) + 1));
}

}  // namespace tacet

TACET_DECLARE(
    /** Fills the pivots, once per pattern and shape; nothing if they are null. */
    void active_pivots(const tacet::PatternView& pattern, const tacet::ActiveShape& shape,
                       int32_t* pivots, tacet::Stream stream);

    /** products[part][b][column] = sum over the part's active sources of sent[b][source] x value. */
    void multiply_active(const tacet::ActiveProduct& product, tacet::Stream stream););
