package io.tacet.circuits;

import io.tacet.sparse.WeightLaw;

/**
 * Random synapses from one population to another: so many of them, the source and the target of
 * each drawn uniformly and independently, so that a pair may have several and a neuron may reach
 * itself.
 *
 * @param source where spikes come from
 * @param target where they arrive
 * @param synapses number of synapses, at least 0
 * @param weights distribution of the weights
 * @param delay mean delay in ms
 * @param delayDeviation standard deviation of the normally distributed delays in ms; those that
 *     round to less than a step are drawn again
 */
public record Projection(
    Population source,
    Population target,
    long synapses,
    WeightLaw weights,
    double delay,
    double delayDeviation) {

  public Projection {
    if (synapses < 0 || synapses > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "synapses: expected 0 to " + (Integer.MAX_VALUE - 8) + ", got " + synapses + ".");
    }
    if (!(delay > 0 && delayDeviation >= 0 && delayDeviation < delay)) {
      throw new IllegalArgumentException(
          "delay, delayDeviation: expected a positive mean and a deviation below it, got "
              + delay
              + " and "
              + delayDeviation
              + " ms.");
    }
  }
}
