/* Operations of cuda/propagate: sparse event propagation. Conventions are those of tacet.h. */
#ifndef TACET_PROPAGATE_H
#define TACET_PROPAGATE_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Event compaction: from dense activity to a bitmap and to sorted lists of the active units.
 *
 * @param activity [rows][units]; a unit that is not 0 (a NaN included) has an event
 * @param rows for instance steps x batch
 * @param units per row
 * @param bitmap [rows][ceil(units / 32)], bit i % 32 of word i / 32 is unit i; written whole
 * @param events [rows][units]; the active units of a row in ascending order, the rest untouched
 * @param counts [rows]; events per row
 */
TACET_API int tacet_compact(tacet_context* context, const float* activity, int rows, int units,
                            uint32_t* bitmap, int32_t* events, int32_t* counts, void* stream);

#ifdef __cplusplus
}
#endif

#endif
