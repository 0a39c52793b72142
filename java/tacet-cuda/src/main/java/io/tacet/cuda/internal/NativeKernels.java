package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceRuntime;
import io.tacet.spi.DenseKernels;
import io.tacet.spi.EliminationKernels;
import io.tacet.spi.EventPropKernels;
import io.tacet.spi.GridKernels;
import io.tacet.spi.Kernels;
import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.PlasticityKernels;
import io.tacet.spi.PropagationKernels;
import io.tacet.spi.RewiringKernels;
import io.tacet.spi.RnnKernels;
import io.tacet.spi.SimulationKernels;

/** The families of operations that libtacet offers so far. Owns their scratch memory. */
public final class NativeKernels implements Kernels, AutoCloseable {
  private final Workspace workspace;
  private final EventPropKernels eventProp;
  private final GridKernels grid;
  private final SimulationKernels simulation;
  private final PropagationKernels propagation;
  private final EliminationKernels elimination;
  private final NativeDense dense;
  private final NativeEgru egru;
  private final RnnKernels rnn;
  private final RewiringKernels rewiring;
  private final PlasticityKernels plasticity;
  private final OptimizerKernels optimizer;

  /**
   * @param library context of the operations
   * @param runtime memory of the same device
   * @param memory of the stream on which operations are issued
   */
  public NativeKernels(NativeRuntime library, DeviceRuntime runtime, StreamMemory memory) {
    long stream = memory.stream();
    workspace = new Workspace(memory);
    eventProp = new NativeEventProp(library, workspace, stream);
    grid = new NativeGrid(library, workspace, stream);
    simulation = new NativeSimulation(library, stream);
    propagation = new NativePropagation(library, stream);
    elimination = new NativeElimination(library, stream);
    dense = new NativeDense(library, workspace, runtime instanceof JCudaRuntime, stream);
    egru = new NativeEgru(library, workspace, stream);
    rnn = new NativeRnn(library, workspace, stream);
    rewiring = new NativeRewiring(library, workspace, stream);
    plasticity = new NativePlasticity(library, workspace, stream);
    optimizer = new NativeOptimizer(library, workspace, stream);
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
  public SimulationKernels simulation() {
    return simulation;
  }

  @Override
  public PropagationKernels propagation() {
    return propagation;
  }

  @Override
  public EliminationKernels elimination() {
    return elimination;
  }

  @Override
  public DenseKernels dense() {
    return dense;
  }

  /** What multiplies dense matrices: cuBLAS, or the library itself and why. */
  public String products() {
    return dense.products().description();
  }

  /** From now on multiplies with a handle of the caller, with its stream and modes. */
  public void multiplyBy(JCublasGemm callers) {
    dense.products().use(callers);
  }

  @Override
  public NativeEgru egru() {
    return egru;
  }

  @Override
  public RnnKernels rnn() {
    return rnn;
  }

  @Override
  public RewiringKernels rewiring() {
    return rewiring;
  }

  @Override
  public PlasticityKernels plasticity() {
    return plasticity;
  }

  @Override
  public OptimizerKernels optimizer() {
    return optimizer;
  }

  @Override
  public void close() {
    try {
      dense.close();
    } finally {
      workspace.close();
    }
  }
}
