package io.tacet.eventprop;

import io.tacet.sparse.Synapses;

/**
 * A layer of LIF neurons with input synapses and, optionally, recurrent ones, simulated from 0 to
 * {@code duration}. A view: it owns nothing.
 *
 * @param input synapses from the layer below, targets = neurons; dense, compressed or of fixed
 *     fan-out, as all synapses of spiking layers
 * @param recurrent synapses among the neurons, or null
 * @param lif neuron parameters
 * @param duration end of the simulation in ms, positive
 */
public record LifLayer(Synapses input, Synapses recurrent, LifParameters lif, double duration) {

  public LifLayer {
    lif.check(input.targets());
    if (recurrent != null
        && (recurrent.sources() != input.targets() || recurrent.targets() != input.targets())) {
      throw new IllegalArgumentException(
          "recurrent: expected "
              + input.targets()
              + " sources and targets, got "
              + recurrent.sources()
              + " and "
              + recurrent.targets()
              + ".");
    }
    if (!(duration > 0) || Double.isInfinite(duration)) {
      throw new IllegalArgumentException(
          "duration: expected a positive number of ms, got " + duration + ".");
    }
  }

  /** Number of neurons. */
  public int neurons() {
    return input.targets();
  }
}
