#include "host/block.h"

#include <cstdio>
#include <exception>
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

void Block::start(Launch& launch, tacet_host::uint3 index, uint64_t* steps) {
  launch_ = &launch;
  index_ = index;
  steps_ = steps;
  adopt_current_stack(&scheduler_);
  shared_.reset(launch.dynamic_shared, shared_memory_limit(launch.options.architecture));
  start_threads();
  new_pass();
  turn_ = &threads_[order_[cursor_++]];
}

bool Block::go_on() {
  running_ = &running;
  Thread* const outer = running;
  Thread* const first = turn_;
  launch_->active++;
  running = first;
  turn_ = nullptr;
  switch_context(&scheduler_, &first->context);
  running = outer;
  launch_->active--;
  if (turn_ != nullptr) {
    return false;
  }
  ++*steps_;
  if (const char* array = shared_.overrun(); array != nullptr) {
    launch_->fail(locate(std::string("a write past the end of shared array '") + array + "'"));
  }
  return true;
}

void Block::start_threads() {
  const auto& extent = launch_->block;
  count_ = launch_->block_threads();
  stacks_.reserve(count_);
  threads_.resize(count_);
  order_.resize(count_);
  warp_waiting_.assign((count_ + 31) / 32, 0);
  shared_values_.resize(warp_waiting_.size() * 32);
  at_barrier_ = 0;
  done_ = 0;
  predicate_sum_ = 0;
  stalled_ = false;
  random_state_ = launch_->options.seed * 0x9e3779b97f4a7c15u + index_.x + 1 +
                  (uint64_t{index_.y} << 32) + (uint64_t{index_.z} << 48);
  for (uint32_t i = 0; i < count_; i++) {
    Thread& thread = threads_[i];
    const bool ended = thread.state == Thread::State::kDone;
    thread.block = this;
    thread.index = {i % extent.x, i / extent.x % extent.y, i / (extent.x * extent.y)};
    thread.number = i;
    thread.state = Thread::State::kReady;
    prepare(&thread.context, stacks_.low(i), Stacks::size(i), !ended, thread_entry);
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
    (*running_)->state = Thread::State::kDone;
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
      std::swap(order_[i], order_[(random() >> 32) * (i + 1) >> 32]);
    }
  }
}

void Block::switch_to(Thread* to) {
  Thread* from = *running_;
  if (to != from) {
    *running_ = to;
    switch_context(&from->context, &to->context);
  }
}

/** Continues with the next thread that can run; returns when the caller's turn has come again. */
void Block::next() {
  Thread* const threads = threads_.data();
  const uint32_t* const order = order_.data();
  const uint32_t count = count_;
  for (;;) {
    for (uint32_t cursor = cursor_; cursor < count;) {
      Thread& candidate = threads[order[cursor++]];
      if (candidate.state == Thread::State::kReady) {
        cursor_ = cursor;
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

/** Lets the other blocks go on; true if all of them have waited in vain for long. */
bool Block::everybody_waits() {
  if (!stalled_) {
    ++*steps_;
  }
  turn_ = *running_;
  switch_context(&turn_->context, &scheduler_);
  if (launch_->failed) {
    leave();
  }
  const auto now = std::chrono::steady_clock::now();
  // Beside this block, those of other OS threads may be active.
  if (!stalled_ || launch_->active > 1 || *steps_ != steps_seen_) {
    stalled_ = true;
    stalled_since_ = now;
    steps_seen_ = *steps_;
  }
  return now - stalled_since_ > launch_->options.patience;
}

void Block::leave() {
  Thread* from = *running_;
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
  Thread& self = **running_;
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
  Thread& self = **running_;
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
  Thread* const lanes = &threads_[first];
  const auto each = [lanes, mask](auto&& then) {
    for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
      const auto lane = static_cast<uint32_t>(__builtin_ctz(rest));
      then(lanes[lane], lane);
    }
  };
  switch (lanes[__builtin_ctz(mask)].operation) {
    case WarpOperation::kSync:
      break;
    case WarpOperation::kShuffle:
      each([lanes](Thread& thread, uint32_t) { thread.result = lanes[thread.source].value; });
      break;
    case WarpOperation::kBallot: {
      uint32_t ballot = 0;
      each([&ballot](const Thread& thread, uint32_t lane) {
        ballot |= static_cast<uint32_t>(thread.value != 0) << lane;
      });
      each([ballot](Thread& thread, uint32_t) { thread.result = ballot; });
      break;
    }
    case WarpOperation::kMatch:
      each([&each](Thread& thread, uint32_t) {
        uint64_t alike = 0;
        each([&alike, &thread](const Thread& other, uint32_t lane) {
          alike |= uint64_t{other.value == thread.value} << lane;
        });
        thread.result = alike;
      });
      break;
    case WarpOperation::kShare: {
      uint64_t* const values = &shared_values_[first];
      each([values](Thread& thread, uint32_t lane) {
        values[lane] = thread.value;
        thread.result = reinterpret_cast<uint64_t>(values);
      });
      break;
    }
  }
  each([](Thread& thread, uint32_t) { thread.state = Thread::State::kReady; });
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
