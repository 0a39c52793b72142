/*
 * Operations of cuda/propagate: sparse event propagation. Conventions are those of tacet.h.
 *
 * Structures hold addresses and 64-bit integers only, so a binding may pass them as arrays of
 * 64-bit words; they are read during the call.
 */
#ifndef TACET_PROPAGATE_H
#define TACET_PROPAGATE_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tacet_format {
  TACET_DENSE = 0,
  TACET_CSR = 1,
  TACET_FAN_OUT = 2,
  TACET_BLOCKS = 3,
  TACET_PROCEDURAL = 4
};

/** Distribution of procedural weights; see io.tacet.sparse.WeightLaw for the exact bits. */
enum tacet_law {
  /** first */
  TACET_CONSTANT = 0,
  /** [first, second) */
  TACET_UNIFORM = 1,
  /** mean first, deviation second */
  TACET_NORMAL = 2
};

/** What the sums of tacet_propagate_forward in a fixed order are while they grow. */
enum tacet_sums {
  TACET_SUMS_FLOAT32 = 0,
  /**
   * Terms are rounded to multiples of a power of two that the largest term and their number allow,
   * and added in any order. Of rows with lists of targets, without delays. A term's error is at most
   * its float32 rounding and max(m / floor((2^31 - 1) / n), 2^-128), of n events and largest term m
   * of a tile and a part; what holds NaN or infinities, or of more than 2^23 events, is added as float32.
   */
  TACET_SUMS_INT32 = 1
};

/** Why sums are TACET_SUMS_FLOAT32. */
enum tacet_sums_reason {
  /** They are not. */
  TACET_SUMS_REASON_NONE = 0,
  TACET_SUMS_REASON_NOT_ASKED = 1,
  /** The rows have no lists of targets. */
  TACET_SUMS_REASON_FORMAT = 2,
  TACET_SUMS_REASON_DELAYS = 3
};

/** Words of each structure. */
enum tacet_propagate_words {
  TACET_ROWS_WORDS = 22,
  TACET_LISTS_WORDS = 6,
  TACET_SLOTS_WORDS = 5,
  TACET_SHAPE_WORDS = 7
};

/** Synapses in rows by source. Targets ascend within a row and are unique. */
typedef struct tacet_rows {
  /** [count], in row order; blocks: [blocks][row_length][row_length]. Null if procedural. */
  const float* weights;
  /** [sources + 1] for TACET_CSR, [ceil(sources / row_length) + 1] for TACET_BLOCKS, else null. */
  const int32_t* offsets;
  /** Target of each synapse, of index_bytes each: 2 (unsigned) or 4; or block column. */
  const void* indices;
  int64_t format;
  int64_t sources;
  int64_t targets;
  int64_t index_bytes;
  /** Number of weights, or of synapses if procedural. */
  int64_t count;
  /** Fan-out; edge of a block, a power of two from 8 to 64. */
  int64_t row_length;
  /** Procedural: key of Philox4x32-10, ceil(targets 2^32 / fan-out), tacet_law, and the law's
   *  parameters as bits of floats. */
  int64_t seed;
  int64_t stratum;
  int64_t law;
  int64_t first;
  int64_t second;
  /** As tacet_propagate_shape says. */
  int64_t width;
  int64_t tiles;
  int64_t warps;
  int64_t parts;
  int64_t multiprocessors;
  /** tacet_sums: what is asked of tacet_propagate_shape, later what it says. */
  int64_t sums;
  /** [rows of offsets or sources][tiles + 1], filled by tacet_propagate_pivots; null if tiles is 1. */
  int32_t* pivots;
  /** [parts][batch][targets] scratch; null if parts is 1. */
  float* partials;
} tacet_rows;

/** The events of one step of a batch. */
typedef struct tacet_lists {
  /** [batch]; a count above the capacity means that the lists are incomplete. */
  const int32_t* counts;
  /** [batch][capacity], ascending. */
  const int32_t* units;
  /** [batch][capacity], or null for binary events. */
  const float* values;
  /** [batch][ceil(sources / 32)]. */
  const uint32_t* bitmap;
  int64_t batch;
  int64_t capacity;
} tacet_lists;

/** Values of the targets, for this step or for the next ones. */
typedef struct tacet_slots {
  /** [slots][batch][targets]; a delay of d is in slot (slot + d) % slots. */
  float* values;
  /** uint16 in steps, [sources] or [count]; null without delays. */
  const uint16_t* delays;
  int64_t per_synapse;
  int64_t slots;
  int64_t slot;
} tacet_slots;

/**
 * Event compaction: from dense activity to a bitmap and to sorted lists of the active units.
 *
 * @param activity [rows][units]; a unit that is not 0 (including NaN) has an event
 * @param rows such as steps x batch
 * @param units per row
 * @param capacity room per row in the lists
 * @param bitmap [rows][ceil(units / 32)], bit i % 32 of word i / 32 is unit i; written whole
 * @param events [rows][capacity]; the active units of a row in ascending order, the rest untouched
 * @param values [rows][capacity]; the activity of each event, or null if not needed
 * @param counts [rows]; events per row, including those beyond the capacity
 */
TACET_API int tacet_compact(tacet_context* context, const float* activity, int rows, int units,
                            int capacity, uint32_t* bitmap, int32_t* events, float* values,
                            int32_t* counts, void* stream);

/** As tacet_compact, but a unit that does not exceed the threshold has an event; NaN has none. */
TACET_API int tacet_compact_silent(tacet_context* context, const float* activity, float threshold,
                                   int rows, int units, int capacity, uint32_t* bitmap,
                                   int32_t* events, int32_t* counts, void* stream);

/** The second half of tacet_compact: from a bitmap to lists. */
TACET_API int tacet_expand(tacet_context* context, const uint32_t* bitmap, int rows, int units,
                           int capacity, int32_t* events, int32_t* counts, void* stream);

/**
 * The events that arrive in a step when units have delays: bit i of a row is bit i of that row
 * delays[i] steps ago.
 *
 * @param ring [slots][rows][ceil(units / 32)], past steps
 * @param delays uint16 [units], below slots
 * @param slot of this step
 * @param longest delays above it reach back before the first step and give no event
 * @param bitmap [rows][ceil(units / 32)]; written whole
 */
TACET_API int tacet_arrivals(tacet_context* context, const uint32_t* ring, const uint16_t* delays,
                             int slots, int slot, int longest, int rows, int units,
                             uint32_t* bitmap, void* stream);

/**
 * How to partition the work: writes width, tiles, warps, parts, multiprocessors, tacet_sums and
 * tacet_sums_reason.
 *
 * @param delayed whether for slots with delays
 */
TACET_API int tacet_propagate_shape(tacet_context* context, const tacet_rows* rows, int batch,
                                    int delayed, tacet_value* shape);

/** Fills rows->pivots from the pattern. */
TACET_API int tacet_propagate_pivots(tacet_context* context, const tacet_rows* rows, void* stream);

/**
 * target[b][m] += sum over the events of sample b of value x weight.
 *
 * @param deterministic 0 to allow float atomics
 */
TACET_API int tacet_propagate_forward(tacet_context* context, const tacet_rows* rows,
                                      const tacet_lists* lists, const tacet_slots* target,
                                      int deterministic, void* stream);

/**
 * The dot product of the row of each event with the adjoint of its sample.
 *
 * @param sums [batch][capacity]; elements without an event are untouched
 */
TACET_API int tacet_propagate_transposed(tacet_context* context, const tacet_rows* rows,
                                         const tacet_lists* lists, const tacet_slots* adjoint,
                                         float* sums, void* stream);

/**
 * gradient[s] += sum over the samples of value x adjoint of the target, for all synapses whose
 * source has events.
 *
 * @param gradient like the weights
 */
TACET_API int tacet_propagate_gradient(tacet_context* context, const tacet_rows* rows,
                                       const tacet_lists* lists, const tacet_slots* adjoint,
                                       float* gradient, void* stream);

/** Copies a slot of a ring to currents and clears it; count values. */
TACET_API int tacet_propagate_take(tacet_context* context, float* slot, float* currents,
                                   int64_t count, void* stream);

#ifdef __cplusplus
}
#endif

#endif
