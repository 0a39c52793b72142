#include "eliminate/eliminate.h"

#include "dispatch.h"
#include "pattern.h"
#include "tacet_eliminate.h"

int tacet_eliminate_bind(tacet_context* context, const tacet_pattern* pattern, uint32_t* bound,
                         void* stream) {
  return TACET_DISPATCH(
      context, eliminate_bind,
      (tacet::require(pattern != nullptr, "pattern: expected an address, got null"),
       tacet::pattern_of(pattern)),
      bound, stream);
}

int tacet_eliminate_vetoes(tacet_context* context, const uint32_t* bound, int sources,
                           int targets, const uint32_t* silent, int batch, int32_t* vetoes,
                           void* stream) {
  return TACET_DISPATCH(context, eliminate_vetoes, bound, sources, targets, silent, batch, vetoes,
                        stream);
}

int tacet_eliminate_candidates(tacet_context* context, const uint32_t* bound, int sources,
                               int targets, const uint32_t* silent, int batch,
                               uint32_t* candidates, void* stream) {
  return TACET_DISPATCH(context, eliminate_candidates, bound, sources, targets, silent, batch,
                        candidates, stream);
}
