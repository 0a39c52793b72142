package io.tacet.network;

import java.util.random.RandomGenerator;

/**
 * Random matrices with orthonormal rows or columns, whichever are fewer: normal numbers made
 * orthonormal by the method of Gram and Schmidt, run twice, which gives the uniform (Haar)
 * distribution.
 */
final class OrthogonalDraw {
  private OrthogonalDraw() {}

  /** A matrix [rows][columns]. */
  static double[] matrix(int rows, int columns, RandomGenerator random) {
    int count = Math.min(rows, columns);
    double[][] vectors = new double[count][Math.max(rows, columns)];
    for (int k = 0; k < count; k++) {
      do {
        for (int i = 0; i < vectors[k].length; i++) {
          vectors[k][i] = random.nextGaussian();
        }
      } while (!orthonormalise(vectors, k));
    }
    double[] matrix = new double[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        matrix[i * columns + j] = rows <= columns ? vectors[i][j] : vectors[j][i];
      }
    }
    return matrix;
  }

  /** False if next to nothing of the vector is left. */
  private static boolean orthonormalise(double[][] vectors, int k) {
    double[] own = vectors[k];
    double before = Math.sqrt(dot(own, own));
    for (int pass = 0; pass < 2; pass++) {
      for (int other = 0; other < k; other++) {
        double part = dot(own, vectors[other]);
        for (int i = 0; i < own.length; i++) {
          own[i] -= part * vectors[other][i];
        }
      }
    }
    double norm = Math.sqrt(dot(own, own));
    if (!(norm > 1e-8 * before)) {
      return false;
    }
    for (int i = 0; i < own.length; i++) {
      own[i] /= norm;
    }
    return true;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
