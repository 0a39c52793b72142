package io.tacet.spi;

/**
 * The operations of a backend, a family per method. A family that a backend lacks throws {@link
 * UnsupportedOperationException} naming the backends that have it.
 */
public interface Kernels {

  /** Spiking layers with exact gradients: {@code io.tacet.eventprop}. */
  EventPropKernels eventProp();

  /** Sparse event propagation: {@code io.tacet.sparse}. */
  default PropagationKernels propagation() {
    throw new UnsupportedOperationException(
        "This backend has no event propagation; the java backend has it.");
  }

  /** Elimination by silent sources: {@code io.tacet.sparse.Elimination}. */
  default EliminationKernels elimination() {
    throw new UnsupportedOperationException(
        "This backend has no elimination; the java backend has it.");
  }

  /** Spiking layers on a time grid: {@code io.tacet.eventprop.GridEventProp}. */
  default GridKernels grid() {
    throw new UnsupportedOperationException(
        "This backend has no grid simulator; the java backend has one.");
  }

  /** Long simulations of large networks: {@code io.tacet.simulation}. */
  default SimulationKernels simulation() {
    throw new UnsupportedOperationException(
        "This backend has no simulations of networks; the java backend has them.");
  }

  /** Event-gated recurrent units: {@code io.tacet.egru}. */
  default EgruKernels egru() {
    throw new UnsupportedOperationException(
        "This backend has no event-gated recurrent units; the java backend has them.");
  }

  /** Plain recurrent layers: {@code io.tacet.rnn}. */
  default RnnKernels rnn() {
    throw new UnsupportedOperationException(
        "This backend has no plain recurrent layers; the java backend has them.");
  }

  /** Dense products and what goes with them: {@code io.tacet.dense}. */
  default DenseKernels dense() {
    throw new UnsupportedOperationException(
        "This backend has no dense products; the java backend has them.");
  }

  /** Dynamic sparsity: {@code io.tacet.rewire}. */
  default RewiringKernels rewiring() {
    throw new UnsupportedOperationException(
        "This backend has no rewiring; the java backend has it.");
  }

  /** Local plasticity: {@code io.tacet.plasticity}. */
  default PlasticityKernels plasticity() {
    throw new UnsupportedOperationException(
        "This backend has no local plasticity; the java backend has it.");
  }

  /** Parameter updates: {@code io.tacet.optim}. */
  OptimizerKernels optimizer();
}
