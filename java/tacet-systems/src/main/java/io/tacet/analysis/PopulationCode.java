package io.tacet.analysis;

import java.util.Arrays;

/**
 * How a population answers a set of patterns: how many units are active, and how alike the answers
 * are. Immutable.
 */
public final class PopulationCode {
  private final int patterns;
  private final int units;
  private final double[] rates;
  private final double[] norms;

  /**
   * A code.
   *
   * @param patterns number of patterns, at least 2
   * @param units number of units, at least 1
   * @param rates [patterns][units], at least 0; a unit is active where it is above 0; copied
   */
  public PopulationCode(int patterns, int units, double[] rates) {
    if (patterns < 2 || units < 1 || rates.length != (long) patterns * units) {
      throw new IllegalArgumentException(
          "rates: expected [at least 2][at least 1], got "
              + rates.length
              + " elements for ["
              + patterns
              + "]["
              + units
              + "].");
    }
    for (double rate : rates) {
      if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "rates: expected finite numbers of at least 0, got " + rate + ".");
      }
    }
    this.patterns = patterns;
    this.units = units;
    this.rates = rates.clone();
    this.norms = new double[patterns];
    for (int p = 0; p < patterns; p++) {
      norms[p] = Math.sqrt(product(p, p));
    }
  }

  /** Number of patterns. */
  public int patterns() {
    return patterns;
  }

  /** Number of units. */
  public int units() {
    return units;
  }

  /** Rate of a unit for a pattern. */
  public double rate(int pattern, int unit) {
    return rates[pattern * units + unit];
  }

  /** Mean number of active units of a pattern; lower is sparser. */
  public double meanActive() {
    return Arrays.stream(selectivity()).sum() / (double) patterns;
  }

  /** Number of patterns for which each unit is active. */
  public int[] selectivity() {
    int[] active = new int[units];
    for (int i = 0; i < rates.length; i++) {
      active[i % units] += rates[i] > 0 ? 1 : 0;
    }
    return active;
  }

  /** Fraction of the units that are active for some pattern. */
  public double activeUnits() {
    return Arrays.stream(selectivity()).filter(n -> n > 0).count() / (double) units;
  }

  /** Fraction of the patterns for which some unit is active. */
  public double activePatterns() {
    return Arrays.stream(norms).filter(norm -> norm > 0).count() / (double) patterns;
  }

  /**
   * Cosine of the angle between the answers to two patterns.
   *
   * @param silent what it is where one of them is silent
   */
  public double similarity(int first, int second, double silent) {
    double norm = norms[first] * norms[second];
    return norm == 0 ? silent : product(first, second) / norm;
  }

  /**
   * Mean of {@link #similarity} over all pairs of different patterns.
   *
   * @param silent what counts for a pair with a silent one
   */
  public double meanSimilarity(double silent) {
    double sum = 0;
    for (int p = 0; p < patterns; p++) {
      for (int q = 0; q < p; q++) {
        sum += similarity(p, q, silent);
      }
    }
    return sum / (patterns * (patterns - 1) / 2.0);
  }

  private double product(int first, int second) {
    double sum = 0;
    for (int u = 0; u < units; u++) {
      sum += rates[first * units + u] * rates[second * units + u];
    }
    return sum;
  }
}
