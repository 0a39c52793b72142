package io.tacet.cuda.internal;

/** The implementation of dense products on a backend, chosen at the first product. */
final class Products implements AutoCloseable {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final boolean onGpu;
  private final long stream;
  private Gemm gemm;

  Products(NativeRuntime library, Workspace workspace, boolean onGpu, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.onGpu = onGpu;
    this.stream = stream;
  }

  /**
   * What multiplies.
   *
   * @throws io.tacet.cuda.CudaException if {@code tacet.cublas.path} names a cuBLAS that does not
   *     work
   */
  Gemm gemm() {
    if (gemm == null) {
      gemm = choose();
    }
    return gemm;
  }

  String description() {
    return gemm().description();
  }

  /** Uses the caller's choice instead. */
  void use(Gemm callers) {
    close();
    gemm = callers;
  }

  private Gemm choose() {
    if (!onGpu) {
      return kernel("");
    }
    return Cublas.wanted()
        ? Cublas.open(library, stream, this::kernel)
        : kernel(Cublas.SWITCH_PROPERTY + " is false");
  }

  private Gemm kernel(String reason) {
    return new KernelGemm(library, workspace, stream, reason);
  }

  @Override
  public void close() {
    if (gemm != null) {
      Gemm old = gemm;
      gemm = null;
      old.close();
    }
  }
}
