// Which synapses there are, and products with values on them: arguments of the launchers of sparse/.
// Plain C++.
#pragma once

#include <cstdint>

#include "common/declare.h"

namespace tacet {

/**
 * Compressed sparse rows: targets ascend within a row and are unique. Places beyond the last row are
 * slack, which nothing reads or writes.
 */
struct PatternView {
  /** [sources + 1]; null for weights that are dense. */
  const int32_t* offsets = nullptr;
  /** Targets, uint16_t if narrow, else int32_t. */
  const void* indices = nullptr;
  /** Synapses that there is room for. */
  int64_t places = 0;
  int sources = 0;
  int targets = 0;
  bool narrow = false;

  bool is_dense() const { return offsets == nullptr; }

  /** Mean number of synapses of a source, at most. */
  int mean() const {
    const int64_t mean = places / sources;
    return static_cast<int>(mean < 1 ? 1 : mean < targets ? mean : targets);
  }
};

/**
 * Values on a pattern, `each` to a synapse, and which of them a product takes: gates first ..
 * first + count - 1 of the synapses with targets low .. high - 1. The column of value g of a
 * synapse is g targets + its target.
 */
struct PatternValues {
  PatternView pattern;
  /** [places][each] */
  const float* values;
  int each;
  int first;
  int count;
  int low;
  int high;
};

/** Values of which a product takes all. */
inline PatternValues all_values(const PatternView& pattern, const float* values, int each) {
  return {pattern, values, each, 0, each, 0, pattern.targets};
}

/**
 * Values in columns column .. column + columns - 1, which are whole gates where there are several
 * values to a synapse.
 */
inline PatternValues column_values(const PatternView& pattern, const float* values, int each,
                                   int column, int columns) {
  if (each == 1) {
    return {pattern, values, each, 0, 1, column, column + columns};
  }
  return {pattern, values, each, column / pattern.targets, columns / pattern.targets,
          0,       pattern.targets};
}

}  // namespace tacet
