// What the launchers of egru share across files.
#pragma once

#include "dense/product.cuh"
#include "egru/replica.cuh"

namespace TACET_NS {

struct BackwardArguments;

/** Parts into which recurrent products are divided at most. */
constexpr int kEgruMostParts = 8;

/** Shared memory that the collectives of a block declare, in bytes. */
constexpr size_t kCollectivesShared = 2 * 32 * sizeof(int);

/** Scratch of a forward pass. */
struct EgruForwardScratch {
  /** States, [batch][units]: the caller's last state where there is one. */
  float* states;
  /** What units send into a step, in groups; two of them where steps overlap or are two products. */
  float* sent;
  float* second;
  /** Bits of units that send, [batch][words]. */
  uint32_t* bits;
  /**
   * Recurrent products, [parts][batch][3 units]; of the persistent kernel, only those of PAPER's gates
   * z and r, [batch][units][2].
   */
  float* products;
  unsigned int* barrier;
  /** Elements from the arrays of a replica to those of the next. */
  int64_t sent_apart;
  int64_t products_apart;
};

__device__ __forceinline__ EgruForwardScratch of_replica(const EgruForwardScratch& all,
                                                         const EgruCall& call, int replica) {
  EgruForwardScratch own = all;
  own.states = own_array(all.states, state_elements(call), replica);
  own.sent = own_array(all.sent, all.sent_apart, replica);
  own.second = own_array(all.second, all.sent_apart, replica);
  own.bits = own_array(
      all.bits, static_cast<int64_t>(call.sequence.batch) * event_words(call), replica);
  own.products = own_array(all.products, all.products_apart, replica);
  return own;
}

/** Samples per group: all of a small batch together, otherwise each alone. */
inline SampleGroups egru_event_groups(int batch) {
  return batch > kMostShared ? SampleGroups{1, batch} : packed_groups(batch);
}

/** Whether the products of the engine DENSE have the factors that the layer wants. */
bool steps_on_tensor_cores(const EgruCall& call);

/** Columns first .. first + columns - 1 of the product of what was sent with R, with those factors. */
void tensor_step_product(const EgruCall& call, const EgruForwardScratch& scratch, const float* sent,
                         int first, int columns, int parts, tacet::Stream stream);

/**
 * The product of columns first .. first + columns - 1 of a step's adjoints with those of R, transposed,
 * with those factors.
 */
void tensor_step_product_back(const BackwardArguments& a, int first, int columns, int parts,
                              tacet::Stream stream);

/** How a backward pass runs. */
tacet::EgruPassPlan egru_backward_plan(const EgruCall& call);

/** Whether every row of every gate of R begins at a float4. */
inline bool rows_are_aligned(const EgruCall& call) {
  return call.layer.units % 4 == 0 && reinterpret_cast<uintptr_t>(call.layer.recurrent) % 16 == 0;
}

/** Parts of a product whose rows are walked, not tiled: enough blocks, but 64 units each. */
inline int egru_row_parts(int blocks, int units) {
  return max(min(min(kProductEnoughBlocks / blocks, units / 64), kEgruMostParts), 1);
}

}  // namespace TACET_NS
