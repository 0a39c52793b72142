package io.tacet.analysis;

import java.util.stream.IntStream;

/** Ranks of numbers, and their correlation. */
public final class Ranks {
  private Ranks() {}

  /**
   * The rank of each value, from 1; equal ones share the mean of their ranks.
   *
   * @param values finite
   */
  public static double[] of(double[] values) {
    requireFinite("values", values);
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted((a, b) -> Double.compare(values[a], values[b]))
            .mapToInt(i -> i)
            .toArray();
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
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
   * Spearman's rank correlation, that of Pearson of the ranks; NaN if one side is constant.
   *
   * @param x finite
   * @param y finite, as many
   */
  public static double spearman(double[] x, double[] y) {
    if (x.length != y.length || x.length < 2) {
      throw new IllegalArgumentException(
          "x, y: expected at least 2 numbers and as many on both sides, got "
              + x.length
              + " and "
              + y.length
              + ".");
    }
    double[] a = of(x);
    double[] b = of(y);
    double mean = (x.length + 1) / 2.0;
    double both = 0;
    double first = 0;
    double second = 0;
    for (int k = 0; k < a.length; k++) {
      both += (a[k] - mean) * (b[k] - mean);
      first += (a[k] - mean) * (a[k] - mean);
      second += (b[k] - mean) * (b[k] - mean);
    }
    return both / Math.sqrt(first * second);
  }

  static void requireFinite(String name, double[] values) {
    int bad =
        IntStream.range(0, values.length)
            .filter(k -> !Double.isFinite(values[k]))
            .findFirst()
            .orElse(-1);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          name + ": expected finite numbers, got " + values[bad] + " at " + bad + ".");
    }
  }
}
