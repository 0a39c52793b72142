// What this process has issued to devices so far, so that tests can bound what a training step
// issues and how often it waits. Plain C++; counted in the same way on a GPU and under host
// execution.
#pragma once

#include <atomic>
#include <cstdint>

namespace tacet {

/** The order is that of tacet_counter in tacet.h. Relaxed, since only sums are needed. */
struct Counts {
  std::atomic<int64_t> launches{0};
  std::atomic<int64_t> fills{0};
  std::atomic<int64_t> allocations{0};
  std::atomic<int64_t> copies_from_host{0};
  std::atomic<int64_t> copies_to_host{0};
  std::atomic<int64_t> waits{0};
};

inline Counts counts;

inline void count(std::atomic<int64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace tacet
