package io.tacet.network;

import java.util.random.RandomGenerator;

/** How initial thresholds are drawn, by the number m that goes with it. */
public enum ThresholdDraw {
  /** Beta(a, 3) with a = 3m/(1-m), whose mean is m, in (0, 1). */
  BETA,
  /** sigmoid(N(m, sqrt 2)): normal with mean m, any number, and deviation sqrt 2 before. */
  SIGMOID;

  private static final int SECOND = 3;

  /** Refuses an m that does not go with it. */
  public void check(double m) {
    if (this == BETA ? !(m > 0 && m < 1) : !Double.isFinite(m)) {
      throw new IllegalArgumentException(
          "thresholdMean (--threshold-mean): expected "
              + (this == BETA ? "(0, 1)" : "a finite number")
              + " to draw thresholds from "
              + this
              + ", got "
              + m
              + ".");
    }
  }

  /** Draws a threshold in [0, 1]. */
  public double draw(double m, RandomGenerator random) {
    if (this == SIGMOID) {
      return 1 / (1 + Math.exp(-m - Math.sqrt(2) * random.nextGaussian()));
    }
    // For a whole second parameter it is a product: Beta(a, 1) is U^(1/a), and Beta(a, b) is
    // Beta(a, 1) times an independent Beta(a+1, b-1).
    double a = SECOND * m / (1 - m);
    double product = 1;
    for (int b = 0; b < SECOND; b++) {
      product *= Math.pow(random.nextDouble(), 1 / (a + b));
    }
    return product;
  }
}
