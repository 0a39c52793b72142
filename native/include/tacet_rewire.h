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
  TACET_FACTORS_WORDS = 6,
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

/** Of what gradients are made: the sum over pairs of step and sample of what a source sent x an error. */
typedef struct tacet_factors {
  /** [pairs][parts][sources]; of pair p counts what is sent in p - lag. */
  const float* sent;
  /** [lag][parts][sources], what goes before that; null for zeros. */
  const float* first;
  /** [pairs][values targets] */
  const float* errors;
  int64_t pairs;
  /** 0 .. pairs */
  int64_t lag;
  /** 1, or one for each value of a synapse; with one value, parts of targets as wide as one another. */
  int64_t parts;
} tacet_factors;

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

/** Writes the bytes of workspace that tacet_rewire_absent needs. */
TACET_API int tacet_rewire_absent_bytes(tacet_context* context, const tacet_wiring* wiring,
                                        int64_t count, tacet_value* bytes);

/**
 * Finds the pairs that have no synapse but a marked one, whose gradients are largest, the sum of the
 * absolute values of a pair, of equal ones the first.
 *
 * @param marks [places]; null where none is marked
 * @param count how many, 1 to 2^30, of which there have to be as many
 * @param found [2][count]; their sources, ascending, and their targets
 */
TACET_API int tacet_rewire_absent(tacet_context* context, const tacet_wiring* wiring,
                                  const uint16_t* marks, const tacet_factors* factors,
                                  int64_t count, int32_t* found, void* workspace,
                                  int64_t workspace_bytes, void* stream);

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
 * @param pairs [2][grow], as tacet_rewire_absent finds them; null for pairs drawn from the seed
 */
TACET_API int tacet_rewire_replace(tacet_context* context, const tacet_wiring* wiring,
                                   const tacet_companion* companions, int64_t count,
                                   uint16_t* marks, int64_t left, int64_t grow,
                                   const int32_t* pairs, int64_t seed, int step, void* workspace,
                                   int64_t workspace_bytes, void* stream);

#ifdef __cplusplus
}
#endif

#endif
