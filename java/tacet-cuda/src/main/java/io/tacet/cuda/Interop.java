package io.tacet.cuda;

import io.tacet.cuda.internal.JCublasGemm;
import io.tacet.cuda.internal.JCudaHandles;
import io.tacet.cuda.internal.JCudaRuntime;
import io.tacet.cuda.internal.NativeKernels;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import java.util.List;
import java.util.stream.LongStream;
import jcuda.Pointer;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;

/**
 * Zero-copy sharing of memory and streams with other GPU libraries. Any JVM library can exchange a
 * {@link DeviceView}; JCuda's own types are supported directly.
 */
public final class Interop {
  private Interop() {}

  /**
   * An array as other libraries see it.
   *
   * @param address of the first element in device memory
   * @param stream handle of the stream that last used it, copies from Java arrays included; work on
   *     another one must wait for it
   * @param device CUDA ordinal
   * @param type element type
   * @param shape extents, row-major
   */
  public record DeviceView(long address, long stream, int device, DType type, List<Long> shape) {}

  /**
   * The view of an array of a native backend; valid until the array is closed.
   *
   * @throws IllegalArgumentException if the array lives elsewhere
   */
  public static DeviceView view(DeviceArray array) {
    NativeBackend backend = backendOf(array);
    return new DeviceView(
        array.address(),
        backend.stream(),
        backend.device(),
        array.type(),
        LongStream.of(array.shape()).boxed().toList());
  }

  /** A JCuda pointer to the memory of an array; valid until the array is closed. */
  public static Pointer pointer(DeviceArray array) {
    backendOf(array);
    return JCudaHandles.pointer(array.address());
  }

  /**
   * An array over memory of the caller, who keeps it until the array is closed and frees it.
   *
   * @param pointer to device memory, also a {@code CUdeviceptr}
   * @throws IllegalArgumentException as for an address
   */
  public static DeviceArray wrap(
      NativeBackend backend, Pointer pointer, DType type, long... shape) {
    return wrap(backend, JCudaHandles.address(pointer), type, shape);
  }

  /**
   * An array over memory of the caller, who keeps it until the array is closed and frees it.
   *
   * @param address in memory of the backend's GPU or in managed memory; for the {@code host}
   *     backend in memory of this process
   * @throws IllegalArgumentException if the memory belongs to another device or process, or the
   *     address is not aligned to the type
   */
  public static DeviceArray wrap(NativeBackend backend, long address, DType type, long... shape) {
    long length = LongStream.of(shape).reduce(1, Math::multiplyExact);
    return backend.wrap(ForeignMemory.at(address, type, length, null), shape);
  }

  /** The address that a JCuda pointer or {@code CUdeviceptr} holds, its offset included. */
  public static long address(Pointer pointer) {
    return JCudaHandles.address(pointer);
  }

  /** The handle in a JCuda stream; 0 for null, the default stream. */
  public static long handle(cudaStream_t stream) {
    return JCudaHandles.handle(stream);
  }

  /**
   * From now on computes dense products with a cuBLAS handle of the caller: with its math mode, so
   * that {@code CUBLAS_TF32_TENSOR_OP_MATH} may trade precision for speed, and in its workspace.
   * The caller retains the handle, and must keep it, its stream and its pointer mode unchanged
   * until the backend is closed.
   *
   * @param backend on a stream of the caller, {@link NativeBackend#cuda(int, cudaStream_t)}
   * @param handle on the same stream, with scalars in host memory (pointer mode)
   * @throws IllegalArgumentException if the backend is not on a GPU or the handle is different
   */
  public static void multiplyBy(NativeBackend backend, cublasHandle handle) {
    if (backend.runtime() instanceof JCudaRuntime runtime
        && backend.kernels() instanceof NativeKernels kernels) {
      kernels.multiplyBy(JCublasGemm.of(runtime, handle, backend.stream()));
    } else {
      throw new IllegalArgumentException(
          "backend: expected one on a GPU, got '" + backend.name() + "'.");
    }
  }

  private static NativeBackend backendOf(DeviceArray array) {
    if (array.backend() instanceof NativeBackend backend) {
      return backend;
    }
    throw new IllegalArgumentException(
        "array: expected one on the cuda or host backend, got " + array + ".");
  }
}
