// The engine EVENT in one launch, for layers whose weights no chip holds and up to eight samples: where
// leaving out the rows of silent units pays most. Which layers it takes, and how they are divided.
//
// A block on every multiprocessor owns some units, and so the columns of R for their three gates. In a
// step it adds the rows of the units that have sent something, advances its own units and publishes their
// events; one barrier between steps, nothing else goes through memory. Blocks own a multiple of eight
// units: then event bits are bytes of one block, and of rows of float32 whole sectors.
//
// Rows of float32 are read where they are if each begins at 16 bytes. Else, and with factors of bfloat16,
// they are packed once in a call, [blocks][sources][3 x units of a block], if that moves less than it
// saves: what a block reads of a row then lies side by side.
#pragma once

#include "egru/engines.cuh"

namespace TACET_NS {

using tacet::EgruStepwise;

/** Of a block: the sums of several samples take too many registers for more. */
template <int kShared>
constexpr int kStreamingThreads = kShared <= 2 ? 512 : 256;
template <int kShared>
constexpr int kStreamingWarps = kStreamingThreads<kShared> / kWarpSize;
/** Units of a block are a multiple of this. */
constexpr int kStreamingUnits = 8;
/** Layers of fewer units step by two launches, unless they are told not to: blocks would have few columns. */
constexpr int kStreamingLeastUnits = 1024;

/** How a layer is divided; no blocks if it is not. */
struct StreamingShape {
  int blocks = 0;
  /** Of a block, which the last may have fewer of. */
  int each = 0;
  /** What weights are packed in: kFloat32, or with `packed` off where they are, or kBfloat16. */
  tacet::Factors factors = tacet::Factors::kFloat32;
  bool packed = false;
  /** Whether the events before the first step are in the array that those after the last go to. */
  bool in_place = false;
  /** Why there are no blocks. */
  EgruStepwise reason = EgruStepwise::kNone;

  bool fits() const { return blocks > 0; }
  /** Bytes of the packed weights. */
  size_t packed_bytes(int units) const {
    const size_t size = factors == tacet::Factors::kBfloat16 ? sizeof(uint16_t) : sizeof(float);
    return packed ? size * 3 * each * units * blocks : 0;
  }
};

/** How the engine EVENT runs a layer, by its call; `in_place` is not known from that. */
StreamingShape streaming_shape(const EgruCall& call);

/** Carves the scratch of a pass and runs it, or only carves where there is no memory. */
void run_streaming_forward(const EgruCall& call, const EgruOutputsView& outputs,
                           const StreamingShape& shape, tacet::Carver& carver,
                           const tacet::Workspace* workspace, tacet::Stream stream);

}  // namespace TACET_NS
