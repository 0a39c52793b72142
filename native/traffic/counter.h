// Counts what kernels read and write of device memory while they are executed on the CPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace tacet::traffic {

/** Bytes requested, cached or not. */
struct Requests {
  /** By threads; an atomic is a load and a store. */
  int64_t loaded = 0;
  int64_t stored = 0;
  /**
   * What L1 asks L2 for if it keeps nothing: 32 for each sector that an access of a warp touches.
   * Accesses belong together if they are the same one of the code and as many lanes have passed
   * it before, which is not quite so where lanes of a loop skip different ones.
   */
  int64_t sectors = 0;
};

/** Bytes of global memory; shared memory, stacks and parameters do not count. */
struct Traffic {
  /** Different ones: what at least has to come from DRAM and go there. */
  int64_t read = 0;
  int64_t written = 0;
  /** By all launches of a kernel, and by fill_bytes. */
  std::map<std::string, Requests> kernels;

  Requests requests() const;
};

/** Memory that is watched, until the next forget(); its content is arbitrary. */
void* allocate(size_t bytes);

template <typename T>
T* device(size_t count) {
  return static_cast<T*>(allocate(count * sizeof(T)));
}

template <typename T>
T* device(const std::vector<T>& values) {
  T* array = device<T>(values.size());
  std::memcpy(array, values.data(), values.size() * sizeof(T));
  return array;
}

/** Frees all memory. */
void forget();

void start();
Traffic stop();

}  // namespace tacet::traffic
