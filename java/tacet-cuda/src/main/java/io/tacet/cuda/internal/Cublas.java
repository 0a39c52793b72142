package io.tacet.cuda.internal;

import io.tacet.cuda.CudaException;
import io.tacet.memory.DeviceArray;
import java.util.function.Function;

/**
 * Products by cuBLAS 13 or 12, which libtacet finds and loads at run time: where {@code
 * tacet.cublas.path} says, or else where the loader looks, in $CUDA_HOME, in /usr/local/cuda* and
 * among the packages of Python; {@code tacet_dense.h} has the order.
 *
 * <p>Products are in float32 throughout (cuBLAS's default math mode), on the stream of the backend,
 * with a workspace that belongs to the handle: 4 MiB of device memory, or 32 from compute
 * capability 9.0 on. So they are bitwise the same on every run on a device and can be captured in
 * graphs, but not the first one of a backend, which makes the handle.
 *
 * <p>JCublas 12.6 would not help: it loads libcublas.so.12 from the loader's paths, where libtacet
 * finds it as well. It is used for products with a caller's own handle, {@link JCublasGemm}.
 */
public final class Cublas implements Gemm {
  /** A file or a folder: the only libcublas to use. */
  public static final String PATH_PROPERTY = "tacet.cublas.path";

  /** {@code false}: no cuBLAS is looked for. */
  public static final String SWITCH_PROPERTY = "tacet.cublas";

  private final long handle;

  private Cublas(long handle) {
    this.handle = handle;
  }

  /** Whether products are to be by cuBLAS where there is one. */
  public static boolean wanted() {
    return Boolean.parseBoolean(System.getProperty(SWITCH_PROPERTY, "true"));
  }

  /** Whether one was requested by its path, so that there must be no fallback. */
  public static boolean given() {
    return !path().isEmpty();
  }

  private static String path() {
    return System.getProperty(PATH_PROPERTY, "").strip();
  }

  /**
   * Version and file of the cuBLAS that loads here, which may still not work with the GPU.
   *
   * @throws CudaException if none does, with every place and its reason
   */
  public static String find() {
    String found = Tacet.tacet_cublas_find(path());
    if (found == null) {
      throw unavailable();
    }
    return found;
  }

  /**
   * Version and file of the cuBLAS that works on a GPU.
   *
   * @throws CudaException if none does, with every place and its reason
   */
  public static String find(NativeRuntime library) {
    try (Gemm gemm =
        open(
            library,
            0,
            reason -> {
              throw new CudaException(reason);
            })) {
      return gemm.description();
    }
  }

  /**
   * Makes a handle on a stream.
   *
   * @param otherwise makes what is to be used if no cuBLAS works and none was given, from the
   *     reason
   * @throws CudaException if the given one does not work
   */
  static Gemm open(NativeRuntime library, long stream, Function<String, Gemm> otherwise) {
    long[] made = new long[1];
    int status = Tacet.tacet_cublas_create(library.context(), path(), stream, made);
    if (status == Tacet.TACET_UNAVAILABLE) {
      CudaException why = unavailable();
      if (given()) {
        throw why;
      }
      return otherwise.apply(why.getMessage());
    }
    Calls.check(status);
    return new Cublas(made[0]);
  }

  private static CudaException unavailable() {
    String reason = Tacet.tacet_last_error().replaceFirst("^tacet_cublas_\\w+: ", "");
    return new CudaException(given() ? PATH_PROPERTY + ": " + reason : reason);
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
    Calls.check(
        Tacet.tacet_cublas_multiply(
            handle,
            replicas,
            transposeA ? 1 : 0,
            transposeB ? 1 : 0,
            m,
            n,
            k,
            a.address(),
            b.address(),
            beta == 0 ? 0 : 1,
            c.address()));
  }

  @Override
  public String description() {
    return Tacet.tacet_cublas_description(handle);
  }

  @Override
  public void close() {
    Calls.check(Tacet.tacet_cublas_destroy(handle));
  }
}
