// Memory, streams and events on a GPU, through the CUDA runtime.
#include <cuda.h>

#include <cmath>
#include <mutex>
#include <string>

#include "addresses.h"
#include "common/gpu.cuh"
#include "cuda_build_info.h"
#include "driver_problem.h"
#include "runtime.h"

#define TACET_CHECK(call) ::tacet_cuda::check(call, #call)

namespace tacet {

namespace {

cudaStream_t as_stream(void* stream) { return static_cast<cudaStream_t>(stream); }

cudaEvent_t as_event(void* event) { return static_cast<cudaEvent_t>(event); }

static_assert(static_cast<int>(MemoryType::kUnregistered) == cudaMemoryTypeUnregistered &&
                  static_cast<int>(MemoryType::kHost) == cudaMemoryTypeHost &&
                  static_cast<int>(MemoryType::kDevice) == cudaMemoryTypeDevice &&
                  static_cast<int>(MemoryType::kManaged) == cudaMemoryTypeManaged,
              "the types are those of this CUDA");

/**
 * What the runtime has no function for: which context is current. A caller may have made one of its own
 * on the same device, so the number of the device is not enough.
 */
class CurrentContext {
 public:
  static CUcontext get() {
    static const auto function = reinterpret_cast<decltype(&cuCtxGetCurrent)>(find("cuCtxGetCurrent"));
    CUcontext context = nullptr;
    function(&context);
    return context;
  }

  static void set(CUcontext context) {
    static const auto function = reinterpret_cast<decltype(&cuCtxSetCurrent)>(find("cuCtxSetCurrent"));
    function(context);
  }

 private:
  /** A function of libcuda.so.1, which is not linked: the library also loads where there is no driver. */
  static void* find(const char* name) {
    constexpr unsigned int kSince = 4000;  // CUDA 4.0 has both
    void* function = nullptr;
    auto result = cudaDriverEntryPointSymbolNotFound;
    TACET_CHECK(
        cudaGetDriverEntryPointByVersion(name, &function, kSince, cudaEnableDefault, &result));
    if (result != cudaDriverEntryPointSuccess) {
      throw Error(Status::kUnavailable, std::string(name) + " is missing in the NVIDIA driver");
    }
    return function;
  }
};

class CudaRuntime : public Runtime {
 public:
  explicit CudaRuntime(int ordinal) : ordinal_(ordinal) {
    const CUcontext before = CurrentContext::get();
    TACET_CHECK(cudaSetDevice(ordinal_));
    primary_ = CurrentContext::get();
    restore(before);
  }

  ~CudaRuntime() override {
    if (pool_ != nullptr) {
      try {
        const DeviceScope scope(*this);
        cudaMemPoolDestroy(pool_);
      } catch (const Error&) {
        // After an error that stays the driver takes everything with the process.
      }
    }
  }

  /**
   * Relaxed, the thread may do what another thread's capture would otherwise forbid it and what its own
   * may need: load a kernel at its first launch, set its attributes, allocate. None of that touches the
   * streams that are captured.
   */
  Before enter() override {
    const CUcontext context = CurrentContext::get();
    if (context != primary_) {
      TACET_CHECK(cudaSetDevice(ordinal_));
    }
    auto mode = cudaStreamCaptureModeRelaxed;
    TACET_CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
    return {context, mode};
  }

  void leave(const Before& before) noexcept override {
    auto mode = static_cast<cudaStreamCaptureMode>(before.capture_mode);
    cudaThreadExchangeStreamCaptureMode(&mode);
    restore(static_cast<CUcontext>(before.context));
  }

  std::string name() override {
    cudaDeviceProp properties;
    TACET_CHECK(cudaGetDeviceProperties(&properties, ordinal_));
    return properties.name;
  }

  void info(int64_t* values) override {
    values[TACET_INFO_COMPUTE_CAPABILITY] =
        10 * attribute(cudaDevAttrComputeCapabilityMajor) +
        attribute(cudaDevAttrComputeCapabilityMinor);
    values[TACET_INFO_MULTIPROCESSORS] = attribute(cudaDevAttrMultiProcessorCount);
    values[TACET_INFO_SHARED_PER_BLOCK] = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
    values[TACET_INFO_L2_BYTES] = attribute(cudaDevAttrL2CacheSize);
    size_t free = 0;
    size_t total = 0;
    TACET_CHECK(cudaMemGetInfo(&free, &total));
    values[TACET_INFO_MEMORY_TOTAL] = static_cast<int64_t>(total);
    values[TACET_INFO_MEMORY_FREE] = static_cast<int64_t>(free);
    int driver = 0;
    int runtime = 0;
    TACET_CHECK(cudaDriverGetVersion(&driver));
    TACET_CHECK(cudaRuntimeGetVersion(&runtime));
    values[TACET_INFO_DRIVER_VERSION] = driver;
    values[TACET_INFO_RUNTIME_VERSION] = runtime;
  }

  void* allocate(size_t bytes, void* stream) override {
    count(counts.allocations);
    void* address = nullptr;
    cudaError_t code = try_allocate(&address, bytes, stream);
    if (code == cudaErrorMemoryAllocation && pool() != nullptr) {
      // What was freed but is still in use, and what is kept in pieces that are too small.
      cudaGetLastError();
      stream_synchronize(stream);
      TACET_CHECK(cudaMemPoolTrimTo(pool(), 0));
      code = try_allocate(&address, bytes, stream);
    }
    if (code == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      size_t free = 0;
      size_t total = 0;
      TACET_CHECK(cudaMemGetInfo(&free, &total));
      throw Error(Status::kOutOfMemory, "out of device memory: asked for " +
                                            std::to_string(bytes) + " bytes, " +
                                            std::to_string(free) + " of " +
                                            std::to_string(total) + " are free");
    }
    ::tacet_cuda::check(code, "cudaMallocFromPoolAsync");
    return address;
  }

  void free(void* address, void* stream) override {
    if (pool() != nullptr) {
      TACET_CHECK(cudaFreeAsync(address, as_stream(stream)));
    } else {
      TACET_CHECK(cudaFree(address));
    }
  }

  void poison(void*, size_t) override {}

  void check_address(const void* address) override {
    cudaPointerAttributes attributes{};
    const cudaError_t code = cudaPointerGetAttributes(&attributes, address);
    if (code != cudaErrorInvalidValue) {
      ::tacet_cuda::check(code, "cudaPointerGetAttributes");
    } else {
      cudaGetLastError();
      attributes.type = cudaMemoryTypeUnregistered;
    }
    const std::string problem = address_problem(
        address, static_cast<MemoryType>(attributes.type), attributes.device, ordinal_);
    if (!problem.empty()) {
      throw Error(Status::kInvalidArgument, problem);
    }
  }

  void* allocate_pinned(size_t bytes) override {
    void* address = nullptr;
    TACET_CHECK(cudaMallocHost(&address, bytes));
    return address;
  }

  void free_pinned(void* address) override { TACET_CHECK(cudaFreeHost(address)); }

  void lock(void* address, size_t bytes) override {
    const cudaError_t code = cudaHostRegister(address, bytes, cudaHostRegisterPortable);
    if (is_sticky(code)) {
      ::tacet_cuda::check(code, "cudaHostRegister");
    }
    cudaGetLastError();  // more than may be locked: copies go by the driver's own buffers
  }

  void unlock(void* address) override {
    const cudaError_t code = cudaHostUnregister(address);
    if (code == cudaErrorHostMemoryNotRegistered) {
      cudaGetLastError();
    } else {
      ::tacet_cuda::check(code, "cudaHostUnregister");
    }
  }

  void fill(void* target, int byte, size_t bytes, void* stream) override {
    count(counts.fills);
    TACET_CHECK(cudaMemsetAsync(target, byte, bytes, as_stream(stream)));
  }

  void copy(void* target, const void* source, size_t bytes, void* stream) override {
    count(counts.fills);
    TACET_CHECK(
        cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToDevice, as_stream(stream)));
  }

  void copy_from_host(void* target, const void* source, size_t bytes, void* stream) override {
    count(counts.copies_from_host);
    TACET_CHECK(cudaMemcpyAsync(target, source, bytes, cudaMemcpyHostToDevice, as_stream(stream)));
  }

  void copy_to_host(void* target, const void* source, size_t bytes, void* stream) override {
    count(counts.copies_to_host);
    TACET_CHECK(cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToHost, as_stream(stream)));
  }

  void* stream_create() override {
    cudaStream_t stream = nullptr;
    TACET_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return stream;
  }

  void stream_destroy(void* stream) override { TACET_CHECK(cudaStreamDestroy(as_stream(stream))); }

  bool stream_capturing(void* stream) override {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    const cudaError_t code = cudaStreamIsCapturing(as_stream(stream), &status);
    if (code == cudaErrorStreamCaptureImplicit) {
      cudaGetLastError();
      return true;  // the default stream, which waits for one that is being captured
    }
    ::tacet_cuda::check(code, "cudaStreamIsCapturing");
    return status != cudaStreamCaptureStatusNone;
  }

  void stream_synchronize(void* stream) override {
    count(counts.waits);
    TACET_CHECK(cudaStreamSynchronize(as_stream(stream)));
  }

  void synchronize() override {
    count(counts.waits);
    TACET_CHECK(cudaDeviceSynchronize());
  }

  void* event_create() override {
    cudaEvent_t event = nullptr;
    TACET_CHECK(cudaEventCreate(&event));
    return event;
  }

  void event_destroy(void* event) override { TACET_CHECK(cudaEventDestroy(as_event(event))); }

  void event_record(void* event, void* stream) override {
    TACET_CHECK(cudaEventRecord(as_event(event), as_stream(stream)));
  }

  void event_wait(void* event, void* stream) override {
    TACET_CHECK(cudaStreamWaitEvent(as_stream(stream), as_event(event), 0));
  }

  bool event_happened(void* event) override {
    const cudaError_t code = cudaEventQuery(as_event(event));
    if (code == cudaErrorNotReady) {
      cudaGetLastError();
      return false;
    }
    ::tacet_cuda::check(code, "cudaEventQuery");
    return true;
  }

  void event_synchronize(void* event) override {
    count(counts.waits);
    TACET_CHECK(cudaEventSynchronize(as_event(event)));
  }

  int64_t event_elapsed(void* first, void* second) override {
    count(counts.waits);
    float milliseconds = 0;
    TACET_CHECK(cudaEventSynchronize(as_event(first)));
    TACET_CHECK(cudaEventSynchronize(as_event(second)));
    TACET_CHECK(cudaEventElapsedTime(&milliseconds, as_event(first), as_event(second)));
    return std::llround(milliseconds * 1e6);
  }

  void* graph_create(const std::function<void(void*)>& issue) override {
    void* const stream = stream_create();
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    try {
      TACET_CHECK(cudaStreamBeginCapture(as_stream(stream), cudaStreamCaptureModeThreadLocal));
      issue(stream);
      TACET_CHECK(cudaStreamEndCapture(as_stream(stream), &graph));
      TACET_CHECK(cudaGraphInstantiate(&executable, graph, 0));
    } catch (...) {
      // Ends a capture that is still going on; it has failed already.
      if (graph == nullptr) {
        cudaStreamEndCapture(as_stream(stream), &graph);
        cudaGetLastError();
      }
      discard(graph, stream);
      throw;
    }
    discard(graph, stream);
    return executable;
  }

  void graph_launch(void* graph, void* stream) override {
    count(counts.launches);
    TACET_CHECK(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), as_stream(stream)));
  }

  void graph_destroy(void* graph) override {
    TACET_CHECK(cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph)));
  }

 private:
  /** What a graph was made with. */
  static void discard(cudaGraph_t graph, void* stream) {
    if (graph != nullptr) {
      cudaGraphDestroy(graph);
    }
    cudaStreamDestroy(as_stream(stream));
  }

  /** A thread without a context may keep that of device 0, which is what CUDA gives it by itself. */
  void restore(CUcontext before) const {
    if (before != primary_ && (before != nullptr || ordinal_ != 0)) {
      CurrentContext::set(before);
    }
  }

  cudaError_t try_allocate(void** address, size_t bytes, void* stream) {
    return pool() == nullptr ? cudaMalloc(address, bytes)
                             : cudaMallocFromPoolAsync(address, bytes, pool(), as_stream(stream));
  }

  /**
   * Memory of this runtime, which keeps what is freed until it is destroyed, so that nothing waits for
   * the driver to map memory again; its own, as the device's default pool is the application's. Null
   * where the device has no pools.
   */
  cudaMemPool_t pool() {
    std::call_once(pool_asked_, [&] {
      if (attribute(cudaDevAttrMemoryPoolsSupported) == 0) {
        return;
      }
      cudaMemPoolProps properties{};
      properties.allocType = cudaMemAllocationTypePinned;
      properties.location.type = cudaMemLocationTypeDevice;
      properties.location.id = ordinal_;
      cudaMemPool_t made = nullptr;
      TACET_CHECK(cudaMemPoolCreate(&made, &properties));
      uint64_t kept = UINT64_MAX;
      TACET_CHECK(cudaMemPoolSetAttribute(made, cudaMemPoolAttrReleaseThreshold, &kept));
      pool_ = made;
    });
    return pool_;
  }

  int64_t attribute(cudaDeviceAttr which) const {
    int value = 0;
    TACET_CHECK(cudaDeviceGetAttribute(&value, which, ordinal_));
    return value;
  }

  int ordinal_;
  CUcontext primary_ = nullptr;
  std::once_flag pool_asked_;
  cudaMemPool_t pool_ = nullptr;
};

/** Stands for all kernels: they are compiled for the same GPUs. */
__global__ void probe_kernel() {}

/** The driver tells of a GPU that no code of this library was compiled for only at a first kernel. */
void require_kernels(CudaRuntime& runtime) {
  const DeviceScope scope(runtime);
  cudaFuncAttributes attributes;
  const cudaError_t code = cudaFuncGetAttributes(&attributes, probe_kernel);
  if (code == cudaSuccess) {
    return;
  }
  cudaGetLastError();
  int64_t info[TACET_INFO_COUNT];
  runtime.info(info);
  const int64_t capability = info[TACET_INFO_COMPUTE_CAPABILITY];
  throw Error(Status::kUnavailable,
              runtime.name() + ", of compute capability " + std::to_string(capability / 10) + "." +
                  std::to_string(capability % 10) + ", runs no kernel of this libtacet.so (" +
                  cuda_build_info() + "); expected 7.5 or newer and a driver that can compile for it [" +
                  cudaGetErrorName(code) + "]");
}

}  // namespace

int cuda_device_count() {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code == cudaSuccess && count > 0) {
    return count;
  }
  cudaGetLastError();
  int driver = 0;
  int runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  throw Error(Status::kUnavailable,
              driver_problem(code, driver, runtime) + " [" + cudaGetErrorName(code) + "]");
}

std::unique_ptr<Runtime> cuda_runtime(int ordinal) {
  const int count = cuda_device_count();
  if (ordinal < 0 || ordinal >= count) {
    throw Error(Status::kInvalidArgument, "ordinal: expected 0 to " + std::to_string(count - 1) +
                                              ", got " + std::to_string(ordinal));
  }
  auto runtime = std::make_unique<CudaRuntime>(ordinal);
  require_kernels(*runtime);
  return runtime;
}

const char* cuda_build_info() { return TACET_CUDA_BUILD_INFO; }

}  // namespace tacet
