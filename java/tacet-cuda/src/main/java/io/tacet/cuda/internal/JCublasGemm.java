package io.tacet.cuda.internal;

import io.tacet.cuda.CudaException;
import io.tacet.memory.DeviceArray;
import java.util.function.Consumer;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Products by a JCublas handle of the caller, with the math mode and the workspace that the caller
 * gave it. The handle belongs to the libcublas that JCublas has loaded, so JCublas must call it.
 */
public final class JCublasGemm implements Gemm {
  private final cublasHandle handle;
  private final Consumer<Runnable> onDevice;

  private JCublasGemm(cublasHandle handle, Consumer<Runnable> onDevice) {
    this.handle = handle;
    this.onDevice = onDevice;
  }

  /**
   * Multiplies by a handle, which stays the caller's.
   *
   * @throws IllegalArgumentException if the handle is on another stream, or has its factors on the
   *     device
   */
  public static JCublasGemm of(JCudaRuntime runtime, cublasHandle handle, long stream) {
    return of(runtime::onDevice, handle, stream);
  }

  /**
   * The same, for tests without a GPU.
   *
   * @param onDevice runs something while the device is current
   */
  static JCublasGemm of(Consumer<Runnable> onDevice, cublasHandle handle, long stream) {
    onDevice.accept(() -> checkHandle(handle, stream));
    return new JCublasGemm(handle, onDevice);
  }

  private static void checkHandle(cublasHandle handle, long stream) {
    cudaStream_t own = new cudaStream_t();
    check("cublasGetStream", JCublas2.cublasGetStream(handle, own));
    if (JCudaHandles.handle(own) != stream) {
      throw new IllegalArgumentException(
          "handle: expected one on the stream of the backend, 0x"
              + Long.toHexString(stream)
              + ", got 0x"
              + Long.toHexString(JCudaHandles.handle(own))
              + "; open the backend with your stream and call cublasSetStream with it.");
    }
    int[] mode = new int[1];
    check("cublasGetPointerMode", JCublas2.cublasGetPointerMode(handle, mode));
    if (mode[0] != cublasPointerMode.CUBLAS_POINTER_MODE_HOST) {
      throw new IllegalArgumentException(
          "handle: expected CUBLAS_POINTER_MODE_HOST, got "
              + cublasPointerMode.stringFor(mode[0])
              + ".");
    }
  }

  @Override
  public void multiply(
      int replicas,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      DeviceArray a,
      DeviceArray b,
      double beta,
      DeviceArray c) {
    onDevice.accept(() -> sgemm(replicas, transposeA, transposeB, m, n, k, a, b, beta, c));
  }

  private void sgemm(
      int replicas,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      DeviceArray a,
      DeviceArray b,
      double beta,
      DeviceArray c) {
    // cuBLAS counts by columns: what it sees are the transposes, C^T = op(B)^T op(A)^T.
    int first = transposeB ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    int second = transposeA ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    int ldb = transposeB ? k : n;
    int lda = transposeA ? m : k;
    Pointer one = Pointer.to(new float[] {1});
    Pointer factor = Pointer.to(new float[] {(float) beta});
    Pointer left = JCudaHandles.pointer(b.address());
    Pointer right = JCudaHandles.pointer(a.address());
    Pointer sums = JCudaHandles.pointer(c.address());
    if (replicas == 1) {
      check(
          "cublasSgemm",
          JCublas2.cublasSgemm(
              handle, first, second, n, m, k, one, left, ldb, right, lda, factor, sums, n));
      return;
    }
    long ofLeft = (long) k * n;
    long ofRight = (long) m * k;
    long ofSums = (long) m * n;
    check(
        "cublasSgemmStridedBatched",
        JCublas2.cublasSgemmStridedBatched(
            handle, first, second, n, m, k, one, left, ldb, ofLeft, right, lda, ofRight, factor,
            sums, n, ofSums, replicas));
  }

  @Override
  public String description() {
    int[] version = new int[1];
    check("cublasGetVersion", JCublas2.cublasGetVersion(handle, version));
    return "cuBLAS "
        + version[0] / 10000
        + "."
        + version[0] % 10000 / 100
        + "."
        + version[0] % 100
        + " (a JCublas handle of the application)";
  }

  /** The handle stays with its owner. */
  @Override
  public void close() {}

  private static void check(String call, int code) {
    if (code != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CudaException(call + ": " + cublasStatus.stringFor(code) + " (" + code + ")");
    }
  }
}
