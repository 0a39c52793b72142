// The part of CUDA C++ that kernels use, for g++: keywords, built-in variables, launches and shared
// memory. Functions are in cuda_functions.h. What is missing here is missing on purpose.
#pragma once

#include <cassert>
#include <cmath>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "common/counts.h"
#include "host/block.h"
#include "host/emulator.h"
#include "host/faults.h"
#include "host/vector_types.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) alignas(n)

#define threadIdx (::tacet::emulator::current().index)
#define blockIdx (::tacet::emulator::current().block->index())
#define blockDim (::tacet::emulator::current().block->launch().block)
#define gridDim (::tacet::emulator::current().block->launch().grid)
#define warpSize 32

namespace tacet_host {

template <typename... P, typename... A>
void launch(const char* name, bool cooperative, int cluster, dim3 grid, dim3 block, size_t shared,
            void (*kernel)(P...), A&&... arguments) {
  static_assert(sizeof...(P) == sizeof...(A), "a launch passes every parameter of the kernel");
  struct Call {
    void (*kernel)(P...);
    std::tuple<P...> values;
  };
  const Call call{kernel, std::tuple<P...>(static_cast<P>(std::forward<A>(arguments))...)};
  tacet::emulator::Launch launch{};
  launch.kernel = name;
  launch.grid = grid;
  launch.block = block;
  launch.dynamic_shared = shared;
  launch.cooperative = cooperative;
  launch.cluster = cluster;
  launch.options = tacet::emulator::options();
  launch.body = [](const void* pointer) {
    const auto* self = static_cast<const Call*>(pointer);
    std::apply(self->kernel, self->values);
  };
  launch.arguments = &call;
  tacet::emulator::run(launch);
}

template <typename T>
T& static_shared(const void* site, const char* name) {
  static_assert(std::is_trivial_v<std::remove_all_extents_t<T>>,
                "shared memory is never initialised");
  auto& block = *tacet::emulator::current().block;
  void* address = block.shared().static_array(site, name, sizeof(T), alignof(T));
  if (address == nullptr) {
    block.fail(block.shared().error());
  }
  return *static_cast<T*>(address);
}

template <typename T>
T* dynamic_shared(const char* name, size_t offset, size_t count) {
  auto& block = *tacet::emulator::current().block;
  void* address = block.shared().dynamic_array(name, offset, count * sizeof(T), alignof(T));
  if (address == nullptr) {
    block.fail(block.shared().error());
  }
  return static_cast<T*>(address);
}

/** Most dynamic shared memory of a block, in bytes. */
inline size_t shared_limit() {
  return tacet::emulator::shared_memory_limit(tacet::emulator::options().architecture);
}

/** How many blocks run at the same time at least. */
inline int multiprocessor_count() { return tacet::emulator::options().cooperative_blocks; }

/** How many clusters of so many blocks run at the same time. */
inline int most_clusters(int cluster) {
  const int limit = tacet::emulator::cluster_limit(tacet::emulator::options().architecture);
  return cluster <= limit ? tacet::emulator::options().cooperative_blocks / cluster : 0;
}

inline void fill_bytes(void* target, int value, size_t bytes, void* /*stream*/) {
  tacet::count(tacet::counts.fills);
  tacet::emulator::may_fail(tacet::emulator::Fault::kFill);
  std::memset(target, value, bytes);
}

inline unsigned int load_acquire(const unsigned int* address) {
  return __atomic_load_n(address, __ATOMIC_ACQUIRE);
}

inline void store_release(unsigned int* address, unsigned int value) {
  __atomic_store_n(address, value, __ATOMIC_RELEASE);
}

inline void add_release(unsigned int* address, unsigned int value) {
  __atomic_fetch_add(address, value, __ATOMIC_RELEASE);
}

/** The only thing a loop that waits for another block may call. */
inline void spin_pause() { tacet::emulator::current().block->pause(); }

}  // namespace tacet_host

#include "host/cuda_functions.h"

#define TACET_LAUNCH(kernel, grid, block, shared, stream, ...) \
  ((void)(stream),                         \
   ::tacet_host::launch(#kernel, false, 0, grid, block, shared, kernel, ##__VA_ARGS__))

#define TACET_LAUNCH_COOPERATIVE(kernel, grid, block, shared, stream, ...) \
  ((void)(stream),                                     \
   ::tacet_host::launch(#kernel, true, 0, grid, block, shared, kernel, ##__VA_ARGS__))

#define TACET_LAUNCH_CLUSTERS(kernel, cluster, grid, block, shared, stream, ...) \
  ((void)(stream),                                                           \
   ::tacet_host::launch(#kernel, false, cluster, grid, block, shared, kernel, ##__VA_ARGS__))

#define TACET_MOST_CLUSTERS(kernel, cluster, threads, shared) \
  ((void)(threads), (void)(shared), ::tacet_host::most_clusters(cluster))

#define TACET_MAX_COOPERATIVE_BLOCKS(kernel, threads, shared) \
  ((void)(threads), (void)(shared), ::tacet::emulator::options().cooperative_blocks)

// The address of a static tells the sites apart, also between instances of a template.
#define TACET_SHARED(name, ...)       \
  static char name##_site_of_shared = 0; \
  auto& name = ::tacet_host::static_shared<__VA_ARGS__>(&name##_site_of_shared, #name)

#define TACET_DYNAMIC_SHARED(type, name, offset, count) \
  type* const name = ::tacet_host::dynamic_shared<type>(#name, offset, count)
