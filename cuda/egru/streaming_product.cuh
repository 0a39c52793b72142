// The recurrent product of a step of the streaming engine: what units have sent times the columns that a
// block owns, read from memory row by row of the units with an event.
//
// A row of a block is pieces of 16 bytes, four weights of float32 or eight of bfloat16. The threads are
// dealt out as pieces x as many slices of the rows as there are threads for; each asks for its pieces of
// eight rows before it uses the first. The slices' sums meet in shared memory and are added in order.
//
// Bytes of a step and block: its columns of the rows of the union of the samples' events; from L2 the
// words of all event bits, and 4 a sample for each such row. Flops: 2 a column, row and sample.
#pragma once

#include "egru/streaming.cuh"
#include "sparse/events.cuh"

namespace TACET_NS {

/** Values of sending units in shared memory at once, in floats: of 1,024 rows of eight samples. */
constexpr int kStreamedValues = 8192;

template <typename Weight>
constexpr int kPieceColumns = 16 / sizeof(Weight);

/** The weights of a piece. */
template <typename Weight>
__device__ __forceinline__ void unpack_piece(const uint4& piece, float* weights) {
  const uint32_t words[4] = {piece.x, piece.y, piece.z, piece.w};
#pragma unroll
  for (int w = 0; w < 4; w++) {
    if constexpr (sizeof(Weight) == sizeof(float)) {
      weights[w] = __uint_as_float(words[w]);
    } else {
      weights[2 * w] = __uint_as_float(words[w] << 16);
      weights[2 * w + 1] = __uint_as_float(words[w] & 0xffff0000u);
    }
  }
}

/** Where the parts of a block's shared memory begin, in bytes. */
template <int kShared, typename Weight>
struct StreamingMemory {
  /** Samples whose slices are added up at once. */
  static constexpr int kTogether = kShared < 2 ? kShared : 2;
  static constexpr int kThreads = kStreamingThreads<kShared>;
  static constexpr size_t kList = sizeof(uint16_t) * kExpandUnits;
  static constexpr size_t kRows = kList + sizeof(float) * kStreamedValues;
  /** The sums of the slices are where the rows' numbers and values have been. */
  static constexpr size_t kPartial =
      sizeof(float) * kTogether * kThreads * kPieceColumns<Weight>;
  static constexpr size_t kWords = kRows > kPartial ? kRows : kPartial;

  size_t totals;
  size_t counts;
  size_t bytes;

  /** @param each units of a block */
  __host__ __device__ StreamingMemory(int units, int each) {
    totals = kWords + sizeof(uint32_t) * ((units + 31) / 32);
    counts = totals + sizeof(float) * kShared * 3 * each;
    bytes = counts + sizeof(int) * each;
  }
};

/** What units have sent into a step. */
struct StreamedEvents {
  /** [units][kShared]; before the first step [batch][units], or null for zeros. */
  const float* values;
  /** [batch][words]; null before the first step. */
  const uint32_t* bits;
};

/** The columns of a block, and products with them. */
template <int kShared, typename Weight>
class StreamedProduct {
 public:
  static constexpr int kColumns = kPieceColumns<Weight>;
  /** Rows whose pieces a thread asks for at once; of the last ones of a list, half as many. */
  static constexpr int kAhead = 8;

  /**
   * @param rows packed ones, or null where they are read in the layer
   * @param first of the units that the block owns
   */
  __device__ StreamedProduct(const EgruCall& call, const StreamingShape& shape, const void* rows,
                             int first, int owned, uint32_t* words, uint16_t* list, float* staged,
                             float* partial, float* totals)
      : units_(call.layer.units), batch_(call.sequence.batch), words_(words), list_(list),
        staged_(staged), partial_(partial), totals_(totals) {
    const int thread = static_cast<int>(threadIdx.x);
    of_gate_ = rows != nullptr ? shape.each : owned;
    const int pieces = 3 * of_gate_ / kColumns;
    slices_ = kThreads / pieces;
    slice_ = thread / pieces;
    const int column = (thread - slice_ * pieces) * kColumns;
    if (rows != nullptr) {
      stride_ = sizeof(Weight) * 3 * shape.each;
      rows_ = static_cast<const char*>(rows) + blockIdx.x * (stride_ * units_) + sizeof(Weight) * column;
    } else {
      stride_ = sizeof(float) * 3 * units_;
      const size_t gate = column / of_gate_;
      rows_ = reinterpret_cast<const char*>(call.layer.recurrent + gate * units_ + first +
                                            column % of_gate_);
    }
  }

  /** Leaves the product in shared memory; all threads call it. */
  __device__ __forceinline__ void run(const StreamedEvents& from) {
    collect_words(from);
    __syncthreads();
    float sums[kShared][kColumns] = {};
    const int words = (units_ + 31) / 32;
    for_each_list(
        units_, 0, 1, list_, [&](int w) { return w < words ? words_[w] : 0u; },
        [&](int first_unit, int begin, int end) {
          for (int start = begin; start < end; start += kEntries) {
            const int stop = min(end, start + kEntries);
            stage(from, first_unit, start, stop);
            __syncthreads();
            add_rows(first_unit, start, stop, sums);
            __syncthreads();
          }
        });
    add_slices(sums);
  }

  /** What a unit of the block receives, for a sample. */
  __device__ __forceinline__ GateInputs input(int unit, int n) const {
    const float* const of_sample = totals_ + n * 3 * of_gate_ + unit;
    return {of_sample[0], of_sample[of_gate_], of_sample[2 * of_gate_]};
  }

 private:
  static constexpr int kThreads = kStreamingThreads<kShared>;
  static constexpr int kWarps = kStreamingWarps<kShared>;
  /** Rows whose values are there at once. */
  static constexpr int kEntries = kStreamedValues / kShared;
  static constexpr int kTogether = StreamingMemory<kShared, Weight>::kTogether;

  /** Which units have sent something in any sample. Not from L1, which does not see what others wrote. */
  __device__ __forceinline__ void collect_words(const StreamedEvents& from) {
    const int words = (units_ + 31) / 32;
    if (from.bits == nullptr) {
#pragma unroll 1
      for (int w = warp_id(); w < words; w += kWarps) {
        const int i = w * 32 + lane_id();
        uint32_t any = 0;
#pragma unroll
        for (int b = 0; b < kShared; b++) {
          any |= initial(from, i, b) != 0.0f ? 1u : 0u;
        }
        const uint32_t word = __ballot_sync(kFullWarp, any != 0);
        if (lane_id() == 0) {
          words_[w] = word;
        }
      }
      return;
    }
#pragma unroll 1
    for (int w = static_cast<int>(threadIdx.x); w < words; w += kThreads) {
      uint32_t word = 0;
#pragma unroll
      for (int b = 0; b < kShared; b++) {
        word |= b < batch_ ? __ldcg(from.bits + static_cast<size_t>(b) * words + w) : 0u;
      }
      words_[w] = word;
    }
  }

  __device__ __forceinline__ float initial(const StreamedEvents& from, int i, int b) const {
    return from.values != nullptr && i < units_ && b < batch_
               ? __ldcg(from.values + static_cast<size_t>(b) * units_ + i)
               : 0.0f;
  }

  /** Copies what the units of a part of the list have sent, [entries][kShared]. */
  __device__ __forceinline__ void stage(const StreamedEvents& from, int first_unit, int start,
                                        int stop) {
    const bool published = from.bits != nullptr;
    const size_t of_unit = published ? kShared : 1;
    const size_t of_sample = published ? 1 : units_;
    for (int at = static_cast<int>(threadIdx.x); at < (stop - start) * kShared;
         at += kThreads) {
      const int unit = first_unit + list_[start + at / kShared];
      const int b = at % kShared;
      staged_[at] = b < batch_ ? __ldcg(from.values + unit * of_unit + b * of_sample) : 0.0f;
    }
  }

  /** Adds the thread's pieces of a part of the list. */
  __device__ __forceinline__ void add_rows(int first_unit, int start, int stop,
                                           float (*sums)[kColumns]) const {
    if (slice_ >= slices_) {
      return;
    }
    const uint16_t* const list = list_ + start;
    const int count = stop - start;
    int e = slice_;
#pragma unroll 1
    for (; e + (kAhead - 1) * slices_ < count; e += kAhead * slices_) {
      add_batch<kAhead, true>(list, first_unit, e, count, sums);
    }
#pragma unroll 1
    for (; e < count; e += kAhead / 2 * slices_) {
      add_batch<kAhead / 2, false>(list, first_unit, e, count, sums);
    }
  }

  /** Adds so many pieces, of entries e, e + slices and so on, all of which there are if `kAll`. */
  template <int kCount, bool kAll>
  __device__ __forceinline__ void add_batch(const uint16_t* list, int first_unit, int e, int count,
                                            float (*sums)[kColumns]) const {
    uint4 pieces[kCount];
#pragma unroll
    for (int k = 0; k < kCount; k++) {
      const int at = e + k * slices_;
      pieces[k] = uint4{0u, 0u, 0u, 0u};
      if (kAll || at < count) {
        pieces[k] = __ldg(reinterpret_cast<const uint4*>(
            rows_ + static_cast<size_t>(first_unit + list[at]) * stride_));
      }
    }
#pragma unroll
    for (int k = 0; k < kCount; k++) {
      const int at = e + k * slices_;
      if (kAll || at < count) {
        add_piece(pieces[k], staged_ + at * kShared, sums);
      }
    }
  }

  static __device__ __forceinline__ void add_piece(const uint4& piece, const float* values,
                                                   float (*sums)[kColumns]) {
    float weights[kColumns];
    float y[kShared];
    unpack_piece<Weight>(piece, weights);
    load_values<kShared>(values, y);
#pragma unroll
    for (int b = 0; b < kShared; b++) {
#pragma unroll
      for (int c = 0; c < kColumns; c++) {
        sums[b][c] = fmaf(y[b], weights[c], sums[b][c]);
      }
    }
  }

  /** Adds the slices up in order, [kShared][3 x units of a gate]. */
  __device__ __forceinline__ void add_slices(const float (*sums)[kColumns]) {
    constexpr int kSlot = kThreads * kColumns;
    const int thread = static_cast<int>(threadIdx.x);
    const int columns = 3 * of_gate_;
#pragma unroll
    for (int first = 0; first < kShared; first += kTogether) {
      if (slice_ < slices_) {
#pragma unroll
        for (int j = 0; j < kTogether; j++) {
#pragma unroll
          for (int c = 0; c < kColumns; c += 4) {
            const float* const four = sums[first + j] + c;
            *reinterpret_cast<float4*>(partial_ + j * kSlot + thread * kColumns + c) =
                make_float4(four[0], four[1], four[2], four[3]);
          }
        }
      }
      __syncthreads();
      for (int at = thread; at < kTogether * columns; at += kThreads) {
        const int j = at / columns;
        const float* const of_slices = partial_ + j * kSlot + (at - j * columns);
        float sum = of_slices[0];
#pragma unroll 4
        for (int s = 1; s < slices_; s++) {
          sum += of_slices[s * columns];
        }
        totals_[first * columns + at] = sum;
      }
      __syncthreads();
    }
  }

  int units_;
  int batch_;
  uint32_t* words_;
  uint16_t* list_;
  float* staged_;
  float* partial_;
  float* totals_;
  /** Units of a gate among the block's columns. */
  int of_gate_;
  int slices_;
  int slice_;
  /** The thread's piece of the first row, and bytes from row to row. */
  const char* rows_;
  size_t stride_;
};

}  // namespace TACET_NS
