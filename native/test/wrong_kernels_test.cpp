// Kernels that are wrong on purpose: each mistake is reported or shows in at least one schedule.
#include <cmath>
#include <vector>

#include "check.h"
#include "common/kernel.cuh"

using tacet::test::contains;
using tacet::test::error_of;
using tacet::test::under_every_schedule;

namespace tacet_host {
namespace {

__global__ void returns_before_barrier_kernel(int n) {
  if (static_cast<int>(threadIdx.x) >= n) {
    return;
  }
  __syncthreads();
}

__global__ void different_barriers_kernel() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void missing_lane_kernel(int* out) {
  if (lane_id() < 20) {
    out[threadIdx.x] = __shfl_sync(kFullWarp, 1, 0);
  }
}

__global__ void partial_warp_kernel(int* out) { *out = __any_sync(kFullWarp, 1); }

__global__ void not_in_own_mask_kernel() { __syncwarp(0x1u); }

__global__ void reads_outside_mask_kernel(int* out) {
  if (lane_id() < 4) {
    out[lane_id()] = __shfl_sync(0xfu, lane_id(), 9);
  }
}

__global__ void different_masks_kernel() {
  __syncwarp(lane_id() < 16 ? 0xffffffffu : 0xffff0000u);
}

__global__ void different_operations_kernel(int* out) {
  if (lane_id() < 16) {
    out[0] = __any_sync(kFullWarp, 1);
  } else {
    out[1] = __shfl_sync(kFullWarp, 1, 0);
  }
}

__global__ void warp_against_block_kernel() {
  if (threadIdx.x == 40) {
    __syncthreads();
  } else {
    __syncwarp();
  }
}

__global__ void missing_barrier_kernel(int* out) {
  TACET_SHARED(values, int[64]);
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  out[threadIdx.x] = values[63 - threadIdx.x];
}

__global__ void missing_second_barrier_kernel(int* out) {
  TACET_SHARED(value, int);
  for (int round = 0; round < 3; round++) {
    if (threadIdx.x == 0) {
      value = round;
    }
    __syncthreads();
    out[round * 64 + threadIdx.x] = value;
  }
}

__global__ void missing_warp_barrier_kernel(int* out) {
  TACET_SHARED(values, int[32]);
  values[lane_id()] = lane_id();
  out[lane_id()] = values[lane_id() ^ 1];
}

__global__ void uninitialised_kernel(float* out) {
  TACET_SHARED(sum, float[32]);
  sum[threadIdx.x] += 1.0f;
  out[threadIdx.x] = sum[threadIdx.x];
}

[[maybe_unused]] __global__ void overrun_kernel(int n) {
  TACET_SHARED(values, int[32]);
  volatile int* target = values;
  target[static_cast<int>(threadIdx.x) + n] = 1;
}

__global__ void too_much_static_kernel() {
  TACET_SHARED(first, float[8 * 1024]);
  TACET_SHARED(second, float[8 * 1024]);
  first[0] = second[0];
}

__global__ void small_static_kernel() {
  TACET_SHARED(first, float[1024]);
  first[0] = 0;
}

__global__ void dynamic_beyond_kernel() {
  TACET_DYNAMIC_SHARED(float, values, 128, 100);
  values[0] = 0;
}

__global__ void dynamic_misaligned_kernel() {
  TACET_DYNAMIC_SHARED(double, values, 4, 1);
  values[0] = 0;
}

__global__ void waits_for_other_block_kernel(unsigned int* flag) {
  if (blockIdx.x == 0) {
    while (load_acquire(flag) == 0) {
      spin_pause();
    }
  } else if (threadIdx.x == 0) {
    store_release(flag, 1);
  }
}

__global__ void unequal_grid_barriers_kernel(unsigned int* counter) {
  GridBarrier barrier(counter);
  barrier.sync();
  if (blockIdx.x == 0) {
    barrier.sync();
  }
}

__global__ void cluster_barrier_kernel() { cluster_sync(); }

__global__ void trap_kernel() {
  if (threadIdx.x == 3) {
    __trap();
  }
  __syncthreads();
}

__global__ void empty_kernel() {}

/** Whether at least one schedule gives a result that differs from the right one. */
template <typename Run>
bool some_schedule_differs(const std::vector<int>& right, Run run) {
  int wrong = 0;
  under_every_schedule([&] {
    std::vector<int> out(right.size(), -1);
    run(out.data());
    wrong += out != right;
  });
  return wrong > 0;
}

}  // namespace
}  // namespace tacet_host

using namespace tacet_host;

TEST_CASE("a thread that returns before a barrier is reported") {
  under_every_schedule([] {
    const auto error = error_of(
        [] { TACET_LAUNCH(returns_before_barrier_kernel, 2, 64, 0, nullptr, 50); });
    CHECK(contains(error, "divergent barrier"));
    CHECK(contains(error, "(50,0,0) has returned"));
    CHECK(contains(error, "wrong_kernels_test.cpp:"));
    CHECK(contains(error, "returns_before_barrier_kernel"));
  });
}

TEST_CASE("two barriers in two branches are reported") {
  under_every_schedule([] {
    CHECK(contains(error_of([] { TACET_LAUNCH(different_barriers_kernel, 1, 64, 0, nullptr); }),
                   "divergent barrier"));
  });
}

TEST_CASE("a lane missing from a shuffle is reported") {
  std::vector<int> out(64);
  under_every_schedule([&] {
    CHECK(contains(
        error_of([&] { TACET_LAUNCH(missing_lane_kernel, 1, 64, 0, nullptr, out.data()); }),
        "missing lane"));
    CHECK(contains(
        error_of([&] { TACET_LAUNCH(partial_warp_kernel, 1, 20, 0, nullptr, out.data()); }),
        "has no lane 20"));
  });
}

TEST_CASE("masks that cannot be are reported") {
  std::vector<int> out(64);
  under_every_schedule([&] {
    CHECK(contains(error_of([] { TACET_LAUNCH(not_in_own_mask_kernel, 1, 32, 0, nullptr); }),
                   "lacks its own lane"));
    CHECK(contains(
        error_of([&] { TACET_LAUNCH(reads_outside_mask_kernel, 1, 32, 0, nullptr, out.data()); }),
        "reads lane 9"));
    CHECK(contains(error_of([] { TACET_LAUNCH(different_masks_kernel, 1, 32, 0, nullptr); }),
                   "missing lane"));
    CHECK(contains(
        error_of([&] { TACET_LAUNCH(different_operations_kernel, 1, 32, 0, nullptr, out.data()); }),
        "missing lane"));
    CHECK(contains(error_of([] { TACET_LAUNCH(warp_against_block_kernel, 1, 64, 0, nullptr); }),
                   "waits at __syncthreads"));
  });
}

TEST_CASE("a missing __syncthreads shows in some schedule") {
  std::vector<int> reversed(64);
  std::vector<int> rounds(192);
  std::vector<int> swapped(32);
  for (int i = 0; i < 192; i++) {
    rounds[i] = i / 64;
    reversed[i % 64] = 63 - i % 64;
    swapped[i % 32] = i % 32 ^ 1;
  }
  CHECK(some_schedule_differs(reversed, [](int* out) {
    TACET_LAUNCH(missing_barrier_kernel, 1, 64, 0, nullptr, out);
  }));
  CHECK(some_schedule_differs(rounds, [](int* out) {
    TACET_LAUNCH(missing_second_barrier_kernel, 1, 64, 0, nullptr, out);
  }));
  CHECK(some_schedule_differs(swapped, [](int* out) {
    TACET_LAUNCH(missing_warp_barrier_kernel, 1, 32, 0, nullptr, out);
  }));
}

TEST_CASE("uninitialised shared memory gives NaN, also in a block that reuses it") {
  under_every_schedule([] {
    std::vector<float> out(32);
    TACET_LAUNCH(uninitialised_kernel, 3, 32, 0, nullptr, out.data());
    CHECK(std::isnan(out[0]) && std::isnan(out[31]));
  });
}

#if !defined(__SANITIZE_ADDRESS__)  // the sanitizer would stop at the access itself
TEST_CASE("a write past a shared array is reported") {
  CHECK(contains(error_of([] { TACET_LAUNCH(overrun_kernel, 1, 32, 0, nullptr, 1); }),
                 "past the end of shared array 'values'"));
}
#endif

TEST_CASE("shared memory beyond the limits of the architecture is refused") {
  CHECK(contains(error_of([] { TACET_LAUNCH(too_much_static_kernel, 1, 32, 0, nullptr); }),
                 "'second' brings the block to 65536 static"));
  CHECK(contains(error_of([] { TACET_LAUNCH(empty_kernel, 1, 32, 228 * 1024, nullptr); }),
                 "sm_90 has 232448"));
  tacet::emulator::Options turing;
  turing.architecture = 75;
  const tacet::emulator::OptionsScope scope(turing);
  CHECK(contains(
      error_of([] { TACET_LAUNCH(small_static_kernel, 1, 32, 62 * 1024, nullptr); }),
      "limits are 49152 static and 65536"));
}

TEST_CASE("dynamic shared memory beyond the launch is refused") {
  CHECK(contains(error_of([] { TACET_LAUNCH(dynamic_beyond_kernel, 1, 32, 256, nullptr); }),
                 "needs bytes 128 to 528 but the launch gave 256"));
  CHECK(contains(
      error_of([] { TACET_LAUNCH(dynamic_misaligned_kernel, 1, 32, 256, nullptr); }),
      "not aligned to 8"));
}

TEST_CASE("waiting for a block that cannot run is reported, not a hang") {
  tacet::emulator::Options impatient;
  impatient.patience = std::chrono::milliseconds(300);
  const tacet::emulator::OptionsScope scope(impatient);
  unsigned int flag = 0;
  CHECK(contains(
      error_of([&] { TACET_LAUNCH(waits_for_other_block_kernel, 2, 32, 0, nullptr, &flag); }),
      "need a cooperative launch"));
  flag = 0;
  TACET_LAUNCH_COOPERATIVE(waits_for_other_block_kernel, 2, 32, 0, nullptr, &flag);
  unsigned int counter = 0;
  CHECK(contains(error_of([&] {
                   TACET_LAUNCH_COOPERATIVE(unequal_grid_barriers_kernel, 3, 32, 0, nullptr,
                                            &counter);
                 }),
                 "no block can go on"));
}

TEST_CASE("launches that a GPU would refuse are refused") {
  CHECK(contains(error_of([] { TACET_LAUNCH(empty_kernel, 0, 32, 0, nullptr); }), "grid"));
  CHECK(contains(error_of([] { TACET_LAUNCH(empty_kernel, 1, 1025, 0, nullptr); }),
                 "the limit is 1024"));
  CHECK(contains(error_of([] { TACET_LAUNCH_COOPERATIVE(empty_kernel, 1000, 32, 0, nullptr); }),
                 "cooperative"));
}

TEST_CASE("clusters that a GPU would refuse are refused") {
  const auto launch = [](int architecture, int cluster, int blocks) {
    tacet::emulator::Options options;
    options.architecture = architecture;
    const tacet::emulator::OptionsScope scope(options);
    return error_of([&] {
      TACET_LAUNCH_CLUSTERS(cluster_barrier_kernel, cluster, blocks, 32, 0, nullptr);
    });
  };
  CHECK(launch(90, 16, 16) == "nothing failed");
  CHECK(contains(launch(90, 3, 7), "clusters of 3 in a row of 7 blocks"));
  CHECK(contains(launch(89, 2, 4), "sm_89 has clusters of up to 0"));
  CHECK(contains(launch(120, 16, 16), "sm_120 has clusters of up to 8"));
  CHECK(contains(launch(90, 8, 24), "at most 16"));
  CHECK(contains(error_of([] { TACET_LAUNCH(cluster_barrier_kernel, 2, 32, 0, nullptr); }),
                 "a barrier of clusters in a launch without clusters"));
}

TEST_CASE("a trap stops the grid and the next launch is clean") {
  CHECK(contains(error_of([] { TACET_LAUNCH(trap_kernel, 5, 32, 0, nullptr); }), "__trap"));
  TACET_LAUNCH(empty_kernel, 5, 64, 0, nullptr);
}

int main() { return tacet::test::run_all(); }
