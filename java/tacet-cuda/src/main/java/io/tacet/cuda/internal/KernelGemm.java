package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;

/**
 * Products by the kernel of libtacet, which is always available; their factors are {@link Factors}.
 */
final class KernelGemm implements Gemm {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;
  private final String reason;

  /**
   * @param workspace shared with other operations of the stream
   * @param reason why this one is used; empty if no explanation is needed
   */
  KernelGemm(NativeRuntime library, Workspace workspace, long stream, String reason) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
    this.reason = reason;
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
    long[] bytes = new long[1];
    Calls.check(Tacet.tacet_multiply_bytes(library.context(), replicas, m, n, k, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_multiply(
            library.context(),
            replicas,
            transposeA ? 1 : 0,
            transposeB ? 1 : 0,
            m,
            n,
            k,
            a.address(),
            b.address(),
            beta == 0 ? 0 : 1,
            c.address(),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public String description() {
    return "the kernel of libtacet" + (reason.isEmpty() ? "" : " (" + reason + ")");
  }

  @Override
  public void close() {}
}
