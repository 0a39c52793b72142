// One block in execution: its threads, where they wait, and who runs next.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "host/context_switch.h"
#include "host/emulator.h"
#include "host/shared_memory.h"
#include "host/stacks.h"

namespace tacet::emulator {

class Block;

enum class WarpOperation : uint8_t { kSync, kShuffle, kBallot, kMatch, kShare };

/** A source line, for messages. */
struct Place {
  const char* what = "";
  const char* file = "";
  int line = 0;
};

/** A CUDA thread. */
struct Thread {
  enum class State : uint8_t { kReady, kBarrier, kWarp, kDone };

  Context context;
  Block* block;
  tacet_host::uint3 index;
  uint32_t number;
  State state;
  WarpOperation operation;
  uint32_t mask;
  uint32_t source;
  uint64_t value;
  uint64_t result;
  Place place;
};

// Read on every use of threadIdx: __thread, unlike thread_local, has no initialisation to check. The
// faster initial-exec model is out, for a JVM has no room for this library's static TLS.
extern __thread Thread* running;

/** The CUDA thread that this OS thread is executing. */
inline Thread& current() { return *running; }

class Block {
 public:
  Block();

  /**
   * Takes a block of the grid, which go_on executes; errors go to the launch.
   *
   * @param steps counts what the blocks of this OS thread have done, other than waiting in vain
   */
  void start(Launch& launch, tacet_host::uint3 index, uint64_t* steps);

  /**
   * Executes the block until it has ended, or until all of its threads wait, some of them for
   * another block.
   *
   * @return whether it has ended
   */
  bool go_on();

  // Called from kernels, on a fiber.

  /** Block-wide barrier; returns how many threads passed a true predicate. */
  int barrier(int predicate, Place place);

  /** Meets the lanes of the mask; returns this lane's result of the operation. */
  uint64_t meet(WarpOperation operation, uint32_t mask, uint64_t value, uint32_t source,
                Place place);

  /** Lets everybody else run: the step of a loop that waits for another block. */
  void pause();

  /** Waits for the other blocks of the cluster; called by one thread of each. */
  void meet_cluster();

  /** Reports a misuse and leaves the block for good. */
  [[noreturn]] void fail(const std::string& message);

  const Launch& launch() const { return *launch_; }
  const tacet_host::uint3& index() const { return index_; }
  SharedMemory& shared() { return shared_; }

 private:
  static void thread_entry();

  void execute();
  void start_threads();
  void new_pass();
  void next();
  [[noreturn]] void leave();
  void switch_to(Thread* to);
  bool everybody_waits();
  void release_barrier();
  void complete(uint32_t first, uint32_t mask);
  std::string locate(const std::string& message) const;
  std::string diagnose() const;
  std::string describe(const Thread& thread) const;
  uint64_t random();

  Launch* launch_ = nullptr;
  tacet_host::uint3 index_{};
  SharedMemory shared_;
  Stacks stacks_;
  std::vector<Thread> threads_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> warp_waiting_;
  /** What threads have shared last, 32 for a warp. */
  std::vector<uint64_t> shared_values_;
  Context scheduler_;
  uint32_t count_ = 0;
  uint32_t cursor_ = 0;
  uint32_t running_in_pass_ = 0;
  uint32_t paused_in_pass_ = 0;
  uint32_t at_barrier_ = 0;
  uint32_t done_ = 0;
  int predicate_sum_ = 0;
  int predicate_result_ = 0;
  uint64_t random_state_ = 0;
  bool stalled_ = false;
  std::chrono::steady_clock::time_point stalled_since_;
  /** Who runs when the block goes on; null once it has ended. */
  Thread* turn_ = nullptr;
  /** Where the OS thread that executes the block has `running`, found once for all turns. */
  Thread** running_ = nullptr;
  uint64_t* steps_ = nullptr;
  uint64_t steps_seen_ = 0;
};

}  // namespace tacet::emulator
