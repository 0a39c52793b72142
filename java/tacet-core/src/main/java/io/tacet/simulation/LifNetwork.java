package io.tacet.simulation;

import io.tacet.eventprop.LifParameters;
import io.tacet.memory.DeviceArray;

/**
 * A recurrent network of leaky integrate-and-fire neurons with exponential synaptic currents,
 * {@code tau_m dV/dt = -V + I + b} and {@code tau_s dI/dt = -I}, with an absolute refractory
 * period. V, I, b, weights, threshold and reset are in one unit, such as mV with V measured from
 * rest; a current in pA is multiplied by tau_m / C_m first. Owns its parts.
 *
 * @param lif parameters, each shared or per neuron; b is the constant drive
 * @param refractory steps after that of a spike in which V stays at the reset; the current goes on
 * @param dt length of a step in ms
 * @param synapses recurrent connections
 * @param input Poisson input, or null
 */
public record LifNetwork(
    LifParameters lif, int refractory, double dt, DelayedSynapses synapses, PoissonInput input)
    implements AutoCloseable {

  public LifNetwork {
    if (!(dt > 0 && dt < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("dt: expected a positive number of ms, got " + dt + ".");
    }
    if (refractory < 0) {
      throw new IllegalArgumentException(
          "refractory: expected at least 0 steps, got " + refractory + ".");
    }
    if (lif.reset() == null) {
      throw new IllegalArgumentException(
          "reset: expected an array, got null; these neurons have no soft reset.");
    }
    lif.check(synapses.neurons());
    lif.checkValues(synapses.neurons());
    DeviceArray like = synapses.weights();
    for (DeviceArray parameter : lif.arrays()) {
      same("lif", parameter, like);
    }
    if (input != null) {
      same("input.weights", input.weights(), like);
      if (input.weights().length() != synapses.neurons()) {
        throw new IllegalArgumentException(
            "input: expected "
                + synapses.neurons()
                + " neurons like the synapses, got "
                + input.weights().length()
                + ".");
      }
    }
  }

  private static void same(String name, DeviceArray array, DeviceArray like) {
    if (array.type() != like.type() || array.backend() != like.backend()) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + like.type()
              + " on "
              + like.backend().name()
              + " like the weights of the synapses, got "
              + array
              + ".");
    }
  }

  /** Number of neurons. */
  public int neurons() {
    return synapses.neurons();
  }

  @Override
  public void close() {
    lif.close();
    synapses.close();
    if (input != null) {
      input.close();
    }
  }
}
