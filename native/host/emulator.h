// Host execution of CUDA kernels: what to run (Options, Launch) and how to run it (run).
//
// A block's threads are fibers of one OS thread, scheduled until each reaches a barrier, meets its
// warp or returns. Every schedule is one that a GPU may take, so a kernel that depends on the order
// is wrong; running a test under all of them finds a missing barrier.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "host/vector_types.h"

namespace tacet::emulator {

/** The order in which runnable threads of a block, and blocks of a grid, run. */
enum class Schedule { kForward = 0, kReverse = 1, kRandom = 2 };

/** Blocks that are resident together where blocks wait for each other, unless options say otherwise. */
constexpr int kMostCooperativeBlocks = 16;

/** Clusters of a launch at most. */
constexpr int kArrivals = 128;

struct Options {
  Schedule schedule = Schedule::kForward;
  uint64_t seed = 0;
  /** OS threads that share the blocks of a launch. */
  int threads = 1;
  /** GPU architecture whose shared memory limit holds: 75, 80, 86, 89, 90, 100 or 120. */
  int architecture = 90;
  /** Blocks that are resident together where blocks wait for each other, up to kArrivals. */
  int cooperative_blocks = kMostCooperativeBlocks;
  /** How long all blocks may wait for each other before that counts as a deadlock. */
  std::chrono::milliseconds patience{10000};
};

/** Options of launches made by this OS thread. */
Options& options();

/** Sets the options of this OS thread for a scope. */
class OptionsScope {
 public:
  explicit OptionsScope(const Options& scoped) : before_(options()) { options() = scoped; }
  ~OptionsScope() { options() = before_; }
  OptionsScope(const OptionsScope&) = delete;
  OptionsScope& operator=(const OptionsScope&) = delete;

 private:
  Options before_;
};

/** One grid on its way; shared by the OS threads that run its blocks. */
struct Launch {
  const char* kernel;
  tacet_host::dim3 grid;
  tacet_host::dim3 block;
  size_t dynamic_shared;
  bool cooperative;
  /** Neighbours along x that are a cluster; 0 if there are none. */
  int cluster;
  Options options;
  /** Runs the kernel body for the current thread. */
  void (*body)(const void* arguments);
  const void* arguments;

  std::atomic<bool> failed{false};
  /** Blocks that are doing something other than waiting for another block. */
  std::atomic<int> active{0};
  std::mutex mutex;
  std::string error;
  /** Arrivals at the barrier of each cluster. */
  std::array<std::atomic<uint32_t>, kArrivals> arrivals{};

  uint64_t blocks() const { return uint64_t{grid.x} * grid.y * grid.z; }

  /** Whether its blocks wait for each other, so that all have to run. */
  bool all_at_once() const { return cooperative || cluster > 0; }

  uint32_t block_threads() const { return block.x * block.y * block.z; }

  /** Keeps the first error of the grid. */
  void fail(const std::string& message);
};

/** The most blocks of a cluster, 0 on architectures without clusters. */
int cluster_limit(int architecture);

/** Runs all blocks and returns when they are done; throws tacet::Error on misuse. */
void run(Launch& launch);

}  // namespace tacet::emulator
