// Spreads the blocks of a grid over OS threads.
#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/counts.h"
#include "common/error.h"
#include "host/block.h"
#include "host/faults.h"

namespace tacet::emulator {

namespace {

/** Blocks with their stacks, kept between launches. */
class Pool {
 public:
  std::unique_ptr<Block> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.empty()) {
      return std::make_unique<Block>();
    }
    auto block = std::move(idle_.back());
    idle_.pop_back();
    return block;
  }

  void give_back(std::unique_ptr<Block> block) {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(block));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Block>> idle_;
};

Pool& pool() {
  static Pool instance;
  return instance;
}

/** OS threads that share the blocks of launches; kept, since many launches end sooner than one begins. */
class Helpers {
 public:
  /** What one of them is to do. */
  struct Task {
    std::function<void()> body;
    bool done = false;
  };

  void offer(Task& task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_ <= offered_.size()) {
      std::thread([this] { serve(); }).detach();
      idle_++;
    }
    offered_.push_back(&task);
    wake_.notify_one();
  }

  /** True if nobody had begun the task, which nobody will; else returns when it is done. */
  bool take_back(Task& task) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto found = std::find(offered_.begin(), offered_.end(), &task);
    if (found != offered_.end()) {
      offered_.erase(found);
      return true;
    }
    ended_.wait(lock, [&task] { return task.done; });
    return false;
  }

 private:
  /** The body of a thread, which counts as idle when it starts. */
  [[noreturn]] void serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return !offered_.empty(); });
      Task& task = *offered_.front();
      offered_.pop_front();
      idle_--;
      lock.unlock();
      task.body();
      lock.lock();
      idle_++;
      task.done = true;
      ended_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable ended_;
  std::deque<Task*> offered_;
  size_t idle_ = 0;
};

/** Never destroyed, since its threads wait until the process ends. */
Helpers& helpers() {
  static auto* const instance = new Helpers;
  return *instance;
}

[[noreturn]] void reject(const Launch& launch, const std::string& why) {
  throw Error(Status::kInvalidArgument, "kernel " + std::string(launch.kernel) + ": " + why);
}

void check(const Launch& launch) {
  const auto& g = launch.grid;
  const auto& b = launch.block;
  const size_t limit = shared_memory_limit(launch.options.architecture);
  if (limit == 0) {
    reject(launch, "unknown architecture " + std::to_string(launch.options.architecture));
  }
  if (g.x == 0 || g.y == 0 || g.z == 0 || g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535) {
    reject(launch, "a grid of " + std::to_string(g.x) + "x" + std::to_string(g.y) + "x" +
                       std::to_string(g.z) + " blocks; the limits are 1 to 2147483647x65535x65535");
  }
  if (b.x == 0 || b.y == 0 || b.z == 0 || b.z > 64 || uint64_t{b.x} * b.y * b.z > 1024) {
    reject(launch, "a block of " + std::to_string(b.x) + "x" + std::to_string(b.y) + "x" +
                       std::to_string(b.z) + " threads; the limit is 1024, 64 of them along z");
  }
  if (launch.dynamic_shared > limit) {
    reject(launch, std::to_string(launch.dynamic_shared) + " bytes of dynamic shared memory; sm_" +
                       std::to_string(launch.options.architecture) + " has " +
                       std::to_string(limit));
  }
  if (launch.cluster > cluster_limit(launch.options.architecture) ||
      (launch.cluster > 0 && g.x % launch.cluster != 0)) {
    reject(launch, "clusters of " + std::to_string(launch.cluster) + " in a row of " +
                       std::to_string(g.x) + " blocks; sm_" +
                       std::to_string(launch.options.architecture) + " has clusters of up to " +
                       std::to_string(cluster_limit(launch.options.architecture)) +
                       ", of which a row has to be a multiple");
  }
  if (launch.all_at_once() && launch.blocks() > static_cast<uint64_t>(launch.options.cooperative_blocks)) {
    reject(launch, "a cooperative launch of " + std::to_string(launch.blocks()) +
                       " blocks; at most " + std::to_string(launch.options.cooperative_blocks) +
                       " are resident under host execution");
  }
}

tacet_host::uint3 block_index(const Launch& launch, uint64_t number) {
  const auto& g = launch.grid;
  return {static_cast<uint32_t>(number % g.x), static_cast<uint32_t>(number / g.x % g.y),
          static_cast<uint32_t>(number / (uint64_t{g.x} * g.y))};
}

/** The position-th block in the order of the schedule. */
uint64_t scheduled(const Launch& launch, uint64_t position) {
  const uint64_t blocks = launch.blocks();
  switch (launch.options.schedule) {
    case Schedule::kForward:
      return position;
    case Schedule::kReverse:
      return blocks - 1 - position;
    default:
      // A rotation by the seed, and odd positions from the other end.
      position = (position + launch.options.seed) % blocks;
      return position % 2 == 0 ? position / 2 : blocks - 1 - position / 2;
  }
}

/** Executes blocks on this OS thread: so many in turns, each for as long as it need not wait. */
void work(Launch& launch, std::atomic<uint64_t>& next, uint64_t together) {
  std::vector<std::unique_ptr<Block>> resident;
  uint64_t steps = 0;
  const auto starts = [&](Block& block) {
    const uint64_t position = next++;
    if (position >= launch.blocks() || launch.failed) {
      return false;
    }
    block.start(launch, block_index(launch, scheduled(launch, position)), &steps);
    return true;
  };
  bool more = true;
  while (more && resident.size() < together) {
    auto block = pool().take();
    more = starts(*block);
    if (more) {
      resident.push_back(std::move(block));
    } else {
      pool().give_back(std::move(block));
    }
  }
  while (!resident.empty()) {
    const uint64_t before = steps;
    for (size_t i = 0; i < resident.size();) {
      if (resident[i]->go_on() && !starts(*resident[i])) {
        pool().give_back(std::move(resident[i]));
        resident.erase(resident.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        i++;
      }
    }
    if (steps == before) {
      std::this_thread::yield();
    }
  }
}

}  // namespace

Options& options() {
  static thread_local Options instance;
  return instance;
}

int cluster_limit(int architecture) {
  return architecture < 90 ? 0 : architecture < 120 ? 16 : 8;
}

void Launch::fail(const std::string& message) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (!failed) {
    error = message;
    failed = true;
  }
}

void run(Launch& launch) {
  check(launch);
  count(counts.launches);
  may_fail(Fault::kLaunch);
  const uint64_t blocks = launch.blocks();
  const uint64_t workers =
      std::min(blocks, static_cast<uint64_t>(std::max(1, launch.options.threads)));
  const uint64_t together = launch.all_at_once() ? (blocks + workers - 1) / workers : 1;
  std::atomic<uint64_t> next{0};
  const auto share = [&] {
    try {
      work(launch, next, together);
    } catch (const std::exception& e) {
      launch.fail(std::string("host execution: ") + e.what());
    }
  };
  std::vector<Helpers::Task> tasks(workers - 1, Helpers::Task{share});
  size_t offered = 0;
  try {
    for (; offered < tasks.size(); offered++) {
      helpers().offer(tasks[offered]);
    }
  } catch (const std::exception& e) {
    launch.fail(std::string("host execution: ") + e.what());
  }
  share();
  for (size_t i = 0; i < offered; i++) {
    if (helpers().take_back(tasks[i])) {
      share();
    }
  }
  if (launch.failed) {
    throw Error(Status::kMisuse, launch.error);
  }
}

}  // namespace tacet::emulator
