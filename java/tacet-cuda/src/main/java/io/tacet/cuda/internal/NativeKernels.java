package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceRuntime;
import io.tacet.spi.EventPropKernels;
import io.tacet.spi.GridKernels;
import io.tacet.spi.Kernels;
import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.PropagationKernels;

/** The families of operations that libtacet offers so far. Owns their scratch memory. */
public final class NativeKernels implements Kernels, AutoCloseable {
  private final Workspace workspace;
  private final EventPropKernels eventProp;
  private final GridKernels grid;
  private final PropagationKernels propagation;
  private final OptimizerKernels optimizer;

  /**
   * @param library context of the operations
   * @param runtime memory of the same device
   * @param stream on which operations are issued
   */
  public NativeKernels(NativeRuntime library, DeviceRuntime runtime, long stream) {
    workspace = new Workspace(runtime);
    eventProp = new NativeEventProp(library, workspace, stream);
    grid = new NativeGrid(library, workspace, stream);
    propagation = new NativePropagation(library, stream);
    optimizer = new NativeOptimizer(library, stream);
  }

  @Override
  public EventPropKernels eventProp() {
    return eventProp;
  }

  @Override
  public GridKernels grid() {
    return grid;
  }

  @Override
  public PropagationKernels propagation() {
    return propagation;
  }

  @Override
  public OptimizerKernels optimizer() {
    return optimizer;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
