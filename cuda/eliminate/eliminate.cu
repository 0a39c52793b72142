// Elimination: a silent source rules out the targets that it has synapses onto (Singh, Tchernookov and
// Balasubramanian 2021, "What the odor is not").
//
// Synapses are rows of bits: an eighth of a byte per target and row, read in order, 32 targets to an
// operation. A thread owns a word of 32 targets of one sample and goes through the rows of the silent
// sources, four at a time so that their loads overlap; no atomics, and sums of integers.
//  candidates: clears bound targets and stops as soon as none of the 32 is left: after about
//    (ln 32 + 0.6) / s of the rows at density s, of however many are silent.
//  vetoes: counts in bit planes, a plane per binary digit, by carry-save adders: four rows cost three
//    adders and a carry, instead of 32 s additions each. Then each word is spread over its warp, so
//    that counts are read and written in order.
// Blocks of all samples for the same words follow one another and find the rows in L2.
// Bytes: U targets / 8 of rows from DRAM (U sources silent in any sample; candidates fewer, by the
// stop), batch sources / 8 of bits; written batch targets / 8 of candidates, or read and written
// 8 batch targets of vetoes. Floor: the same. Bind: indices, and the rows written.
#include "common/kernel.cuh"
#include "eliminate/eliminate.h"

namespace TACET_NS {

namespace {

using tacet::PatternView;

constexpr int kThreads = 256;

/** Binary digits of a count in registers, and words of silent sources that cannot exceed them. */
constexpr int kPlanes = 16;
constexpr int kMostWords = ((1 << kPlanes) - 1) / 32;

__host__ __device__ __forceinline__ int words_of(int units) { return (units + 31) / 32; }

/** The 32 targets of a word that exist. */
__device__ __forceinline__ uint32_t existing(int word, int targets) {
  const int left = targets - word * 32;
  return left >= 32 ? ~0u : left > 0 ? (1u << left) - 1u : 0u;
}

/** Removes the lowest bit and returns its index, or `otherwise` where there is none. */
__device__ __forceinline__ int take_lowest(uint32_t& bits, int otherwise) {
  if (bits == 0) {
    return otherwise;
  }
  const int lowest = __ffs(static_cast<int>(bits)) - 1;
  bits &= bits - 1;
  return lowest;
}

/** A thread's word of the rows of a sample's silent sources. */
struct Own {
  int sample;
  int word;
  size_t words;

  __device__ Own(int batch, int targets)
      : sample(static_cast<int>(blockIdx.x % static_cast<unsigned int>(batch))),
        word(static_cast<int>(blockIdx.x / static_cast<unsigned int>(batch)) * kThreads +
             static_cast<int>(threadIdx.x)),
        words(static_cast<size_t>(words_of(targets))) {}

  __device__ bool exists() const { return static_cast<size_t>(word) < words; }

  __device__ uint32_t of_row(const uint32_t* __restrict__ bound, int row) const {
    return __ldg(bound + static_cast<size_t>(row) * words + word);
  }
};

/** A thread per word and row finds its first synapse by binary search: no two write one word. */
template <typename Index>
__global__ void __launch_bounds__(kThreads)
    bind_kernel(PatternView pattern, uint32_t* __restrict__ bound) {
  const int words = words_of(pattern.targets);
  const int64_t at = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (at >= static_cast<int64_t>(pattern.sources) * words) {
    return;
  }
  const auto* indices = static_cast<const Index*>(pattern.indices);
  const int row = static_cast<int>(at / words);
  const int first = static_cast<int>(at % words) * 32;
  const int end = pattern.offsets[row + 1];
  int from = pattern.offsets[row];
  int to = end;
  while (from < to) {
    const int middle = from + (to - from) / 2;
    if (static_cast<int>(indices[middle]) < first) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  uint32_t bits = 0;
  for (; from < end; from++) {
    const int target = static_cast<int>(indices[from]) - first;
    if (target >= 32) {
      break;
    }
    bits |= 1u << target;
  }
  bound[at] = bits;
}

__global__ void __launch_bounds__(kThreads)
    candidates_kernel(const uint32_t* __restrict__ bound, int sources, int targets,
                      const uint32_t* __restrict__ silent, int batch,
                      uint32_t* __restrict__ candidates) {
  const Own own(batch, targets);
  const int source_words = words_of(sources);
  uint32_t left = existing(own.word, targets);
  for (int s = 0; s < source_words && left != 0; s++) {
    uint32_t rows = __ldg(silent + static_cast<size_t>(own.sample) * source_words + s);
    while (rows != 0 && left != 0) {
      // A row that is taken again changes nothing.
      const int a = take_lowest(rows, 0);
      const int b = take_lowest(rows, a);
      const int c = take_lowest(rows, b);
      const int d = take_lowest(rows, c);
      left &= ~(own.of_row(bound, s * 32 + a) | own.of_row(bound, s * 32 + b) |
                own.of_row(bound, s * 32 + c) | own.of_row(bound, s * 32 + d));
    }
  }
  if (own.exists()) {
    candidates[static_cast<size_t>(own.sample) * own.words + own.word] = left;
  }
}

/** 32 counts, binary digit p of count j in bit j of plane p. */
struct Counts {
  uint32_t planes[kPlanes] = {};

  /** a + b + c: their sum without carry in a; returns the carry. */
  static __device__ __forceinline__ uint32_t add(uint32_t& a, uint32_t b, uint32_t c) {
    const uint32_t carry = (a & b) | (a & c) | (b & c);
    a ^= b ^ c;
    return carry;
  }

  __device__ __forceinline__ void add(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    const uint32_t twos = add(planes[0], a, b);
    uint32_t carry = add(planes[1], twos, add(planes[0], c, d));
#pragma unroll
    for (int p = 2; p < kPlanes; p++) {
      const uint32_t next = planes[p] & carry;
      planes[p] ^= carry;
      carry = next;
      if (carry == 0) {
        break;
      }
    }
  }

  /** Count `lane` of the counts that lane `owner` of the warp holds; digits behind `used` are 0. */
  __device__ __forceinline__ int32_t of(int owner, int used) const {
    uint32_t count = 0;
#pragma unroll
    for (int p = 0; p < kPlanes; p++) {
      if (p < used) {
        const uint32_t plane = __shfl_sync(kFullWarp, planes[p], owner);
        count |= (plane >> lane_id() & 1u) << p;
      }
    }
    return static_cast<int32_t>(count);
  }
};

__global__ void __launch_bounds__(kThreads)
    vetoes_kernel(const uint32_t* __restrict__ bound, int sources, int targets,
                  const uint32_t* __restrict__ silent, int batch, int32_t* __restrict__ vetoes) {
  const Own own(batch, targets);
  const int source_words = words_of(sources);
  int32_t* const sample_vetoes = vetoes + static_cast<size_t>(own.sample) * targets;
  // Words of the warp that exist; lanes without one count nothing and help to spread the others.
  const int first = own.word - lane_id();
  const int warp_words = min(kWarpSize, static_cast<int>(own.words) - first);

  for (int begin = 0; begin < source_words; begin += kMostWords) {
    const int end = min(begin + kMostWords, source_words);
    Counts counts;
    int total = 0;
    for (int s = begin; s < end; s++) {
      uint32_t rows = __ldg(silent + static_cast<size_t>(own.sample) * source_words + s);
      total += __popc(rows);
      while (own.exists() && rows != 0) {
        uint32_t words[4];
#pragma unroll
        for (int r = 0; r < 4; r++) {
          const int row = take_lowest(rows, -1);
          words[r] = row < 0 ? 0u : own.of_row(bound, s * 32 + row);
        }
        counts.add(words[0], words[1], words[2], words[3]);
      }
    }
    const int used = 32 - __clz(total);
    __syncwarp();
    for (int owner = 0; owner < warp_words; owner++) {
      const int32_t count = counts.of(owner, used);
      const int target = (first + owner) * 32 + lane_id();
      if (target < targets) {
        sample_vetoes[target] += count;
      }
    }
  }
}

unsigned int blocks_of(int targets, int batch) {
  return static_cast<unsigned int>(tacet::ceil_div(words_of(targets), kThreads)) *
         static_cast<unsigned int>(batch);
}

}  // namespace

void eliminate_bind(const PatternView& pattern, uint32_t* bound, tacet::Stream stream) {
  const int64_t threads = static_cast<int64_t>(pattern.sources) * words_of(pattern.targets);
  const auto blocks = static_cast<unsigned int>(tacet::ceil_div(threads, int64_t{kThreads}));
  if (pattern.narrow) {
    TACET_LAUNCH((bind_kernel<uint16_t>), blocks, kThreads, 0, stream, pattern, bound);
  } else {
    TACET_LAUNCH((bind_kernel<int32_t>), blocks, kThreads, 0, stream, pattern, bound);
  }
}

void eliminate_vetoes(const uint32_t* bound, int sources, int targets, const uint32_t* silent,
                      int batch, int32_t* vetoes, tacet::Stream stream) {
  TACET_LAUNCH(vetoes_kernel, blocks_of(targets, batch), kThreads, 0, stream, bound, sources,
               targets, silent, batch, vetoes);
}

void eliminate_candidates(const uint32_t* bound, int sources, int targets, const uint32_t* silent,
                          int batch, uint32_t* candidates, tacet::Stream stream) {
  TACET_LAUNCH(candidates_kernel, blocks_of(targets, batch), kThreads, 0, stream, bound, sources,
               targets, silent, batch, candidates);
}

}  // namespace TACET_NS
