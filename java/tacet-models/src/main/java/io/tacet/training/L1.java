package io.tacet.training;

import io.tacet.network.Pass;

/**
 * Adds the sum of the absolute values of all weights to the loss, {@code strength sum |w|}
 * (Tibshirani 1996). Weights are those of synapses and of read-outs: biases, thresholds, time
 * constants and delays are left alone.
 *
 * @param strength at least 0; 0 is off
 */
public record L1(double strength) implements Regulariser {
  public L1 {
    WeightPenalty.requireStrength(strength);
  }

  /** With this strength. */
  public static L1 of(double strength) {
    return new L1(strength);
  }

  @Override
  public void applyToGradients(Pass pass) {
    if (strength > 0) {
      WeightPenalty.add(pass, w -> strength * Math.signum(w));
    }
  }
}
