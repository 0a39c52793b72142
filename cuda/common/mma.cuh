// What products on tensor cores are made of: floats split into two bfloat16, fragments of
// mma.sync.m16n8k16, and copies to shared memory that go on while a warp computes. On GPUs older than
// sm_80 lanes exchange the same fragments by shuffles, under host execution in one meeting, and a copy
// happens when it is waited for, as late as on a GPU.
#pragma once

#include "common/bfloat16.cuh"

namespace TACET_NS {

#if defined(__CUDACC__)
/** Whether the code of a kernel that runs on this device is of sm_80 or newer. */
inline bool has_fragments(const char* name, const void* kernel) {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, kernel), name);
  // Code made from PTX of older GPUs has none, wherever it runs.
  return attributes.ptxVersion >= 80;
}

#define TACET_HAS_FRAGMENTS(kernel) \
  ::tacet_cuda::has_fragments(#kernel, ::tacet_cuda::entry(kernel))
#else
#define TACET_HAS_FRAGMENTS(kernel) (::tacet::emulator::options().architecture >= 80)
#endif

/** Two neighbouring numbers of a row or column, the first in the lower half. */
__device__ __forceinline__ uint32_t pair_of(uint16_t low, uint16_t high) {
  return static_cast<uint32_t>(high) << 16 | low;
}

/** Two floats rounded to bfloat16; what is beyond its largest number becomes infinite. */
__device__ __forceinline__ uint32_t to_bfloat16_pair(float first, float second) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
#else
  return pair_of(to_bfloat16(first), to_bfloat16(second));
#endif
}

/** Rounds to bfloat16; what is beyond its largest number, infinity too, becomes that. */
__device__ __forceinline__ uint16_t to_finite_bfloat16(float value) {
  const uint16_t rounded = to_bfloat16(value);
  return static_cast<uint16_t>((rounded & 0x7fffu) == 0x7f80u ? rounded - 1 : rounded);
}

__device__ __forceinline__ uint32_t to_finite_bfloat16_pair(float first, float second) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  uint32_t pair;
  asm("cvt.rn.satfinite.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
#else
  return pair_of(to_finite_bfloat16(first), to_finite_bfloat16(second));
#endif
}

/** Two floats, each the sum of two bfloat16 but for 2^-17 of it. */
struct SplitPair {
  uint32_t high;
  uint32_t low;
};

/** Infinity stays infinite by its lower part, for infinity less infinity would be no number. */
__device__ __forceinline__ SplitPair split_pair(float first, float second) {
  const uint32_t high = to_finite_bfloat16_pair(first, second);
  return {high, to_bfloat16_pair(first - __uint_as_float(high << 16),
                                 second - __uint_as_float(high & 0xffff0000u))};
}

/** A pair of a fragment: its bfloat16, and with kSplit what they lack. */
template <bool kSplit>
__device__ __forceinline__ void to_fragment(float first, float second, uint32_t& high,
                                            uint32_t& low) {
  if (kSplit) {
    const SplitPair pair = split_pair(first, second);
    high = pair.high;
    low = pair.low;
  } else {
    high = to_bfloat16_pair(first, second);
  }
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ < 800

/** Fragments of a lane, two registers in a word: rows g and g + 8 of A, the column of B. */
struct Held {
  unsigned long long rows[2];
  unsigned long long column;
};

/** Those of the lanes that hold the rows of this one's sums, and its two columns. */
__device__ __forceinline__ void exchange(const Held& own, unsigned long long (*rows)[4],
                                         unsigned long long (*columns)[4]) {
  const int row = lane_id() / 4 * 4;
  const int column = lane_id() % 4 * 8;
#if defined(__CUDACC__)
#pragma unroll
  for (int holder = 0; holder < 4; holder++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      rows[half][holder] = __shfl_sync(kFullWarp, own.rows[half], row + holder);
      columns[half][holder] = __shfl_sync(kFullWarp, own.column, column + half * 4 + holder);
    }
  }
#else
  const Held* const* const all = share(&own);
  for (int holder = 0; holder < 4; holder++) {
    for (int half = 0; half < 2; half++) {
      rows[half][holder] = all[row + holder]->rows[half];
      columns[half][holder] = all[column + half * 4 + holder]->column;
    }
  }
  __syncwarp();
#endif
}

/** What mma.sync does, by index k from 0 to 15. */
__device__ __forceinline__ void multiply_add_by_exchange(float* sums, const uint32_t* a,
                                                         const uint32_t* b) {
  Held own;
  own.rows[0] = static_cast<unsigned long long>(a[2]) << 32 | a[0];
  own.rows[1] = static_cast<unsigned long long>(a[3]) << 32 | a[1];
  own.column = static_cast<unsigned long long>(b[1]) << 32 | b[0];
  // By the lane that holds indices 2 h, 2 h + 1 and 8 more, these in the upper word.
  unsigned long long left[2][4];
  unsigned long long right[2][4];
  exchange(own, left, right);
#pragma unroll
  for (int k = 0; k < 16; k++) {
    const int shift = k / 8 * 32 + k % 2 * 16;
#pragma unroll
    for (int s = 0; s < 4; s++) {
      sums[s] = fmaf(from_bfloat16(static_cast<uint16_t>(left[s / 2][k % 8 / 2] >> shift)),
                     from_bfloat16(static_cast<uint16_t>(right[s % 2][k % 8 / 2] >> shift)), sums[s]);
    }
  }
}

#endif

/**
 * sums += A B as the instruction has it: lane 4 g + t holds of A rows g, g + 8 and columns 2 t,
 * 2 t + 8 and their neighbours, of B these as rows and column g, of the sums rows g, g + 8 and
 * columns 2 t, 2 t + 1.
 */
__device__ __forceinline__ void multiply_add(float* sums, const uint32_t* a, const uint32_t* b) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  multiply_add_by_exchange(sums, a, b);
#endif
}

/**
 * Copies of a thread from global to shared memory, in groups. Other threads see what arrived once
 * this one has waited and all have met at a barrier.
 *
 * @param kGroups more than are ever on their way
 * @param kCopies most of a group
 */
template <int kGroups, int kCopies>
class AsyncCopies {
 public:
  /** Copies a float, from the end on 0. A comparison here is not kept in a register meanwhile. */
  __device__ __forceinline__ void one(float* to, const float* from, int index, int end) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm volatile(
        "{.reg .pred beyond; setp.ge.s32 beyond, %2, %3;"
        " cp.async.ca.shared.global [%0], [%1], 4, beyond;}" ::"r"(shared_address(to)),
        "l"(from), "r"(index), "r"(end)
        : "memory");
#elif !defined(__CUDACC__)
    begin({to, from, 1, index < end});
#endif
  }

  /** Copies four floats, aligned as float4 is, from the end on 0. */
  __device__ __forceinline__ void four(float* to, const float* from, int index, int end) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm volatile(
        "{.reg .pred beyond; setp.ge.s32 beyond, %2, %3;"
        " cp.async.cg.shared.global [%0], [%1], 16, beyond;}" ::"r"(shared_address(to)),
        "l"(from), "r"(index), "r"(end)
        : "memory");
#elif !defined(__CUDACC__)
    begin({to, from, 4, index < end});
#endif
  }

  /** Ends a group, which may be empty. */
  __device__ __forceinline__ void commit() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#elif !defined(__CUDACC__)
    counts_[last_++ % kGroups] = number_;
    number_ = 0;
#endif
  }

  /** Until at most so many groups are on their way. */
  template <int kPending>
  __device__ __forceinline__ void wait() {
    static_assert(kPending < kGroups, "groups on their way are kept");
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#elif !defined(__CUDACC__)
    for (; first_ + kPending < last_; first_++) {
      const int slot = first_ % kGroups;
      for (int c = 0; c < counts_[slot]; c++) {
        carry_out(copies_[slot * kCopies + c]);
      }
    }
#endif
  }

#if defined(__CUDACC__)
 private:
  static __device__ __forceinline__ unsigned int shared_address(const float* to) {
    return static_cast<unsigned int>(__cvta_generic_to_shared(to));
  }
#else
 private:
  struct Copy {
    float* to;
    const float* from;
    int count;
    bool present;
  };

  void begin(const Copy& copy) { copies_[last_ % kGroups * kCopies + number_++] = copy; }

  static void carry_out(const Copy& copy) {
    if (copy.count == 1) {
      *copy.to = copy.present ? *copy.from : 0.0f;
    } else if (copy.present) {
      *reinterpret_cast<float4*>(copy.to) = *reinterpret_cast<const float4*>(copy.from);
    } else {
      *reinterpret_cast<float4*>(copy.to) = float4{0.0f, 0.0f, 0.0f, 0.0f};
    }
  }

  Copy copies_[kGroups * kCopies];
  int counts_[kGroups];
  int number_ = 0;
  int first_ = 0;
  int last_ = 0;
#endif
};

}  // namespace TACET_NS
