// Launchers that measure the peak rates of a GPU; the parameters are those of tacet_ceilings.h.
#pragma once

#include "common/declare.h"

namespace tacet {

/** Threads of a block of every ceiling. */
constexpr int kCeilingThreads = 256;
/** Chains of multiply-adds of a thread that do not wait for each other. */
constexpr int kCeilingChains = 8;
/** Extent of the square tile that a warp multiplies into, and the depth of its products. */
constexpr int kCeilingTile = 32;
constexpr int kCeilingDepth = 16;

}  // namespace tacet

TACET_DECLARE(
    void ceiling_fill(float* values, int64_t count, uint64_t seed, tacet::Stream stream);
    void ceiling_copy(const float* source, float* target, int64_t count, int passes, int blocks,
                      tacet::Stream stream);
    void ceiling_gather(const float* table, int64_t rows, int64_t row, int passes, int blocks, float* sums,
                        tacet::Stream stream);
    void ceiling_add(float* window, int64_t words, int width, bool coalesced, int adds, int blocks,
                     tacet::Stream stream);
    void ceiling_shared_add_int(int degree, int adds, int blocks, int32_t* words,
                                tacet::Stream stream);
    void ceiling_shared_add_float(int degree, int adds, int blocks, float* words,
                                  tacet::Stream stream);
    void ceiling_fma(float factor, float summand, int iterations, int blocks, float* results,
                     tacet::Stream stream);
    void ceiling_mma(const uint16_t* a, const uint16_t* b, int iterations, int blocks, float* results,
                     tacet::Stream stream);
    void ceiling_barriers(int barriers, int blocks, uint32_t* counter, tacet::Stream stream);
    void ceiling_node(int32_t* counter, tacet::Stream stream););
