/*
 * Sparse patterns of recurrent weights. Conventions are those of tacet.h; the structure holds
 * addresses and 64-bit integers only, so a binding may pass it as an array of 64-bit words.
 */
#ifndef TACET_PATTERN_H
#define TACET_PATTERN_H

#include "tacet.h"

enum tacet_pattern_words { TACET_PATTERN_WORDS = 6 };

/**
 * Which synapses there are: compressed sparse rows whose targets ascend and are unique. Values are in
 * the order of the indices; places from offsets[sources] on are slack, neither read nor written.
 */
typedef struct tacet_pattern {
  /** int32 [sources + 1], on the device */
  const int32_t* offsets;
  /** [places] of index_bytes each: 2 (unsigned) or 4, on the device */
  const void* indices;
  int64_t index_bytes;
  int64_t places;
  int64_t sources;
  int64_t targets;
} tacet_pattern;

#endif
