// tacet_pattern.h: the structure of the C ABI becomes the view that kernels take.
#pragma once

#include "dispatch.h"
#include "sparse/pattern.h"
#include "tacet_pattern.h"

namespace tacet {

/** @param pattern null for dense weights */
inline PatternView pattern_of(const tacet_pattern* pattern) {
  if (pattern == nullptr) {
    return {};
  }
  require(pattern->offsets != nullptr && (pattern->indices != nullptr || pattern->places == 0),
          "pattern: expected addresses of offsets and indices, got null");
  require(pattern->index_bytes == 2 || pattern->index_bytes == 4,
          "pattern.index_bytes: expected 2 or 4");
  return {pattern->offsets,
          pattern->indices,
          narrowed(pattern->places, 0, "pattern.places"),
          narrowed(pattern->sources, 1, "pattern.sources"),
          narrowed(pattern->targets, 1, "pattern.targets"),
          pattern->index_bytes == 2};
}

}  // namespace tacet
