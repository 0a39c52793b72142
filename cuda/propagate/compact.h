// Event compaction; the parameters are those of tacet_compact.
#pragma once

#include "common/declare.h"

TACET_DECLARE(void compact(const float* activity, int rows, int units, uint32_t* bitmap,
                           int32_t* events, int32_t* counts, tacet::Stream stream););
