package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.simulation.LifNetwork;
import io.tacet.sparse.DelayRing;
import io.tacet.spi.SimulationKernels;

/** Chooses the precision of a simulation by the element type of its network. */
final class JavaSimulation implements SimulationKernels {
  private final Workers workers;

  JavaSimulation(Workers workers) {
    this.workers = workers;
  }

  @Override
  public Plan plan(LifNetwork network, Neurons neurons, DelayRing ring, SpikeRecord record) {
    return network.synapses().weights().type() == DType.FLOAT64
        ? new io.tacet.reference.f64.SimulationReference(workers, network, neurons, ring, record)
        : new io.tacet.reference.f32.SimulationReference(workers, network, neurons, ring, record);
  }
}
