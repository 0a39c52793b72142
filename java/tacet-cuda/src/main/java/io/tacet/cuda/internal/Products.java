package io.tacet.cuda.internal;

import io.tacet.cuda.CudaException;

/** The implementation of dense products on a backend, chosen at the first product. */
final class Products implements AutoCloseable {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final boolean onGpu;
  private final long stream;
  private Gemm gemm;
  private Factors factors;

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
   *     work, or {@code tacet.products.factors} what the device does not have
   * @throws IllegalArgumentException if {@code tacet.products.factors} has no value that it can
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

  /**
   * What products of the context have as factors, those of recurrent layers too.
   *
   * @throws io.tacet.cuda.CudaException if {@code tacet.products.factors} says what the device does
   *     not have
   * @throws IllegalArgumentException if it has no value that it can
   */
  Factors factors() {
    if (factors == null) {
      Factors wanted = Factors.chosen();
      set(wanted);
      factors = wanted;
    }
    return factors;
  }

  private Gemm choose() {
    factors();
    if (factors != Factors.FLOAT32) {
      return kernel("of " + factors.text() + " factors, as " + Factors.PROPERTY + " says");
    }
    if (!onGpu) {
      return kernel("");
    }
    return Cublas.wanted()
        ? Cublas.open(library, stream, this::kernel)
        : kernel(Cublas.SWITCH_PROPERTY + " is false");
  }

  /** Lets the products of the context have these factors. */
  private void set(Factors factors) {
    int status = Tacet.tacet_set_factors(library.context(), factors.code());
    if (status == Tacet.TACET_UNAVAILABLE) {
      throw new CudaException(
          Factors.PROPERTY
              + ": expected float32 on this device, got "
              + factors.text()
              + ": "
              + Tacet.tacet_last_error().replaceFirst("^tacet_set_factors: factors: ", ""));
    }
    Calls.check(status);
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
