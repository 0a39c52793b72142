// What a device offers besides kernels: memory, streams, events. One implementation per kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tacet.h"

namespace tacet {

/** What enter() has to restore: the CUDA context, and the capture mode of the thread. */
struct Before {
  void* context;
  int capture_mode;
};

/** All methods throw tacet::Error. Streams and events are opaque; a null stream is the default. */
class Runtime {
 public:
  virtual ~Runtime() = default;

  /** Makes this device the calling thread's current one; all other methods are called in between. */
  virtual Before enter() = 0;
  virtual void leave(const Before& before) noexcept = 0;

  virtual std::string name() = 0;
  virtual void info(int64_t* values) = 0;

  virtual void* allocate(size_t bytes, void* stream) = 0;
  virtual void free(void* address, void* stream) = 0;
  virtual void poison(void* address, size_t bytes) = 0;
  virtual void check_address(const void* address) = 0;
  virtual void* allocate_pinned(size_t bytes) = 0;
  virtual void free_pinned(void* address) = 0;
  virtual void lock(void* address, size_t bytes) = 0;
  virtual void unlock(void* address) = 0;
  virtual void fill(void* target, int byte, size_t bytes, void* stream) = 0;
  virtual void copy(void* target, const void* source, size_t bytes, void* stream) = 0;
  virtual void copy_from_host(void* target, const void* source, size_t bytes, void* stream) = 0;
  virtual void copy_to_host(void* target, const void* source, size_t bytes, void* stream) = 0;

  virtual void* stream_create() = 0;
  virtual void stream_destroy(void* stream) = 0;
  virtual bool stream_capturing(void* stream) = 0;
  virtual void stream_synchronize(void* stream) = 0;
  virtual void synchronize() = 0;

  virtual void* event_create() = 0;
  virtual void event_destroy(void* event) = 0;
  virtual void event_record(void* event, void* stream) = 0;
  virtual void event_wait(void* event, void* stream) = 0;
  virtual bool event_happened(void* event) = 0;
  virtual void event_synchronize(void* event) = 0;
  virtual int64_t event_elapsed(void* first, void* second) = 0;

  /** Keeps what the function issues on the stream it gets, instead of doing it. */
  virtual void* graph_create(const std::function<void(void* stream)>& issue) = 0;
  virtual void graph_launch(void* graph, void* stream) = 0;
  virtual void graph_destroy(void* graph) = 0;
};

/** The device of a runtime for a scope. */
class DeviceScope {
 public:
  explicit DeviceScope(Runtime& runtime) : runtime_(runtime), before_(runtime.enter()) {}
  ~DeviceScope() { runtime_.leave(before_); }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  Runtime& runtime_;
  Before before_;
};

std::unique_ptr<Runtime> host_runtime(const int* architecture);

/** Throws Status::kUnavailable with the reason where there is no CUDA. */
std::unique_ptr<Runtime> cuda_runtime(int ordinal);
int cuda_device_count();

/** "nvcc 13.0 for 90-real;75-virtual", or that there is none. */
const char* cuda_build_info();

}  // namespace tacet
