// Shared by the persistent kernels on tensor cores of both directions: which part of a layer a block and
// a warp own, and how values travel from the block that makes them to the fragments of those that
// multiply them.
//
// A block owns 16 units. Forward they are three tiles of 16 rows of mma.sync.m16n8k16, one for each gate,
// whose sums are of what 16 sources send, an index k of it. On the way back a unit is a row of R, so 16 of
// them are one tile, but sources send three values each, the adjoints of their gates' products: three
// tiles of 16 columns. Either way a tile of sources is three fragments of weights. Of the tiles of
// sources, warp w of 16 owns those with the numbers w, w + 16, ...; their weights stay in registers.
// Samples are in groups of eight, the columns of the instruction. What is sent lies in the order of
// fragments, [tile of sources][group][value][lane][words], so that a lane reads its part of a value at
// once, 8 bytes, or 16 with two bfloat16 to a value, and a warp 256 or 512 neighbouring bytes. A word to a
// tile and group says whether anything was sent there, a byte for each of the four warps that write it: no
// atomics, and what is silent is neither read nor multiplied, which changes nothing, for it would have
// added 0.
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

/** Values that a unit sends from a step to the next: y, or back the adjoints of its gates' products. */
template <bool kBackward>
constexpr int kFragmentValues = kBackward ? 3 : 1;

/** Sums of a unit and sample: the products of its gates, or back the adjoint of what it sent. */
template <bool kBackward>
constexpr int kFragmentTargets = kBackward ? 1 : 3;

/** Sums of the warps for a group, in floats. */
template <bool kBackward>
constexpr int kFragmentSums =
    kFragmentWarps * kFragmentTargets<kBackward> * kFragmentUnits * kFragmentSamples;

/** Left for what kernels declare themselves, in bytes. */
template <bool kBackward>
constexpr size_t kFragmentOtherShared = kBackward ? 34816 : 10240;

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

/** Sends a value of each lane of a warp to all blocks. @param row the tile, group and value of them */
template <bool kSplit>
__device__ __forceinline__ void send_value(uint32_t* words, size_t row, const FragmentPlace& place,
                                           float value) {
  const int lane = place.sample * 4 + place.unit % 8 / 2;
  uint16_t* const half = reinterpret_cast<uint16_t*>(words) +
                         2 * ((row * kWarpSize + lane) * kFragmentWords<kSplit> + place.unit / 8) +
                         place.unit % 2;
  if (kSplit) {
    const uint16_t high = to_finite_bfloat16(value);
    half[0] = high;
    half[4] = to_bfloat16(value - from_bfloat16(high));
  } else {
    half[0] = to_bfloat16(value);
  }
}

/** Sends the values of each lane of a warp to all blocks; 0 for those that have none. */
template <bool kSplit, int kValues>
__device__ __forceinline__ void send_fragments(const FragmentsSent& to, int tiles, int groups, int tile,
                                               int group, const FragmentPlace& place,
                                               const float (&values)[kValues]) {
  const size_t row = (static_cast<size_t>(tile) * groups + group) * kValues;
  bool sends = false;
#pragma unroll
  for (int v = 0; v < kValues; v++) {
    send_value<kSplit>(to.words, row + v, place, values[v]);
    sends = sends || values[v] != 0.0f;
  }
  const bool any = __any_sync(kFullWarp, sends);
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
  template <bool kBackward>
  __host__ __device__ size_t sums_bytes() const {
    return sizeof(float) * kFragmentSums<kBackward> * together;
  }
  template <bool kBackward>
  size_t shared_bytes() const {
    return sums_bytes<kBackward>() + kept;
  }

  /** Whether a block has all groups of its team at once, so that what a thread has is its own throughout. */
  __host__ __device__ bool at_once() const {
    return groups <= together * blocks.teams;
  }

  /** Words of what is sent from a step by the units of a replica. */
  template <bool kBackward, bool kSplit>
  __host__ __device__ size_t words() const {
    return static_cast<size_t>(blocks.blocks) * groups * kFragmentValues<kBackward> * kWarpSize *
           kFragmentWords<kSplit>;
  }
  __host__ __device__ size_t event_words() const {
    return static_cast<size_t>(blocks.blocks) * groups;
  }
};

/** What is sent, twice, for steps overlap, and the counters of teams. */
struct FragmentExchange {
  uint32_t* words;
  uint32_t* events;
  unsigned int* barrier;

  /** What is sent in steps of one parity. @param replica 0 also where the exchange is that of a replica */
  template <bool kBackward, bool kSplit>
  __device__ __forceinline__ FragmentsSent of_step(const FragmentShape& shape, int t,
                                                   int replica = 0) const {
    const int place = 2 * replica + t % 2;
    return {words + place * shape.words<kBackward, kSplit>(), events + place * shape.event_words()};
  }

  template <bool kBackward, bool kSplit>
  static FragmentExchange carve(const EgruCall& call, const FragmentShape& shape,
                                tacet::Carver& carver) {
    const size_t replicas = call.layer.replicas;
    FragmentExchange exchange{};
    exchange.words = carver.take<uint32_t>(replicas * 2 * shape.words<kBackward, kSplit>());
    exchange.events = carver.take<uint32_t>(replicas * 2 * shape.event_words());
    exchange.barrier = carver.take<unsigned int>(shape.blocks.counters());
    return exchange;
  }
};

/** @param words, events of a replica in a step */
__device__ __forceinline__ FragmentExchange of_replica(const FragmentExchange& all, size_t words,
                                                       size_t events, int replica) {
  return {own_array(all.words, static_cast<int64_t>(2 * words), replica),
          own_array(all.events, static_cast<int64_t>(2 * events), replica), all.barrier};
}

/** How a forward pass divides a layer whose factors are bfloat16. */
FragmentShape fragment_forward_shape(const EgruCall& call);

/**
 * Whether a pass is on tensor cores with this shape: if the engine is asked for, or if it pays, as a
 * persistent pass does, and while each block does with one exchange of sums.
 */
inline bool fragments_wanted(const EgruCall& call, const FragmentShape& shape) {
  constexpr int kLeastSteps = 4;
  const EgruEngine engine = call.layer.engine;
  return shape.fits() &&
         (engine == EgruEngine::kPersistent || (engine == EgruEngine::kAuto && shape.at_once() &&
                                                call.sequence.steps >= kLeastSteps));
}

/** Carves the scratch of a pass and runs it, or only carves where there is no memory. */
void run_fragment_forward(const EgruCall& call, const EgruOutputsView& outputs,
                          const FragmentShape& shape, tacet::Carver& carver,
                          const tacet::Workspace* workspace, tacet::Stream stream);

}  // namespace TACET_NS
