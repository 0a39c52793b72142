// The nvcc side of the portable macros: launches, shared memory and ordered loads on a real GPU.
#pragma once

#include <cuda_runtime.h>

#include <string>
#include <tuple>
#include <utility>

#include "common/counts.h"
#include "common/cuda_codes.h"
#include "common/declare.h"
#include "common/error.h"
#include "common/kernel_facts.h"

namespace tacet_cuda {

template <typename T>
using SharedType = T;

static_assert(tacet::is_sticky(cudaErrorIllegalAddress) && tacet::is_sticky(cudaErrorLaunchTimeout) &&
                  tacet::is_sticky(cudaErrorECCUncorrectable) &&
                  tacet::is_sticky(cudaErrorMpsClientTerminated) &&
                  tacet::may_lack_attributes(cudaErrorInvalidValue) &&
                  tacet::may_lack_attributes(cudaErrorCooperativeLaunchTooLarge) &&
                  tacet::may_lack_attributes(cudaErrorInvalidClusterSize),
              "the codes are those of this CUDA");

/** Throws at once with the call and the code, without waiting for the device. */
[[noreturn]] inline void throw_cuda(cudaError_t code, const char* call) {
  cudaGetLastError();  // an ordinary error is not found by the next one who asks
  const auto status = code == cudaErrorMemoryAllocation ? tacet::Status::kOutOfMemory
                      : tacet::is_sticky(code)          ? tacet::Status::kFatal
                                                        : tacet::Status::kCuda;
  throw tacet::Error(status, std::string(call) + ": " + cudaGetErrorName(code) + " (" +
                                 std::to_string(static_cast<int>(code)) + "), " +
                                 cudaGetErrorString(code));
}

inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess) {
    throw_cuda(code, call);
  }
}

/** Which blocks of a launch must be resident at the same time. */
struct LaunchGrouping {
  /** All blocks of the grid are resident at once. */
  bool cooperative;
  /** Blocks per cluster along x; 0 for no clusters. */
  int cluster;
};

struct Configuration {
  dim3 grid;
  dim3 block;
  size_t shared;
  tacet::Stream stream;
};

/** Largest cluster size that every GPU with clusters supports. */
constexpr int kPortableCluster = 8;

inline int current_device() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  return device;
}

inline int device_attribute(cudaDeviceAttr attribute) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, attribute, current_device()), "cudaDeviceGetAttribute");
  return value;
}

/** The kernel's entry point for the runtime. */
template <typename... P>
const void* entry(void (*kernel)(P...)) {
  return reinterpret_cast<const void*>(kernel);
}

/**
 * Allows a kernel all the dynamic shared memory that its device has left for it, which is opt-in
 * above 48 KB; the same for every launch, as other threads may launch it with other sizes.
 */
inline int set_shared(const char* name, const void* kernel) {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, kernel), name);
  const int most = device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin) -
                   static_cast<int>(attributes.sharedSizeBytes);
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most), name);
  return most;
}

/** The same, once. */
inline void allow_shared(const char* name, const void* kernel) {
  tacet::KernelFacts::get().answer({kernel, current_device(), 0, 0, 0},
                                   [&] { return set_shared(name, kernel); });
}

/** The same for clusters larger than every GPU supports. */
inline void allow_cluster(const char* name, const void* kernel) {
  tacet::KernelFacts::get().answer({kernel, current_device(), -1, 0, 0}, [&] {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1), name);
    return 1;
  });
}

/** Sets the launch attribute of a grouping; true if it needs one. */
inline bool attribute_of(const LaunchGrouping& grouping, cudaLaunchAttribute* attribute) {
  if (grouping.cluster > 0) {
    attribute->id = cudaLaunchAttributeClusterDimension;
    attribute->val.clusterDim = {static_cast<unsigned int>(grouping.cluster), 1, 1};
  } else {
    attribute->id = cudaLaunchAttributeCooperative;
    attribute->val.cooperative = grouping.cooperative;
  }
  return grouping.cluster > 0 || grouping.cooperative;
}

inline cudaLaunchConfig_t to_launch_config(const LaunchGrouping& grouping, const Configuration& c,
                                           cudaLaunchAttribute* attribute) {
  cudaLaunchConfig_t config{};
  config.gridDim = c.grid;
  config.blockDim = c.block;
  config.dynamicSmemBytes = c.shared;
  config.stream = static_cast<cudaStream_t>(c.stream);
  config.numAttrs = attribute_of(grouping, attribute) ? 1 : 0;
  config.attrs = attribute;
  return config;
}

/**
 * A launch that fails as if its kernel's attributes were not set is retried once after setting all
 * of them again: an application's cudaDeviceReset clears them. Checking for a reset before every
 * launch, by the context id, would cost a driver call per launch.
 */
inline void launch_kernel(const char* name, const LaunchGrouping& grouping, const Configuration& c,
                          const void* kernel, void** arguments) {
  cudaLaunchAttribute attribute{};
  const cudaLaunchConfig_t config = to_launch_config(grouping, c, &attribute);
  const auto issue = [&] {
    if (c.shared > 0) {
      allow_shared(name, kernel);
    }
    if (grouping.cluster > kPortableCluster) {
      allow_cluster(name, kernel);
    }
    return cudaLaunchKernelExC(&config, kernel, arguments);
  };
  tacet::count(tacet::counts.launches);
  cudaError_t code = issue();
  if (tacet::may_lack_attributes(code)) {
    cudaGetLastError();
    tacet::KernelFacts::get().forget();
    code = issue();
  }
  check(code, name);
}

template <typename... P, typename... A>
void launch(const char* name, const LaunchGrouping& grouping, const Configuration& c,
            void (*kernel)(P...), A&&... arguments) {
  static_assert(sizeof...(P) == sizeof...(A), "a launch passes every parameter of the kernel");
  std::tuple<P...> values(static_cast<P>(std::forward<A>(arguments))...);
  std::apply(
      [&](auto&... value) {
        void* pointers[] = {static_cast<void*>(&value)..., nullptr};
        launch_kernel(name, grouping, c, entry(kernel), pointers);
      },
      values);
}

inline int max_cooperative_blocks(const char* name, const void* kernel, int threads,
                                  size_t shared) {
  const int each =
      tacet::KernelFacts::get().answer({kernel, current_device(), threads, 0, shared}, [&] {
        set_shared(name, kernel);  // whatever was set before a reset
        int blocks = 0;
        check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared), name);
        return blocks;
      });
  return each * device_attribute(cudaDevAttrMultiProcessorCount);
}

/**
 * Number of clusters of this size that run concurrently; 0 on a GPU that does not support the size.
 */
inline int most_clusters(const char* name, const void* kernel, int cluster, int threads,
                         size_t shared) {
  return tacet::KernelFacts::get().answer({kernel, current_device(), threads, cluster, shared}, [&] {
    cudaFuncAttributes attributes{};
    check(cudaFuncGetAttributes(&attributes, kernel), name);
    // Code made from PTX of older GPUs has no barrier of clusters, wherever it runs.
    if (device_attribute(cudaDevAttrClusterLaunch) == 0 || attributes.ptxVersion < 90) {
      return 0;
    }
    set_shared(name, kernel);  // whatever was set before a reset
    if (cluster > kPortableCluster) {
      check(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1), name);
    }
    cudaLaunchAttribute attribute{};
    const Configuration c{static_cast<unsigned int>(cluster), static_cast<unsigned int>(threads),
                          shared, nullptr};
    const cudaLaunchConfig_t config = to_launch_config({false, cluster}, c, &attribute);
    int clusters = 0;
    if (cudaOccupancyMaxActiveClusters(&clusters, kernel, &config) != cudaSuccess) {
      cudaGetLastError();  // a size that this GPU does not have
      return 0;
    }
    return clusters;
  });
}

/** Most dynamic shared memory of a block, in bytes. */
inline size_t shared_limit() {
  return static_cast<size_t>(device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
}

/** Number of blocks that are guaranteed to run concurrently. */
inline int multiprocessor_count() { return device_attribute(cudaDevAttrMultiProcessorCount); }

/** Asynchronous memset on the stream. */
inline void fill_bytes(void* target, int value, size_t bytes, tacet::Stream stream) {
  tacet::count(tacet::counts.fills);
  check(cudaMemsetAsync(target, value, bytes, static_cast<cudaStream_t>(stream)),
        "cudaMemsetAsync");
}

__device__ __forceinline__ unsigned int load_acquire(const unsigned int* address) {
  unsigned int value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(address) : "memory");
  return value;
}

__device__ __forceinline__ void store_release(unsigned int* address, unsigned int value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(address), "r"(value) : "memory");
}

__device__ __forceinline__ void add_release(unsigned int* address, unsigned int value) {
  asm volatile("red.release.gpu.global.add.u32 [%0], %1;" ::"l"(address), "r"(value) : "memory");
}

/** Barrier over the blocks of a cluster; writes before it are visible to all of them after it. */
__device__ __forceinline__ void cluster_sync() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
#else
  __trap();
#endif
}

/** The only call that a loop waiting for another block may make. */
__device__ __forceinline__ void spin_pause() { __nanosleep(20); }

}  // namespace tacet_cuda

#define TACET_LAUNCH(kernel, grid, block, shared, stream, ...)                                  \
  ::tacet_cuda::launch(#kernel, {false, 0},                                                     \
                       ::tacet_cuda::Configuration{grid, block, shared, stream}, kernel,        \
                       ##__VA_ARGS__)

#define TACET_LAUNCH_COOPERATIVE(kernel, grid, block, shared, stream, ...)                      \
  ::tacet_cuda::launch(#kernel, {true, 0},                                                      \
                       ::tacet_cuda::Configuration{grid, block, shared, stream}, kernel,        \
                       ##__VA_ARGS__)

#define TACET_LAUNCH_CLUSTERS(kernel, cluster, grid, block, shared, stream, ...)                \
  ::tacet_cuda::launch(#kernel, {false, cluster},                                               \
                       ::tacet_cuda::Configuration{grid, block, shared, stream}, kernel,        \
                       ##__VA_ARGS__)

#define TACET_MOST_CLUSTERS(kernel, cluster, threads, shared) \
  ::tacet_cuda::most_clusters(#kernel, ::tacet_cuda::entry(kernel), cluster, threads, shared)

#define TACET_MAX_COOPERATIVE_BLOCKS(kernel, threads, shared) \
  ::tacet_cuda::max_cooperative_blocks(#kernel, ::tacet_cuda::entry(kernel), threads, shared)

// Aligned to what the widest loads need.
#define TACET_SHARED(name, ...) __shared__ __align__(16) ::tacet_cuda::SharedType<__VA_ARGS__> name

#define TACET_DYNAMIC_SHARED(type, name, offset, count)                       \
  extern __shared__ __align__(16) unsigned char tacet_dynamic_shared_memory[]; \
  type* const name = reinterpret_cast<type*>(tacet_dynamic_shared_memory + (offset))
