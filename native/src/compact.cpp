#include "propagate/compact.h"

#include "dispatch.h"
#include "tacet_propagate.h"

int tacet_compact(tacet_context* context, const float* activity, int rows, int units, int capacity,
                  uint32_t* bitmap, int32_t* events, float* values, int32_t* counts,
                  void* stream) {
  return TACET_DISPATCH(context, compact, activity, rows, units, capacity, bitmap, events,
                        tacet::optional(values),
                        counts, stream);
}

int tacet_compact_silent(tacet_context* context, const float* activity, float threshold, int rows,
                         int units, int capacity, uint32_t* bitmap, int32_t* events,
                         int32_t* counts, void* stream) {
  return TACET_DISPATCH(context, compact_silent, activity, threshold, rows, units, capacity, bitmap,
                        events, counts, stream);
}

int tacet_expand(tacet_context* context, const uint32_t* bitmap, int rows, int units, int capacity,
                 int32_t* events, int32_t* counts, void* stream) {
  return TACET_DISPATCH(context, expand, bitmap, rows, units, capacity, events, counts, stream);
}

int tacet_arrivals(tacet_context* context, const uint32_t* ring, const uint16_t* delays, int slots,
                   int slot, int longest, int rows, int units, uint32_t* bitmap, void* stream) {
  return TACET_DISPATCH(context, arrivals, ring, delays, slots, slot, longest, rows, units, bitmap,
                        stream);
}
