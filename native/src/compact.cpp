#include "propagate/compact.h"

#include "dispatch.h"
#include "tacet_propagate.h"

int tacet_compact(tacet_context* context, const float* activity, int rows, int units,
                  uint32_t* bitmap, int32_t* events, int32_t* counts, void* stream) {
  return TACET_DISPATCH(context, compact, activity, rows, units, bitmap, events, counts, stream);
}
