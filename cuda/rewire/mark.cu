// Marks the k synapses of smallest magnitude, exactly, of equal ones the first.
//
// The sum of the absolute values of a synapse, whose bits order like it, is a key of 32 bits. The
// selection of select.cuh finds the key of rank k. Keys equal to it are counted per block and ranked
// by the exclusive sums of the counts.
// Launches: keys (a warp per row), 3 x (count, find), equal ones, sums, marks.
// Bytes per synapse: 4 values read, 4 written for the key, 5 x 4 read, 2 written.
// Floor: 4 values + 2.
#include "common/kernel.cuh"
#include "rewire/select.cuh"

namespace TACET_NS {

namespace {

__device__ __forceinline__ int synapse_count(const WiringView& w) {
  return w.offsets[w.sources] / w.copies;
}

__global__ void __launch_bounds__(kRewireThreads)
    magnitude_kernel(WiringView w, const float* __restrict__ values,
                     const uint16_t* __restrict__ only, uint32_t* __restrict__ keys) {
  const int i = own_row();
  if (i >= w.sources) {
    return;  // whole warps, and there is no barrier
  }
  const SynapseRow row = synapse_row(w.offsets, w.copies, i);
  for (int j = lane_id(); j < row.count; j += kWarpSize) {
    float sum = fabsf(values[value_at(row, w.values, w.copies, j, 0)]);
    for (int g = 1; g < w.values; g++) {
      sum += fabsf(values[value_at(row, w.values, w.copies, j, g)]);
    }
    const int s = row.begin + j;
    keys[s] = only == nullptr || only[s] != 0 ? __float_as_uint(sum) : kNever;
  }
}

/** Keys of all synapses there are. */
struct SynapseKeys {
  WiringView wiring;
  const uint32_t* keys;

  __device__ __forceinline__ int size() const { return synapse_count(wiring); }
  __device__ __forceinline__ uint32_t operator()(int s) const { return keys[s]; }
};

/** Keys of a tile that equal the one found. */
__global__ void __launch_bounds__(kRewireThreads)
    equal_keys_kernel(WiringView w, const uint32_t* __restrict__ keys,
                      const Selection* __restrict__ selection, int32_t* __restrict__ equal) {
  const int count = synapse_count(w);
  const int start = static_cast<int>(blockIdx.x) * kKeyTile;
  const int end = min(count, start + kKeyTile);
  int own = 0;
  for (int s = start + static_cast<int>(threadIdx.x); s < end; s += kRewireThreads) {
    own += keys[s] == selection->known ? 1 : 0;
  }
  own = block_sum(own);
  if (threadIdx.x == 0) {
    equal[blockIdx.x] = own;
  }
}

/** Warps of a block go through neighbouring parts of its tile. */
__global__ void __launch_bounds__(kRewireThreads)
    smallest_kernel(WiringView w, const uint32_t* __restrict__ keys,
                    const Selection* __restrict__ selection, const int32_t* __restrict__ equal,
                    uint16_t* __restrict__ marks) {
  TACET_SHARED(found, int[kRewireWarps]);
  const int count = synapse_count(w);
  const uint32_t known = selection->known;
  const int left = selection->left;
  const int start = static_cast<int>(blockIdx.x) * kKeyTile + warp_id() * kKeyTileWarps * kWarpSize;
  int own = 0;
  for (int k = 0; k < kKeyTileWarps; k++) {
    const int s = start + k * kWarpSize + lane_id();
    own += s < count && keys[s] == known ? 1 : 0;
  }
  own = warp_sum(own);
  if (lane_id() == 0) {
    found[warp_id()] = own;
  }
  __syncthreads();
  int rank = equal[blockIdx.x];
  for (int k = 0; k < warp_id(); k++) {
    rank += found[k];
  }
  for (int k = 0; k < kKeyTileWarps; k++) {
    const int s = start + k * kWarpSize + lane_id();
    const uint32_t key = s < count ? keys[s] : kNever;
    const bool same = s < count && key == known;
    const uint32_t ballot = __ballot_sync(kFullWarp, same);
    const bool tied = same && rank + __popc(ballot & lanes_below()) < left;
    if (s < count) {
      marks[s] = static_cast<uint16_t>(key < known || tied ? 1 : 0);
    }
    rank += __popc(ballot);
  }
}

struct Scratch {
  uint32_t* keys;
  int32_t* equal;
  SelectionScratch selected;
};

Scratch carve(tacet::Carver& carver, const WiringView& wiring) {
  const size_t places = static_cast<size_t>(wiring.places);
  Scratch scratch{};
  scratch.keys = carver.take<uint32_t>(places);
  scratch.equal = carver.take<int32_t>(tacet::ceil_div<size_t>(places, kKeyTile) + 1);
  scratch.selected.carve(carver);
  return scratch;
}

}  // namespace

void rewire_mark_bytes(const WiringView& wiring, size_t* bytes) {
  tacet::Carver carver(nullptr);
  carve(carver, wiring);
  *bytes = carver.bytes();
}

void rewire_mark(const WiringView& wiring, const float* values, int count, bool only_marked,
                 uint16_t* marks, const tacet::Workspace& workspace, tacet::Stream stream) {
  if (count == 0) {
    fill_bytes(marks, 0, static_cast<size_t>(wiring.places) * sizeof(uint16_t), stream);
    return;
  }
  tacet::Carver carver(workspace.base);
  const Scratch scratch = carve(carver, wiring);
  tacet::require_bytes(carver, workspace);
  TACET_LAUNCH(magnitude_kernel, row_blocks(wiring.sources), kRewireThreads, 0, stream, wiring,
               values, only_marked ? marks : nullptr, scratch.keys);
  const int tiles = tacet::ceil_div(wiring.places, kKeyTile);
  const Selection* const selection = scratch.selected.selection;
  select_key(SynapseKeys{wiring, scratch.keys}, tiles, count, scratch.selected, stream);
  TACET_LAUNCH(equal_keys_kernel, tiles, kRewireThreads, 0, stream, wiring, scratch.keys,
               selection, scratch.equal);
  exclusive_sums(scratch.equal, tiles, 1, stream);
  TACET_LAUNCH(smallest_kernel, tiles, kRewireThreads, 0, stream, wiring, scratch.keys,
               selection, scratch.equal, marks);
}

}  // namespace TACET_NS
