// Stands in for the run-time library of the thread sanitizer: the compiler calls these functions
// before every access of instrumented code.
#include "traffic/counter.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "host/block.h"

namespace tacet::traffic {

namespace {

constexpr size_t kMost = size_t{1} << 28;
constexpr size_t kAlignment = 256;
constexpr size_t kSector = 32;
constexpr unsigned int kWarp = 32;
/** Multiprocessors of the GPU whose launches are imitated, a H200. */
constexpr unsigned int kMultiprocessors = 132;

/** A bit for each byte of the memory. */
class Marks {
 public:
  void add(size_t at, size_t bytes) {
    for (size_t word = at / 64; word <= (at + bytes - 1) / 64; word++) {
      const size_t first = at > 64 * word ? at - 64 * word : 0;
      const size_t end = std::min<size_t>(at + bytes - 64 * word, 64);
      const uint64_t mask = (end == 64 ? 0 : uint64_t{1} << end) - (uint64_t{1} << first);
      if ((words_[word].load(std::memory_order_relaxed) & mask) != mask) {
        words_[word].fetch_or(mask, std::memory_order_relaxed);
      }
    }
  }

  int64_t count_and_clear(size_t bytes) {
    int64_t count = 0;
    for (size_t word = 0; word < (bytes + 63) / 64; word++) {
      count += __builtin_popcountll(words_[word].exchange(0));
    }
    return count;
  }

 private:
  std::vector<std::atomic<uint64_t>> words_ = std::vector<std::atomic<uint64_t>>(kMost / 64);
};

// Without constructors, as the first calls come before any has run.
char* memory = nullptr;
size_t used = 0;
std::atomic<bool> counting{false};

struct AtomicRequests {
  std::atomic<int64_t> loaded{0};
  std::atomic<int64_t> stored{0};
  std::atomic<int64_t> sectors{0};
};

struct Counters {
  Marks read;
  Marks written;
  std::mutex mutex;
  std::map<std::string, AtomicRequests> kernels;

  AtomicRequests& of(const char* kernel) {
    const std::lock_guard<std::mutex> lock(mutex);
    return kernels[kernel];
  }
};

Counters& counters() {
  static Counters instance;
  return instance;
}

/** An access of the code, by a thread or a warp of a block; for a warp, the how many-th. */
struct Access {
  const void* place;
  uint32_t who;
  uint32_t turn;

  bool operator==(const Access& o) const {
    return place == o.place && who == o.who && turn == o.turn;
  }
};

struct Hash {
  size_t operator()(const Access& a) const {
    uint64_t h = reinterpret_cast<uintptr_t>(a.place) * 0x9E3779B97F4A7C15u;
    h = (h ^ a.who ^ uint64_t{a.turn} << 12) * 0xBF58476D1CE4E5B9u;
    return h ^ h >> 29;
  }
};

constexpr int kLoad = 1;
constexpr int kStore = 2;

/** Bytes [at, at + bytes) of the memory are touched. */
void mark(AtomicRequests& requests, size_t at, size_t bytes, int kind, int64_t sectors) {
  if ((kind & kLoad) != 0) {
    counters().read.add(at, bytes);
    requests.loaded.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  }
  if ((kind & kStore) != 0) {
    counters().written.add(at, bytes);
    requests.stored.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  }
  requests.sectors.fetch_add(static_cast<int64_t>(kSector) * sectors, std::memory_order_relaxed);
}

/** The accesses of the blocks that a Block executes, one after the other. */
class BlockAccesses {
 public:
  void add(size_t at, size_t bytes, int kind, const void* place) {
    enter();
    const uint32_t thread = emulator::current().number;
    const uint32_t turn = turns_[{place, thread, 0}]++;
    std::vector<uint32_t>& touched = touched_[{place, thread / kWarp, turn}];
    int64_t added = 0;
    for (size_t s = at / kSector; s <= (at + bytes - 1) / kSector; s++) {
      const auto sector = static_cast<uint32_t>(s);
      if (std::find(touched.rbegin(), touched.rend(), sector) == touched.rend()) {
        touched.push_back(sector);
        added++;
      }
    }
    mark(*requests_, at, bytes, kind, added);
  }

 private:
  /** The next launch may lie where the last one did: then its accesses are later turns. */
  void enter() {
    const emulator::Block& block = *emulator::current().block;
    const tacet_host::uint3 index = block.index();
    if (launch_ == &block.launch() && kernel_ == launch_->kernel && index.x == index_.x &&
        index.y == index_.y && index.z == index_.z) {
      return;
    }
    launch_ = &block.launch();
    kernel_ = launch_->kernel;
    index_ = index;
    requests_ = &counters().of(kernel_);
    turns_.clear();
    touched_.clear();
  }

  const emulator::Launch* launch_ = nullptr;
  const char* kernel_ = nullptr;
  tacet_host::uint3 index_{};
  AtomicRequests* requests_ = nullptr;
  std::unordered_map<Access, uint32_t, Hash> turns_;
  std::unordered_map<Access, std::vector<uint32_t>, Hash> touched_;
};

bool is_counted(const void* address) {
  const size_t at = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(memory);
  return at < used && counting.load(std::memory_order_relaxed);
}

size_t offset(const void* address) { return static_cast<const char*>(address) - memory; }

void count(const volatile void* pointer, size_t bytes, int kind, const void* place) {
  const void* address = const_cast<const void*>(pointer);
  if (is_counted(address)) {
    // An OS thread goes from one to the next of those that wait for one another, and back.
    thread_local std::unordered_map<const emulator::Block*, BlockAccesses> accesses;
    accesses[emulator::current().block].add(offset(address), bytes, kind, place);
  }
}

/** Memory that the driver sets. */
void fill(const void* address, size_t bytes) {
  mark(counters().of("fill_bytes"), offset(address), bytes, kStore,
       static_cast<int64_t>((bytes + kSector - 1) / kSector));
}

}  // namespace

Requests Traffic::requests() const {
  Requests sum;
  for (const auto& [kernel, requests] : kernels) {
    sum.loaded += requests.loaded;
    sum.stored += requests.stored;
    sum.sectors += requests.sectors;
  }
  return sum;
}

void* allocate(size_t bytes) {
  if (memory == nullptr) {
    void* mapped = mmap(nullptr, kMost, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
      throw std::runtime_error("no address space");
    }
    memory = static_cast<char*>(mapped);
  }
  const size_t at = (used + kAlignment - 1) / kAlignment * kAlignment;
  if (at + bytes > kMost) {
    throw std::runtime_error("more than 256 MiB of device memory");
  }
  used = at + bytes;
  return memory + at;
}

void forget() { used = 0; }

void start() { counting = true; }

Traffic stop() {
  counting = false;
  Counters& c = counters();
  Traffic traffic;
  traffic.read = c.read.count_and_clear(used);
  traffic.written = c.written.count_and_clear(used);
  for (auto& [kernel, r] : c.kernels) {
    const Requests requests{r.loaded.exchange(0), r.stored.exchange(0), r.sectors.exchange(0)};
    if (requests.sectors > 0) {
      traffic.kernels[kernel] = requests;
    }
  }
  return traffic;
}

}  // namespace tacet::traffic

using tacet::traffic::count;
using tacet::traffic::kLoad;
using tacet::traffic::kStore;

#define PLACE __builtin_return_address(0)

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_read(void**) {}
void __tsan_vptr_update(void**, void*) {}

#define ACCESSES(bytes)                                                                        \
  void __tsan_read##bytes(void* p) { count(p, bytes, kLoad, PLACE); }                          \
  void __tsan_write##bytes(void* p) { count(p, bytes, kStore, PLACE); }                        \
  void __tsan_unaligned_read##bytes(void* p) { count(p, bytes, kLoad, PLACE); }                \
  void __tsan_unaligned_write##bytes(void* p) { count(p, bytes, kStore, PLACE); }

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

void __tsan_read_range(void* p, size_t bytes) { count(p, bytes, kLoad, PLACE); }
void __tsan_write_range(void* p, size_t bytes) { count(p, bytes, kStore, PLACE); }

// How often a thread that waits looks at a word is chance, so atomic loads do not count.
#define ATOMICS(bits, T)                                                                       \
  T __tsan_atomic##bits##_load(const volatile T* p, int) {                                     \
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                               \
  }                                                                                            \
  void __tsan_atomic##bits##_store(volatile T* p, T value, int) {                              \
    count(p, sizeof(T), kStore, PLACE);                                                        \
    __atomic_store_n(p, value, __ATOMIC_SEQ_CST);                                              \
  }                                                                                            \
  T __tsan_atomic##bits##_exchange(volatile T* p, T value, int) {                              \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_exchange_n(p, value, __ATOMIC_SEQ_CST);                                    \
  }                                                                                            \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T value, int) {                             \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_fetch_add(p, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                            \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T value, int) {                             \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_fetch_sub(p, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                            \
  T __tsan_atomic##bits##_fetch_and(volatile T* p, T value, int) {                             \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_fetch_and(p, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                            \
  T __tsan_atomic##bits##_fetch_or(volatile T* p, T value, int) {                              \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_fetch_or(p, value, __ATOMIC_SEQ_CST);                                      \
  }                                                                                            \
  T __tsan_atomic##bits##_fetch_xor(volatile T* p, T value, int) {                             \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_fetch_xor(p, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                            \
  bool __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T value, int, \
                                                     int) {                                    \
    count(p, sizeof(T), kLoad | kStore, PLACE);                                                \
    return __atomic_compare_exchange_n(p, expected, value, false, __ATOMIC_SEQ_CST,            \
                                       __ATOMIC_SEQ_CST);                                      \
  }

ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)

void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

void* __real_memset(void* target, int value, size_t bytes);

/** fill_bytes of a launcher: a copy engine writes, or a kernel of the driver's. */
void* __wrap_memset(void* target, int value, size_t bytes) {
  if (bytes > 0 && tacet::traffic::is_counted(target)) {
    tacet::traffic::fill(target, bytes);
  }
  return __real_memset(target, value, bytes);
}

/** Launchers size grids by the device. */
unsigned int __wrap__ZNSt6thread20hardware_concurrencyEv() {
  return tacet::traffic::kMultiprocessors;
}

}  // extern "C"
