package io.tacet.circuits;

/**
 * Neurons of one kind of a {@link RateCircuit}.
 *
 * @param name for projections and people
 * @param size number of neurons, at least 1
 * @param inhibitory whether their synapses draw the potential to the inhibitory reversal potential
 * @param membraneTau time constant of the membrane in ms; infinite for inputs, whose rates are
 *     given
 * @param decayTau time constant in ms with which the conductance of their synapses decays
 */
public record RatePopulation(
    String name, int size, boolean inhibitory, double membraneTau, double decayTau) {

  public RatePopulation {
    if (size < 1) {
      throw new IllegalArgumentException(
          "size: expected at least 1 neuron of " + name + ", got " + size + ".");
    }
    if (!(membraneTau > 0) || !(decayTau > 0)) {
      throw new IllegalArgumentException(
          "membraneTau, decayTau: expected positive times in ms for "
              + name
              + ", got "
              + membraneTau
              + " and "
              + decayTau
              + ".");
    }
  }

  /** Excitatory neurons whose rates are given. */
  public static RatePopulation input(String name, int size, double decayTau) {
    return new RatePopulation(name, size, false, Double.POSITIVE_INFINITY, decayTau);
  }

  /** Whether its rates are given. */
  public boolean isInput() {
    return membraneTau == Double.POSITIVE_INFINITY;
  }
}
