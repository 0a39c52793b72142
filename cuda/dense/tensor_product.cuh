// The product of product.cuh on tensor cores, sm_80 and newer: same operands, stores, tiles and parts
// of k, so that a caller chooses by one parameter. Factors become bfloat16, sums are float32.
//
// bf16x3: a = a_high + a_low, and A B is taken for a_high b_high + a_high b_low + a_low b_high. The
// largest error of a term is 2^-15 |a b|: 2^-17 for what the sum of two parts lacks, of either factor,
// and 2^-16 for a_low b_low. bf16: 2^-7 |a b|. To that come the roundings of float32 sums.
// Beyond what bfloat16 counts, parts below 2^-133 are 0. Infinities and numbers that are none give what
// they give in float32, but with bf16x3 infinity times less than 2^-133 is no number, and with bf16
// what rounds beyond the largest bfloat16, 3.39e38, is infinite.
//
// Layout: a block of 8 warps owns a kRows x kColumns tile of C, a warp kWarpRows x kWarpColumns of it
// in fragments. Slices of A and B, 32 deep, come into three stages of shared memory by cp.async, as
// float32 and as they lie in memory; a warp splits what it reads. In a step of 16 along k the lane
// 4 g + t has indices 4 t to 4 t + 3, where the instruction says 2 t, 2 t + 1, 2 t + 8, 2 t + 9: the
// sum is over the same terms, and what lies along k is read as float4. The order of terms is fixed.
// Bytes: as product.cuh. Flops: 2 m n k, of bf16x3 three times that.
#pragma once

#include "dense/product.cuh"

#include "common/mma.cuh"

namespace TACET_NS {

constexpr int kTensorDepth = 32;
constexpr int kTensorStages = 3;

template <int kRows_, int kColumns_, int kWarpRows_, int kWarpColumns_>
struct TensorTile {
  static constexpr int kRows = kRows_;
  static constexpr int kColumns = kColumns_;
  /** Tiles of the instruction that a warp has, 16 rows and 8 columns each. */
  static constexpr int kTall = kWarpRows_ / 16;
  static constexpr int kWide = kWarpColumns_ / 8;
  static constexpr int kWarpRows = kWarpRows_;
  static constexpr int kWarpColumns = kWarpColumns_;
  static_assert(kRows * kColumns == kProductThreads / kWarpSize * kWarpRows * kWarpColumns,
                "one tile");
};

using LargeTensorTile = TensorTile<128, 128, 64, 32>;
using SquareTensorTile = TensorTile<64, 64, 32, 16>;
using FlatTensorTile = TensorTile<32, 128, 32, 16>;

/** Writes the sums of all parts, [parts][rows][columns], or adds them to what is there. */
struct StoreSums {
  float* __restrict__ values;
  int rows;
  int columns;
  bool add;

  __device__ __forceinline__ void operator()(int row, int column, int part, float value) const {
    float& target = values[(static_cast<size_t>(part) * rows + row) * columns + column];
    target = add ? target + value : value;
  }
};

/** Whether an operand lies in memory as it is, and can be copied. */
template <typename Operand>
struct InMemory {
  static constexpr bool value = false;
};
template <bool kTransposed>
struct InMemory<Matrix<kTransposed>> {
  static constexpr bool value = true;
};
template <bool kTransposed>
struct InMemory<ReplicaMatrix<kTransposed>> {
  static constexpr bool value = true;
};

/** Whether all pieces of four neighbours are aligned to 16 bytes. */
template <bool kTransposed>
__device__ __forceinline__ bool is_aligned(const Matrix<kTransposed>& matrix) {
  return (reinterpret_cast<uintptr_t>(matrix.values) / sizeof(float) | matrix.stride) % 4 == 0;
}

/** Where in memory an element is. */
template <bool kTransposed>
__device__ __forceinline__ const float* address_of(const Matrix<kTransposed>& matrix, int row,
                                                   int column) {
  return matrix.values +
         (kTransposed ? column * matrix.stride + row : row * matrix.stride + column);
}

/** A as it is, with `wide` a row, and B with `wide` a column. */
template <bool kColumns>
struct Across {
  template <typename Operand>
  static __device__ __forceinline__ auto of(const Operand& operand, int wide, int deep) {
    return kColumns ? operand(deep, wide) : operand(wide, deep);
  }

  template <typename Operand>
  static __device__ __forceinline__ const float* at(const Operand& operand, int wide, int deep) {
    return kColumns ? address_of(operand, deep, wide) : address_of(operand, wide, deep);
  }
};

/**
 * kWidth x kTensorDepth of an operand in shared memory, neighbours in memory side by side, in pieces
 * of four that are interchanged such that neither copies nor fragments meet in a bank.
 */
template <int kWidth, bool kAlongDepth>
struct TensorSlice {
  static constexpr int kFloats = kWidth * kTensorDepth;
  /** Pieces of four that a thread copies, and elements that it computes. */
  static constexpr int kPieces = kFloats / 4 / kProductThreads;
  static constexpr int kEach = kFloats / kProductThreads;
  static_assert(kPieces * 4 * kProductThreads == kFloats, "threads copy equally much");

  static __device__ __forceinline__ int at(int wide, int deep) {
    return kAlongDepth ? wide * kTensorDepth + (((deep / 4) ^ (wide % 2 * 4)) * 4 + deep % 4)
                       : deep * kWidth + (((wide / 4) ^ (deep / 4 % 4 * 2)) * 4 + wide % 4);
  }

  /** Of the first piece of four that a thread copies; the next is kNext across, or along. */
  static constexpr int kNext = kProductThreads * 4 / (kAlongDepth ? kTensorDepth : kWidth);

  static __device__ __forceinline__ int first_wide() {
    const int piece = static_cast<int>(threadIdx.x);
    return kAlongDepth ? piece / (kTensorDepth / 4) : piece % (kWidth / 4) * 4;
  }

  static __device__ __forceinline__ int first_deep() {
    const int piece = static_cast<int>(threadIdx.x);
    return kAlongDepth ? piece % (kTensorDepth / 4) * 4 : piece / (kWidth / 4);
  }

  /** From a slice to the next. */
  static __device__ __forceinline__ size_t deeper(size_t stride) {
    return kAlongDepth ? kTensorDepth : kTensorDepth * stride;
  }

  /**
   * Begins to copy what lies in memory, 0 beyond the ends.
   *
   * @param from where the thread's first piece begins
   * @param stride between rows, or columns, of what lies in memory
   * @param wide_left from the first piece on
   */
  template <typename Copies>
  static __device__ __forceinline__ void copy(const float* from, size_t stride, bool aligned,
                                              int wide_left, int deep_left, float* stages,
                                              int slice, Copies& copies) {
    const int along = kAlongDepth ? deep_left : wide_left;
    const int across = kAlongDepth ? wide_left : deep_left;
    // at() of a piece, from that of the first.
    const int origin = slice + at(first_wide(), first_deep());
    const auto target = [&](int p) {
      return stages + (kAlongDepth ? origin + p * kNext * kTensorDepth
                                   : (origin ^ (p * kNext / 4 % 4 * 8)) + p * kNext * kWidth);
    };
    if (aligned && (along >= 4 || along <= 0)) {
#pragma unroll
      for (int p = 0; p < kPieces; p++) {
        copies.four(target(p), from, p * kNext, along > 0 ? across : 0);
        from += kNext * stride;
      }
    } else {
#pragma unroll
      for (int p = 0; p < kPieces; p++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          copies.one(target(p) + e, from + e, p * kNext, e < along ? across : 0);
        }
        from += kNext * stride;
      }
    }
  }

  /** Computes elements, 0 beyond the ends. */
  template <typename Side, typename Operand>
  static __device__ __forceinline__ void compute(const Operand& operand, int first, int end,
                                                 int depth, int depth_end, float* values) {
#pragma unroll
    for (int e = 0; e < kEach; e++) {
      const int w = first + wide(e);
      const int d = depth + deep(e);
      values[e] = w < end && d < depth_end ? Side::of(operand, w, d) : 0.0f;
    }
  }

  static __device__ __forceinline__ void store(const float* values, float* stages, int slice) {
#pragma unroll
    for (int e = 0; e < kEach; e++) {
      stages[slice + at(wide(e), deep(e))] = values[e];
    }
  }

  /**
   * at() of what is `wider`, a multiple of 8, and 16 times `later` deeper than an origin. Where the
   * interchange is, their bits are 0 in the origin, so that no address but its is kept in a register.
   */
  static __device__ __forceinline__ int from(int origin, int wider, int later) {
    return kAlongDepth ? (origin ^ (later * 16)) + wider * kTensorDepth
                       : (origin ^ wider) + later * 16 * kWidth;
  }

  /** Four elements, one deeper than the other. */
  static __device__ __forceinline__ void read(const float* stages, int at, float* values) {
    if (kAlongDepth) {
      const float4 four = *reinterpret_cast<const float4*>(stages + at);
      values[0] = four.x;
      values[1] = four.y;
      values[2] = four.z;
      values[3] = four.w;
    } else {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        values[e] = stages[at + e * kWidth];
      }
    }
  }

 private:
  static __device__ __forceinline__ int wide(int e) {
    const int at = static_cast<int>(threadIdx.x) + e * kProductThreads;
    return kAlongDepth ? at / kTensorDepth : at % kWidth;
  }

  static __device__ __forceinline__ int deep(int e) {
    const int at = static_cast<int>(threadIdx.x) + e * kProductThreads;
    return kAlongDepth ? at % kTensorDepth : at / kWidth;
  }
};

/** Adds 16 x kWidth of a warp's tile over 16 indices k. */
template <typename Tile, typename SliceA, typename SliceB, bool kSplit>
struct TensorStep {
  static constexpr int kParts = kSplit ? 2 : 1;

  uint32_t right[kParts][Tile::kWide][2];

  __device__ __forceinline__ void read_right(const float* stages, int origin, int later) {
#pragma unroll
    for (int j = 0; j < Tile::kWide; j++) {
      float v[4];
      SliceB::read(stages, SliceB::from(origin, 8 * j, later), v);
      to_fragment<kSplit>(v[0], v[1], right[0][j][0], right[kParts - 1][j][0]);
      to_fragment<kSplit>(v[2], v[3], right[0][j][1], right[kParts - 1][j][1]);
    }
  }

  /** Adds rows from `row` of the warp's on. */
  __device__ __forceinline__ void add(const float* stages, int origin, int row, int later,
                                      float (*sums)[4]) const {
    uint32_t left[kParts][4];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float v[4];
      SliceA::read(stages, SliceA::from(origin, row + 8 * half, later), v);
      to_fragment<kSplit>(v[0], v[1], left[0][half], left[kParts - 1][half]);
      to_fragment<kSplit>(v[2], v[3], left[0][half + 2], left[kParts - 1][half + 2]);
    }
    add_products(sums, left[0], right[0]);
    if (kSplit) {
      add_products(sums, left[0], right[kParts - 1]);
      add_products(sums, left[kParts - 1], right[0]);
    }
  }

 private:
  static __device__ __forceinline__ void add_products(float (*sums)[4], const uint32_t* a,
                                                      const uint32_t (*b)[2]) {
#pragma unroll
    for (int j = 0; j < Tile::kWide; j++) {
      multiply_add(sums[j], a, b[j]);
    }
  }
};

/** Brings the slices of an operand into shared memory, one after the other. */
template <typename Slice, typename Side, typename Operand, bool kInMemory>
class TensorFeed;

template <typename Slice, typename Side, typename Operand>
class TensorFeed<Slice, Side, Operand, true> {
 public:
  __device__ __forceinline__ TensorFeed(const Operand& operand, int first, int end, int depth,
                                        int depth_end)
      : from_(Side::at(operand, first + Slice::first_wide(), depth + Slice::first_deep())),
        stride_(operand.stride),
        aligned_(is_aligned(operand)),
        wide_left_(end - first - Slice::first_wide()),
        deep_left_(depth_end - depth - Slice::first_deep()) {}

  /** Begins with the next one. */
  template <typename Copies>
  __device__ __forceinline__ void begin(float* stages, int slice, Copies& copies) {
    Slice::copy(from_, stride_, aligned_, wide_left_, deep_left_, stages, slice, copies);
    from_ += Slice::deeper(stride_);
    deep_left_ -= kTensorDepth;
  }

  /** Ends what was begun last, as far as it is not copied. */
  __device__ __forceinline__ void finish(float* /*stages*/, int /*slice*/) const {}

 private:
  const float* from_;
  const size_t stride_;
  const bool aligned_;
  const int wide_left_;
  int deep_left_;
};

template <typename Slice, typename Side, typename Operand>
class TensorFeed<Slice, Side, Operand, false> {
 public:
  __device__ __forceinline__ TensorFeed(const Operand& operand, int first, int end, int depth,
                                        int depth_end)
      : operand_(operand), first_(first), end_(end), depth_(depth), depth_end_(depth_end) {}

  template <typename Copies>
  __device__ __forceinline__ void begin(float* /*stages*/, int /*slice*/, Copies& /*copies*/) {
    Slice::template compute<Side>(operand_, first_, end_, depth_, depth_end_, values_);
    depth_ += kTensorDepth;
  }

  __device__ __forceinline__ void finish(float* stages, int slice) const {
    Slice::store(values_, stages, slice);
  }

 private:
  const Operand& operand_;
  const int first_;
  const int end_;
  int depth_;
  const int depth_end_;
  float values_[Slice::kEach];
};

/** Blocks whose registers fit a multiprocessor; a quadruple of both parts of B takes some more. */
template <typename Tile, bool kSplit, typename B>
constexpr int kTensorBlocks = kSplit && Tile::kTall * Tile::kWide == 16 && !B::kByRows ? 1 : 2;

/** @param kSplit bf16x3, else bf16 */
template <typename Tile, bool kSplit, typename A, typename B, typename Store>
__global__ void __launch_bounds__(kProductThreads, kTensorBlocks<Tile, kSplit, B>)
    tensor_product_kernel(const A a, const B b, int m, int n, int k, int k_part,
                          const Store store) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  __trap();
#else
  using SliceA = TensorSlice<Tile::kRows, A::kByRows>;
  using SliceB = TensorSlice<Tile::kColumns, !B::kByRows>;
  constexpr int kStage = SliceA::kFloats + SliceB::kFloats;
  TACET_DYNAMIC_SHARED(float4, pieces, 0, kTensorStages * kStage / 4);
  float* const stages = reinterpret_cast<float*>(pieces);
  const int row_tiles = HasReplicas<A>::value ? (m + Tile::kRows - 1) / Tile::kRows : 0;
  const int replica = HasReplicas<A>::value ? static_cast<int>(blockIdx.x) / row_tiles : 0;
  const auto& left = of_replica(a, replica);
  const auto& right = of_replica(b, replica);
  const int row0 = (static_cast<int>(blockIdx.x) - replica * row_tiles) * Tile::kRows;
  const int column0 = static_cast<int>(blockIdx.y) * Tile::kColumns;
  const int part = static_cast<int>(blockIdx.z);
  const int begin = part * k_part;
  const int end = min(k, begin + k_part);

  using Left = std::decay_t<decltype(left)>;
  using Right = std::decay_t<decltype(right)>;
  TensorFeed<SliceA, Across<false>, Left, InMemory<Left>::value> feed_a(left, row0, m, begin, end);
  TensorFeed<SliceB, Across<true>, Right, InMemory<Right>::value> feed_b(right, column0, n, begin,
                                                                         end);
  AsyncCopies<kTensorStages, 4 * (SliceA::kPieces + SliceB::kPieces)> copies;
  const int steps = (end - begin + kTensorDepth - 1) / kTensorDepth;
  const auto stage_of = [&](int step) { return step % kTensorStages * kStage; };
  const auto bring = [&](int step) {
    if (step < steps) {
      feed_a.begin(stages, stage_of(step), copies);
      feed_b.begin(stages, stage_of(step) + SliceA::kFloats, copies);
    }
    copies.commit();
  };
  const auto finish = [&](int step) {
    if (step < steps) {
      feed_a.finish(stages, stage_of(step));
      feed_b.finish(stages, stage_of(step) + SliceA::kFloats);
    }
  };
#pragma unroll 1
  for (int step = 0; step < kTensorStages - 1; step++) {
    bring(step);
    finish(step);
  }

  constexpr int kAcross = Tile::kColumns / Tile::kWarpColumns;
  const int group = lane_id() / 4;
  const int member = lane_id() % 4;
  const int row = warp_id() / kAcross * Tile::kWarpRows + group;
  const int column = warp_id() % kAcross * Tile::kWarpColumns;
  float sums[Tile::kTall][Tile::kWide][4] = {};
  for (int step = 0; step < steps; step++) {
    copies.template wait<kTensorStages - 2>();
    // What all have copied is here, and nobody reads the stage that the next slice goes to.
    __syncthreads();
    bring(step + kTensorStages - 1);
    const int origin_a = stage_of(step) + SliceA::at(row, 4 * member);
    const int origin_b = stage_of(step) + SliceA::kFloats + SliceB::at(column + group, 4 * member);
#pragma unroll 1  // two at once take more registers than two blocks have
    for (int later = 0; later < kTensorDepth / 16; later++) {
      TensorStep<Tile, SliceA, SliceB, kSplit> products;
      products.read_right(stages, origin_b, later);
#pragma unroll
      for (int i = 0; i < Tile::kTall; i++) {
        __syncwarp();  // nothing is read ahead, which would take registers
        products.add(stages, origin_a, 16 * i, later, sums[i]);
      }
    }
    finish(step + kTensorStages - 1);
  }

#pragma unroll
  for (int i = 0; i < Tile::kTall; i++) {
#pragma unroll
    for (int j = 0; j < Tile::kWide; j++) {
#pragma unroll
      for (int s = 0; s < 4; s++) {
        const int r = row0 + row + 16 * i + s / 2 * 8;
        const int c = column0 + column + 8 * j + 2 * member + s % 2;
        if (r < m && c < n) {
          store(replica * m + r, c, part, sums[i][j][s]);
        }
      }
    }
  }
#endif
}

template <typename Tile, bool kSplit, typename A, typename B, typename Store>
void launch_tensor_tile(const A& a, const B& b, int m, int n, int k, int parts, const Store& store,
                        tacet::Stream stream, int replicas) {
  const dim3 grid(tacet::ceil_div(m, Tile::kRows) * replicas, tacet::ceil_div(n, Tile::kColumns),
                  parts);
  const int k_part = tacet::ceil_div(tacet::ceil_div(k, parts), kTensorDepth) * kTensorDepth;
  constexpr size_t kShared =
      sizeof(float) * kTensorStages * kTensorDepth * (Tile::kRows + Tile::kColumns);
  TACET_LAUNCH((tensor_product_kernel<Tile, kSplit, A, B, Store>), grid, kProductThreads, kShared,
               stream, a, b, m, n, k, k_part, store);
}

/** launch_product of product.cuh on tensor cores. */
template <bool kSplit, typename A, typename B, typename Store>
void launch_tensor_product(const A& a, const B& b, int m, int n, int k, int parts,
                           const Store& store, tacet::Stream stream, int replicas = 1) {
  switch (product_shape(m, n)) {
    case ProductShape::kFlat:
      launch_tensor_tile<FlatTensorTile, kSplit>(a, b, m, n, k, parts, store, stream, replicas);
      break;
    case ProductShape::kSquare:
      launch_tensor_tile<SquareTensorTile, kSplit>(a, b, m, n, k, parts, store, stream, replicas);
      break;
    case ProductShape::kLarge:
      launch_tensor_tile<LargeTensorTile, kSplit>(a, b, m, n, k, parts, store, stream, replicas);
      break;
  }
}

}  // namespace TACET_NS
