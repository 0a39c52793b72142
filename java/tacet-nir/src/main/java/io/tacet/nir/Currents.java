package io.tacet.nir;

import io.tacet.nir.Circuit.Population;

/**
 * The nodes of LI in front of some neurons, and the current that CubaLIF has of its own, as one
 * synapse: {@code tau i' = -i + r x} of each, x being the spikes or the current before.
 *
 * @param tau time constant in s of each neuron's currents
 * @param gain what a spike adds to the first current, times r of the others
 * @param stages how many currents there are: 1 for one that decays, 2 for one that rises first
 */
record Currents(double[] tau, double[] gain, int stages) {

  /**
   * Those of a population that has some.
   *
   * @param pulse area of a spike in s
   */
  static Currents of(Population population, double pulse) {
    NirNode first = population.currents().get(0);
    double[] tau = population.values(first, "tau", 1);
    double[] gain = population.values(first, "r", 1).clone();
    for (int k = 0; k < tau.length; k++) {
      gain[k] /= tau[k] / pulse;
    }
    Currents all = new Currents(tau, gain, 1);
    requireNoLeak(population, first);
    for (NirNode next : population.currents().subList(1, population.currents().size())) {
      requireNoLeak(population, next);
      all =
          all.then(population, population.values(next, "tau", 1), population.values(next, "r", 1));
    }
    if (population.node().kind() == NirKind.CUBA_LIF) {
      requireNoConstant(population);
      all = all.then(population, population.values("tau_syn", 1), population.values("w_in", 1));
    }
    if (all.stages() > 2) {
      throw population.problem(
          "expected one or two currents one after the other, found " + all.stages(),
          "A current that decays is one, one that rises before it decays two.");
    }
    return all;
  }

  private Currents then(Population population, double[] nextTau, double[] nextGain) {
    double[] product = gain.clone();
    for (int k = 0; k < tau.length; k++) {
      if (tau[k] != nextTau[k]) {
        throw population.problem(
            "expected currents one after the other with the same time constant, found "
                + tau[k]
                + " and "
                + nextTau[k]
                + " s of neuron "
                + k,
            "A current of Tacet rises as fast as it decays.");
      }
      product[k] *= nextGain[k];
    }
    return new Currents(tau, product, stages + 1);
  }

  private static void requireNoLeak(Population population, NirNode current) {
    if (!Circuit.allZero(population.values(current, "v_leak", 0))) {
      throw population.problem(
          "expected no v_leak of a node that is its synaptic current, found some",
          "Move it to v_leak of the neurons.");
    }
  }

  private static void requireNoConstant(Population population) {
    if (!Circuit.allZero(population.constant())) {
      throw population.problem(
          "expected no bias between currents, found one", "Move it to v_leak of the neurons.");
    }
  }
}
