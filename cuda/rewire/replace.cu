// Removes marked synapses of a pattern and grows others, with everything that belongs to a synapse.
//
// What is kept moves to scratch memory, in order (ballot prefixes), and back, merged with what is new.
// New pairs are given, or those of the first ranks of a permutation of the absent ones: row and target
// follow from a rank by two binary searches, and no pair is drawn twice. A row's new targets arrive in any
// order and are sorted by counting the smaller ones, so that the result does not depend on it.
// Launches: lengths, sums, moves out; draws, sums, lists, sorting where synapses grow; offsets, moves
// back. A warp per row, or a thread per new synapse.
// Bytes per synapse with an index of b bytes, c companions and v values of each: 2 (b + 4 c v) read
// and written twice, 2 marks read and 2 written; per new synapse some 12 philox blocks and 32 bytes.
// Floor: b + 4 c v read and written, 2 read.
#include "common/kernel.cuh"
#include "propagate/law.cuh"
#include "rewire/draw.cuh"

namespace TACET_NS {

namespace {

/** The pattern while some of its synapses are away. */
struct Kept {
  /** Of the copies, like those of the pattern. */
  int32_t* offsets;
  void* indices;
  float* arrays[tacet::kMostCompanions];
};

/** New targets, by row. */
struct Grown {
  int count;
  uint64_t absent;
  int bits;
  /** [count] each: drawn here, or given. */
  int32_t* drawn_rows;
  int32_t* drawn_targets;
  const int32_t* rows;
  const int32_t* targets;
  /** [sources + 1]; lengths, then where a row begins. */
  int32_t* starts;
  /** [sources]; how many of a row are in its list. */
  int32_t* used;
  int32_t* lists;
  int32_t* sorted;
};

__global__ void __launch_bounds__(kRewireThreads)
    kept_lengths_kernel(WiringView w, const uint16_t* __restrict__ marks,
                        int32_t* __restrict__ lengths) {
  const int i = own_row();
  if (i >= w.sources) {
    return;  // whole warps, and there is no barrier
  }
  const SynapseRow row = synapse_row(w.offsets, w.copies, i);
  int kept = 0;
  for (int j = lane_id(); j < row.count; j += kWarpSize) {
    kept += marks[row.begin + j] == 0 ? 1 : 0;
  }
  kept = warp_sum(kept);
  if (lane_id() == 0) {
    lengths[i] = kept;
  }
}

template <typename Index>
__global__ void __launch_bounds__(kRewireThreads)
    keep_kernel(WiringView w, CompanionsView companions, const uint16_t* __restrict__ marks,
                Kept kept) {
  const int i = own_row();
  if (i >= w.sources) {
    return;  // whole warps, and there is no barrier
  }
  const SynapseRow from = synapse_row(w.offsets, w.copies, i);
  const SynapseRow to = synapse_row(kept.offsets, w.copies, i);
  const Index* const indices = static_cast<const Index*>(w.indices);
  Index* const moved = static_cast<Index*>(kept.indices);
  int rank = 0;
  for (int first = 0; first < from.count; first += kWarpSize) {
    const int j = first + lane_id();
    const bool stays = j < from.count && marks[from.begin + j] == 0;
    const uint32_t ballot = __ballot_sync(kFullWarp, stays);
    if (stays) {
      const int k = rank + __popc(ballot & lanes_below());
      moved[to.begin + k] = indices[index_at(from, w.copies, j)];
      for (int c = 0; c < companions.count; c++) {
        for (int g = 0; g < w.values; g++) {
          kept.arrays[c][value_at(to, w.values, w.copies, k, g)] =
              companions.arrays[c][value_at(from, w.values, w.copies, j, g)];
        }
      }
    }
    rank += __popc(ballot);
  }
}

template <typename Index>
__global__ void __launch_bounds__(kRewireThreads)
    draw_kernel(WiringView w, Kept kept, Grown grown, DrawKey key) {
  const int k = static_cast<int>(blockIdx.x) * kRewireThreads + static_cast<int>(threadIdx.x);
  if (k >= grown.count) {
    return;  // there is no barrier
  }
  const uint64_t rank = permuted(static_cast<uint64_t>(k), grown.absent, grown.bits, key);
  const int row = partition_point(w.sources - 1, [&](int i) {
    return absent_before(kept.offsets, w.copies, w.targets, i + 1) <= rank;
  });
  const int within =
      static_cast<int>(rank - absent_before(kept.offsets, w.copies, w.targets, row));
  const SynapseRow present = synapse_row(kept.offsets, w.copies, row);
  const Index* const indices = static_cast<const Index*>(kept.indices) + present.begin;
  // Each synapse in front of it moves the target of that rank by one.
  const int smaller = partition_point(present.count, [&](int j) {
    return static_cast<int>(indices[j]) - j <= within;
  });
  grown.drawn_rows[k] = row;
  grown.drawn_targets[k] = within + smaller;
  atomicAdd(&grown.starts[row], 1);
}

__global__ void __launch_bounds__(kRewireThreads) count_given_kernel(Grown grown) {
  const int k = static_cast<int>(blockIdx.x) * kRewireThreads + static_cast<int>(threadIdx.x);
  if (k < grown.count) {
    atomicAdd(&grown.starts[grown.rows[k]], 1);
  }
}

__global__ void __launch_bounds__(kRewireThreads) list_new_kernel(Grown grown) {
  const int k = static_cast<int>(blockIdx.x) * kRewireThreads + static_cast<int>(threadIdx.x);
  if (k >= grown.count) {
    return;  // there is no barrier
  }
  const int row = grown.rows[k];
  grown.lists[grown.starts[row] + atomicAdd(&grown.used[row], 1)] = grown.targets[k];
}

__global__ void __launch_bounds__(kRewireThreads) sort_new_kernel(int sources, Grown grown) {
  const int i = own_row();
  if (i >= sources) {
    return;  // whole warps, and there is no barrier
  }
  const int begin = grown.starts[i];
  const int count = grown.starts[i + 1] - begin;
  for (int k = lane_id(); k < count; k += kWarpSize) {
    const int own = grown.lists[begin + k];
    int rank = 0;
    for (int other = 0; other < count; other++) {
      rank += grown.lists[begin + other] < own ? 1 : 0;
    }
    grown.sorted[begin + rank] = own;
  }
}

__global__ void __launch_bounds__(kRewireThreads)
    new_offsets_kernel(WiringView w, const int32_t* __restrict__ kept,
                       const int32_t* __restrict__ starts) {
  const int i = static_cast<int>(blockIdx.x) * kRewireThreads + static_cast<int>(threadIdx.x);
  if (i <= w.sources) {
    w.offsets[i] = kept[i] + (starts == nullptr ? 0 : starts[i] * w.copies);
  }
}

/** Puts an index into all copies of a row. */
template <typename Index>
__device__ __forceinline__ void put_index(const WiringView& w, const SynapseRow& row, int j,
                                          int target) {
  Index* const indices = static_cast<Index*>(w.indices);
  for (int g = 0; g < w.copies; g++) {
    indices[index_at(row, w.copies, j) + static_cast<size_t>(g) * row.count] =
        static_cast<Index>(g * w.targets + target);
  }
}

/** First values of a new synapse. */
__device__ __forceinline__ void initialise(const WiringView& w, const CompanionsView& companions,
                                           const SynapseRow& row, int source, int target, int j,
                                           const DrawKey& key) {
  for (int c = 0; c < companions.count; c++) {
    PhiloxWords words{};
    if (companions.laws[c] != 0) {
      words = philox(static_cast<uint32_t>(source), static_cast<uint32_t>(target), key.step,
                     tacet::kInitialDomain + 256u * static_cast<uint32_t>(c), key.seed);
    }
    for (int g = 0; g < w.values; g++) {
      companions.arrays[c][value_at(row, w.values, w.copies, j, g)] =
          drawn_weight(companions.laws[c], companions.first[c], companions.second[c],
                       philox_word(words, static_cast<uint32_t>(g)));
    }
  }
}

template <typename Index>
__global__ void __launch_bounds__(kRewireThreads)
    merge_kernel(WiringView w, CompanionsView companions, Kept kept, Grown grown, DrawKey key,
                 uint16_t* __restrict__ marks) {
  const int i = own_row();
  if (i >= w.sources) {
    return;  // whole warps, and there is no barrier
  }
  const SynapseRow from = synapse_row(kept.offsets, w.copies, i);
  const SynapseRow to = synapse_row(w.offsets, w.copies, i);
  const Index* const old = static_cast<const Index*>(kept.indices) + from.begin;
  const int added = to.count - from.count;
  const int32_t* const fresh = grown.count == 0 ? nullptr : grown.sorted + grown.starts[i];
  for (int j = lane_id(); j < from.count; j += kWarpSize) {
    const int target = static_cast<int>(old[j]);
    const int k = j + partition_point(added, [&](int e) { return fresh[e] < target; });
    put_index<Index>(w, to, k, target);
    marks[to.begin + k] = 0;
    for (int c = 0; c < companions.count; c++) {
      for (int g = 0; g < w.values; g++) {
        companions.arrays[c][value_at(to, w.values, w.copies, k, g)] =
            kept.arrays[c][value_at(from, w.values, w.copies, j, g)];
      }
    }
  }
  for (int e = lane_id(); e < added; e += kWarpSize) {
    const int target = fresh[e];
    const int k = e + partition_point(from.count,
                                      [&](int j) { return static_cast<int>(old[j]) < target; });
    put_index<Index>(w, to, k, target);
    marks[to.begin + k] = 1;
    initialise(w, companions, to, i, target, k, key);
  }
}

Kept carve_kept(tacet::Carver& carver, const WiringView& w, int companions) {
  const size_t places = static_cast<size_t>(w.places);
  Kept kept{};
  kept.offsets = carver.take<int32_t>(static_cast<size_t>(w.sources) + 1);
  kept.indices = w.narrow ? static_cast<void*>(carver.take<uint16_t>(places))
                          : static_cast<void*>(carver.take<int32_t>(places));
  for (int c = 0; c < companions; c++) {
    kept.arrays[c] = carver.take<float>(places * static_cast<size_t>(w.values));
  }
  return kept;
}

Grown carve_grown(tacet::Carver& carver, const WiringView& w, int grow) {
  Grown grown{};
  grown.count = grow;
  if (grow > 0) {
    const size_t count = static_cast<size_t>(grow);
    grown.drawn_rows = carver.take<int32_t>(count);
    grown.drawn_targets = carver.take<int32_t>(count);
    grown.rows = grown.drawn_rows;
    grown.targets = grown.drawn_targets;
    grown.starts = carver.take<int32_t>(static_cast<size_t>(w.sources) + 1);
    grown.used = carver.take<int32_t>(static_cast<size_t>(w.sources));
    grown.lists = carver.take<int32_t>(count);
    grown.sorted = carver.take<int32_t>(count);
  }
  return grown;
}

template <typename Index>
void grow_synapses(const WiringView& w, const Kept& kept, const Grown& grown, const DrawKey& key,
                   tacet::Stream stream) {
  fill_bytes(grown.starts, 0, (static_cast<size_t>(w.sources) + 1) * sizeof(int32_t), stream);
  fill_bytes(grown.used, 0, static_cast<size_t>(w.sources) * sizeof(int32_t), stream);
  if (grown.rows == grown.drawn_rows) {
    TACET_LAUNCH((draw_kernel<Index>), element_blocks(grown.count), kRewireThreads, 0, stream, w,
                 kept, grown, key);
  } else {
    TACET_LAUNCH(count_given_kernel, element_blocks(grown.count), kRewireThreads, 0, stream, grown);
  }
  exclusive_sums(grown.starts, w.sources, 1, stream);
  TACET_LAUNCH(list_new_kernel, element_blocks(grown.count), kRewireThreads, 0, stream, grown);
  TACET_LAUNCH(sort_new_kernel, row_blocks(w.sources), kRewireThreads, 0, stream, w.sources, grown);
}

template <typename Index>
void replace(const WiringView& w, const CompanionsView& companions, uint16_t* marks,
             const Kept& kept, const Grown& grown, const DrawKey& key, tacet::Stream stream) {
  const unsigned int rows = row_blocks(w.sources);
  TACET_LAUNCH(kept_lengths_kernel, rows, kRewireThreads, 0, stream, w, marks, kept.offsets);
  exclusive_sums(kept.offsets, w.sources, w.copies, stream);
  TACET_LAUNCH((keep_kernel<Index>), rows, kRewireThreads, 0, stream, w, companions, marks, kept);
  if (grown.count > 0) {
    grow_synapses<Index>(w, kept, grown, key, stream);
  }
  TACET_LAUNCH(new_offsets_kernel, element_blocks(w.sources + 1), kRewireThreads, 0, stream, w,
               kept.offsets, grown.starts);
  TACET_LAUNCH((merge_kernel<Index>), rows, kRewireThreads, 0, stream, w, companions, kept, grown,
               key, marks);
}

}  // namespace

void rewire_replace_bytes(const WiringView& wiring, int companions, int grow, size_t* bytes) {
  tacet::Carver carver(nullptr);
  carve_kept(carver, wiring, companions);
  carve_grown(carver, wiring, grow);
  *bytes = carver.bytes();
}

void rewire_replace(const WiringView& wiring, const CompanionsView& companions, uint16_t* marks,
                    int left, int grow, const int32_t* pairs, const DrawKey& key,
                    const tacet::Workspace& workspace, tacet::Stream stream) {
  tacet::Carver carver(workspace.base);
  const Kept kept = carve_kept(carver, wiring, companions.count);
  Grown grown = carve_grown(carver, wiring, grow);
  tacet::require_bytes(carver, workspace);
  if (pairs != nullptr) {
    grown.rows = pairs;
    grown.targets = pairs + grow;
  }
  grown.absent = static_cast<uint64_t>(wiring.sources) * static_cast<uint64_t>(wiring.targets) -
                 static_cast<uint64_t>(left);
  grown.bits = feistel_bits(grown.absent);
  if (wiring.narrow) {
    replace<uint16_t>(wiring, companions, marks, kept, grown, key, stream);
  } else {
    replace<int32_t>(wiring, companions, marks, kept, grown, key, stream);
  }
}

}  // namespace TACET_NS
