/*
 * Operations of cuda/eliminate: which targets silent sources rule out. Conventions are those of
 * tacet.h. Synapses are rows of bits: bit m % 32 of word m / 32 of a row is target m.
 */
#ifndef TACET_ELIMINATE_H
#define TACET_ELIMINATE_H

#include "tacet.h"
#include "tacet_pattern.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * From a pattern to rows of bits.
 *
 * @param bound [sources][ceil(targets / 32)]; written whole, 0 beyond the last target
 */
TACET_API int tacet_eliminate_bind(tacet_context* context, const tacet_pattern* pattern,
                                   uint32_t* bound, void* stream);

/**
 * vetoes[b][m] += number of silent sources of sample b with a synapse onto target m.
 *
 * @param bound [sources][ceil(targets / 32)]
 * @param silent [batch][ceil(sources / 32)], bit i % 32 of word i / 32 is source i, 0 beyond the last
 * @param vetoes [batch][targets]
 */
TACET_API int tacet_eliminate_vetoes(tacet_context* context, const uint32_t* bound, int sources,
                                     int targets, const uint32_t* silent, int batch,
                                     int32_t* vetoes, void* stream);

/**
 * The targets onto which no silent source of a sample has a synapse.
 *
 * @param bound as in tacet_eliminate_vetoes
 * @param silent as there
 * @param candidates [batch][ceil(targets / 32)]; written whole, 0 beyond the last target
 */
TACET_API int tacet_eliminate_candidates(tacet_context* context, const uint32_t* bound,
                                         int sources, int targets, const uint32_t* silent,
                                         int batch, uint32_t* candidates, void* stream);

#ifdef __cplusplus
}
#endif

#endif
