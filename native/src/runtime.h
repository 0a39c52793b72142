// What a device offers besides kernels: memory, streams, events. One implementation per kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tacet.h"

namespace tacet {

/** All methods throw tacet::Error. Streams and events are opaque; a null stream is the default. */
class Runtime {
 public:
  virtual ~Runtime() = default;

  /** Makes this device the calling thread's current one. */
  virtual void enter() = 0;

  virtual std::string name() = 0;
  virtual void info(int64_t* values) = 0;

  virtual void* allocate(size_t bytes) = 0;
  virtual void free(void* address) = 0;
  virtual void* allocate_pinned(size_t bytes) = 0;
  virtual void free_pinned(void* address) = 0;
  virtual void fill(void* target, int byte, size_t bytes, void* stream) = 0;
  virtual void copy(void* target, const void* source, size_t bytes, void* stream) = 0;
  virtual void copy_from_host(void* target, const void* source, size_t bytes, void* stream) = 0;
  virtual void copy_to_host(void* target, const void* source, size_t bytes, void* stream) = 0;

  virtual void* stream_create() = 0;
  virtual void stream_destroy(void* stream) = 0;
  virtual void stream_synchronize(void* stream) = 0;
  virtual void synchronize() = 0;

  virtual void* event_create() = 0;
  virtual void event_destroy(void* event) = 0;
  virtual void event_record(void* event, void* stream) = 0;
  virtual void event_wait(void* event, void* stream) = 0;
  virtual int64_t event_elapsed(void* first, void* second) = 0;

  /** Keeps what the function issues on the stream it gets, instead of doing it. */
  virtual void* graph_create(const std::function<void(void* stream)>& issue) = 0;
  virtual void graph_launch(void* graph, void* stream) = 0;
  virtual void graph_destroy(void* graph) = 0;
};

std::unique_ptr<Runtime> host_runtime(const int* architecture);

/** Throws Status::kUnavailable with the reason where there is no CUDA. */
std::unique_ptr<Runtime> cuda_runtime(int ordinal);
int cuda_device_count();

/** "nvcc 13.0 for 90-real;75-virtual", or that there is none. */
const char* cuda_build_info();

}  // namespace tacet
