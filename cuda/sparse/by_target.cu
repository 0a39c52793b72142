// The transposed index of a pattern, and products by target over it.
//
// The index is made by counting: sources are divided into chunks; each chunk counts its synapses of
// every target, one block turns the counts into places, and then a block per chunk goes through its
// sources in order. Targets of a row are unique, so no two threads want the same place, and the
// result does not depend on their order.
// Bytes: 2 synapses x index, 4 synapses each read; synapses (source index + 4 gates) and 12 chunks
// targets written.
//
// Product: 16 lanes own a target of a group of up to eight samples and share its synapses; sums of
// all gates and samples are in registers, and what a source sends in all samples of the group is
// one load. Values are read in order, whoever sends. Bytes: synapses (source index + 4 gates +
// 4 samples of the group, those from L1 or L2), 4 gates targets batch written. Flops: 2 gates
// synapses batch. Floor: values and indices once, from L2 where they fit.
#include "sparse/by_target.h"

#include "sparse/groups.cuh"

namespace TACET_NS {

namespace {

using tacet::ByTargetProduct;
using tacet::ByTargetView;
using tacet::PatternValues;

constexpr int kCountThreads = 256;
constexpr int kScanThreads = 512;
constexpr int kFillThreads = 128;
constexpr int kProductThreads = 256;
/** Lanes that share the synapses of a target. */
constexpr int kLanes = 16;

/** The sources of a chunk. */
struct Chunk {
  int begin;
  int end;

  __device__ Chunk(const ByTargetView& view, int chunk)
      : begin(min(chunk * view.sources_of_chunk, view.source_count)),
        end(min(begin + view.sources_of_chunk, view.source_count)) {}
};

template <typename Index>
__global__ void __launch_bounds__(kCountThreads)
    count_targets_kernel(const PatternValues values, const ByTargetView view) {
  const Chunk chunk(view, static_cast<int>(blockIdx.y));
  const auto* const indices = static_cast<const Index*>(values.pattern.indices);
  int32_t* const counts = view.cursors + static_cast<size_t>(blockIdx.y) * view.targets;
  const int end = values.pattern.offsets[chunk.end];
  const int stride = static_cast<int>(gridDim.x) * kCountThreads;
  for (int64_t s = values.pattern.offsets[chunk.begin] +
                   static_cast<int64_t>(blockIdx.x) * kCountThreads + threadIdx.x;
       s < end; s += stride) {
    atomicAdd(counts + indices[s], 1);
  }
}

/** One block: counts become places, target by target and in each chunk by chunk. */
__global__ void __launch_bounds__(kScanThreads) scan_targets_kernel(const ByTargetView view) {
  int before = 0;
  for (int first = 0; first < view.targets; first += kScanThreads) {
    const int target = first + static_cast<int>(threadIdx.x);
    int count = 0;
    for (int c = 0; c < view.chunks && target < view.targets; c++) {
      count += view.cursors[static_cast<size_t>(c) * view.targets + target];
    }
    int total;
    int place = before + block_exclusive_scan(count, &total);
    if (target < view.targets) {
      view.offsets[target] = place;
      for (int c = 0; c < view.chunks; c++) {
        int32_t& cursor = view.cursors[static_cast<size_t>(c) * view.targets + target];
        const int own = cursor;
        cursor = place;
        place += own;
      }
    }
    before += total;
  }
  if (threadIdx.x == 0) {
    view.offsets[view.targets] = before;
  }
}

template <typename Index, typename Source>
__global__ void __launch_bounds__(kFillThreads)
    fill_by_target_kernel(const PatternValues values, const ByTargetView view) {
  const Chunk chunk(view, static_cast<int>(blockIdx.x));
  const auto* const indices = static_cast<const Index*>(values.pattern.indices);
  auto* const sources = static_cast<Source*>(view.sources);
  int32_t* const cursors = view.cursors + static_cast<size_t>(blockIdx.x) * view.targets;
  for (int row = chunk.begin; row < chunk.end; row++) {
    const int end = values.pattern.offsets[row + 1];
    for (int s = values.pattern.offsets[row] + static_cast<int>(threadIdx.x); s < end;
         s += kFillThreads) {
      const int place = cursors[indices[s]]++;
      sources[place] = static_cast<Source>(row);
      for (int g = 0; g < values.count; g++) {
        view.values[g * view.places + place] =
            values.values[static_cast<size_t>(s) * values.each + values.first + g];
      }
    }
    // The next source may have synapses with the same targets through other threads.
    __syncthreads();
  }
}

/** @tparam kGates count of the product at most */
template <int kShared, int kGates, typename Source>
__global__ void __launch_bounds__(kProductThreads)
    by_target_product_kernel(const ByTargetProduct product, int tiles) {
  const ByTargetView& view = product.view;
  const int group = static_cast<int>(blockIdx.x) / tiles;
  const int tile = static_cast<int>(blockIdx.x) % tiles;
  const int member = static_cast<int>(threadIdx.x) % kLanes;
  const int target = product.low + tile * (kProductThreads / kLanes) +
                     static_cast<int>(threadIdx.x) / kLanes;
  const bool real = target < product.high;
  const auto* const sources = static_cast<const Source*>(view.sources);
  const float* const sent =
      product.sent + static_cast<size_t>(group) * view.source_count * kShared;
  const float* const values = view.values + (product.first - view.first) * view.places;
  const int end = real ? __ldg(view.offsets + target + 1) : 0;
  float sums[kGates * kShared] = {};
#pragma unroll 2
  for (int k = real ? __ldg(view.offsets + target) + member : 0; k < end; k += kLanes) {
    float y[kShared];
    load_values<kShared>(sent + static_cast<size_t>(__ldg(sources + k)) * kShared, y);
#pragma unroll
    for (int g = 0; g < kGates; g++) {
      const float value = g < product.count ? __ldg(values + g * view.places + k) : 0.0f;
#pragma unroll
      for (int b = 0; b < kShared; b++) {
        sums[g * kShared + b] = fmaf(y[b], value, sums[g * kShared + b]);
      }
    }
  }
  const FoldedSums own = fold_sums<kGates * kShared, kLanes>(sums);
  constexpr int kOwn = folded_count(kGates * kShared, kLanes);
#pragma unroll
  for (int k = 0; k < kOwn; k++) {
    const int g = (own.first + k) / kShared;
    const int n = group * kShared + (own.first + k) % kShared;
    if (own.writes && real && g < product.count && n < product.batch) {
      const int column = (product.first + g) * view.targets + target - product.origin;
      product.products[static_cast<size_t>(n) * product.stride + column] = sums[k];
    }
  }
}

template <int kShared, int kGates>
void launch_product(const ByTargetProduct& product, tacet::Stream stream) {
  const int tiles = tacet::ceil_div(product.high - product.low, kProductThreads / kLanes);
  const int blocks = tiles * tacet::ceil_div(product.batch, kShared);
  if (product.view.narrow) {
    TACET_LAUNCH((by_target_product_kernel<kShared, kGates, uint16_t>), blocks, kProductThreads, 0,
                 stream, product, tiles);
  } else {
    TACET_LAUNCH((by_target_product_kernel<kShared, kGates, int32_t>), blocks, kProductThreads, 0,
                 stream, product, tiles);
  }
}

template <typename Index>
void make(const PatternValues& values, const ByTargetView& view, tacet::Stream stream) {
  const int64_t each = tacet::ceil_div(view.places, int64_t{view.chunks} * kCountThreads * 8);
  const dim3 grid(static_cast<unsigned int>(max(each, int64_t{1})), view.chunks);
  TACET_LAUNCH((count_targets_kernel<Index>), grid, kCountThreads, 0, stream, values, view);
  TACET_LAUNCH(scan_targets_kernel, 1, kScanThreads, 0, stream, view);
  if (view.narrow) {
    TACET_LAUNCH((fill_by_target_kernel<Index, uint16_t>), view.chunks, kFillThreads, 0, stream,
                 values, view);
  } else {
    TACET_LAUNCH((fill_by_target_kernel<Index, int32_t>), view.chunks, kFillThreads, 0, stream,
                 values, view);
  }
}

}  // namespace

void by_target(const PatternValues& values, const ByTargetView& view, tacet::Stream stream) {
  fill_bytes(view.cursors, 0, sizeof(int32_t) * view.chunks * static_cast<size_t>(view.targets),
             stream);
  if (values.pattern.narrow) {
    make<uint16_t>(values, view, stream);
  } else {
    make<int32_t>(values, view, stream);
  }
}

void multiply_by_target(const ByTargetProduct& product, tacet::Stream stream) {
  with_shared(packed_groups(product.batch).shared, [&](auto constant) {
    constexpr int kShared = decltype(constant)::value;
    if (product.count == 1) {
      launch_product<kShared, 1>(product, stream);
    } else {
      launch_product<kShared, 3>(product, stream);
    }
  });
}

}  // namespace TACET_NS
