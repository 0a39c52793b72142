package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import io.tacet.simulation.LifNetwork;
import io.tacet.sparse.DelayRing;

/**
 * Kernels of {@code io.tacet.simulation}; see {@link io.tacet.simulation.Simulation} for what a
 * step does and in which order it computes.
 */
public interface SimulationKernels {

  /** Whatever a backend prepares for one network; the arrays stay the caller's. */
  Plan plan(LifNetwork network, Neurons neurons, DelayRing ring, SpikeRecord record);

  /** A network that is being simulated. */
  interface Plan extends AutoCloseable {

    /**
     * Simulates steps and overwrites the record with their spikes, for which it has room.
     *
     * @param first number of the first step, from 0
     * @param count number of steps, at least 1
     * @return number of steps that were simulated, fewer only if the thread was interrupted
     */
    int advance(long first, int count);

    @Override
    void close();
  }

  /**
   * Coefficients and state of the neurons, each [neurons].
   *
   * @param alpha factor of V over a step
   * @param beta factor of I
   * @param gamma factor of I in V
   * @param drive what constant input adds to V
   * @param threshold of V
   * @param reset value of V after a spike
   * @param potentials V
   * @param currents I
   * @param countdowns INT32, steps for which a neuron remains refractory
   */
  record Neurons(
      DeviceArray alpha,
      DeviceArray beta,
      DeviceArray gamma,
      DeviceArray drive,
      DeviceArray threshold,
      DeviceArray reset,
      DeviceArray potentials,
      DeviceArray currents,
      DeviceArray countdowns) {}

  /**
   * The spikes of one call in ascending order of step and neuron.
   *
   * @param steps INT32 [capacity], counted from the first step of the call
   * @param units INT32 [capacity]
   * @param count INT32 [1]
   */
  record SpikeRecord(DeviceArray steps, DeviceArray units, DeviceArray count) {}
}
