package io.tacet.systems.metacog;

import java.util.Arrays;

/**
 * Lets a decision and its similarities through to whatever reasons with them only where the monitor
 * says that they track the world.
 *
 * @param threshold probability above which a reading is asserted
 */
public record AssertionGate(double threshold) {

  /**
   * The gate that lets through a fraction of endogenous activity, at most.
   *
   * @param endogenous what the monitor says of imagery and noise
   * @param falseAssertions fraction, in [0, 1)
   */
  static AssertionGate calibrated(double[] endogenous, double falseAssertions) {
    double[] sorted = endogenous.clone();
    Arrays.sort(sorted);
    int most = (int) (falseAssertions * sorted.length);
    return new AssertionGate(sorted[sorted.length - 1 - most]);
  }

  /** The gate that asserts nothing that is less likely than not to track the world, either. */
  AssertionGate cautious() {
    return new AssertionGate(Math.max(0.5, threshold));
  }

  /** Whether each reading is asserted. */
  boolean[] asserts(double[] probabilities) {
    boolean[] asserted = new boolean[probabilities.length];
    for (int i = 0; i < asserted.length; i++) {
      asserted[i] = probabilities[i] > threshold;
    }
    return asserted;
  }

  /** Fraction of readings that are asserted. */
  double rate(double[] probabilities) {
    int count = 0;
    for (boolean one : asserts(probabilities)) {
      count += one ? 1 : 0;
    }
    return (double) count / probabilities.length;
  }
}
