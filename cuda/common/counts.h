// What this process has issued to devices so far, so that tests can say how much a training step may
// issue and how often it may wait. Plain C++; counted alike on a GPU and under host execution.
#pragma once

#include <atomic>
#include <cstdint>

namespace tacet {

/** The order is that of tacet_counter in tacet.h. Relaxed: only sums are asked for. */
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
