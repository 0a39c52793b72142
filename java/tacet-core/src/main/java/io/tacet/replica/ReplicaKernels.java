package io.tacet.replica;

import io.tacet.spi.Around;
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
import java.util.function.Supplier;

/**
 * The operations of a replica. Those that have an axis for replicas are made together; all others
 * one replica after the other, when all have met.
 */
final class ReplicaKernels implements Kernels {
  private final Kernels shared;
  private final Lockstep lockstep;
  private final int replica;

  ReplicaKernels(Kernels shared, Lockstep lockstep, int replica) {
    this.shared = shared;
    this.lockstep = lockstep;
    this.replica = replica;
  }

  /** Kernels without an axis for replicas. */
  private <T> T alone(Class<T> family, T kernels) {
    return Around.each(
        family,
        kernels,
        body -> ReplicaPlans.own(meeting(lockstep, replica, body), lockstep, replica));
  }

  /** A result that is needed at once. */
  static <T> T meeting(Lockstep lockstep, int replica, Supplier<T> body) {
    Object[] result = new Object[1];
    lockstep.meet(replica, new OwnCall(() -> result[0] = body.get()));
    @SuppressWarnings("unchecked")
    T given = (T) result[0];
    return given;
  }

  @Override
  public DenseKernels dense() {
    return new ReplicaDense(shared.dense(), lockstep, replica);
  }

  @Override
  public RnnKernels rnn() {
    return new ReplicaRnn(shared.rnn(), lockstep, replica);
  }

  @Override
  public OptimizerKernels optimizer() {
    return new ReplicaOptimizer(shared.optimizer(), lockstep, replica);
  }

  @Override
  public EventPropKernels eventProp() {
    return new ReplicaEventProp(shared.eventProp(), lockstep, replica);
  }

  @Override
  public PropagationKernels propagation() {
    return alone(PropagationKernels.class, shared.propagation());
  }

  @Override
  public EliminationKernels elimination() {
    return alone(EliminationKernels.class, shared.elimination());
  }

  @Override
  public GridKernels grid() {
    return alone(GridKernels.class, shared.grid());
  }

  @Override
  public SimulationKernels simulation() {
    return alone(SimulationKernels.class, shared.simulation());
  }

  @Override
  public EgruKernels egru() {
    return new ReplicaEgru(shared.egru(), lockstep, replica);
  }

  @Override
  public RewiringKernels rewiring() {
    return alone(RewiringKernels.class, shared.rewiring());
  }

  @Override
  public PlasticityKernels plasticity() {
    return alone(PlasticityKernels.class, shared.plasticity());
  }
}
