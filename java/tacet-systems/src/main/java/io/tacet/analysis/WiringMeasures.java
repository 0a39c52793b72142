package io.tacet.analysis;

import io.tacet.network.Positions;

/**
 * How the recurrent connections of a layer lie in space. Connections of a unit with itself do not
 * count. The graph is that of the strongest tenth of all pairs by the mean of both directions.
 *
 * @param total sum of absolute weights
 * @param correlation Pearson's, of absolute weights and distances
 * @param length mean distance weighted by absolute weights
 * @param smallWorldness of the graph, against 60 random ones with as many edges
 * @param modularity of the graph, best of 8 runs of {@link Louvain}
 * @param weightedModularity of the mean absolute weights of both directions, the same way
 * @param above fraction of absolute weights above 0.01
 */
public record WiringMeasures(
    double total,
    double correlation,
    double length,
    double smallWorldness,
    double modularity,
    double weightedModularity,
    double above) {
  /** Part of all pairs that are edges of the graph. */
  public static final double DENSITY = 0.1;

  private static final int NULLS = 60;
  private static final int RUNS = 8;

  /**
   * Of weights [units][units], row by row of sources.
   *
   * @param seed of random graphs and orders
   * @throws IllegalArgumentException unless there are as many weights as pairs of units
   */
  public static WiringMeasures of(double[] weights, Positions positions, long seed) {
    int units = positions.units();
    if (weights.length != (long) units * units) {
      throw new IllegalArgumentException(
          "weights: expected "
              + units
              + " x "
              + units
              + " for the positions, got "
              + weights.length
              + ".");
    }
    double n = (double) units * (units - 1);
    double a = 0;
    double d = 0;
    double aa = 0;
    double ad = 0;
    double dd = 0;
    int above = 0;
    for (int i = 0; i < units; i++) {
      for (int j = 0; j < units; j++) {
        double weight = i == j ? 0 : Math.abs(weights[i * units + j]);
        double distance = positions.distance(i, j);
        a += weight;
        d += distance;
        aa += weight * weight;
        ad += weight * distance;
        dd += distance * distance;
        above += weight > 0.01 ? 1 : 0;
      }
    }
    double correlation = (ad - a * d / n) / Math.sqrt((aa - a * a / n) * (dd - d * d / n));
    double[][] both = symmetric(weights, units);
    UndirectedGraph graph = UndirectedGraph.strongest(both, DENSITY);
    return new WiringMeasures(
        a,
        correlation,
        ad / a,
        graph.smallWorldness(NULLS, seed),
        Louvain.best(graph.matrix(), RUNS, seed).modularity(),
        Louvain.best(both, RUNS, seed).modularity(),
        above / n);
  }

  /** Means of the absolute weights of both directions, with a diagonal of 0. */
  public static double[][] symmetric(double[] weights, int units) {
    double[][] both = new double[units][units];
    for (int i = 0; i < units; i++) {
      for (int j = 0; j < units; j++) {
        if (i != j) {
          both[i][j] = (Math.abs(weights[i * units + j]) + Math.abs(weights[j * units + i])) / 2;
        }
      }
    }
    return both;
  }
}
