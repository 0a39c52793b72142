package io.tacet.analysis;

import java.util.Arrays;
import java.util.Comparator;

/** Correlations of two series of numbers. */
public final class Correlation {
  private Correlation() {}

  /**
   * The correlation of Pearson.
   *
   * @param x at least two finite numbers
   * @param y as many
   * @throws IllegalArgumentException if numbers of one are all the same
   */
  public static double pearson(double[] x, double[] y) {
    requireAsMany(x, y);
    double[] first = standardised("x", x);
    double[] second = standardised("y", y);
    double sum = 0;
    for (int k = 0; k < first.length; k++) {
      sum += first[k] * second[k];
    }
    return sum / first.length;
  }

  /** The correlation of Spearman, that of ranks; equal numbers share the mean of their ranks. */
  public static double spearman(double[] x, double[] y) {
    requireAsMany(x, y);
    return pearson(ranks(x), ranks(y));
  }

  private static void requireAsMany(double[] x, double[] y) {
    if (x.length != y.length || x.length < 2) {
      throw new IllegalArgumentException(
          "x, y: expected as many numbers in both, at least 2, got "
              + x.length
              + " and "
              + y.length
              + ".");
    }
  }

  /**
   * Ranks from 1; equal numbers share the mean of theirs.
   *
   * @param values finite
   */
  public static double[] ranks(double[] values) {
    for (int k = 0; k < values.length; k++) {
      if (!Double.isFinite(values[k])) {
        throw new IllegalArgumentException(
            "values: expected finite numbers, got " + values[k] + " at " + k + ".");
      }
    }
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, k -> k);
    Arrays.sort(order, Comparator.comparingDouble(k -> values[k]));
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int k = from; k < to; k++) {
        ranks[order[k]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  /**
   * With mean 0 and mean square 1.
   *
   * @throws IllegalArgumentException if they do not vary
   */
  static double[] standardised(String name, double[] values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double variance =
        Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(Double.NaN);
    if (!(variance > 0 && variance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          name + ": expected finite numbers that vary, got a variance of " + variance + ".");
    }
    return Arrays.stream(values).map(v -> (v - mean) / Math.sqrt(variance)).toArray();
  }
}
