package io.tacet.cuda.internal;

import io.tacet.cuda.CudaException;
import io.tacet.memory.DeviceArray;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;

/**
 * Products by cuBLAS, which is faster than the kernel of libtacet where it can be had: JCublas 12.6
 * needs libcublas.so.12. It is looked for at the first product; where it is missing, or the
 * property {@code tacet.cublas} is {@code false}, nothing fails and libtacet multiplies. Products
 * are in float32 throughout and issued on the stream of the backend.
 */
public final class Cublas implements AutoCloseable {
  private final JCudaRuntime runtime;
  private final long stream;
  private cublasHandle handle;
  private boolean tried;

  /** Why there is no handle. */
  private String missing;

  Cublas(JCudaRuntime runtime, long stream) {
    this.runtime = runtime;
    this.stream = stream;
  }

  /** Why cuBLAS cannot be loaded here; empty if it can. */
  public static Optional<String> problem() {
    try {
      JCublas2.setExceptionsEnabled(false);
      return Optional.empty();
    } catch (LinkageError | RuntimeException e) { // its loader throws errors of every kind
      return Optional.of(
          String.valueOf(e.getMessage())
              .lines()
              .filter(line -> line.contains(".so"))
              .findFirst()
              .orElse(e.toString().lines().findFirst().orElse(""))
              .strip());
    }
  }

  /** C = op(A) op(B) + beta C, row-major. False if there is no cuBLAS; then nothing was done. */
  boolean multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      DeviceArray a,
      DeviceArray b,
      double beta,
      DeviceArray c) {
    if (!ready()) {
      return false;
    }
    // cuBLAS counts by columns: what it sees are the transposes, C^T = op(B)^T op(A)^T.
    int code =
        JCublas2.cublasSgemm(
            handle,
            transposeB ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N,
            transposeA ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N,
            n,
            m,
            k,
            Pointer.to(new float[] {1}),
            JCudaHandles.pointer(b.address()),
            transposeB ? k : n,
            JCudaHandles.pointer(a.address()),
            transposeA ? m : k,
            Pointer.to(new float[] {(float) beta}),
            JCudaHandles.pointer(c.address()),
            n);
    if (code != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CudaException("cublasSgemm: " + cublasStatus.stringFor(code) + " (" + code + ")");
    }
    return true;
  }

  /** Which cuBLAS multiplies, or why none does. */
  String description() {
    if (!ready()) {
      return "the kernel of libtacet (" + missing + ")";
    }
    int[] version = new int[1];
    JCublas2.cublasGetVersion(handle, version);
    return "cuBLAS " + version[0] / 10000 + "." + version[0] % 10000 / 100;
  }

  /** Makes the device current, and looks for cuBLAS the first time. */
  private boolean ready() {
    runtime.enter();
    if (!tried) {
      tried = true;
      handle = open();
    }
    return handle != null;
  }

  /** A handle on the stream, or null if cuBLAS does not load or does not work. */
  private cublasHandle open() {
    if (!Boolean.parseBoolean(System.getProperty("tacet.cublas", "true"))) {
      missing = "tacet.cublas is false";
      return null;
    }
    Optional<String> problem = problem();
    if (problem.isPresent()) {
      missing = problem.get();
      return null;
    }
    try {
      cublasHandle made = new cublasHandle();
      int code = JCublas2.cublasCreate(made);
      if (code == cublasStatus.CUBLAS_STATUS_SUCCESS && stream != 0) {
        code = JCublas2.cublasSetStream(made, runtime.stream(stream));
        if (code != cublasStatus.CUBLAS_STATUS_SUCCESS) {
          JCublas2.cublasDestroy(made);
        }
      }
      missing = "cuBLAS: " + cublasStatus.stringFor(code);
      return code == cublasStatus.CUBLAS_STATUS_SUCCESS ? made : null;
    } catch (RuntimeException e) {
      missing = e.toString();
      return null;
    }
  }

  @Override
  public void close() {
    if (handle != null) {
      runtime.enter();
      JCublas2.cublasDestroy(handle);
      handle = null;
    }
  }
}
