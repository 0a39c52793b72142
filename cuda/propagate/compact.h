// Event compaction; the parameters are those of tacet_compact, tacet_compact_silent, tacet_expand and
// tacet_arrivals.
#pragma once

#include "common/declare.h"

TACET_DECLARE(
    void compact(const float* activity, int rows, int units, int capacity, uint32_t* bitmap,
                 int32_t* events, float* values, int32_t* counts, tacet::Stream stream);

    void compact_silent(const float* activity, float threshold, int rows, int units, int capacity,
                        uint32_t* bitmap, int32_t* events, int32_t* counts, tacet::Stream stream);

    void expand(const uint32_t* bitmap, int rows, int units, int capacity, int32_t* events,
                int32_t* counts, tacet::Stream stream);

    void arrivals(const uint32_t* ring, const uint16_t* delays, int slots, int slot, int longest,
                  int rows, int units, uint32_t* bitmap, tacet::Stream stream););
