/*
 * Operations of cuda/rewire: dynamic sparsity. Conventions are those of tacet.h.
 *
 * Structures hold addresses and 64-bit integers only, so a binding may pass them as arrays of
 * 64-bit words; they are read during the call. Random draws are those that
 * io.tacet.spi.RewiringKernels defines.
 */
#ifndef TACET_REWIRE_H
#define TACET_REWIRE_H

#include "tacet.h"
#include "tacet_propagate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Words of each structure, and the most companions and values of a synapse. */
enum tacet_rewire_words {
  TACET_WIRING_WORDS = 8,
  TACET_COMPANION_WORDS = 4,
  TACET_MOST_COMPANIONS = 16,
  TACET_MOST_VALUES = 4
};

/** Synapses in rows by source; targets ascend within a row and are unique. */
typedef struct tacet_wiring {
  int64_t sources;
  /** Different targets. */
  int64_t targets;
  /** Values of a synapse, 1 to TACET_MOST_VALUES. */
  int64_t values;
  /** 0: values of a synapse are next to one another. 1: rows hold their targets once for each value,
   *  one behind the other, value g of target m under g targets + m. */
  int64_t repeated;
  /** Room for synapses, those that are repeated counted once. */
  int64_t places;
  /** [sources + 1], repeated ones counted as often as they are. */
  int32_t* offsets;
  /** Of index_bytes each: 2 (unsigned) or 4. */
  void* indices;
  int64_t index_bytes;
} tacet_wiring;

/** An array [places][values], or in rows like the indices where targets are repeated. */
typedef struct tacet_companion {
  float* array;
  /** tacet_law of what new synapses begin with, and its parameters as bits of floats. */
  int64_t law;
  int64_t first;
  int64_t second;
} tacet_companion;

/** Writes the bytes of workspace that tacet_rewire_mark needs. */
TACET_API int tacet_rewire_mark_bytes(tacet_context* context, const tacet_wiring* wiring,
                                      tacet_value* bytes);

/**
 * Marks the synapses of smallest magnitude, the sum of the absolute values of a synapse, of equal ones
 * the first.
 *
 * @param values like a companion
 * @param count how many
 * @param only_marked whether only those that are marked count
 * @param marks [places]; 1 for those and 0 for the others
 */
TACET_API int tacet_rewire_mark(tacet_context* context, const tacet_wiring* wiring,
                                const float* values, int64_t count, int only_marked,
                                uint16_t* marks, void* workspace, int64_t workspace_bytes,
                                void* stream);

/**
 * A step of DEEP R's random walk: weight -= sign drift, += noise nu with nu standard normal; a weight
 * that is then beyond 0 is set to 0. Marks synapses of which none is left on its side and one is beyond.
 *
 * @param weights like a companion
 * @param signs like the weights; negative for those of at most 0
 * @param marks [places]; 1 for those and 0 for the others
 * @param marked [1]; how many
 */
TACET_API int tacet_rewire_walk(tacet_context* context, const tacet_wiring* wiring, float* weights,
                                const float* signs, float drift, float noise, int64_t seed,
                                int step, uint16_t* marks, int32_t* marked, void* stream);

/** Writes the bytes of workspace that tacet_rewire_replace needs. */
TACET_API int tacet_rewire_replace_bytes(tacet_context* context, const tacet_wiring* wiring,
                                         int64_t companions, int64_t grow, tacet_value* bytes);

/**
 * Removes the marked synapses and grows others, with all companions.
 *
 * @param companions [count]
 * @param marks [places]; 1 afterwards for those that are new
 * @param left synapses that are not marked
 * @param grow new ones, at most places - left
 */
TACET_API int tacet_rewire_replace(tacet_context* context, const tacet_wiring* wiring,
                                   const tacet_companion* companions, int64_t count,
                                   uint16_t* marks, int64_t left, int64_t grow, int64_t seed,
                                   int step, void* workspace, int64_t workspace_bytes,
                                   void* stream);

#ifdef __cplusplus
}
#endif

#endif
