// The weights of a block's units as fragments in registers, and the products of a pass with them.
#pragma once

#include "egru/fragments.cuh"

namespace TACET_NS {

/** Tiles of a warp whose weights are in shared memory, where the pass needs more registers than are left. */
template <int kSteps, bool kSplit>
constexpr int kTilesInShared = kSplit ? (kSteps > 2 ? 1 : 0) : (kSteps > 4 ? 2 : 0);

/** Quadruples of a thread that are there. */
template <int kSteps, bool kSplit>
constexpr int kFragmentsKept = kTilesInShared<kSteps, kSplit> * 3 * (kSplit ? 2 : 1);

/** The weights of a block's units and the sources of a warp, and products with them. */
template <int kSteps, bool kSplit, bool kBackward>
class ResidentFragments {
 public:
  /** @param first unit of the block; @param kept [kFragmentsKept][kPersistentThreads] in shared memory */
  __device__ __forceinline__ ResidentFragments(const EgruCall& call, int first, uint4* kept)
      : kept_(kept) {
    const int units = call.layer.units;
    const auto weight = [&](int source, int gate, int unit) {
      const int row = kBackward ? unit : source;
      const int column = kBackward ? source : unit;
      return source < units && unit < units
                 ? call.layer.recurrent[static_cast<size_t>(row) * 3 * units + gate * units + column]
                 : 0.0f;
    };
    const int unit = first + lane_id() / 4;
#pragma unroll
    for (int k = 0; k < kSteps; k++) {
#pragma unroll
      for (int gate = 0; gate < 3; gate++) {
        uint32_t high[4] = {};
        uint32_t low[4] = {};
        int source = tile_of(k) * kFragmentUnits + lane_id() % 4 * 2;
        compute_again(source);
        // A loop of one, over which nothing is read ahead: that would take more registers than there are.
#pragma unroll 1
        for (; source < units; source += 1 << 30) {
#pragma unroll
          for (int part = 0; part < 4; part++) {
            const int from = source + part / 2 * 8;
            const int to = unit + part % 2 * 8;
            to_fragment<kSplit>(weight(from, gate, to), weight(from + 1, gate, to), high[part], low[part]);
          }
        }
        put(0, k, gate, high);
        if (kSplit) {
          put(kParts - 1, k, gate, low);
        }
      }
    }
  }

  /**
   * Leaves the sums of the groups of a pass in shared memory. Of what a group needs all but its number is
   * computed again.
   *
   * @param pass its first group
   */
  __device__ __forceinline__ void multiply_pass(const FragmentShape& shape, const FragmentsSent& from,
                                                int pass, float* sums) const {
    uint32_t events = active(shape, from.events, pass);
#pragma unroll 1
    for (int g = 0; g < groups_of_pass(shape, pass); g++) {
      const int thread = thread_again();
      const int warp = thread / kWarpSize;
      const int lane = thread % kWarpSize;
      const int row = warp * shape.groups + pass + g * shape.blocks.teams;
      multiply(events,
               from.words + (static_cast<size_t>(row) * kApart + lane) * kFragmentWords<kSplit>,
               kFragmentWarps * kApart * kFragmentWords<kSplit> * shape.groups,
               sums + g * kFragmentSums<kBackward> +
                   warp * kFragmentTargets<kBackward> * kFragmentUnits * kFragmentSamples,
               lane);
      events >>= kSteps;
    }
  }

 private:
  static __device__ __forceinline__ int groups_of_pass(const FragmentShape& shape, int pass) {
    return min(shape.together, (shape.groups - pass + shape.blocks.teams - 1) / shape.blocks.teams);
  }

  /** Which tiles of the warp's have an event, bit k + kSteps g for tile k and group number g. */
  static __device__ __forceinline__ uint32_t active(const FragmentShape& shape, const uint32_t* events,
                                                    int pass) {
    static_assert(kSteps * kFragmentMostGroups <= kWarpSize, "a lane per tile and group");
    const int number = lane_id() / kSteps;
    const int tile = tile_of(lane_id() % kSteps);
    const int group = pass + number * shape.blocks.teams;
    const bool real = number < shape.together && group < shape.groups && tile < shape.tiles();
    const uint32_t word =
        real ? __ldcg(events + static_cast<size_t>(group) * shape.tiles() + tile) : 0u;
    return __ballot_sync(kFullWarp, word != 0);
  }

  /**
   * Leaves the warp's sums of a group in shared memory, [targets][16 x 8].
   *
   * @param active bit k: whether tile k of the warp's has an event
   * @param from what the lane has of the group in the warp's first tile
   * @param apart words from there to its next
   */
  __device__ __forceinline__ void multiply(uint32_t active, const uint32_t* from, int apart, float* to,
                                           int lane) const {
    float sums[kChains][4] = {};
#pragma unroll
    for (int p = 0; p < kPieces; p += kAhead) {
      FragmentPiece<kSplit> pieces[kAhead] = {};
#pragma unroll
      for (int j = 0; j < kAhead; j++) {
        const bool ends = (p + j + 1) % kValues == 0;
        if ((active >> ((p + j) / kValues) & 1u) != 0) {
          pieces[j].load(from + (p + j) % kValues * kWarpSize * kFragmentWords<kSplit>);
        }
        if (ends) {
          from += apart;
          compute_again(from);
        }
      }
#pragma unroll
      for (int j = 0; j < kAhead; j++) {
        if ((active >> ((p + j) / kValues) & 1u) != 0) {
          add(sums, (p + j) / kValues, (p + j) % kValues, pieces[j]);
        }
      }
    }
    const int unit = lane / 4;
    const int sample = lane % 4 * 2;
#pragma unroll
    for (int target = 0; target < kFragmentTargets<kBackward>; target++) {
#pragma unroll
      for (int s = 0; s < 4; s++) {
        to[target * kFragmentUnits * kFragmentSamples +
           FragmentPlace::at(unit + s / 2 * 8, sample + s % 2)] =
            kBackward && kChains == 3 ? sums[0][s] + sums[1][s] + sums[2][s] : sums[target][s];
      }
    }
  }

  static constexpr int kParts = kSplit ? 2 : 1;
  static constexpr int kValues = kFragmentValues<kBackward>;
  /** Lanes of what is sent from a tile and group to the next. */
  static constexpr int kApart = kValues * kWarpSize;
  /** Values of tiles. */
  static constexpr int kPieces = kSteps * kValues;
  /** Sums that do not wait for one another: those of gates, back as many where there are registers. */
  static constexpr int kChains = kBackward && kTilesInShared<kSteps, kSplit> > 0 ? 1 : 3;

  /** Pieces that are on their way at once; more spill. */
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1000
  static constexpr int kMostAhead = kBackward ? (kSteps < 4 ? 6 : kSplit || kSteps > 4 ? 1 : 3)
                                              : (kSteps < 4 ? 2 : !kSplit && kSteps == 4 ? 4 : 1);
#else
  static constexpr int kMostAhead = kBackward ? (kSplit ? (kSteps > 2 ? 3 : 6) : kSteps <= 4 ? 12 : 6)
                                              : (!kSplit && kSteps <= 4 ? 4 : 2);
#endif
  static constexpr int kAhead = kPieces < kMostAhead ? kPieces : kMostAhead;
  static_assert(kPieces % kAhead == 0, "whole batches");

  static __device__ __forceinline__ int tile_of(int k) { return k * kFragmentWarps + warp_id(); }

  static constexpr int kInRegisters = kSteps - kTilesInShared<kSteps, kSplit>;

  __device__ __forceinline__ uint4& kept(int part, int k, int gate) const {
    return kept_[(((k - kInRegisters) * kParts + part) * 3 + gate) * kPersistentThreads +
                 thread_again()];
  }

  __device__ __forceinline__ void put(int part, int k, int gate, const uint32_t* fragment) {
    if (k >= kInRegisters) {
      kept(part, k, gate) = uint4{fragment[0], fragment[1], fragment[2], fragment[3]};
      return;
    }
#pragma unroll
    for (int f = 0; f < 4; f++) {
      weights_[part][k][gate][f] = fragment[f];
    }
  }

  /** Adds what a value of a tile takes part in: the products of all gates, or back that of its own. */
  __device__ __forceinline__ void add(float (*sums)[4], int k, int value,
                                      const FragmentPiece<kSplit>& piece) const {
    add_part(sums, 0, k, value, piece.high);
    if (kSplit) {
      add_part(sums, 0, k, value, piece.low);
      add_part(sums, kParts - 1, k, value, piece.high);
    }
  }

  __device__ __forceinline__ void add_part(float (*sums)[4], int part, int k, int value,
                                           const uint32_t* right) const {
#pragma unroll
    for (int gate = kBackward ? value : 0; gate < (kBackward ? value + 1 : 3); gate++) {
      float* const chain = sums[gate % kChains];
      if (k >= kInRegisters) {
        const uint4 left = kept(part, k, gate);
        const uint32_t fragment[4] = {left.x, left.y, left.z, left.w};
        multiply_add(chain, fragment, right);
      } else {
        multiply_add(chain, weights_[part][k][gate], right);
      }
    }
  }

  uint32_t weights_[kParts][kInRegisters][3][4];
  uint4* kept_;
};

}  // namespace TACET_NS
