package io.tacet.cuda.internal;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.DeviceInfo;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.OutOfDeviceMemoryException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaDeviceAttr;
import jcuda.runtime.cudaDeviceProp;
import jcuda.runtime.cudaError;
import jcuda.runtime.cudaEvent_t;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaStream_t;

/**
 * The device runtime over JCuda. Checks every code itself: JCuda's switch for exceptions is global
 * and belongs to the application. Streams and events are JCuda's objects, known by their handles.
 */
public final class JCudaRuntime implements DeviceRuntime {
  private static final int NON_BLOCKING = 1;

  private final int ordinal;
  private final Map<Long, cudaStream_t> streams = new ConcurrentHashMap<>();
  private final Map<Long, cudaEvent_t> events = new ConcurrentHashMap<>();

  public JCudaRuntime(int ordinal) {
    this.ordinal = ordinal;
    enter();
  }

  /** The CUDA device number. */
  public int ordinal() {
    return ordinal;
  }

  /** Lets operations and copies use a stream that the caller created and destroys. */
  public long adopt(cudaStream_t stream) {
    long handle = JCudaHandles.handle(stream);
    if (handle != 0) {
      streams.put(handle, stream);
    }
    return handle;
  }

  @Override
  public DeviceInfo info() {
    enter();
    cudaDeviceProp properties = new cudaDeviceProp();
    call("cudaGetDeviceProperties", () -> JCuda.cudaGetDeviceProperties(properties, ordinal));
    long[] free = new long[1];
    long[] total = new long[1];
    call("cudaMemGetInfo", () -> JCuda.cudaMemGetInfo(free, total));
    int[] driver = new int[1];
    int[] runtime = new int[1];
    call("cudaDriverGetVersion", () -> JCuda.cudaDriverGetVersion(driver));
    call("cudaRuntimeGetVersion", () -> JCuda.cudaRuntimeGetVersion(runtime));
    return new DeviceInfo(
        properties.getName(),
        10 * attribute(cudaDeviceAttr.cudaDevAttrComputeCapabilityMajor)
            + attribute(cudaDeviceAttr.cudaDevAttrComputeCapabilityMinor),
        attribute(cudaDeviceAttr.cudaDevAttrMultiProcessorCount),
        attribute(cudaDeviceAttr.cudaDevAttrMaxSharedMemoryPerBlockOptin),
        attribute(cudaDeviceAttr.cudaDevAttrL2CacheSize),
        total[0],
        free[0],
        driver[0],
        runtime[0]);
  }

  private int attribute(int which) {
    int[] value = new int[1];
    call("cudaDeviceGetAttribute", () -> JCuda.cudaDeviceGetAttribute(value, which, ordinal));
    return value[0];
  }

  @Override
  public long allocate(long bytes) {
    enter();
    Pointer pointer = new Pointer();
    int code = codeOf(() -> JCuda.cudaMalloc(pointer, bytes));
    if (code == cudaError.cudaErrorMemoryAllocation) {
      JCuda.cudaGetLastError();
      DeviceInfo info = info();
      throw new OutOfDeviceMemoryException(
          info.name(), bytes, info.memoryFree(), info.memoryTotal());
    }
    check(code, "cudaMalloc");
    return JCudaHandles.address(pointer);
  }

  @Override
  public void free(long address) {
    enter();
    call("cudaFree", () -> JCuda.cudaFree(JCudaHandles.pointer(address)));
  }

  @Override
  public void fill(long target, int value, long bytes, long stream) {
    enter();
    call(
        "cudaMemsetAsync",
        () -> JCuda.cudaMemsetAsync(JCudaHandles.pointer(target), value, bytes, stream(stream)));
  }

  @Override
  public void copy(long target, long source, long bytes, long stream) {
    enter();
    call(
        "cudaMemcpyAsync",
        () ->
            JCuda.cudaMemcpyAsync(
                JCudaHandles.pointer(target),
                JCudaHandles.pointer(source),
                bytes,
                cudaMemcpyKind.cudaMemcpyDeviceToDevice,
                stream(stream)));
  }

  @Override
  public void write(long target, Object source, long offset, long bytes) {
    synchronize();
    call(
        "cudaMemcpy",
        () ->
            JCuda.cudaMemcpy(
                JCudaHandles.pointer(target),
                array(source).withByteOffset(offset),
                bytes,
                cudaMemcpyKind.cudaMemcpyHostToDevice));
    // From pageable memory the call returns while the last part is still on its way.
    synchronize(0);
  }

  @Override
  public void read(Object target, long offset, long source, long bytes) {
    synchronize();
    call(
        "cudaMemcpy",
        () ->
            JCuda.cudaMemcpy(
                array(target).withByteOffset(offset),
                JCudaHandles.pointer(source),
                bytes,
                cudaMemcpyKind.cudaMemcpyDeviceToHost));
  }

  private static Pointer array(Object array) {
    if (array instanceof float[] values) {
      return Pointer.to(values);
    } else if (array instanceof int[] values) {
      return Pointer.to(values);
    } else if (array instanceof short[] values) {
      return Pointer.to(values);
    }
    return Pointer.to((double[]) array);
  }

  @Override
  public long createStream() {
    enter();
    cudaStream_t stream = new cudaStream_t();
    call("cudaStreamCreateWithFlags", () -> JCuda.cudaStreamCreateWithFlags(stream, NON_BLOCKING));
    return adopt(stream);
  }

  @Override
  public void destroyStream(long stream) {
    enter();
    call("cudaStreamDestroy", () -> JCuda.cudaStreamDestroy(stream(stream)));
    streams.remove(stream);
  }

  @Override
  public void synchronize(long stream) {
    enter();
    call("cudaStreamSynchronize", () -> JCuda.cudaStreamSynchronize(stream(stream)));
  }

  @Override
  public void synchronize() {
    enter();
    call("cudaDeviceSynchronize", () -> JCuda.cudaDeviceSynchronize());
  }

  @Override
  public long createEvent() {
    enter();
    cudaEvent_t event = new cudaEvent_t();
    call("cudaEventCreate", () -> JCuda.cudaEventCreate(event));
    long handle = JCudaHandles.handle(event);
    events.put(handle, event);
    return handle;
  }

  @Override
  public void destroyEvent(long event) {
    enter();
    call("cudaEventDestroy", () -> JCuda.cudaEventDestroy(event(event)));
    events.remove(event);
  }

  @Override
  public void record(long event, long stream) {
    enter();
    call("cudaEventRecord", () -> JCuda.cudaEventRecord(event(event), stream(stream)));
  }

  @Override
  public void await(long event, long stream) {
    enter();
    call("cudaStreamWaitEvent", () -> JCuda.cudaStreamWaitEvent(stream(stream), event(event), 0));
  }

  @Override
  public long nanosBetween(long first, long second) {
    enter();
    call("cudaEventSynchronize", () -> JCuda.cudaEventSynchronize(event(first)));
    call("cudaEventSynchronize", () -> JCuda.cudaEventSynchronize(event(second)));
    float[] milliseconds = new float[1];
    call(
        "cudaEventElapsedTime",
        () -> JCuda.cudaEventElapsedTime(milliseconds, event(first), event(second)));
    return Math.round(milliseconds[0] * 1e6);
  }

  /** Nothing to give back: JCuda uses the primary context, which belongs to the process. */
  @Override
  public void close() {}

  /** Makes this runtime's device the current one of the calling thread. */
  void enter() {
    call("cudaSetDevice", () -> JCuda.cudaSetDevice(ordinal));
  }

  /** The stream with this handle, null for the default stream. */
  cudaStream_t stream(long handle) {
    return handle == 0 ? null : known(streams.get(handle), "stream", handle);
  }

  private cudaEvent_t event(long handle) {
    return known(events.get(handle), "event", handle);
  }

  private static <T> T known(T object, String what, long handle) {
    if (object == null) {
      throw new IllegalArgumentException(
          what
              + ": expected one made or adopted by this runtime, got 0x"
              + Long.toHexString(handle)
              + ".");
    }
    return object;
  }

  private static void call(String name, IntSupplier function) {
    check(codeOf(function), name);
  }

  /** The code, also where the application has switched JCuda's exceptions on. */
  private static int codeOf(IntSupplier function) {
    try {
      return function.getAsInt();
    } catch (jcuda.CudaException e) {
      // Its message is the name of the code, and all it carries.
      int code = 1;
      while (code < cudaError.cudaErrorUnknown
          && !cudaError.stringFor(code).equals(e.getMessage())) {
        code++;
      }
      return code;
    }
  }

  private static void check(int code, String call) {
    if (code == cudaError.cudaSuccess) {
      return;
    }
    // The first call clears an ordinary error; one that is still there afterwards stays for good.
    codeOf(JCuda::cudaGetLastError);
    boolean sticky =
        codeOf(JCuda::cudaDeviceSynchronize) != cudaError.cudaSuccess
            && codeOf(JCuda::cudaGetLastError) != cudaError.cudaSuccess;
    String message =
        call
            + ": "
            + JCuda.cudaGetErrorName(code)
            + " ("
            + code
            + "), "
            + JCuda.cudaGetErrorString(code);
    throw sticky ? new CudaFatalException(message) : new CudaException(message);
  }
}
