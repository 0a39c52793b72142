// A product over the rows of active sources on a pattern, for a few samples or little activity.
//
// A block owns a tile of targets of one sample, with all gates, in shared memory, a copy for each of
// its warps. It expands the sample's event bits into a list; a warp looks up 32 events of its share
// at once, then adds row after row to its copy, a synapse to a lane. Targets of a row are unique: no
// atomics. The copies are summed in order. With few blocks the events are divided into parts.
// The index of a synapse is read once for all its gates.
// Bytes: E f (index + 4 gates) of rows from L2, of which U f (index + 4 gates) come from DRAM (E
// events, U distinct active rows, f mean fan-out), 8 E per tile of pivots, 4 gates targets batch parts
// written. Flops: 2 gates E f. Floor: U f (index + 4 gates), from L2 where they fit.
#include "sparse/active_rows.h"

#include "propagate/propagate.h"
#include "sparse/events.cuh"

namespace TACET_NS {

namespace {

using tacet::ActiveProduct;
using tacet::PatternValues;

constexpr int kThreads = 256;

/** The part of a row in a tile. */
struct Segment {
  int begin;
  int count;
};

__device__ __forceinline__ Segment segment_of(const ActiveProduct& product, int source, int tile) {
  const int32_t* const offsets = product.values.pattern.offsets;
  const int begin = __ldg(offsets + source);
  if (product.pivots == nullptr) {
    return {begin, __ldg(offsets + source + 1) - begin};
  }
  const int32_t* const cut =
      product.pivots + static_cast<size_t>(source) * (product.shape.tiles + 1) + tile;
  const int first = __ldg(cut);
  return {begin + first, __ldg(cut + 1) - first};
}

template <int kGates>
struct LoadedSynapse {
  /** -1 for none. */
  int target;
  float values[kGates];
};

template <int kGates, typename Index>
__device__ __forceinline__ LoadedSynapse<kGates> load_synapse(const PatternValues& values,
                                                              const Segment& segment, int k) {
  LoadedSynapse<kGates> loaded{-1, {}};
  if (k < segment.count) {
    const size_t place = static_cast<size_t>(segment.begin) + k;
    loaded.target = static_cast<int>(__ldg(static_cast<const Index*>(values.pattern.indices) + place));
    const float* const at = values.values + place * values.each + values.first;
#pragma unroll
    for (int g = 0; g < kGates; g++) {
      loaded.values[g] = g < values.count ? __ldg(at + g) : 0.0f;
    }
  }
  return loaded;
}

/** The events from .. to - 1 of a list, by the warps in turn. */
template <int kGates, typename Index>
__device__ __forceinline__ void add_rows(const ActiveProduct& product, int tile, int low, int high,
                                         const float* sent, int unit, const uint16_t* list,
                                         int from, int to, float* own) {
  const int warps = product.shape.warps;
  const int width = product.shape.width;
  const int origin = tile * width;
  const auto add = [&](const LoadedSynapse<kGates>& synapse, float y) {
    if (synapse.target >= low && synapse.target < high) {
#pragma unroll
      for (int g = 0; g < kGates; g++) {
        float& sum = own[g * width + synapse.target - origin];
        sum = fmaf(y, synapse.values[g], sum);
      }
    }
  };
  for (int first = from + warp_id(); first < to; first += 32 * warps) {
    const int e = first + lane_id() * warps;
    Segment own_segment{0, 0};
    float own_y = 0.0f;
    if (e < to) {
      own_segment = segment_of(product, unit + list[e], tile);
      own_y = sent[unit + list[e]];
    }
    const int events = min(32, (to - first + warps - 1) / warps);
    Segment next{__shfl_sync(kFullWarp, own_segment.begin, 0),
                 __shfl_sync(kFullWarp, own_segment.count, 0)};
    LoadedSynapse<kGates> next_synapse =
        load_synapse<kGates, Index>(product.values, next, lane_id());
    for (int k = 0; k < events; k++) {
      const Segment segment = next;
      const LoadedSynapse<kGates> synapse = next_synapse;
      // The next row is on its way while this one is added.
      const int after = min(k + 1, events - 1);
      next = {__shfl_sync(kFullWarp, own_segment.begin, after),
              __shfl_sync(kFullWarp, own_segment.count, after)};
      next_synapse = load_synapse<kGates, Index>(product.values, next, lane_id());
      const float y = __shfl_sync(kFullWarp, own_y, k);
      add(synapse, y);
      for (int s = lane_id() + 32; s < segment.count; s += 32) {
        add(load_synapse<kGates, Index>(product.values, segment, s), y);
      }
      // The next row may have the same targets in other lanes.
      __syncwarp();
    }
  }
}

/** @tparam kGates 1, or up to 3 */
template <int kGates, typename Index>
__global__ void __launch_bounds__(kThreads, 3) active_rows_kernel(const ActiveProduct product) {
  TACET_SHARED(list, uint16_t[kExpandUnits]);
  const PatternValues& values = product.values;
  const int width = product.shape.width;
  const int tiles = product.shape.tiles;
  const int sources = values.pattern.sources;
  const int tile = static_cast<int>(blockIdx.x) % tiles;
  const int n = static_cast<int>(blockIdx.x) / tiles;
  const int part = static_cast<int>(blockIdx.y);
  const int low = max(tile * width, values.low);
  const int high = min((tile + 1) * width, values.high);
  const int copy = kGates * width;
  TACET_DYNAMIC_SHARED(float, copies, 0, static_cast<size_t>(product.shape.warps) * copy);
  float* const own = copies + warp_id() * copy;
  for (int m = lane_id(); m < copy; m += 32) {
    own[m] = 0.0f;
  }
  __syncwarp();
  const int words = (sources + 31) / 32;
  const float* const sent = product.sent + static_cast<size_t>(n) * sources;
  const auto word_at = [&](int w) {
    return w < words ? product.bits[static_cast<size_t>(n) * words + w] : 0u;
  };
  for_each_list(sources, part, product.parts, list, word_at, [&](int unit, int from, int to) {
    add_rows<kGates, Index>(product, tile, low, high, sent, unit, list, from, to, own);
  });
  __syncthreads();
  float* const row =
      product.products + (static_cast<size_t>(part) * product.batch + n) * product.stride;
  for (int m = static_cast<int>(threadIdx.x); m < copy; m += static_cast<int>(blockDim.x)) {
    const int g = m / width;
    const int target = tile * width + m % width;
    if (g < values.count && target >= low && target < high) {
      float sum = copies[m];
      for (int w = 1; w < product.shape.warps; w++) {
        sum += copies[w * copy + m];
      }
      row[static_cast<size_t>(values.first + g) * values.pattern.targets + target] = sum;
    }
  }
}

template <int kGates, typename Index>
void launch(const ActiveProduct& product, tacet::Stream stream) {
  const dim3 grid(product.batch * product.shape.tiles, product.parts);
  const size_t shared = sizeof(float) * kGates * product.shape.warps * product.shape.width;
  TACET_LAUNCH((active_rows_kernel<kGates, Index>), grid, 32 * product.shape.warps, shared, stream,
               product);
}

}  // namespace

void active_pivots(const tacet::PatternView& pattern, const tacet::ActiveShape& shape,
                   int32_t* pivots, tacet::Stream stream) {
  if (pivots != nullptr) {
    tacet::RowsView rows{};
    rows.format = tacet::Format::kCsr;
    rows.offsets = pattern.offsets;
    rows.indices = pattern.indices;
    rows.narrow = pattern.narrow;
    rows.sources = pattern.sources;
    rows.targets = pattern.targets;
    rows.shape.width = shape.width;
    rows.shape.tiles = shape.tiles;
    TACET_NS::pivots(rows, pivots, stream);
  }
}

void multiply_active(const ActiveProduct& product, tacet::Stream stream) {
  if (product.values.each == 1) {
    if (product.values.pattern.narrow) {
      launch<1, uint16_t>(product, stream);
    } else {
      launch<1, int32_t>(product, stream);
    }
  } else if (product.values.pattern.narrow) {
    launch<3, uint16_t>(product, stream);
  } else {
    launch<3, int32_t>(product, stream);
  }
}

}  // namespace TACET_NS
