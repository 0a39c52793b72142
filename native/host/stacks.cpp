#include "host/stacks.h"

#include <sys/mman.h>

#include <atomic>
#include <new>

namespace tacet::emulator {

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kGuard = kPage;
#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kStack = 256 * 1024;
#else
constexpr size_t kStack = 64 * 1024;
#endif
// A cache finds lines by the lower bits of their address: stacks that ended at the same ones would
// drive each other out of it at every switch. This one is five lines, which meets all of a page.
constexpr size_t kShift = 5 * 64;
constexpr size_t kPerSlab = 32;
constexpr size_t kSlab = kPerSlab * (kGuard + kStack);
/** Slabs with guards: each stack with one is two mappings, of which a process has 65530. */
constexpr size_t kMostGuarded = 600;

std::atomic<size_t> slabs{0};

}  // namespace

Stacks::~Stacks() {
  for (unsigned char* slab : slabs_) {
    munmap(slab, kSlab);
    slabs--;
  }
}

void Stacks::reserve(size_t count) {
  while (slabs_.size() * kPerSlab < count) {
    void* memory = mmap(nullptr, kSlab, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::bad_alloc();
    }
    auto* slab = static_cast<unsigned char*>(memory);
    slabs_.push_back(slab);
    if (slabs++ >= kMostGuarded) {
      continue;
    }
    for (size_t i = 0; i < kPerSlab; i++) {
      // An overflowing kernel faults here instead of writing over its neighbour.
      if (mprotect(slab + i * (kGuard + kStack), kGuard, PROT_NONE) != 0) {
        throw std::bad_alloc();
      }
    }
  }
}

void* Stacks::low(size_t i) const {
  return slabs_[i / kPerSlab] + (i % kPerSlab) * (kGuard + kStack) + kGuard;
}

size_t Stacks::size(size_t i) { return kStack - i * kShift % kPage; }

}  // namespace tacet::emulator
