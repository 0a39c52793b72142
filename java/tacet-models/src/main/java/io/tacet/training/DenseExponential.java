package io.tacet.training;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * Exponential of a dense matrix of spectral radius 1 and its adjoint, in double precision: 16 terms
 * of the series, which leave 1/17! = 3e-15, by the method of Paterson and Stockmeyer (1973), and
 * its derivative backwards. 6 products of matrices, and 12 for the adjoint; no scaling is needed,
 * since the radius is 1 at every size.
 */
final class DenseExponential implements AutoCloseable {
  /** Powers of M in a block. */
  private static final int BLOCK = 4;

  /** 1 / k!. */
  private static final double[] TERMS = new double[BLOCK * BLOCK + 1];

  static {
    TERMS[0] = 1;
    for (int k = 1; k < TERMS.length; k++) {
      TERMS[k] = TERMS[k - 1] / k;
    }
  }

  private final int n;
  private final Resources resources = new Resources();
  private final DeviceArray left;
  private final DeviceArray right;
  private final DeviceArray product;

  /** M, M^2, M^3 and M^4, from index 1 on. */
  private final double[][] powers = new double[BLOCK + 1][];

  /** Partial results of Horner's scheme in M^4; the last is the first. */
  private final double[][] partial = new double[BLOCK][];

  DenseExponential(Backend backend, int n, double[] m) {
    this.n = n;
    try {
      left = resources.own(backend.allocate(DType.FLOAT64, n, n));
      right = resources.own(backend.allocate(DType.FLOAT64, n, n));
      product = resources.own(backend.allocate(DType.FLOAT64, n, n));
      compute(m);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private void compute(double[] m) {
    powers[1] = m;
    powers[2] = multiply(m, m);
    powers[3] = multiply(powers[2], m);
    powers[4] = multiply(powers[2], powers[2]);
    partial[3] = block(3);
    addScaled(powers[4], TERMS[BLOCK * BLOCK], partial[3]);
    for (int k = 2; k >= 0; k--) {
      partial[k] = block(k);
      addScaled(multiply(partial[k + 1], powers[4]), 1, partial[k]);
    }
  }

  /** The terms of M^(4 k) to M^(4 k + 3), divided by M^(4 k). */
  private double[] block(int k) {
    double[] sum = new double[n * n];
    for (int i = 0; i < n; i++) {
      sum[i * n + i] = TERMS[BLOCK * k];
    }
    for (int p = 1; p < BLOCK; p++) {
      addScaled(powers[p], TERMS[BLOCK * k + p], sum);
    }
    return sum;
  }

  /** The exponential. */
  double[] value() {
    return partial[0];
  }

  /** Derivative of {@code sum g o value()} by the matrix. */
  double[] adjoint(double[] g) {
    double[][] slopes = new double[BLOCK + 1][n * n];
    double[] own = g;
    for (int k = 0; k < BLOCK; k++) {
      for (int p = 1; p < BLOCK; p++) {
        addScaled(own, TERMS[BLOCK * k + p], slopes[p]);
      }
      if (k < BLOCK - 1) {
        addScaled(transposedMultiply(partial[k + 1], own), 1, slopes[4]);
        own = multiplyTransposed(own, powers[4]);
      }
    }
    addScaled(own, TERMS[BLOCK * BLOCK], slopes[4]);
    addProduct(slopes[4], powers[2], powers[2], slopes[2], slopes[2]);
    addProduct(slopes[3], powers[2], powers[1], slopes[2], slopes[1]);
    addProduct(slopes[2], powers[1], powers[1], slopes[1], slopes[1]);
    return slopes[1];
  }

  /** Adds the derivatives of a product by its factors. */
  private void addProduct(
      double[] slope, double[] a, double[] b, double[] slopeOfA, double[] slopeOfB) {
    double[] first = multiplyTransposed(slope, b);
    double[] second = transposedMultiply(a, slope);
    addScaled(first, 1, slopeOfA);
    addScaled(second, 1, slopeOfB);
  }

  private static void addScaled(double[] x, double factor, double[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] += factor * x[i];
    }
  }

  private double[] multiply(double[] a, double[] b) {
    Dense.multiply(left.copyFrom(a), right.copyFrom(b), false, product);
    return product.toDoubles();
  }

  private double[] multiplyTransposed(double[] a, double[] b) {
    Dense.multiplyTransposed(left.copyFrom(a), right.copyFrom(b), false, product);
    return product.toDoubles();
  }

  private double[] transposedMultiply(double[] a, double[] b) {
    Dense.transposedMultiply(left.copyFrom(a), right.copyFrom(b), false, product);
    return product.toDoubles();
  }

  @Override
  public void close() {
    resources.close();
  }
}
