package io.tacet.cuda.internal;

import io.tacet.cuda.ArrayTransfer;
import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.DeviceInfo;
import io.tacet.cuda.DeviceRuntime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaError;
import jcuda.runtime.cudaEvent_t;
import jcuda.runtime.cudaStream_t;

/**
 * The device runtime whose streams and events are JCuda's objects, known by their handles, so that
 * an application can use them with other libraries over JCuda. Memory is that of libtacet: the
 * runtime API of JCuda 12.6 has no allocation in stream order and cannot query whether a stream is
 * being captured.
 *
 * <p>Checks every code itself: JCuda's switch for exceptions is global and belongs to the
 * application.
 */
public final class JCudaRuntime implements DeviceRuntime {
  private static final int NON_BLOCKING = 1;

  private final int ordinal;
  private final NativeRuntime library;
  private final Map<Long, cudaStream_t> streams = new ConcurrentHashMap<>();
  private final Map<Long, cudaEvent_t> events = new ConcurrentHashMap<>();

  /**
   * @param library of the same device; closed with this
   */
  public JCudaRuntime(int ordinal, NativeRuntime library) {
    this.ordinal = ordinal;
    this.library = library;
  }

  /** The CUDA device number. */
  public int ordinal() {
    return ordinal;
  }

  /**
   * Lets operations and copies use a stream that the caller created and destroys.
   *
   * @throws IllegalArgumentException for the stream that is another one in every thread
   */
  public long adopt(cudaStream_t stream) {
    long handle = JCudaHandles.handle(stream);
    if (handle == JCudaHandles.PER_THREAD_STREAM) {
      throw new IllegalArgumentException(
          "stream: expected one made by cudaStreamCreate, or null for the default stream, got"
              + " cudaStreamPerThread, which is another stream in the thread that frees forgotten"
              + " arrays.");
    }
    if (handle != 0) {
      streams.put(handle, stream);
    }
    return handle;
  }

  @Override
  public DeviceInfo info() {
    return library.info();
  }

  @Override
  public long allocate(long bytes, long stream) {
    return library.allocate(bytes, stream);
  }

  @Override
  public void free(long address, long stream) {
    library.free(address, stream);
  }

  /** Nothing: this is no host execution. */
  @Override
  public void poison(long address, long bytes) {}

  @Override
  public void checkAddress(long address) {
    library.checkAddress(address);
  }

  @Override
  public void fill(long target, int value, long bytes, long stream) {
    library.fill(target, value, bytes, stream);
  }

  @Override
  public void copy(long target, long source, long bytes, long stream) {
    library.copy(target, source, bytes, stream);
  }

  @Override
  public void write(long target, Object source, long offset, long bytes, long stream) {
    library.write(target, source, offset, bytes, stream);
  }

  @Override
  public void read(Object target, long offset, long source, long bytes, long stream) {
    library.read(target, offset, source, bytes, stream);
  }

  @Override
  public void writeAll(List<ArrayTransfer> transfers, long stream) {
    library.writeAll(transfers, stream);
  }

  @Override
  public void readAll(List<ArrayTransfer> transfers, long stream) {
    library.readAll(transfers, stream);
  }

  @Override
  public boolean capturing(long stream) {
    return library.capturing(stream);
  }

  @Override
  public void synchronize(long stream) {
    library.synchronize(stream);
  }

  @Override
  public void synchronize() {
    library.synchronize();
  }

  @Override
  public long createStream() {
    cudaStream_t stream = new cudaStream_t();
    call("cudaStreamCreateWithFlags", () -> JCuda.cudaStreamCreateWithFlags(stream, NON_BLOCKING));
    return adopt(stream);
  }

  @Override
  public void destroyStream(long stream) {
    call("cudaStreamDestroy", () -> JCuda.cudaStreamDestroy(stream(stream)));
    streams.remove(stream);
  }

  @Override
  public long createEvent() {
    cudaEvent_t event = new cudaEvent_t();
    call("cudaEventCreate", () -> JCuda.cudaEventCreate(event));
    long handle = JCudaHandles.handle(event);
    events.put(handle, event);
    return handle;
  }

  @Override
  public void destroyEvent(long event) {
    call("cudaEventDestroy", () -> JCuda.cudaEventDestroy(event(event)));
    events.remove(event);
  }

  @Override
  public void record(long event, long stream) {
    call("cudaEventRecord", () -> JCuda.cudaEventRecord(event(event), stream(stream)));
  }

  @Override
  public void await(long event, long stream) {
    call("cudaStreamWaitEvent", () -> JCuda.cudaStreamWaitEvent(stream(stream), event(event), 0));
  }

  @Override
  public long nanosBetween(long first, long second) {
    call("cudaEventSynchronize", () -> JCuda.cudaEventSynchronize(event(first)));
    call("cudaEventSynchronize", () -> JCuda.cudaEventSynchronize(event(second)));
    float[] milliseconds = new float[1];
    call(
        "cudaEventElapsedTime",
        () -> JCuda.cudaEventElapsedTime(milliseconds, event(first), event(second)));
    return Math.round(milliseconds[0] * 1e6);
  }

  @Override
  public void close() {
    library.close();
  }

  /** The stream with this handle, null for the default stream. */
  private cudaStream_t stream(long handle) {
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

  /** Runs something while this device is current. */
  void onDevice(Runnable work) {
    NativeRuntime.Scope device = library.enter();
    try {
      work.run();
    } finally {
      device.close();
    }
  }

  private void call(String name, IntSupplier function) {
    NativeRuntime.Scope device = library.enter();
    int code;
    try {
      code = codeOf(function);
    } finally {
      device.close();
    }
    check(code, name);
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

  /** Throws at once: what the device does meanwhile is not waited for. */
  static void check(int code, String call) {
    if (code == cudaError.cudaSuccess) {
      return;
    }
    codeOf(JCuda::cudaGetLastError); // an ordinary error is not found by the next one who asks
    String message =
        call
            + ": "
            + JCuda.cudaGetErrorName(code)
            + " ("
            + code
            + "), "
            + JCuda.cudaGetErrorString(code);
    throw Calls.isSticky(code) ? new CudaFatalException(message) : new CudaException(message);
  }
}
