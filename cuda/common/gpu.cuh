// The nvcc side of the portable macros: launches, shared memory and ordered loads on a real GPU.
#pragma once

#include <cuda_runtime.h>

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
  if (cudaDeviceSynchronize() != cudaSuccess && cudaGetLastError() != cudaSuccess) {
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

struct Configuration {
  dim3 grid;
  dim3 block;
  size_t shared;
  tacet::Stream stream;
};

template <typename Kernel>
void allow_shared(const char* name, Kernel kernel, size_t bytes) {
  // Above 48 KB in all a kernel has to ask; asking for less does no harm.
  if (bytes > 0) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(bytes)),
          name);
  }
}

template <typename... P, typename... A>
void launch(const char* name, bool cooperative, const Configuration& c, void (*kernel)(P...),
            A&&... arguments) {
  static_assert(sizeof...(P) == sizeof...(A), "a launch passes every parameter of the kernel");
  std::tuple<P...> values(static_cast<P>(std::forward<A>(arguments))...);
  allow_shared(name, kernel, c.shared);
  std::apply(
      [&](auto&... value) {
        void* pointers[] = {static_cast<void*>(&value)..., nullptr};
        const auto stream = static_cast<cudaStream_t>(c.stream);
        const auto entry = reinterpret_cast<const void*>(kernel);
        check(cooperative ? cudaLaunchCooperativeKernel(entry, c.grid, c.block, pointers, c.shared,
                                                        stream)
                          : cudaLaunchKernel(entry, c.grid, c.block, pointers, c.shared, stream),
              name);
      },
      values);
}

template <typename... P>
int max_cooperative_blocks(const char* name, void (*kernel)(P...), int threads, size_t shared) {
  int device = 0;
  int multiprocessors = 0;
  int per_multiprocessor = 0;
  allow_shared(name, kernel, shared);
  check(cudaGetDevice(&device), name);
  check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device), name);
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_multiprocessor, kernel, threads, shared),
        name);
  return multiprocessors * per_multiprocessor;
}

inline int device_attribute(cudaDeviceAttr attribute) {
  int device = 0;
  int value = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&value, attribute, device), "cudaDeviceGetAttribute");
  return value;
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

/** The only thing a loop that waits for another block may call. */
__device__ __forceinline__ void spin_pause() { __nanosleep(20); }

}  // namespace tacet_cuda

#define TACET_LAUNCH(kernel, grid, block, shared, stream, ...)                          \
  ::tacet_cuda::launch(#kernel, false, ::tacet_cuda::Configuration{grid, block, shared, stream}, \
                       kernel, ##__VA_ARGS__)

#define TACET_LAUNCH_COOPERATIVE(kernel, grid, block, shared, stream, ...)              \
  ::tacet_cuda::launch(#kernel, true, ::tacet_cuda::Configuration{grid, block, shared, stream}, \
                       kernel, ##__VA_ARGS__)

#define TACET_MAX_COOPERATIVE_BLOCKS(kernel, threads, shared) \
  ::tacet_cuda::max_cooperative_blocks(#kernel, kernel, threads, shared)

#define TACET_SHARED(name, ...) __shared__ ::tacet_cuda::SharedType<__VA_ARGS__> name

#define TACET_DYNAMIC_SHARED(type, name, offset, count)                       \
  extern __shared__ __align__(16) unsigned char tacet_dynamic_shared_memory[]; \
  type* const name = reinterpret_cast<type*>(tacet_dynamic_shared_memory + (offset))
