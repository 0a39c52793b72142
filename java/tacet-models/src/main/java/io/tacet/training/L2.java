package io.tacet.training;

import io.tacet.network.Pass;

/**
 * Adds the sum of the squares of all weights to the loss, {@code strength sum w^2} (ridge
 * regression, Hoerl and Kennard 1970). Weights are those of synapses and of read-outs: biases,
 * thresholds, time constants and delays are left alone.
 *
 * @param strength at least 0; 0 is off
 */
public record L2(double strength) implements Regulariser {
  public L2 {
    WeightPenalty.requireStrength(strength);
  }

  /** With this strength. */
  public static L2 of(double strength) {
    return new L2(strength);
  }

  @Override
  public void applyToGradients(Pass pass) {
    if (strength > 0) {
      WeightPenalty.add(pass, w -> 2 * strength * w);
    }
  }
}
