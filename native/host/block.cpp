#include "host/block.h"

#include <cstdio>
#include <exception>
#include <thread>
#include <utility>

namespace tacet::emulator {

namespace {

/** Unwinds a thread that reported an error, so that nothing on its stack leaks. */
struct Abandoned {};

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof(text), "0x%08x", value);
  return text;
}

std::string at(const Place& place) {
  const std::string file = place.file;
  const size_t slash = file.rfind('/');
  return std::string(place.what) + " (" +
         (slash == std::string::npos ? file : file.substr(slash + 1)) + ":" +
         std::to_string(place.line) + ")";
}

std::string triple(const tacet_host::uint3& i) {
  return "(" + std::to_string(i.x) + "," + std::to_string(i.y) + "," + std::to_string(i.z) + ")";
}

}  // namespace

__thread Thread* running = nullptr;

Block::Block() { adopt_current_stack(&scheduler_); }

void Block::run(Launch& launch, tacet_host::uint3 index) {
  launch_ = &launch;
  index_ = index;
  adopt_current_stack(&scheduler_);
  shared_.reset(launch.dynamic_shared, shared_memory_limit(launch.options.architecture));
  start_threads();
  Thread* const outer = running;
  launch.active++;
  new_pass();
  running = &threads_[order_[cursor_++]];
  switch_context(&scheduler_, &running->context);
  running = outer;
  launch.active--;
  if (const char* array = shared_.overrun(); array != nullptr) {
    launch.fail(locate(std::string("a write past the end of shared array '") + array + "'"));
  }
}

void Block::start_threads() {
  const auto& extent = launch_->block;
  count_ = launch_->block_threads();
  stacks_.reserve(count_);
  threads_.resize(count_);
  order_.resize(count_);
  warp_waiting_.assign((count_ + 31) / 32, 0);
  at_barrier_ = 0;
  done_ = 0;
  predicate_sum_ = 0;
  stalled_ = false;
  random_state_ = launch_->options.seed * 0x9e3779b97f4a7c15u + index_.x + 1 +
                  (uint64_t{index_.y} << 32) + (uint64_t{index_.z} << 48);
  for (uint32_t i = 0; i < count_; i++) {
    Thread& thread = threads_[i];
    thread.block = this;
    thread.index = {i % extent.x, i / extent.x % extent.y, i / (extent.x * extent.y)};
    thread.number = i;
    thread.state = Thread::State::kReady;
    prepare(&thread.context, stacks_.low(i), Stacks::size(), thread_entry);
    order_[i] = launch_->options.schedule == Schedule::kReverse ? count_ - 1 - i : i;
  }
}

void Block::thread_entry() {
  arrived();
  Block& block = *running->block;
  block.execute();
  block.leave();
}

void Block::execute() {
  try {
    launch_->body(launch_->arguments);
    running->state = Thread::State::kDone;
    done_++;
    next();
  } catch (const Abandoned&) {
    // The launch has the message; the other threads of the block are never continued.
  } catch (const std::exception& e) {
    launch_->fail(locate(std::string("the kernel threw: ") + e.what()));
  }
}

uint64_t Block::random() {
  random_state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = random_state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void Block::new_pass() {
  cursor_ = 0;
  running_in_pass_ = 0;
  paused_in_pass_ = 0;
  if (launch_->options.schedule == Schedule::kRandom) {
    for (uint32_t i = count_ - 1; i > 0; i--) {
      std::swap(order_[i], order_[random() % (i + 1)]);
    }
  }
}

void Block::switch_to(Thread* to) {
  Thread* from = running;
  if (to != from) {
    running = to;
    switch_context(&from->context, &to->context);
  }
}

/** Continues with the next thread that can run; returns when the caller's turn has come again. */
void Block::next() {
  for (;;) {
    while (cursor_ < count_) {
      Thread& candidate = threads_[order_[cursor_++]];
      if (candidate.state == Thread::State::kReady) {
        running_in_pass_++;
        switch_to(&candidate);
        return;
      }
    }
    if (done_ == count_) {
      leave();
    }
    const bool progress = running_in_pass_ > paused_in_pass_;
    const bool waiting = paused_in_pass_ > 0;
    new_pass();
    if (progress) {
      stalled_ = false;
    } else if (waiting) {
      if (everybody_waits()) {
        fail("its threads wait in a loop for another block, and no block can go on; blocks that "
             "wait for each other need a cooperative launch");
      }
    } else {
      fail(diagnose());
    }
  }
}

/** Gives the other blocks time; true if all of them have waited in vain for long. */
bool Block::everybody_waits() {
  launch_->active--;
  std::this_thread::yield();
  const auto now = std::chrono::steady_clock::now();
  if (!stalled_ || launch_->active > 0) {
    stalled_ = true;
    stalled_since_ = now;
  }
  launch_->active++;
  if (launch_->failed) {
    leave();
  }
  return now - stalled_since_ > launch_->options.patience;
}

void Block::leave() {
  Thread* from = running;
  switch_context(&from->context, &scheduler_);
  __builtin_unreachable();
}

std::string Block::locate(const std::string& message) const {
  return "kernel " + std::string(launch_->kernel) + ", block " + triple(index_) + ": " + message;
}

void Block::fail(const std::string& message) {
  launch_->fail(locate(message));
  throw Abandoned();
}

int Block::barrier(int predicate, Place place) {
  Thread& self = *running;
  self.state = Thread::State::kBarrier;
  self.place = place;
  at_barrier_++;
  predicate_sum_ += predicate != 0;
  if (at_barrier_ == count_) {
    release_barrier();
  }
  next();
  return predicate_result_;
}

void Block::release_barrier() {
  const Place& first = threads_[0].place;
  for (const Thread& thread : threads_) {
    if (thread.place.line != first.line || thread.place.file != first.file) {
      fail("divergent barrier: " + describe(threads_[0]) + " while " + describe(thread));
    }
  }
  for (Thread& thread : threads_) {
    thread.state = Thread::State::kReady;
  }
  at_barrier_ = 0;
  predicate_result_ = predicate_sum_;
  predicate_sum_ = 0;
  new_pass();
}

uint64_t Block::meet(WarpOperation operation, uint32_t mask, uint64_t value, uint32_t source,
                     Place place) {
  Thread& self = *running;
  const uint32_t lane = self.number % 32;
  const uint32_t first = self.number - lane;
  self.place = place;
  if ((mask >> lane & 1) == 0) {
    fail("thread " + triple(self.index) + " calls " + at(place) + " with mask " + hex(mask) +
         ", which lacks its own lane " + std::to_string(lane));
  }
  if (operation == WarpOperation::kShuffle && (mask >> source & 1) == 0) {
    fail("thread " + triple(self.index) + " reads lane " + std::to_string(source) + " in " +
         at(place) + ", which is not in the mask " + hex(mask));
  }
  self.state = Thread::State::kWarp;
  self.operation = operation;
  self.mask = mask;
  self.value = value;
  self.source = source;
  uint32_t& waiting = warp_waiting_[first / 32];
  waiting |= 1u << lane;
  bool complete_now = (waiting & mask) == mask;
  for (uint32_t rest = mask; complete_now && rest != 0; rest &= rest - 1) {
    const Thread& other = threads_[first + static_cast<uint32_t>(__builtin_ctz(rest))];
    complete_now = other.mask == mask && other.operation == operation;
  }
  if (complete_now) {
    waiting &= ~mask;
    complete(first, mask);
  } else {
    next();
  }
  return self.result;
}

void Block::complete(uint32_t first, uint32_t mask) {
  uint32_t ballot = 0;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const uint32_t lane = static_cast<uint32_t>(__builtin_ctz(rest));
    ballot |= static_cast<uint32_t>(threads_[first + lane].value != 0) << lane;
  }
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    Thread& thread = threads_[first + static_cast<uint32_t>(__builtin_ctz(rest))];
    switch (thread.operation) {
      case WarpOperation::kSync:
        break;
      case WarpOperation::kShuffle:
        thread.result = threads_[first + thread.source].value;
        break;
      case WarpOperation::kBallot:
        thread.result = ballot;
        break;
      case WarpOperation::kMatch:
        thread.result = 0;
        for (uint32_t others = mask; others != 0; others &= others - 1) {
          const uint32_t other = static_cast<uint32_t>(__builtin_ctz(others));
          thread.result |= uint64_t{threads_[first + other].value == thread.value} << other;
        }
        break;
    }
    thread.state = Thread::State::kReady;
  }
}

void Block::pause() {
  paused_in_pass_++;
  next();
}

void Block::meet_cluster() {
  const auto cluster = static_cast<uint32_t>(launch_->cluster);
  if (cluster == 0) {
    fail("a barrier of clusters in a launch without clusters");
  }
  const uint64_t number =
      index_.x + uint64_t{launch_->grid.x} * (index_.y + uint64_t{launch_->grid.y} * index_.z);
  std::atomic<uint32_t>& arrivals = launch_->arrivals[number / cluster];
  const uint32_t goal = (arrivals.fetch_add(1, std::memory_order_acq_rel) / cluster + 1) * cluster;
  while (arrivals.load(std::memory_order_acquire) < goal) {
    pause();
  }
}

std::string Block::describe(const Thread& thread) const {
  const std::string name = "thread " + triple(thread.index);
  switch (thread.state) {
    case Thread::State::kDone:
      return name + " has returned";
    case Thread::State::kBarrier:
      return name + " waits at " + at(thread.place);
    case Thread::State::kWarp:
      return name + " waits at " + at(thread.place) + " with mask " + hex(thread.mask);
    default:
      return name + " can run";
  }
}

/** Why nobody can go on. */
std::string Block::diagnose() const {
  for (const Thread& thread : threads_) {
    if (thread.state != Thread::State::kWarp) {
      continue;
    }
    const uint32_t first = thread.number - thread.number % 32;
    for (uint32_t rest = thread.mask; rest != 0; rest &= rest - 1) {
      const uint32_t lane = static_cast<uint32_t>(__builtin_ctz(rest));
      if (first + lane >= count_) {
        return "missing lane: " + describe(thread) + ", but the block has no lane " +
               std::to_string(lane) + " in this warp";
      }
      const Thread& other = threads_[first + lane];
      if (other.state != Thread::State::kWarp || other.mask != thread.mask ||
          other.operation != thread.operation) {
        return "missing lane: " + describe(thread) + " while " + describe(other);
      }
    }
  }
  for (const Thread& thread : threads_) {
    if (thread.state == Thread::State::kBarrier) {
      for (const Thread& other : threads_) {
        if (other.state != Thread::State::kBarrier) {
          return "divergent barrier: " + describe(thread) + " while " + describe(other);
        }
      }
    }
  }
  return "deadlock";
}

}  // namespace tacet::emulator
