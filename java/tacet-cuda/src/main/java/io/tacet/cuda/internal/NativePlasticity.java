package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.PlasticityKernels;

/** Local plasticity of libtacet. */
final class NativePlasticity implements PlasticityKernels {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;

  NativePlasticity(NativeRuntime library, Workspace workspace, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
  }

  @Override
  public void oja(
      DeviceArray weights,
      DeviceArray gradient,
      double descent,
      DeviceArray inputs,
      double rate,
      int firstRow,
      int rows) {
    int sources = Math.toIntExact(weights.shape()[0]);
    int units = Math.toIntExact(weights.shape()[1]);
    int samples = Math.toIntExact(inputs.length() / sources);
    workspace.reserve(1, one -> (long) Float.BYTES * samples * units);
    Calls.check(
        Tacet.tacet_oja(
            library.context(),
            weights.address(),
            Words.address(gradient),
            (float) descent,
            inputs.address(),
            samples,
            sources,
            units,
            firstRow,
            rows,
            (float) rate,
            workspace.address(),
            stream));
  }
}
