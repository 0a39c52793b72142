// Shared by the persistent kernels on tensor cores: which part of a layer a block and a warp own, and how
// values travel from the block that makes them to the fragments of those that multiply them.
//
// A block owns 16 units, so three tiles of 16 rows of mma.sync.m16n8k16, one for each gate, and 16
// sources are an index k of it. Of the tiles of sources, warp w of 16 owns those with the numbers
// w, w + 16, ...; their weights stay in registers as fragments. Samples are in groups of eight, the
// columns of the instruction. What is sent lies in the order of fragments,
// [tile of sources][group][lane][words], so that a lane reads its part at once, 8 bytes, or 16 with two
// bfloat16 to a value, and a warp 256 or 512 neighbouring bytes. A word to a tile and group says whether
// anything was sent there, a byte for each of the four warps that write it: no atomics, and what is
// silent is neither read nor multiplied, which changes nothing, for it would have added 0.
#pragma once

#include "egru/persistent.cuh"

#include "common/mma.cuh"

namespace TACET_NS {

/** Units of a block and sources of a tile. */
constexpr int kFragmentUnits = 16;
/** Samples of a group. */
constexpr int kFragmentSamples = 8;
constexpr int kFragmentWarps = kPersistentThreads / kWarpSize;
/** Warps that have a unit and a sample of a group in each lane. */
constexpr int kFragmentOwners = kFragmentUnits * kFragmentSamples / kWarpSize;
/** Groups that a block's threads have at once. */
constexpr int kFragmentMostGroups = kFragmentWarps / kFragmentOwners;
/** Sums of the warps for a group, in floats. */
constexpr int kFragmentSums = kFragmentWarps * 3 * kFragmentUnits * kFragmentSamples;

/** Left for what kernels declare themselves, in bytes. */
constexpr size_t kFragmentOtherShared = 10240;

/** 32-bit words of a lane in a tile and group. */
template <bool kSplit>
constexpr int kFragmentWords = kSplit ? 4 : 2;

/** The unit and the sample that a lane has, and where the sums of theirs are. */
struct FragmentPlace {
  /** Of the four warps of a group. */
  int owner;
  /** Of the block's. */
  int unit;
  /** Of the group's. */
  int sample;

  /** @param thread of the block */
  __device__ __forceinline__ explicit FragmentPlace(int thread)
      : owner(thread / kWarpSize % kFragmentOwners), unit(thread % kFragmentUnits) {
    const int position = thread / kFragmentUnits % kFragmentSamples;
    sample = position % 4 * 2 + position / 4;
  }

  /**
   * Among the sums of a gate: even samples come first, and of every second pair of rows the halves are
   * interchanged, so that neither the fragments that are written nor the lanes that read them meet in a
   * bank.
   */
  static __device__ __forceinline__ int at(int unit, int sample) {
    const int pair = sample / 2;
    return (sample % 2 * 4 + pair) * kFragmentUnits + (unit ^ (pair / 2 * 8));
  }
};

/**
 * The number of the thread, which is asked for again at every call: what follows from it is computed
 * anew in every step, instead of taking registers from the weights meanwhile.
 */
__device__ __forceinline__ int thread_again() {
#if defined(__CUDA_ARCH__)
  int thread;
  asm volatile("mov.u32 %0, %tid.x;" : "=r"(thread));
  return thread;
#else
  return static_cast<int>(threadIdx.x);
#endif
}

/** Lets what follows from a number or an address be computed where it is used, not once for all. */
__device__ __forceinline__ void compute_again(int& number) {
#if defined(__CUDA_ARCH__)
  asm volatile("" : "+r"(number));
#else
  (void)number;
#endif
}

template <typename T>
__device__ __forceinline__ void compute_again(const T*& address) {
#if defined(__CUDA_ARCH__)
  asm volatile("" : "+l"(address));
#else
  (void)address;
#endif
}

/** What units send into a step, and which tiles and groups have any of it. */
struct FragmentsSent {
  uint32_t* words;
  uint32_t* events;
};

/** Of a lane: two fragments of B, or also their lower parts. */
template <bool kSplit>
struct FragmentPiece {
  uint32_t high[2];
  uint32_t low[2];

  /** Not from L1, which does not see what other blocks wrote. */
  __device__ __forceinline__ void load(const uint32_t* from) {
    if (kSplit) {
      const uint4 four = __ldcg(reinterpret_cast<const uint4*>(from));
      high[0] = four.x;
      high[1] = four.y;
      low[0] = four.z;
      low[1] = four.w;
    } else {
      const uint2 two = __ldcg(reinterpret_cast<const uint2*>(from));
      high[0] = two.x;
      high[1] = two.y;
    }
  }
};

/** Sends the value of each lane of a warp to all blocks; 0 for those that have none. */
template <bool kSplit>
__device__ __forceinline__ void send_fragments(const FragmentsSent& to, int tiles, int groups, int tile,
                                               int group, const FragmentPlace& place, float value) {
  const int lane = place.sample * 4 + place.unit % 8 / 2;
  const size_t row = static_cast<size_t>(tile) * groups + group;
  uint16_t* const half = reinterpret_cast<uint16_t*>(to.words) +
                         2 * ((row * kWarpSize + lane) * kFragmentWords<kSplit> + place.unit / 8) +
                         place.unit % 2;
  if (kSplit) {
    const uint16_t high = to_finite_bfloat16(value);
    half[0] = high;
    half[4] = to_bfloat16(value - from_bfloat16(high));
  } else {
    half[0] = to_bfloat16(value);
  }
  const bool any = __any_sync(kFullWarp, value != 0.0f);
  if (lane_id() == 0) {
    uint8_t* const byte = reinterpret_cast<uint8_t*>(
        to.events + static_cast<size_t>(group) * tiles + tile);
    byte[place.owner] = any ? 1 : 0;
  }
}

/** How a layer is divided; no blocks if it is not. */
struct FragmentShape {
  PersistentShape blocks;
  /** Of eight samples. */
  int groups;
  /** Groups of a team that its blocks have at once. */
  int together;
  /** Bytes of the weights of a block that do not stay in registers. */
  size_t kept;

  bool fits() const { return blocks.blocks > 0; }
  __host__ __device__ int tiles() const { return blocks.blocks; }
  __host__ __device__ size_t sums_bytes() const { return sizeof(float) * kFragmentSums * together; }
  size_t shared_bytes() const { return sums_bytes() + kept; }

  /** Words of what is sent into a step by the units of a replica. */
  template <bool kSplit>
  __host__ __device__ size_t words() const {
    return static_cast<size_t>(blocks.blocks) * groups * kWarpSize * kFragmentWords<kSplit>;
  }
  __host__ __device__ size_t event_words() const {
    return static_cast<size_t>(blocks.blocks) * groups;
  }
};

/** How a forward pass divides a layer whose factors are bfloat16. */
FragmentShape fragment_forward_shape(const EgruCall& call);

/** Whether it pays: as a persistent pass, and while each block does with one exchange of sums. */
inline bool fragments_pay(const EgruCall& call, const FragmentShape& shape) {
  constexpr int kLeastSteps = 4;
  return shape.fits() && call.sequence.steps >= kLeastSteps &&
         tacet::ceil_div(shape.groups, shape.blocks.teams) <= shape.together;
}

/** Carves the scratch of a pass and runs it, or only carves where there is no memory. */
void run_fragment_forward(const EgruCall& call, const EgruOutputsView& outputs,
                          const FragmentShape& shape, tacet::Carver& carver,
                          const tacet::Workspace* workspace, tacet::Stream stream);

}  // namespace TACET_NS
