// Finds the k absent synapses that would have the largest gradients (RigL: Evci et al., "Rigging the
// lottery", ICML 2020), exactly, of equal ones the first; marked synapses count as absent.
//
// The gradient, sum over pairs of step and sample of what a source sent x the error of a column, is
// never there as a whole: tiles of rows follow one another. A block has 32 rows x 128 columns of one, a
// thread a column with its rows in registers, and walks all pairs, eight rows at a time, which it
// skips where none of their sources sent anything. It leaves a key for each pair of source and target,
// smaller for a larger sum of absolute gradients; those of synapses that stay are made the last. The
// best k so far, in order of pairs, and behind them the tile are one list, of which the selection of
// select.cuh finds the key of rank k; what is below, and of its equals the first, goes to a second
// list of k, in order. So nothing waits for the host, and every launch has a fixed size.
// Launches per tile: gradient, synapses, selection, counts, 2 x sums, moves.
// Bytes per tile of n rows: n pairs sent, columns pairs errors for every 32 rows, through L2, and 4 n
// targets keys written and read five times, as are those of the best; 12 k of these read and written.
// Flops: 2 columns for every 8 rows and pair with an event among them x 8. Floor: what is sent and the
// errors read once, 8 k written; 2 columns flops per event.
#include "rewire/select.cuh"

namespace TACET_NS {

namespace {

using tacet::FactorsView;

constexpr int kRows = 32;
constexpr int kColumns = 128;
constexpr int kWarps = kColumns / kWarpSize;
/** Pairs of step and sample whose events are staged together. */
constexpr int kPairs = 32;
/** Rows that are skipped together. */
constexpr int kSkipped = 8;

/** Rows of a tile at least, and pairs of source and target where there are as many. */
constexpr int kLeastRows = 64;
constexpr int64_t kUsualPairs = 1 << 20;
constexpr int64_t kMostPairs = 1 << 30;

/** What a source sent in a pair. */
__device__ __forceinline__ float sent_in(const FactorsView& f, int sources, int pair, int part,
                                         int source) {
  const size_t column = static_cast<size_t>(part) * sources + source;
  const size_t stride = static_cast<size_t>(f.parts) * sources;
  if (pair >= f.lag) {
    return f.sent[(pair - f.lag) * stride + column];
  }
  return f.first == nullptr ? 0.0f : f.first[pair * stride + column];
}

/** Rows of a gradient and what they are of. */
struct GradientTile {
  WiringView wiring;
  FactorsView factors;
  int first;
  int rows;
  /** Ranges of targets that have a part each, and blocks of a range. */
  int ranges;
  int blocks;
};

/** Adds the products of staged pairs. */
__device__ __forceinline__ void add_pairs(const float (*values)[kRows], const uint32_t* words,
                                          int count, const float* errors, size_t columns,
                                          bool real, float* sums) {
  for (int p = 0; p < count; p++) {
    const uint32_t word = words[p];
    if (word != 0) {
      const float d = real ? errors[p * columns] : 0.0f;
#pragma unroll
      for (int q = 0; q < kRows / kSkipped; q++) {
        if ((word >> (kSkipped * q) & ((1u << kSkipped) - 1u)) != 0) {
#pragma unroll
          for (int r = kSkipped * q; r < kSkipped * (q + 1); r++) {
            sums[r] = fmaf(values[p][r], d, sums[r]);
          }
        }
      }
    }
  }
}

/** @param keys [rows][targets] */
__global__ void __launch_bounds__(kColumns, 4)
    absent_gradient_kernel(const GradientTile tile, uint32_t* __restrict__ keys) {
  TACET_SHARED(values, float[kPairs][kRows]);
  TACET_SHARED(words, uint32_t[kPairs]);
  const WiringView& w = tile.wiring;
  const FactorsView& f = tile.factors;
  const int row = static_cast<int>(blockIdx.x) * kRows;
  const int range = static_cast<int>(blockIdx.y) / tile.blocks;
  const int width = w.targets / tile.ranges;
  const int target = range * width + static_cast<int>(blockIdx.y) % tile.blocks * kColumns +
                     static_cast<int>(threadIdx.x);
  const bool real = target < (range + 1) * width;
  const size_t columns = static_cast<size_t>(w.values) * w.targets;
  for (int g = 0; g < w.values; g++) {
    const int part = f.parts == 1 ? 0 : (w.values > 1 ? g : range);
    const float* const errors = f.errors + static_cast<size_t>(g) * w.targets + target;
    float sums[kRows] = {};
    for (int start = 0; start < f.pairs; start += kPairs) {
      const int count = min(kPairs, f.pairs - start);
      __syncthreads();
      // A warp stages the rows of a pair.
      for (int p = warp_id(); p < count; p += kWarps) {
        const int r = row + lane_id();
        const float sent =
            r < tile.rows ? sent_in(f, w.sources, start + p, part, tile.first + r) : 0.0f;
        values[p][lane_id()] = sent;
        const uint32_t word = __ballot_sync(kFullWarp, sent != 0.0f);
        if (lane_id() == 0) {
          words[p] = word;
        }
      }
      __syncthreads();
      add_pairs(values, words, count, errors + start * columns, columns, real, sums);
    }
#pragma unroll
    for (int r = 0; r < kRows; r++) {
      if (real && row + r < tile.rows) {
        uint32_t& key = keys[static_cast<size_t>(row + r) * w.targets + target];
        const float sum = (g == 0 ? 0.0f : __uint_as_float(key)) + fabsf(sums[r]);
        key = g + 1 == w.values ? falling_key(sum) : __float_as_uint(sum);
      }
    }
  }
}

/** Makes the keys of synapses that stay the last. */
template <typename Index>
__global__ void __launch_bounds__(kRewireThreads)
    exclude_kernel(const GradientTile tile, const uint16_t* __restrict__ marks,
                   uint32_t* __restrict__ keys) {
  const WiringView& w = tile.wiring;
  const int r = own_row();
  if (r >= tile.rows) {
    return;  // whole warps, and there is no barrier
  }
  const SynapseRow row = synapse_row(w.offsets, w.copies, tile.first + r);
  const Index* const indices = static_cast<const Index*>(w.indices);
  for (int j = lane_id(); j < row.count; j += kWarpSize) {
    if (marks == nullptr || marks[row.begin + j] == 0) {
      const int target = static_cast<int>(indices[index_at(row, w.copies, j)]);
      keys[static_cast<size_t>(r) * w.targets + target] = kNever;
    }
  }
}

/** A list of k pairs with their keys. */
struct BestPairs {
  uint32_t* keys;
  int32_t* sources;
  int32_t* targets;
};

/** The best so far, and behind them a tile of rows from `first` on. */
struct TileKeys {
  BestPairs best;
  int wanted;
  const uint32_t* keys;
  int first;
  int rows;
  int targets;

  __host__ __device__ __forceinline__ int size() const { return wanted + rows * targets; }

  __device__ __forceinline__ uint32_t operator()(int s) const {
    return s < wanted ? best.keys[s] : keys[s - wanted];
  }

  __device__ __forceinline__ void copy(int s, const BestPairs& to, int at) const {
    to.keys[at] = (*this)(s);
    to.sources[at] = s < wanted ? best.sources[s] : first + (s - wanted) / targets;
    to.targets[at] = s < wanted ? best.targets[s] : (s - wanted) % targets;
  }
};

/** Keys of a block that are below the one found, and that equal it. */
__global__ void __launch_bounds__(kRewireThreads)
    count_keys_kernel(const TileKeys keys, const Selection* __restrict__ selection,
                      int32_t* __restrict__ below, int32_t* __restrict__ equal) {
  const int start = static_cast<int>(blockIdx.x) * kKeyTile;
  const int end = min(keys.size(), start + kKeyTile);
  const uint32_t known = selection->known;
  int less = 0;
  int same = 0;
  for (int s = start + static_cast<int>(threadIdx.x); s < end; s += kRewireThreads) {
    const uint32_t key = keys(s);
    less += key < known ? 1 : 0;
    same += key == known ? 1 : 0;
  }
  less = block_sum(less);
  same = block_sum(same);
  if (threadIdx.x == 0) {
    below[blockIdx.x] = less;
    equal[blockIdx.x] = same;
  }
}

/** Moves what is among the best to another list; warps of a block go through neighbouring parts. */
__global__ void __launch_bounds__(kRewireThreads)
    keep_best_kernel(const TileKeys keys, const Selection* __restrict__ selection,
                     const int32_t* __restrict__ below, const int32_t* __restrict__ equal,
                     const BestPairs to) {
  TACET_SHARED(found_less, int[kRewireWarps]);
  TACET_SHARED(found_same, int[kRewireWarps]);
  const int count = keys.size();
  const uint32_t known = selection->known;
  const int left = selection->left;
  const int start = static_cast<int>(blockIdx.x) * kKeyTile + warp_id() * kKeyTileWarps * kWarpSize;
  int less = 0;
  int same = 0;
  for (int k = 0; k < kKeyTileWarps; k++) {
    const int s = start + k * kWarpSize + lane_id();
    const uint32_t key = s < count ? keys(s) : kNever;
    less += s < count && key < known ? 1 : 0;
    same += s < count && key == known ? 1 : 0;
  }
  less = warp_sum(less);
  same = warp_sum(same);
  if (lane_id() == 0) {
    found_less[warp_id()] = less;
    found_same[warp_id()] = same;
  }
  __syncthreads();
  int rank = below[blockIdx.x];
  int tied = equal[blockIdx.x];
  for (int k = 0; k < warp_id(); k++) {
    rank += found_less[k];
    tied += found_same[k];
  }
  for (int k = 0; k < kKeyTileWarps; k++) {
    const int s = start + k * kWarpSize + lane_id();
    const uint32_t key = s < count ? keys(s) : kNever;
    const bool is_less = s < count && key < known;
    const bool is_same = s < count && key == known;
    const uint32_t less_word = __ballot_sync(kFullWarp, is_less);
    const uint32_t same_word = __ballot_sync(kFullWarp, is_same);
    const int own_tied = tied + __popc(same_word & lanes_below());
    if (is_less || (is_same && own_tied < left)) {
      keys.copy(s, to, rank + __popc(less_word & lanes_below()) + min(own_tied, left));
    }
    rank += __popc(less_word);
    tied += __popc(same_word);
  }
}

/** Rows of a tile: enough for many blocks, and for as many pairs as are kept. */
int tile_rows(const WiringView& w, int count) {
  const int64_t pairs = max(kUsualPairs, int64_t{count});
  const int64_t wanted = tacet::ceil_div(tacet::ceil_div(pairs, int64_t{w.targets}), int64_t{kRows});
  const int64_t most = kMostPairs / w.targets / kRows;
  const int64_t blocks = min(max(wanted, int64_t{kLeastRows / kRows}), max(most, int64_t{1}));
  return static_cast<int>(min(blocks * kRows, int64_t{w.sources}));
}

struct Scratch {
  uint32_t* keys;
  /** Lists of which the second's ends are the result. */
  BestPairs lists[2];
  int32_t* below;
  int32_t* equal;
  SelectionScratch selected;
};

Scratch carve(tacet::Carver& carver, const WiringView& w, int count, int32_t* found) {
  const size_t keys = static_cast<size_t>(tile_rows(w, count)) * w.targets;
  const size_t kept = static_cast<size_t>(count);
  Scratch scratch{};
  scratch.keys = carver.take<uint32_t>(keys);
  scratch.lists[0] = {carver.take<uint32_t>(kept), carver.take<int32_t>(kept),
                      carver.take<int32_t>(kept)};
  scratch.lists[1] = {carver.take<uint32_t>(kept), found,
                      found == nullptr ? nullptr : found + count};
  const size_t tiles = tacet::ceil_div<size_t>(keys + kept, kKeyTile);
  scratch.below = carver.take<int32_t>(tiles + 1);
  scratch.equal = carver.take<int32_t>(tiles + 1);
  scratch.selected.carve(carver);
  return scratch;
}

/** Writes the keys of a tile. */
void find_keys(const GradientTile& tile, const uint16_t* marks, uint32_t* keys,
               tacet::Stream stream) {
  const dim3 grid(tacet::ceil_div(tile.rows, kRows), tile.ranges * tile.blocks);
  TACET_LAUNCH(absent_gradient_kernel, grid, kColumns, 0, stream, tile, keys);
  if (tile.wiring.narrow) {
    TACET_LAUNCH((exclude_kernel<uint16_t>), row_blocks(tile.rows), kRewireThreads, 0, stream, tile,
                 marks, keys);
  } else {
    TACET_LAUNCH((exclude_kernel<int32_t>), row_blocks(tile.rows), kRewireThreads, 0, stream, tile,
                 marks, keys);
  }
}

/** Moves the best of a list and a tile to another list. */
void keep_best(const TileKeys& keys, const BestPairs& to, const Scratch& scratch,
               tacet::Stream stream) {
  const int tiles = tacet::ceil_div(keys.size(), kKeyTile);
  const Selection* const selection = scratch.selected.selection;
  select_key(keys, tiles, keys.wanted, scratch.selected, stream);
  TACET_LAUNCH(count_keys_kernel, tiles, kRewireThreads, 0, stream, keys, selection, scratch.below,
               scratch.equal);
  exclusive_sums(scratch.below, tiles, 1, stream);
  exclusive_sums(scratch.equal, tiles, 1, stream);
  TACET_LAUNCH(keep_best_kernel, tiles, kRewireThreads, 0, stream, keys, selection, scratch.below,
               scratch.equal, to);
}

}  // namespace

void rewire_absent_bytes(const WiringView& wiring, int count, size_t* bytes) {
  tacet::Carver carver(nullptr);
  carve(carver, wiring, count, nullptr);
  *bytes = carver.bytes();
}

void rewire_absent(const WiringView& wiring, const uint16_t* marks, const FactorsView& factors,
                   int count, int32_t* found, const tacet::Workspace& workspace,
                   tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  const Scratch scratch = carve(carver, wiring, count, found);
  tacet::require_bytes(carver, workspace);
  const int together = tile_rows(wiring, count);
  const int tiles = tacet::ceil_div(wiring.sources, together);
  const int ranges = wiring.values == 1 ? factors.parts : 1;
  GradientTile tile{wiring, factors, 0, 0, ranges,
                    tacet::ceil_div(wiring.targets / ranges, kColumns)};
  // The last tile leaves its best in the second list.
  int from = 1 - tiles % 2;
  const BestPairs& none = scratch.lists[from];
  const size_t bytes = static_cast<size_t>(count) * sizeof(int32_t);
  for (void* const array : {static_cast<void*>(none.keys), static_cast<void*>(none.sources),
                            static_cast<void*>(none.targets)}) {
    fill_bytes(array, 0xff, bytes, stream);
  }
  for (int k = 0; k < tiles; k++, from = 1 - from) {
    tile.first = k * together;
    tile.rows = min(together, wiring.sources - tile.first);
    find_keys(tile, marks, scratch.keys, stream);
    keep_best({scratch.lists[from], count, scratch.keys, tile.first, tile.rows, wiring.targets},
              scratch.lists[1 - from], scratch, stream);
  }
}

}  // namespace TACET_NS
