// The transposed index of a pattern, with a copy of the values in its order: what each target hears,
// for products in which most sources have something to send. Plain C++.
#pragma once

#include <algorithm>

#include "common/workspace.h"
#include "sparse/pattern.h"

namespace tacet {

/** Synapses by target, and by source among those of a target. */
struct ByTargetView {
  /** [targets + 1] */
  int32_t* offsets;
  /** Source of each synapse, uint16_t if narrow, else int32_t. */
  void* sources;
  /** Gates first, first + 1 and so on of all synapses, one after the other, `places` apart. */
  float* values;
  /** While it is made: where the next synapse of a chunk of sources and a target goes. */
  int32_t* cursors;
  int64_t places;
  int source_count;
  int targets;
  int first;
  bool narrow;
  int chunks;
  int sources_of_chunk;
};

/** Takes the memory of gates first .. first + count - 1 of the values. */
inline ByTargetView carve_by_target(const PatternValues& values, Carver& carver) {
  const PatternView& pattern = values.pattern;
  ByTargetView view{};
  view.places = pattern.places;
  view.source_count = pattern.sources;
  view.targets = pattern.targets;
  view.first = values.first;
  view.narrow = pattern.sources <= 1 << 16;
  // No more cursors than synapses, and a chunk of sources takes as long as 16 of them.
  const int64_t most = std::min(pattern.places / pattern.targets,
                                static_cast<int64_t>(pattern.sources / 16));
  const int chunks = static_cast<int>(std::clamp<int64_t>(most, 1, 512));
  view.sources_of_chunk = ceil_div(pattern.sources, chunks);
  view.chunks = ceil_div(pattern.sources, view.sources_of_chunk);
  view.offsets = carver.take<int32_t>(static_cast<size_t>(view.targets) + 1);
  view.sources = view.narrow ? static_cast<void*>(carver.take<uint16_t>(view.places))
                             : static_cast<void*>(carver.take<int32_t>(view.places));
  view.values = carver.take<float>(static_cast<size_t>(values.count) * view.places);
  view.cursors = carver.take<int32_t>(static_cast<size_t>(view.chunks) * view.targets);
  return view;
}

/** What a product by target reads and writes. */
struct ByTargetProduct {
  ByTargetView view;
  /** Gates and targets that take part, as those of PatternValues. */
  int first;
  int count;
  int low;
  int high;
  /** What sources send in each sample, in packed_groups. */
  const float* sent;
  int batch;
  /** [batch] rows of `stride`, that begin with column `origin`. */
  float* products;
  int stride;
  int origin;
};

}  // namespace tacet

TACET_DECLARE(
    /** Fills what carve_by_target took, for the same values. */
    void by_target(const tacet::PatternValues& values, const tacet::ByTargetView& view,
                   tacet::Stream stream);

    /** products[b][column] = sum over the synapses of the column of sent[b][source] x value. */
    void multiply_by_target(const tacet::ByTargetProduct& product, tacet::Stream stream););
