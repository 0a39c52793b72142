package io.tacet.simulation;

/** Receives the spikes of a simulation in ascending order of step and neuron. */
@FunctionalInterface
public interface SpikeSink {

  /**
   * A spike.
   *
   * @param step of the simulation, from 0
   * @param neuron which one
   */
  void spike(long step, int neuron);
}
