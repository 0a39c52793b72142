// Marks the k synapses of smallest magnitude, exactly, of equal ones the first.
//
// The sum of the absolute values of a synapse, whose bits order like it, is a key of 32 bits. The radix
// selection of common/radix.cuh finds the key of rank k: blocks count the digits of the keys that
// agree so far in shared memory and add their counts to one table (integer atomics, so in any order),
// one block finds the digit. Keys equal to that of rank k are counted per block and
// ranked by the exclusive sums of the counts.
// Launches: keys (a warp per row), 3 x (count, find), equal ones, sums, marks.
// Bytes per synapse: 4 values read, 4 written for the key, 5 x 4 read, 2 written.
// Floor: 4 values + 2.
#include "common/kernel.cuh"
#include "common/radix.cuh"
#include "rewire/wiring.cuh"

namespace TACET_NS {

namespace {

constexpr uint32_t kNever = 0xffffffffu;

/** Keys of a block of the kernels that go through them. */
constexpr int kTile = 2048;
constexpr int kTileWarps = kTile / kWarpSize / kRewireWarps;

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

__global__ void __launch_bounds__(kRewireThreads)
    digits_kernel(WiringView w, const uint32_t* __restrict__ keys, int digit,
                  const Selection* __restrict__ selection, int32_t* __restrict__ table) {
  TACET_SHARED(bins, int[kRadixBins]);
  for (int b = static_cast<int>(threadIdx.x); b < kRadixBins; b += kRewireThreads) {
    bins[b] = 0;
  }
  __syncthreads();
  const int count = synapse_count(w);
  const uint32_t known = digit == 0 ? 0 : selection->known;
  const int start = static_cast<int>(blockIdx.x) * kTile;
  const int end = min(count, start + kTile);
  for (int s = start + static_cast<int>(threadIdx.x); s < end; s += kRewireThreads) {
    const uint32_t key = keys[s];
    if (agrees(key, digit, known)) {
      atomicAdd(&bins[digit_of(key, digit)], 1);
    }
  }
  __syncthreads();
  for (int b = static_cast<int>(threadIdx.x); b < kRadixBins; b += kRewireThreads) {
    if (bins[b] != 0) {
      atomicAdd(&table[b], bins[b]);
    }
  }
}

__global__ void __launch_bounds__(kRewireThreads)
    find_digit_kernel(const int32_t* __restrict__ table, int digit, int count,
                      Selection* __restrict__ selection) {
  const int wanted = digit == 0 ? count : selection->left;
  const uint32_t known = digit == 0 ? 0 : selection->known;
  find_digit<kRewireThreads>(table, digit, known, wanted, selection);
}

/** Keys of a tile that equal the one found. */
__global__ void __launch_bounds__(kRewireThreads)
    equal_keys_kernel(WiringView w, const uint32_t* __restrict__ keys,
                      const Selection* __restrict__ selection, int32_t* __restrict__ equal) {
  const int count = synapse_count(w);
  const int start = static_cast<int>(blockIdx.x) * kTile;
  const int end = min(count, start + kTile);
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
  const int start = static_cast<int>(blockIdx.x) * kTile + warp_id() * kTileWarps * kWarpSize;
  int own = 0;
  for (int k = 0; k < kTileWarps; k++) {
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
  for (int k = 0; k < kTileWarps; k++) {
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
  int32_t* tables;
  int32_t* equal;
  Selection* selection;
};

Scratch carve(tacet::Carver& carver, const WiringView& wiring) {
  const size_t places = static_cast<size_t>(wiring.places);
  Scratch scratch{};
  scratch.keys = carver.take<uint32_t>(places);
  scratch.tables = carver.take<int32_t>(kRadixDigits * kRadixBins);
  scratch.equal = carver.take<int32_t>(tacet::ceil_div<size_t>(places, kTile) + 1);
  scratch.selection = carver.take<Selection>(1);
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
  fill_bytes(scratch.tables, 0, kRadixDigits * kRadixBins * sizeof(int32_t), stream);
  const int tiles = tacet::ceil_div(wiring.places, kTile);
  for (int digit = 0; digit < kRadixDigits; digit++) {
    int32_t* const table = scratch.tables + digit * kRadixBins;
    TACET_LAUNCH(digits_kernel, tiles, kRewireThreads, 0, stream, wiring, scratch.keys, digit,
                 scratch.selection, table);
    TACET_LAUNCH(find_digit_kernel, 1, kRewireThreads, 0, stream, table, digit, count,
                 scratch.selection);
  }
  TACET_LAUNCH(equal_keys_kernel, tiles, kRewireThreads, 0, stream, wiring, scratch.keys,
               scratch.selection, scratch.equal);
  exclusive_sums(scratch.equal, tiles, 1, stream);
  TACET_LAUNCH(smallest_kernel, tiles, kRewireThreads, 0, stream, wiring, scratch.keys,
               scratch.selection, scratch.equal, marks);
}

}  // namespace TACET_NS
