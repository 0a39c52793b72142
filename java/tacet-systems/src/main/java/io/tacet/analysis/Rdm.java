package io.tacet.analysis;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Representational dissimilarity matrix (Kriegeskorte, Mur and Bandettini 2008): how far apart the
 * patterns of any two conditions are. Symmetric, with zeros on its diagonal. Immutable.
 */
public final class Rdm {
  private final double[][] distances;

  private Rdm(double[][] distances) {
    this.distances = distances;
  }

  /**
   * Euclidean distances.
   *
   * @param patterns finite numbers [conditions][units], at least 2 conditions
   */
  public static Rdm euclidean(double[][] patterns) {
    Patterns.require("patterns", patterns, 2);
    double[][] distances = new double[patterns.length][patterns.length];
    for (int i = 0; i < patterns.length; i++) {
      for (int j = 0; j < i; j++) {
        double sum = 0;
        for (int k = 0; k < patterns[i].length; k++) {
          double difference = patterns[i][k] - patterns[j][k];
          sum += difference * difference;
        }
        distances[i][j] = Math.sqrt(sum);
        distances[j][i] = distances[i][j];
      }
    }
    return new Rdm(distances);
  }

  /** Number of conditions. */
  public int conditions() {
    return distances.length;
  }

  /** Distance between two conditions. */
  public double at(int one, int other) {
    return distances[one][other];
  }

  /** Distances of all pairs i &gt; j, row after row. */
  public double[] lowerTriangle() {
    int n = distances.length;
    double[] lower = new double[n * (n - 1) / 2];
    int at = 0;
    for (int i = 1; i < n; i++) {
      System.arraycopy(distances[i], 0, lower, at, i);
      at += i;
    }
    return lower;
  }

  /** Mean of matrices of as many conditions each, such as those of several networks. */
  public static Rdm mean(Rdm... all) {
    requireAlike(all[0], all);
    int n = all[0].conditions();
    double[][] mean = new double[n][n];
    for (Rdm each : all) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          mean[i][j] += each.distances[i][j] / all.length;
        }
      }
    }
    return new Rdm(mean);
  }

  /**
   * Regression on models, by least squares over all pairs of conditions, of z-scored distances on
   * z-scored distances.
   *
   * @param models of as many conditions, no more than pairs
   * @return a coefficient for each model
   * @throws IllegalArgumentException if distances of one do not vary, or models depend on each
   *     other
   */
  public double[] regress(Rdm... models) {
    requireAlike(this, models);
    double[] own = Correlation.standardised("distances", lowerTriangle());
    DMatrixRMaj design = new DMatrixRMaj(own.length, models.length);
    for (int m = 0; m < models.length; m++) {
      double[] column = Correlation.standardised("models", models[m].lowerTriangle());
      for (int k = 0; k < column.length; k++) {
        design.set(k, m, column[k]);
      }
    }
    LinearSolverDense<DMatrixRMaj> solver =
        LinearSolverFactory_DDRM.leastSquares(own.length, models.length);
    if (!solver.setA(design) || solver.quality() < 1e-10) {
      throw new IllegalArgumentException(
          "models: expected models of which none follows from the others, got "
              + models.length
              + " that do.");
    }
    DMatrixRMaj coefficients = new DMatrixRMaj(models.length, 1);
    solver.solve(DMatrixRMaj.wrap(own.length, 1, own), coefficients);
    return Arrays.copyOf(coefficients.data, models.length);
  }

  private static void requireAlike(Rdm first, Rdm[] others) {
    for (Rdm other : others) {
      if (other.conditions() != first.conditions()) {
        throw new IllegalArgumentException(
            "models: expected matrices of "
                + first.conditions()
                + " conditions, got one of "
                + other.conditions()
                + ".");
      }
    }
  }
}
