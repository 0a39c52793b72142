package io.tacet.cuda.internal;

import io.tacet.spi.EventPropKernels;
import io.tacet.spi.Kernels;
import io.tacet.spi.OptimizerKernels;

/** The families of operations that libtacet offers so far. */
public final class NativeKernels implements Kernels {
  private final String backend;

  public NativeKernels(String backend) {
    this.backend = backend;
  }

  @Override
  public EventPropKernels eventProp() {
    throw missing("io.tacet.eventprop");
  }

  @Override
  public OptimizerKernels optimizer() {
    throw missing("io.tacet.optim");
  }

  private UnsupportedOperationException missing(String family) {
    return new UnsupportedOperationException(
        "The " + backend + " backend has no kernels of " + family + "; use the java backend.");
  }
}
