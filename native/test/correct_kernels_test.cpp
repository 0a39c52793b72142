// Kernels that are right: they give the same result under every schedule.
#include <cstdint>
#include <numeric>
#include <vector>

#include "check.h"
#include "common/kernel.cuh"

using tacet::test::under_every_schedule;

namespace tacet_host {
namespace {

template <typename T>
__global__ void sum_kernel(const T* values, int n, T* sums) {
  T sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    sum += values[i];
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = sum;
  }
}

__global__ void scan_kernel(const int* values, int n, int* before) {
  int base = 0;
  for (int start = 0; start < n; start += blockDim.x) {
    const int i = start + threadIdx.x;
    int total;
    const int sum = block_exclusive_scan(i < n ? values[i] : 0, &total);
    if (i < n) {
      before[i] = base + sum;
    }
    base += total;
  }
}

__global__ void compaction_kernel(const float* values, int n, int* selected, int* count) {
  TACET_SHARED(offset, int);
  const int i = threadIdx.x;
  const unsigned int ballot = __ballot_sync(kFullWarp, i < n && values[i] != 0.0f);
  int place = 0;
  if (threadIdx.x == 0) {
    offset = 0;
  }
  __syncthreads();
  if (lane_id() == 0) {
    place = atomicAdd(&offset, __popc(ballot));
  }
  place = __shfl_sync(kFullWarp, place, 0) + __popc(ballot & lanes_below());
  if (ballot >> lane_id() & 1) {
    selected[place] = i;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    *count = offset;
  }
}

__global__ void transpose_kernel(const float* in, float* out) {
  TACET_SHARED(tile, float[32][33]);
  tile[threadIdx.y][threadIdx.x] = in[threadIdx.y * 32 + threadIdx.x];
  __syncthreads();
  out[threadIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}

__global__ void dynamic_kernel(int* out) {
  TACET_DYNAMIC_SHARED(int, first, 0, 64);
  TACET_DYNAMIC_SHARED(double, second, 64 * sizeof(int), 64);
  first[threadIdx.x] = threadIdx.x;
  second[threadIdx.x] = 0.5 * threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = first[63 - threadIdx.x] + static_cast<int>(2 * second[threadIdx.x]);
}

__global__ void half_warps_kernel(int* out) {
  // The two halves of each warp meet separately, in different branches.
  const unsigned int lower = 0x0000ffffu;
  int value = static_cast<int>(threadIdx.x);
  if (lane_id() < 16) {
    value = __shfl_sync(lower, value, 3);
  } else {
    value = __shfl_sync(~lower, value, 19) + __popc(__match_any_sync(~lower, value & 1));
  }
  out[threadIdx.x] = value;
}

__global__ void ring_kernel(unsigned int* counter, int* values, int rounds) {
  GridBarrier barrier(counter);
  const int blocks = static_cast<int>(gridDim.x);
  const int self = static_cast<int>(blockIdx.x);
  for (int round = 0; round < rounds; round++) {
    const int* from = values + (round % 2) * blocks;
    int* to = values + (1 - round % 2) * blocks;
    if (threadIdx.x == 0) {
      to[self] = from[(self + 1) % blocks] + 1;
    }
    barrier.sync();
  }
}

__global__ void cluster_ring_kernel(int* values, int cluster, int rounds) {
  const int blocks = static_cast<int>(gridDim.x);
  const int self = static_cast<int>(blockIdx.x);
  const int first = self / cluster * cluster;
  for (int round = 0; round < rounds; round++) {
    const int* from = values + (round % 2) * blocks;
    int* to = values + (1 - round % 2) * blocks;
    if (threadIdx.x == 0) {
      to[self] = from[first + (self + 1 - first) % cluster] + 1;
    }
    cluster_sync();
  }
}

__global__ void predicates_kernel(int* out) {
  const int even = threadIdx.x % 2 == 0;
  const int count = __syncthreads_count(even);
  const int any = __syncthreads_or(threadIdx.x == 5);
  const int all = __syncthreads_and(even);
  out[threadIdx.x] = count * 4 + any * 2 + all;
}

__global__ void atomics_kernel(int* integer, float* real, unsigned int* bits, int* largest) {
  atomicAdd(integer, 1);
  atomicAdd(real, 0.5f);
  atomicOr(bits, 1u << (threadIdx.x % 32));
  atomicMax(largest, static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x));
}

}  // namespace
}  // namespace tacet_host

using namespace tacet_host;

TEST_CASE("a block reduction over a template parameter") {
  std::vector<int> integers(10000);
  std::iota(integers.begin(), integers.end(), 0);
  std::vector<double> reals(integers.begin(), integers.end());
  under_every_schedule([&] {
    std::vector<int> sums(3);
    TACET_LAUNCH((sum_kernel<int>), 3, 128, 0, nullptr, integers.data(), 10000, sums.data());
    CHECK(sums[0] + sums[1] + sums[2] == 49995000);
    double sum;
    TACET_LAUNCH((sum_kernel<double>), 1, 1024, 0, nullptr, reals.data(), 10000, &sum);
    CHECK(sum == 49995000.0);
  });
}

TEST_CASE("an exclusive scan over several tiles") {
  std::vector<int> values(1000, 3);
  under_every_schedule([&] {
    std::vector<int> before(1000, -1);
    TACET_LAUNCH(scan_kernel, 1, 96, 0, nullptr, values.data(), 1000, before.data());
    for (int i = 0; i < 1000; i++) {
      CHECK(before[i] == 3 * i);
    }
  });
}

TEST_CASE("a compaction by ballot keeps every event once") {
  std::vector<float> values(200);
  for (int i = 0; i < 200; i += 7) {
    values[i] = 1.0f;
  }
  under_every_schedule([&] {
    std::vector<int> selected(200, -1);
    int count = -1;
    TACET_LAUNCH(compaction_kernel, 1, 224, 0, nullptr, values.data(), 200, selected.data(), &count);
    CHECK(count == 29);
    int sum = 0;
    for (int i = 0; i < count; i++) {
      CHECK(selected[i] % 7 == 0);
      sum += selected[i];
    }
    CHECK(sum == 7 * 28 * 29 / 2);
  });
}

TEST_CASE("a transposition through a two-dimensional shared tile") {
  std::vector<float> in(1024);
  std::iota(in.begin(), in.end(), 0.0f);
  under_every_schedule([&] {
    std::vector<float> out(1024);
    TACET_LAUNCH(transpose_kernel, 1, dim3(32, 32), 0, nullptr, in.data(), out.data());
    for (int i = 0; i < 1024; i++) {
      CHECK(out[i] == in[i % 32 * 32 + i / 32]);
    }
  });
}

TEST_CASE("two arrays in dynamic shared memory") {
  under_every_schedule([&] {
    std::vector<int> out(64);
    TACET_LAUNCH(dynamic_kernel, 1, 64, 64 * 12, nullptr, out.data());
    for (int value : out) {
      CHECK(value == 63);
    }
  });
}

TEST_CASE("halves of a warp meet on disjoint masks") {
  under_every_schedule([&] {
    std::vector<int> out(64);
    TACET_LAUNCH(half_warps_kernel, 1, 64, 0, nullptr, out.data());
    CHECK(out[0] == 3 && out[15] == 3 && out[16] == 27 && out[35] == 35 && out[63] == 59);
  });
}

TEST_CASE("a cooperative ring over a grid barrier") {
  under_every_schedule([&] {
    unsigned int counter = 0;
    std::vector<int> values(16);
    TACET_LAUNCH_COOPERATIVE(ring_kernel, 8, 64, 0, nullptr, &counter, values.data(), 50);
    for (int i = 0; i < 8; i++) {
      CHECK(values[i] == 50);
    }
    CHECK(counter == 400);
  });
}

TEST_CASE("rings over the barriers of clusters") {
  under_every_schedule([&] {
    std::vector<int> values(24);
    TACET_LAUNCH_CLUSTERS(cluster_ring_kernel, 4, 12, 64, 0, nullptr, values.data(), 4, 50);
    for (int i = 0; i < 12; i++) {
      CHECK(values[i] == 50);
    }
  });
}

TEST_CASE("barriers that carry a predicate") {
  under_every_schedule([&] {
    std::vector<int> out(64);
    TACET_LAUNCH(predicates_kernel, 1, 64, 0, nullptr, out.data());
    for (int value : out) {
      CHECK(value == 32 * 4 + 2);
    }
  });
}

TEST_CASE("atomics from blocks on several OS threads") {
  under_every_schedule([&] {
    int integer = 0;
    float real = 0;
    unsigned int bits = 0;
    int largest = -1;
    TACET_LAUNCH(atomics_kernel, 50, 64, 0, nullptr, &integer, &real, &bits, &largest);
    CHECK(integer == 3200);
    CHECK(real == 1600.0f);
    CHECK(bits == 0xffffffffu);
    CHECK(largest == 3199);
  });
}

TEST_CASE("conversions saturate as on the GPU") {
  CHECK(__float2int_rn(2.5f) == 2 && __float2int_rn(3.5f) == 4);
  CHECK(__float2int_rz(3e9f) == 2147483647 && __float2int_rn(-3e9f) == -2147483647 - 1);
  CHECK(__float2int_rn(__int_as_float(0x7fc00000)) == 0);
  CHECK(__float2uint_rn(-1.0f) == 0u && __float2uint_rz(5e9f) == 0xffffffffu);
  CHECK(__double2ll_rn(1e30) == 0x7fffffffffffffffll);
  CHECK(min(__int_as_float(0x7fc00000), 1.0f) == 1.0f);
}

int main() { return tacet::test::run_all(); }
