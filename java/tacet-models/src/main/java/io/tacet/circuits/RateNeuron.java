package io.tacet.circuits;

/**
 * What all neurons of a {@link RateCircuit} share. The rate is 0 up to the threshold, 1 from {@code
 * threshold + range} on, and linear between.
 *
 * @param excitatory reversal potential of excitatory synapses in mV above rest
 * @param inhibitory that of inhibitory synapses
 * @param riseTau time constant in ms with which the conductance of a synapse follows a higher rate
 * @param threshold potential in mV above rest
 * @param range from the threshold to the highest rate, in mV
 */
public record RateNeuron(
    double excitatory, double inhibitory, double riseTau, double threshold, double range) {

  public RateNeuron {
    if (!(riseTau > 0) || !(range > 0)) {
      throw new IllegalArgumentException(
          "riseTau, range: expected positive numbers, got " + riseTau + " and " + range + ".");
    }
  }

  /** Rate at a potential, in [0, 1]. */
  public double rate(double potential) {
    return Math.max(0, Math.min(1, (potential - threshold) / range));
  }

  /** The potential at which a rate in [0, 1] begins. */
  double potential(double rate) {
    return threshold + range * rate;
  }
}
