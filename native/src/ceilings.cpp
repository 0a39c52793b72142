#include "ceilings/ceilings.h"

#include "dispatch.h"
#include "tacet_ceilings.h"

using tacet::require;

static_assert(TACET_CEILING_THREADS == tacet::kCeilingThreads &&
                  TACET_CEILING_CHAINS == tacet::kCeilingChains &&
                  TACET_CEILING_TILE == tacet::kCeilingTile &&
                  TACET_CEILING_DEPTH == tacet::kCeilingDepth,
              "the numbers of C and C++ agree");

namespace {

bool power_of_two(int64_t value) { return value > 0 && (value & (value - 1)) == 0; }

/** Floats of an array whose pieces of 16 bytes have 32-bit numbers. */
int64_t pieces_of_four(int64_t count) {
  require(count >= 4 && count % 4 == 0 && count < int64_t{1} << 34,
          "count: expected a multiple of 4 below 2^34 floats");
  return count;
}

int64_t rows_of(int64_t rows, int64_t row) {
  require(power_of_two(rows), "rows: expected a power of two");
  require(row >= 4 && row % 4 == 0 && (rows == 1 || power_of_two(row)),
          "row: expected a multiple of 4, with more than one row a power of two");
  pieces_of_four(rows * row);
  return rows;
}

int64_t window_of(int64_t words, int width) {
  require(width == 1 || width == 4, "width: expected 1 or 4");
  require(power_of_two(words) && words >= width && words / width <= 1 << 24,
          "words: expected a power of two of at most 2^24 places");
  return words;
}

int degree_of(int degree) {
  require(power_of_two(degree) && degree <= 32, "degree: expected 1, 2, 4, 8, 16 or 32");
  return degree;
}

}  // namespace

int tacet_ceiling_fill(tacet_context* context, float* values, int64_t count, int64_t seed,
                       void* stream) {
  return TACET_DISPATCH(context, ceiling_fill, values, count, static_cast<uint64_t>(seed), stream);
}

int tacet_ceiling_copy(tacet_context* context, const float* source, float* target, int64_t count,
                       int passes, int blocks, void* stream) {
  return TACET_DISPATCH(context, ceiling_copy, source, target, pieces_of_four(count), passes, blocks,
                        stream);
}

int tacet_ceiling_gather(tacet_context* context, const float* table, int64_t rows, int64_t row,
                         int passes, int blocks, float* sums, void* stream) {
  return TACET_DISPATCH(context, ceiling_gather, table, rows_of(rows, row), row, passes, blocks, sums,
                        stream);
}

int tacet_ceiling_add(tacet_context* context, float* window, int64_t words, int width, int coalesced,
                      int adds, int blocks, void* stream) {
  return TACET_DISPATCH(context, ceiling_add, window, window_of(words, width), width, coalesced != 0,
                        adds, blocks, stream);
}

int tacet_ceiling_shared_add_int(tacet_context* context, int degree, int adds, int blocks,
                                 int32_t* words, void* stream) {
  return TACET_DISPATCH(context, ceiling_shared_add_int, degree_of(degree), adds, blocks, words,
                        stream);
}

int tacet_ceiling_shared_add_float(tacet_context* context, int degree, int adds, int blocks,
                                   float* words, void* stream) {
  return TACET_DISPATCH(context, ceiling_shared_add_float, degree_of(degree), adds, blocks, words,
                        stream);
}

int tacet_ceiling_fma(tacet_context* context, float factor, float summand, int iterations,
                      int blocks, float* results, void* stream) {
  return TACET_DISPATCH(context, ceiling_fma, factor, summand, iterations, blocks, results, stream);
}

int tacet_ceiling_mma(tacet_context* context, const uint16_t* a, const uint16_t* b, int iterations,
                      int blocks, float* results, void* stream) {
  return TACET_DISPATCH(context, ceiling_mma, a, b, iterations, blocks, results, stream);
}

int tacet_ceiling_barriers(tacet_context* context, int barriers, int blocks, uint32_t* counter,
                           void* stream) {
  return TACET_DISPATCH(context, ceiling_barriers, barriers, blocks, tacet::optional(counter), stream);
}

int tacet_ceiling_nodes(tacet_context* context, int nodes, int32_t* counter, tacet_value* graph) {
  return tacet::with_context(__func__, context, [&](tacet::Runtime& runtime) {
    require(nodes >= 1, "nodes: expected at least 1");
    require(graph != nullptr, "graph: expected an address, got null");
    const bool host = context->kind == TACET_HOST;
    if (!host) {
      // The first launch loads the kernel, which a capture may not.
      TACET_CALL_CUDA(ceiling_node, nullptr, nullptr);
    }
    void* const made = runtime.graph_create([=](void* stream) {
      for (int k = 0; k < nodes; k++) {
        if (host) {
          tacet_host::ceiling_node(counter, stream);
        } else {
          TACET_CALL_CUDA(ceiling_node, counter, stream);
        }
      }
    });
    *graph = reinterpret_cast<tacet_value>(made);
  });
}
