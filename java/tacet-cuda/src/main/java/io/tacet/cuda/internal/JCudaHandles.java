package io.tacet.cuda.internal;

import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaEvent_t;
import jcuda.runtime.cudaStream_t;

/**
 * Reads the addresses that JCuda's objects keep to themselves, and wraps addresses for JCuda, by
 * subclasses of their protected constructors.
 */
public final class JCudaHandles {
  /** {@code cudaStreamPerThread}, a constant of the CUDA headers. */
  static final long PER_THREAD_STREAM = 2;

  private JCudaHandles() {}

  /** The address a pointer or CUdeviceptr points to, its byte offset included. */
  public static long address(Pointer pointer) {
    return new KnownPointer(pointer).address();
  }

  /** The native handle of a stream; 0 for null, the default stream. */
  public static long handle(cudaStream_t stream) {
    return stream == null ? 0 : new KnownStream(stream).value();
  }

  /** The native handle of an event. */
  public static long handle(cudaEvent_t event) {
    return new KnownEvent(event).value();
  }

  /** A pointer to device memory at an address; frees nothing. */
  public static Pointer pointer(long address) {
    return new KnownPointer(address);
  }

  private static final class KnownPointer extends Pointer {
    KnownPointer(Pointer pointer) {
      super(pointer);
    }

    KnownPointer(long address) {
      super(address);
    }

    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  private static final class KnownStream extends cudaStream_t {
    KnownStream(cudaStream_t stream) {
      super(new CUstream(stream));
    }

    long value() {
      return getNativePointer();
    }
  }

  private static final class KnownEvent extends cudaEvent_t {
    KnownEvent(cudaEvent_t event) {
      super(new jcuda.driver.CUevent(event));
    }

    long value() {
      return getNativePointer();
    }
  }
}
