// Memory, streams and events where the kernels run on the CPU. Everything is synchronous, so a
// stream is only a token and an event a point in time.
#include <sys/sysinfo.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <utility>

#include "checked.h"
#include "common/counts.h"
#include "common/error.h"
#include "host/emulator.h"
#include "host/faults.h"
#include "host/shared_memory.h"
#include "runtime.h"

namespace tacet {

namespace {

using emulator::Fault;
using emulator::may_fail;

constexpr size_t kAlignment = 256;

struct HostEvent {
  std::chrono::steady_clock::time_point recorded;
};

/** Nothing is captured: the work is done when it is launched. */
struct Graph {
  std::function<void(void* stream)> issue;
};

class HostRuntime : public Runtime {
 public:
  explicit HostRuntime(const int* architecture) : architecture_(architecture) {}

  Before enter() override { return {nullptr, 0}; }

  void leave(const Before&) noexcept override {}

  std::string name() override { return "host execution of CUDA kernels"; }

  void info(int64_t* values) override {
    struct sysinfo system {};
    sysinfo(&system);
    values[TACET_INFO_COMPUTE_CAPABILITY] = *architecture_;
    values[TACET_INFO_MULTIPROCESSORS] = std::thread::hardware_concurrency();
    values[TACET_INFO_SHARED_PER_BLOCK] =
        static_cast<int64_t>(emulator::shared_memory_limit(*architecture_));
    values[TACET_INFO_L2_BYTES] = 0;
    values[TACET_INFO_MEMORY_TOTAL] = static_cast<int64_t>(system.totalram) * system.mem_unit;
    values[TACET_INFO_MEMORY_FREE] = static_cast<int64_t>(system.freeram) * system.mem_unit;
    values[TACET_INFO_DRIVER_VERSION] = 0;
    values[TACET_INFO_RUNTIME_VERSION] = 0;
  }

  void* allocate(size_t bytes, void*) override {
    count(counts.allocations);
    may_fail(Fault::kAllocation);
#ifdef TACET_CHECKED
    void* address = new_memory(bytes + checked::kZone);
    checked::block_opened(address, bytes, this);
#else
    void* address = new_memory(bytes);
#endif
    emulator::open_resources++;
    return address;
  }

  void free(void* address, void*) override {
    if (address != nullptr) {
#ifdef TACET_CHECKED
      checked::block_closed(address, this);
#else
      std::free(address);
#endif
      emulator::open_resources--;
    }
  }

  void poison(void* address, size_t bytes) override {
    inside("address", address, bytes);
    write_poison(address, bytes);
  }

  void check_address(const void* address) override {
    if (address == nullptr) {
      throw Error(Status::kInvalidArgument, "address: expected memory, got null");
    }
  }

  void* allocate_pinned(size_t bytes) override {
    may_fail(Fault::kPin);
    void* address = new_memory(bytes);
    emulator::open_resources++;
    return address;
  }

  void free_pinned(void* address) override {
    if (address != nullptr) {
      std::free(address);
      emulator::open_resources--;
    }
  }

  void lock(void*, size_t) override {
    may_fail(Fault::kPin);
    emulator::open_resources++;
  }

  void unlock(void*) override { emulator::open_resources--; }

  void fill(void* target, int byte, size_t bytes, void*) override {
    count(counts.fills);
    may_fail(Fault::kFill);
    inside("target", target, bytes);
    std::memset(target, byte, bytes);
  }

  void copy(void* target, const void* source, size_t bytes, void*) override {
    count(counts.fills);
    may_fail(Fault::kFill);
    inside("target", target, bytes);
    inside("source", source, bytes);
    std::memmove(target, source, bytes);
  }

  void copy_from_host(void* target, const void* source, size_t bytes, void*) override {
    count(counts.copies_from_host);
    may_fail(Fault::kCopyFromHost);
    inside("target", target, bytes);
    inside("source", source, bytes);
    std::memmove(target, source, bytes);
  }

  void copy_to_host(void* target, const void* source, size_t bytes, void*) override {
    count(counts.copies_to_host);
    may_fail(Fault::kCopyToHost);
    inside("target", target, bytes);
    inside("source", source, bytes);
    std::memmove(target, source, bytes);
  }

  void* stream_create() override { return created<char>('s'); }
  void stream_destroy(void* stream) override { destroy<char>(stream); }
  bool stream_capturing(void*) override { return false; }

  // There is nothing to wait for, but on a GPU there would be.
  void stream_synchronize(void*) override { wait(); }
  void synchronize() override { wait(); }

  void* event_create() override { return created<HostEvent>(HostEvent{}); }
  void event_destroy(void* event) override { destroy<HostEvent>(event); }

  void event_record(void* event, void*) override {
    recorded(event).recorded = std::chrono::steady_clock::now();
  }

  void event_wait(void* event, void*) override { recorded(event); }

  bool event_happened(void* event) override {
    recorded(event);
    return true;
  }

  void event_synchronize(void* event) override {
    recorded(event);
    wait();
  }

  int64_t event_elapsed(void* first, void* second) override {
    wait();
    const auto elapsed = recorded(second).recorded - recorded(first).recorded;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
  }

  void* graph_create(const std::function<void(void*)>& issue) override {
    return created<Graph>(Graph{issue});
  }

  void graph_launch(void* graph, void* stream) override {
    if (graph == nullptr) {
      throw Error(Status::kInvalidArgument, "graph: expected a graph, got null");
    }
    static_cast<Graph*>(graph)->issue(stream);
  }

  void graph_destroy(void* graph) override { destroy<Graph>(graph); }

 private:
  template <typename T>
  static void* created(T value) {
    may_fail(Fault::kCreation);
    void* resource = new T(std::move(value));
    emulator::open_resources++;
    return resource;
  }

  template <typename T>
  static void destroy(void* resource) {
    if (resource != nullptr) {
      delete static_cast<T*>(resource);
      emulator::open_resources--;
    }
  }

  static void inside(const char* what, const void* address, size_t bytes) {
    if (address == nullptr && bytes > 0) {
      throw Error(Status::kInvalidArgument, std::string(what) + ": expected memory, got null");
    }
#ifdef TACET_CHECKED
    checked::require_inside(what, address, bytes);
#endif
  }

  static void wait() {
    count(counts.waits);
    may_fail(Fault::kWait);
  }

  /** As on a GPU nothing in it is zero; here it is not plausible either. */
  void* new_memory(size_t bytes) {
    // posix_memalign, because aligned_alloc would hide the exact end from the address sanitizer.
    void* address = nullptr;
    if (posix_memalign(&address, kAlignment, bytes) != 0) {
      throw Error(Status::kOutOfMemory, "out of host memory: asked for " + std::to_string(bytes));
    }
    write_poison(address, bytes);
    return address;
  }

  static void write_poison(void* address, size_t bytes) {
    auto* words = static_cast<char*>(address);
    for (size_t i = 0; i + sizeof(uint32_t) <= bytes; i += sizeof(uint32_t)) {
      std::memcpy(words + i, &emulator::kPoison, sizeof(uint32_t));
    }
  }

  static HostEvent& recorded(void* event) {
    if (event == nullptr) {
      throw Error(Status::kInvalidArgument, "event: expected an event, got null");
    }
    return *static_cast<HostEvent*>(event);
  }

  const int* architecture_;
};

}  // namespace

std::unique_ptr<Runtime> host_runtime(const int* architecture) {
  return std::make_unique<HostRuntime>(architecture);
}

}  // namespace tacet
