package io.tacet.circuits;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.simulation.DelayedSynapses;

/**
 * Recurrent synapses as Java arrays, as {@link DelayedSynapses#of} takes them.
 *
 * @param offsets [neurons + 1]
 * @param targets [count], ascending within a row together with the delays
 * @param weights [count]
 * @param delays [count] in steps, unsigned
 */
public record SynapseRows(int[] offsets, int[] targets, float[] weights, short[] delays) {

  /** Copies them to a backend; the caller closes the result. */
  public DelayedSynapses on(Backend backend, DType type) {
    return DelayedSynapses.of(backend, type, offsets, targets, weights, delays);
  }

  /** Number of neurons. */
  public int neurons() {
    return offsets.length - 1;
  }

  /** Number of synapses. */
  public int count() {
    return targets.length;
  }

  /** Number of synapses that a spike of a neuron reaches. */
  public int fanOut(int neuron) {
    return offsets[neuron + 1] - offsets[neuron];
  }
}
