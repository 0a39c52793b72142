package io.tacet.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Costs as a sum of a part for each synapse, one for each unit, and a constant one, none of them
 * negative: least squares of the relative errors. Besides, slopes on two logarithmic axes.
 *
 * @param synapse for one
 * @param unit for one
 * @param fixed whatever the size
 * @param error largest relative error
 */
record CostFit(double synapse, double unit, double fixed, double error) {
  private static final int TERMS = 3;

  /**
   * A measurement.
   *
   * @param cost seconds or bytes
   */
  record Point(double synapses, double units, double cost) {
    private double[] terms() {
      // Relative errors: every row is divided by its cost.
      return new double[] {synapses / cost, units / cost, 1 / cost};
    }
  }

  /** The best fit with terms that are not negative; at least one point. */
  static CostFit of(List<Point> points) {
    CostFit best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int chosen = 1; chosen < 1 << TERMS; chosen++) {
      double[] terms = solve(points, chosen);
      if (terms == null) {
        continue;
      }
      double sum = 0;
      double largest = 0;
      for (Point p : points) {
        double error = predicted(terms, p) / p.cost - 1;
        sum += error * error;
        largest = Math.max(largest, Math.abs(error));
      }
      if (sum < least) {
        least = sum;
        best = new CostFit(terms[0], terms[1], terms[2], largest);
      }
    }
    return best;
  }

  private static double predicted(double[] terms, Point p) {
    return terms[0] * p.synapses + terms[1] * p.units + terms[2];
  }

  /** What it predicts. */
  double at(Point p) {
    return predicted(new double[] {synapse, unit, fixed}, p);
  }

  /**
   * Least squares with the terms whose bits are set; null if one would be negative or cannot be
   * told from the others.
   */
  private static double[] solve(List<Point> points, int chosen) {
    List<Integer> terms = new ArrayList<>();
    for (int k = 0; k < TERMS; k++) {
      if ((chosen >> k & 1) == 1) {
        terms.add(k);
      }
    }
    int n = terms.size();
    double[][] a = new double[n][n + 1];
    for (Point p : points) {
      double[] row = p.terms();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          a[i][j] += row[terms.get(i)] * row[terms.get(j)];
        }
        a[i][n] += row[terms.get(i)];
      }
    }
    double[] solution = eliminate(a);
    if (solution == null) {
      return null;
    }
    double[] all = new double[TERMS];
    for (int k = 0; k < n; k++) {
      if (!(solution[k] >= 0)) {
        return null;
      }
      all[terms.get(k)] = solution[k];
    }
    return all;
  }

  /** Solves normal equations [n][n + 1], which are positive definite; null if they are singular. */
  private static double[] eliminate(double[][] a) {
    int n = a.length;
    for (int k = 0; k < n; k++) {
      double pivot = a[k][k];
      for (int i = 0; i < n; i++) {
        double factor = i == k ? 0 : a[i][k] / pivot;
        for (int j = k; j <= n; j++) {
          a[i][j] -= factor * a[k][j];
        }
      }
    }
    double[] solution = new double[n];
    for (int k = 0; k < n; k++) {
      solution[k] = a[k][n] / a[k][k];
      if (!Double.isFinite(solution[k])) {
        return null;
      }
    }
    return solution;
  }

  /** Slope of the logarithm of y by that of x: 1 for what is proportional. */
  static double slope(double[] x, double[] y) {
    double meanX = 0;
    double meanY = 0;
    for (int k = 0; k < x.length; k++) {
      meanX += Math.log(x[k]) / x.length;
      meanY += Math.log(y[k]) / x.length;
    }
    double both = 0;
    double square = 0;
    for (int k = 0; k < x.length; k++) {
      double away = Math.log(x[k]) - meanX;
      both += away * (Math.log(y[k]) - meanY);
      square += away * away;
    }
    return both / square;
  }
}
