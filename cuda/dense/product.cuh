// A tiled fp32 product C = A B on plain CUDA cores, generic over its operands: small structures
// define A, B and C, so that the recurrent products of egru share this kernel.
//
// Layout: a block of 256 threads owns a kRows x kColumns tile of C, a thread kThreadRows x
// kThreadColumns of it in registers, in pieces of four that are a quarter warp apart, so that
// shared memory is read as float4 without bank conflicts. A and B pass through shared memory kDepth
// deep, with the next slice loaded into registers while the current one is used. Grid: replicas x row
// tiles x column tiles x parts of k; each part gives a partial sum, and the receiver adds them in
// order. Tiles and parts are those of one replica, so that its sums are those it has alone.
// Bytes: 4 m n k (1/kRows + 1/kColumns) read through L2, 4 m n parts written. Flops: 2 m n k.
#pragma once

#include "common/kernel.cuh"

namespace TACET_NS {

constexpr int kProductThreads = 256;
constexpr int kProductDepth = 16;

/** A matrix in memory, by rows or, if kTransposed, by columns; `stride` elements apart. */
template <bool kTransposed>
struct Matrix {
  /** Whether neighbours in memory are neighbours of a row. */
  static constexpr bool kByRows = !kTransposed;

  const float* __restrict__ values;
  size_t stride;

  __device__ __forceinline__ float operator()(int row, int column) const {
    return kTransposed ? values[column * stride + row] : values[row * stride + column];
  }
};

/** The matrices of replicas, `apart` elements from each to the next. */
template <bool kTransposed>
struct ReplicaMatrix {
  static constexpr bool kByRows = Matrix<kTransposed>::kByRows;

  const float* __restrict__ values;
  size_t stride;
  int64_t apart;
};

/** Whether each replica has an operand of its own. */
template <typename Operand>
struct HasReplicas {
  static constexpr bool value = false;
};
template <bool kTransposed>
struct HasReplicas<ReplicaMatrix<kTransposed>> {
  static constexpr bool value = true;
};

template <typename Operand>
__device__ __forceinline__ const Operand& of_replica(const Operand& operand, int /*replica*/) {
  return operand;
}

template <bool kTransposed>
__device__ __forceinline__ Matrix<kTransposed> of_replica(const ReplicaMatrix<kTransposed>& all,
                                                          int replica) {
  return {all.values + replica * all.apart, all.stride};
}

/** Writes a result, or adds it to what is there. */
struct StoreProduct {
  float* __restrict__ values;
  int columns;
  bool add;

  __device__ __forceinline__ void operator()(int row, int column, int /*part*/, float value) const {
    float& target = values[static_cast<size_t>(row) * columns + column];
    target = add ? target + value : value;
  }
};

/** Writes the sums of all parts, [parts][rows][columns]. */
struct StoreParts {
  float* __restrict__ values;
  int rows;
  int columns;
  /** Added to the column. */
  int first;

  __device__ __forceinline__ void operator()(int row, int column, int part, float value) const {
    values[(static_cast<size_t>(part) * rows + row) * columns + first + column] = value;
  }
};

template <int kRows_, int kColumns_, int kThreadRows_, int kThreadColumns_>
struct ProductTile {
  static constexpr int kRows = kRows_;
  static constexpr int kColumns = kColumns_;
  static constexpr int kThreadRows = kThreadRows_;
  static constexpr int kThreadColumns = kThreadColumns_;
  static_assert(kRows * kColumns == kProductThreads * kThreadRows * kThreadColumns, "one tile");
};

using LargeTile = ProductTile<128, 128, 8, 8>;
using SquareTile = ProductTile<64, 64, 4, 4>;
using FlatTile = ProductTile<32, 128, 4, 4>;

/** A kWidth x kProductDepth slice of an operand on its way to shared memory. */
template <int kWidth, bool kAlongDepth>
struct ProductSlice {
  static constexpr int kEach = kWidth * kProductDepth / kProductThreads;
  // Keeps float4 aligned and spreads the stores of a slice that is read along its depth.
  static constexpr int kPitch = kWidth + 4;

  float values[kEach];

  static __device__ __forceinline__ int wide(int e) {
    const int at = static_cast<int>(threadIdx.x) + e * kProductThreads;
    return kAlongDepth ? at / kProductDepth : at % kWidth;
  }

  static __device__ __forceinline__ int deep(int e) {
    const int at = static_cast<int>(threadIdx.x) + e * kProductThreads;
    return kAlongDepth ? at % kProductDepth : at / kWidth;
  }

  /** Element (wide, deep) is element(first + wide, depth + deep), 0 beyond the ends. */
  template <typename Element>
  __device__ __forceinline__ void load(int first, int end, int depth, int depth_end,
                                       Element&& element) {
#pragma unroll
    for (int e = 0; e < kEach; e++) {
      const int w = first + wide(e);
      const int d = depth + deep(e);
      values[e] = w < end && d < depth_end ? element(w, d) : 0.0f;
    }
  }

  __device__ __forceinline__ void store(float (*tile)[kPitch]) const {
#pragma unroll
    for (int e = 0; e < kEach; e++) {
      tile[deep(e)][wide(e)] = values[e];
    }
  }
};

/** Reads kCount values in pieces of four, kWidth / (kCount / 4) apart. */
template <int kCount, int kWidth>
__device__ __forceinline__ void load_fragment(const float* tile_row, int thread, float* values) {
#pragma unroll
  for (int piece = 0; piece < kCount / 4; piece++) {
    const float4 four =
        *reinterpret_cast<const float4*>(tile_row + piece * (kWidth / (kCount / 4)) + thread * 4);
    values[4 * piece] = four.x;
    values[4 * piece + 1] = four.y;
    values[4 * piece + 2] = four.z;
    values[4 * piece + 3] = four.w;
  }
}

/** Where in its tile a thread's element e is; the inverse of load_fragment. */
template <int kCount, int kWidth>
__device__ __forceinline__ int fragment_position(int thread, int e) {
  return e / 4 * (kWidth / (kCount / 4)) + thread * 4 + e % 4;
}

template <typename Tile, typename A, typename B, typename Store>
__global__ void __launch_bounds__(kProductThreads)
    product_kernel(const A a, const B b, int m, int n, int k, int k_part, const Store store) {
  using SliceA = ProductSlice<Tile::kRows, A::kByRows>;
  using SliceB = ProductSlice<Tile::kColumns, !B::kByRows>;
  TACET_SHARED(tile_a, float[kProductDepth][SliceA::kPitch]);
  TACET_SHARED(tile_b, float[kProductDepth][SliceB::kPitch]);
  constexpr int kAcross = Tile::kColumns / Tile::kThreadColumns;
  const int tx = static_cast<int>(threadIdx.x) % kAcross;
  const int ty = static_cast<int>(threadIdx.x) / kAcross;
  // A block beyond the row tiles of a replica is one of the next.
  const int row_tiles = HasReplicas<A>::value ? (m + Tile::kRows - 1) / Tile::kRows : 0;
  const int replica = HasReplicas<A>::value ? static_cast<int>(blockIdx.x) / row_tiles : 0;
  const auto& left = of_replica(a, replica);
  const auto& right = of_replica(b, replica);
  const int row0 = (static_cast<int>(blockIdx.x) - replica * row_tiles) * Tile::kRows;
  const int column0 = static_cast<int>(blockIdx.y) * Tile::kColumns;
  const int part = static_cast<int>(blockIdx.z);
  const int begin = part * k_part;
  const int end = min(k, begin + k_part);

  float sums[Tile::kThreadRows][Tile::kThreadColumns] = {};
  SliceA slice_a;
  SliceB slice_b;
  const auto load = [&](int depth) {
    slice_a.load(row0, m, depth, end, [&](int row, int d) { return left(row, d); });
    slice_b.load(column0, n, depth, end, [&](int column, int d) { return right(d, column); });
  };
  load(begin);
  for (int depth = begin; depth < end; depth += kProductDepth) {
    slice_a.store(tile_a);
    slice_b.store(tile_b);
    __syncthreads();
    if (depth + kProductDepth < end) {
      load(depth + kProductDepth);
    }
#pragma unroll
    for (int d = 0; d < kProductDepth; d++) {
      float va[Tile::kThreadRows];
      float vb[Tile::kThreadColumns];
      load_fragment<Tile::kThreadRows, Tile::kRows>(tile_a[d], ty, va);
      load_fragment<Tile::kThreadColumns, Tile::kColumns>(tile_b[d], tx, vb);
#pragma unroll
      for (int i = 0; i < Tile::kThreadRows; i++) {
#pragma unroll
        for (int j = 0; j < Tile::kThreadColumns; j++) {
          sums[i][j] = fmaf(va[i], vb[j], sums[i][j]);
        }
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < Tile::kThreadRows; i++) {
    const int row = row0 + fragment_position<Tile::kThreadRows, Tile::kRows>(ty, i);
#pragma unroll
    for (int j = 0; j < Tile::kThreadColumns; j++) {
      const int column = column0 + fragment_position<Tile::kThreadColumns, Tile::kColumns>(tx, j);
      if (row < m && column < n) {
        store(replica * m + row, column, part, sums[i][j]);
      }
    }
  }
}

/** Blocks that saturate a device; more parts only cost memory. */
constexpr int kProductEnoughBlocks = 264;

enum class ProductShape { kFlat, kSquare, kLarge };

inline ProductShape product_shape(int m, int n) {
  if (m <= 32) {
    return ProductShape::kFlat;
  }
  const int64_t large = static_cast<int64_t>(tacet::ceil_div(m, 128)) * tacet::ceil_div(n, 128);
  return large >= kProductEnoughBlocks / 2 ? ProductShape::kLarge : ProductShape::kSquare;
}

/** What a block computes. */
struct ProductExtent {
  int rows;
  int columns;
};

inline ProductExtent product_extent(int m, int n) {
  switch (product_shape(m, n)) {
    case ProductShape::kFlat:
      return {32, 128};
    case ProductShape::kSquare:
      return {64, 64};
    default:
      return {128, 128};
  }
}

/** Into how many parts a product is best divided along k, at most `most`. */
inline int product_parts(int m, int n, int k, int most) {
  const ProductExtent tile = product_extent(m, n);
  const int64_t tiles =
      static_cast<int64_t>(tacet::ceil_div(m, tile.rows)) * tacet::ceil_div(n, tile.columns);
  const int64_t useful = min(static_cast<int64_t>(most), static_cast<int64_t>(k / 128));
  return static_cast<int>(max(min(kProductEnoughBlocks / tiles, useful), int64_t{1}));
}

template <typename Tile, typename A, typename B, typename Store>
void launch_product_tile(const A& a, const B& b, int m, int n, int k, int parts, const Store& store,
                         tacet::Stream stream, int replicas) {
  const dim3 grid(tacet::ceil_div(m, Tile::kRows) * replicas, tacet::ceil_div(n, Tile::kColumns),
                  parts);
  const int k_part = tacet::ceil_div(tacet::ceil_div(k, parts), kProductDepth) * kProductDepth;
  TACET_LAUNCH((product_kernel<Tile, A, B, Store>), grid, kProductThreads, 0, stream, a, b, m, n, k,
               k_part, store);
}

/**
 * Computes A B and gives store(row, column, part, value) the sum of each part of k.
 *
 * @param m rows of a replica; the rows of the store are those of all
 * @param replicas more than 1 with operands of ReplicaMatrix only
 */
template <typename A, typename B, typename Store>
void launch_product(const A& a, const B& b, int m, int n, int k, int parts, const Store& store,
                    tacet::Stream stream, int replicas = 1) {
  switch (product_shape(m, n)) {
    case ProductShape::kFlat:
      launch_product_tile<FlatTile>(a, b, m, n, k, parts, store, stream, replicas);
      break;
    case ProductShape::kSquare:
      launch_product_tile<SquareTile>(a, b, m, n, k, parts, store, stream, replicas);
      break;
    case ProductShape::kLarge:
      launch_product_tile<LargeTile>(a, b, m, n, k, parts, store, stream, replicas);
      break;
  }
}

}  // namespace TACET_NS
