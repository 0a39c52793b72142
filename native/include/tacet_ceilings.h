/*
 * Peak rates of a device: the kernels of cuda/ceilings, by which the benchmarks convert the bytes
 * and flops of an operation into a time. Conventions are those of tacet.h.
 *
 * Every launch has `blocks` blocks of TACET_CEILING_THREADS threads.
 */
#ifndef TACET_CEILINGS_H
#define TACET_CEILINGS_H

#include "tacet.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TACET_CEILING_THREADS = 256,
  /** Independent chains of multiply-adds per thread. */
  TACET_CEILING_CHAINS = 8,
  /** A warp multiplies TILE x DEPTH by DEPTH x TILE numbers. */
  TACET_CEILING_TILE = 32,
  TACET_CEILING_DEPTH = 16
};

/** Fills an array with random numbers in [0, 1), the same for the same seed. */
TACET_API int tacet_ceiling_fill(tacet_context* context, float* values, int64_t count, int64_t seed,
                                 void* stream);

/**
 * Copies an array, `passes` times.
 *
 * @param count of floats, a multiple of 4 below 2^34
 */
TACET_API int tacet_ceiling_copy(tacet_context* context, const float* source, float* target,
                                 int64_t count, int passes, int blocks, void* stream);

/**
 * Reads every row of a table once per pass and sums it: in random order, or sequentially if there
 * is a single row.
 *
 * @param table [rows][row], fewer than 2^34 floats
 * @param rows a power of two, or 1
 * @param row floats per row: a multiple of 4; with more than one row a power of two
 * @param sums [blocks], together the sum of the table times the passes
 */
TACET_API int tacet_ceiling_gather(tacet_context* context, const float* table, int64_t rows,
                                   int64_t row, int passes, int blocks, float* sums, void* stream);

/**
 * Every thread adds 1 to elements of `width` words, `adds` times.
 *
 * @param window [words]
 * @param words a power of two, at most 2^24 elements
 * @param width 1, or 4 words in one instruction where the device has it
 * @param coalesced 1: neighbouring threads add to neighbouring elements; 0: to random ones
 */
TACET_API int tacet_ceiling_add(tacet_context* context, float* window, int64_t words, int width,
                                int coalesced, int adds, int blocks, void* stream);

/**
 * Every thread adds 1 to words in shared memory, `adds` times; `degree` lanes contend for each.
 *
 * @param degree 1, 2, 4, 8, 16 or 32
 * @param words [blocks][TACET_CEILING_THREADS], the sums
 */
TACET_API int tacet_ceiling_shared_add_int(tacet_context* context, int degree, int adds, int blocks,
                                           int32_t* words, void* stream);

/** The same on float32. */
TACET_API int tacet_ceiling_shared_add_float(tacet_context* context, int degree, int adds,
                                             int blocks, float* words, void* stream);

/**
 * x = x factor + summand, `iterations` times in each of TACET_CEILING_CHAINS chains c of thread i,
 * which begin at i % 1024 + c.
 *
 * @param results [blocks][TACET_CEILING_THREADS], the sums of the chains
 */
TACET_API int tacet_ceiling_fma(tacet_context* context, float factor, float summand, int iterations,
                                int blocks, float* results, void* stream);

/**
 * Every warp adds up A B, `iterations` times, by bfloat16 products and float32 sums.
 *
 * @param a [TACET_CEILING_TILE][TACET_CEILING_DEPTH]
 * @param b [TACET_CEILING_DEPTH][TACET_CEILING_TILE]
 * @param results [blocks][TACET_CEILING_THREADS / 32][TACET_CEILING_TILE][TACET_CEILING_TILE]
 */
TACET_API int tacet_ceiling_mma(tacet_context* context, const uint16_t* a, const uint16_t* b,
                                int iterations, int blocks, float* results, void* stream);

/**
 * Grid barriers in one launch, which requires all blocks to be resident.
 *
 * @param counter a word; afterwards barriers x blocks
 */
TACET_API int tacet_ceiling_barriers(tacet_context* context, int barriers, int blocks,
                                     uint32_t* counter, void* stream);

/**
 * A graph of empty kernels in sequence; see tacet_graph_launch.
 *
 * @param counter null, or a word that every node increments
 * @param graph receives the graph
 */
TACET_API int tacet_ceiling_nodes(tacet_context* context, int nodes, int32_t* counter,
                                  tacet_value* graph);

#ifdef __cplusplus
}
#endif

#endif
