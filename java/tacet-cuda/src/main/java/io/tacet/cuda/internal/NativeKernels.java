package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.EgruPlan;
import io.tacet.cuda.NativeBackend;
import io.tacet.cuda.PropagationPlan;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.sparse.Synapses;
import io.tacet.spi.DenseKernels;
import io.tacet.spi.EgruKernels;
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
import io.tacet.spi.SoleThread;

/** The families of operations that libtacet offers so far. Owns their scratch memory. */
public final class NativeKernels implements Kernels, AutoCloseable {
  private final Workspace workspace;
  private final EventPropKernels eventProp;
  private final GridKernels grid;
  private final SimulationKernels simulation;
  private final long context;
  private final PropagationKernels propagation;
  private final EliminationKernels elimination;
  private final NativeDense nativeDense;
  private final DenseKernels dense;
  private final NativeEgru nativeEgru;
  private final EgruKernels egru;
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
    SoleThread callers = memory.callers();
    context = library.context();
    workspace = new Workspace(memory);
    nativeDense = new NativeDense(library, workspace, runtime instanceof JCudaRuntime, stream);
    nativeEgru = new NativeEgru(library, workspace, nativeDense.products(), stream);
    eventProp =
        callers.guard(EventPropKernels.class, new NativeEventProp(library, workspace, stream));
    grid = callers.guard(GridKernels.class, new NativeGrid(library, workspace, stream));
    simulation =
        callers.guard(SimulationKernels.class, new NativeSimulation(library, callers, stream));
    propagation =
        callers.guard(PropagationKernels.class, new NativePropagation(library, callers, stream));
    elimination = callers.guard(EliminationKernels.class, new NativeElimination(library, stream));
    dense = callers.guard(DenseKernels.class, nativeDense);
    egru = callers.guard(EgruKernels.class, nativeEgru);
    rnn = callers.guard(RnnKernels.class, new NativeRnn(library, workspace, stream));
    rewiring = callers.guard(RewiringKernels.class, new NativeRewiring(library, workspace, stream));
    plasticity =
        callers.guard(PlasticityKernels.class, new NativePlasticity(library, workspace, stream));
    optimizer =
        callers.guard(OptimizerKernels.class, new NativeOptimizer(library, workspace, stream));
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

  /** See {@link NativeBackend#propagationPlan}. */
  public PropagationPlan plan(Synapses synapses, int batch) {
    return Cut.plan(context, synapses, batch);
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
    return nativeDense.products().description();
  }

  /** From now on multiplies with a handle of the caller, with its stream and modes. */
  public void multiplyBy(JCublasGemm callers) {
    nativeDense.products().use(callers);
  }

  @Override
  public EgruKernels egru() {
    return egru;
  }

  /** See {@link NativeEgru#plan}. */
  public EgruPlan plan(EgruLayer layer, EgruInputs inputs) {
    return nativeEgru.plan(layer, inputs);
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
      nativeDense.close();
    } finally {
      workspace.close();
    }
  }
}
