// The nvcc side of the portable macros: launches, shared memory and ordered loads on a real GPU.
#pragma once

#include <cuda_runtime.h>

#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "common/declare.h"
#include "common/error.h"

namespace tacet_cuda {

template <typename T>
using SharedType = T;

/** Throws with the call and the code; an error that can be cleared is. */
[[noreturn]] inline void throw_cuda(cudaError_t code, const char* call) {
  // The first call clears an ordinary error; one that is still there afterwards stays for good.
  cudaGetLastError();
  auto status = code == cudaErrorMemoryAllocation ? tacet::Status::kOutOfMemory
                                                  : tacet::Status::kCuda;
  const cudaError_t state = cudaDeviceSynchronize();
  const bool capturing =
      state == cudaErrorStreamCaptureUnsupported || state == cudaErrorStreamCaptureInvalidated;
  if (state != cudaSuccess && cudaGetLastError() != cudaSuccess && !capturing) {
    status = tacet::Status::kFatal;
  }
  throw tacet::Error(status, std::string(call) + ": " + cudaGetErrorName(code) + " (" +
                                 std::to_string(static_cast<int>(code)) + "), " +
                                 cudaGetErrorString(code));
}

inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess) {
    throw_cuda(code, call);
  }
}

/** How the blocks of a launch belong together. */
struct Togetherness {
  /** All blocks of the grid run at the same time. */
  bool cooperative;
  /** So many neighbours along x do, near each other, if not 0. */
  int cluster;
};

struct Configuration {
  dim3 grid;
  dim3 block;
  size_t shared;
  tacet::Stream stream;
};

/** The most blocks of a cluster that every GPU with clusters takes. */
constexpr int kPortableCluster = 8;

inline int device_attribute(cudaDeviceAttr attribute) {
  int device = 0;
  int value = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&value, attribute, device), "cudaDeviceGetAttribute");
  return value;
}

/** Answers about kernels on a device that do not change, so that each is asked for once. */
class KernelFacts {
 public:
  using Key = std::tuple<const void*, int, int, int, size_t>;

  static KernelFacts& get() {
    static KernelFacts instance;
    return instance;
  }

  /** @param a, b, bytes tell questions about a kernel apart; @param ask answers this one */
  template <typename Ask>
  int answer(const void* kernel, int a, int b, size_t bytes, Ask ask) {
    int device = 0;
    check(cudaGetDevice(&device), "cudaGetDevice");
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [found, is_new] = answers_.try_emplace(Key{kernel, device, a, b, bytes}, 0);
    if (is_new) {
      try {
        found->second = ask();
      } catch (...) {
        answers_.erase(found);
        throw;
      }
    }
    return found->second;
  }

 private:
  std::mutex mutex_;
  std::map<Key, int> answers_;
};

/**
 * Lets a kernel have all the dynamic shared memory that its device has left for it, for above 48 KB it
 * has to ask; the same for every launch, as other threads launch it with other sizes.
 */
template <typename Kernel>
void allow_shared(const char* name, Kernel kernel) {
  KernelFacts::get().answer(reinterpret_cast<const void*>(kernel), 0, 0, 0, [&] {
    cudaFuncAttributes attributes{};
    check(cudaFuncGetAttributes(&attributes, kernel), name);
    const int most = device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin) -
                     static_cast<int>(attributes.sharedSizeBytes);
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most), name);
    return most;
  });
}

/** The launch attribute of what belongs together; true if there is one. */
inline bool attribute_of(const Togetherness& together, cudaLaunchAttribute* attribute) {
  if (together.cluster > 0) {
    attribute->id = cudaLaunchAttributeClusterDimension;
    attribute->val.clusterDim = {static_cast<unsigned int>(together.cluster), 1, 1};
  } else {
    attribute->id = cudaLaunchAttributeCooperative;
    attribute->val.cooperative = together.cooperative;
  }
  return together.cluster > 0 || together.cooperative;
}

inline cudaLaunchConfig_t to_launch_config(const Togetherness& together, const Configuration& c,
                                           cudaLaunchAttribute* attribute) {
  cudaLaunchConfig_t config{};
  config.gridDim = c.grid;
  config.blockDim = c.block;
  config.dynamicSmemBytes = c.shared;
  config.stream = static_cast<cudaStream_t>(c.stream);
  config.numAttrs = attribute_of(together, attribute) ? 1 : 0;
  config.attrs = attribute;
  return config;
}

template <typename... P, typename... A>
void launch(const char* name, const Togetherness& together, const Configuration& c,
            void (*kernel)(P...), A&&... arguments) {
  static_assert(sizeof...(P) == sizeof...(A), "a launch passes every parameter of the kernel");
  std::tuple<P...> values(static_cast<P>(std::forward<A>(arguments))...);
  if (c.shared > 0) {
    allow_shared(name, kernel);
  }
  std::apply(
      [&](auto&... value) {
        void* pointers[] = {static_cast<void*>(&value)..., nullptr};
        cudaLaunchAttribute attribute{};
        const cudaLaunchConfig_t config = to_launch_config(together, c, &attribute);
        check(cudaLaunchKernelExC(&config, reinterpret_cast<const void*>(kernel), pointers), name);
      },
      values);
}

template <typename... P>
int max_cooperative_blocks(const char* name, void (*kernel)(P...), int threads, size_t shared) {
  allow_shared(name, kernel);
  const auto entry = reinterpret_cast<const void*>(kernel);
  const int each = KernelFacts::get().answer(entry, threads, 0, shared, [&] {
    int blocks = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared), name);
    return blocks;
  });
  return each * device_attribute(cudaDevAttrMultiProcessorCount);
}

/** How many clusters of so many blocks run at the same time: 0 on a GPU that has none of that size. */
template <typename... P>
int most_clusters(const char* name, void (*kernel)(P...), int cluster, int threads, size_t shared) {
  allow_shared(name, kernel);
  const auto entry = reinterpret_cast<const void*>(kernel);
  return KernelFacts::get().answer(entry, threads, cluster, shared, [&] {
    cudaFuncAttributes attributes{};
    check(cudaFuncGetAttributes(&attributes, kernel), name);
    // Code made from PTX of older GPUs has no barrier of clusters, wherever it runs.
    if (device_attribute(cudaDevAttrClusterLaunch) == 0 || attributes.ptxVersion < 90) {
      return 0;
    }
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

/** How many blocks run at the same time at least. */
inline int multiprocessor_count() { return device_attribute(cudaDevAttrMultiProcessorCount); }

/** Asynchronous memset on the stream. */
inline void fill_bytes(void* target, int value, size_t bytes, tacet::Stream stream) {
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

/** The only thing a loop that waits for another block may call. */
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
  ::tacet_cuda::most_clusters(#kernel, kernel, cluster, threads, shared)

#define TACET_MAX_COOPERATIVE_BLOCKS(kernel, threads, shared) \
  ::tacet_cuda::max_cooperative_blocks(#kernel, kernel, threads, shared)

// Aligned to what the widest loads need.
#define TACET_SHARED(name, ...) __shared__ __align__(16) ::tacet_cuda::SharedType<__VA_ARGS__> name

#define TACET_DYNAMIC_SHARED(type, name, offset, count)                       \
  extern __shared__ __align__(16) unsigned char tacet_dynamic_shared_memory[]; \
  type* const name = reinterpret_cast<type*>(tacet_dynamic_shared_memory + (offset))
