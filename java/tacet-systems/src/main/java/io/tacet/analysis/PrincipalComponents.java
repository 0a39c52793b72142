package io.tacet.analysis;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/** Principal components of patterns, by singular values; and of distances. */
public final class PrincipalComponents {
  private PrincipalComponents() {}

  /**
   * Variances along the principal components, the largest first; their sum is that of the variances
   * of the units.
   *
   * @param patterns finite numbers [conditions][units], at least 2 conditions
   */
  public static double[] variances(double[][] patterns) {
    Patterns.require("patterns", patterns, 2);
    DMatrixRMaj centred = new DMatrixRMaj(patterns);
    for (int j = 0; j < centred.numCols; j++) {
      double mean = 0;
      for (int i = 0; i < centred.numRows; i++) {
        mean += centred.get(i, j) / centred.numRows;
      }
      for (int i = 0; i < centred.numRows; i++) {
        centred.add(i, j, -mean);
      }
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(centred.numRows, centred.numCols, false, false, true);
    if (!svd.decompose(centred)) {
      throw new ArithmeticException("The singular values of the patterns did not converge.");
    }
    double[] variances =
        Arrays.stream(svd.getSingularValues(), 0, svd.numberOfSingularValues())
            .map(s -> s * s / patterns.length)
            .sorted()
            .toArray();
    return reversed(variances);
  }

  /**
   * Effective rank: the smallest number of principal components that have this fraction of the
   * variance.
   *
   * @param fraction in (0, 1]
   * @return at least 1; 0 where nothing varies
   */
  public static int components(double[][] patterns, double fraction) {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction: expected (0, 1], got " + fraction + ".");
    }
    double[] variances = variances(patterns);
    double all = Arrays.stream(variances).sum();
    double sum = 0;
    int count = 0;
    while (count < variances.length && sum < fraction * all) {
      sum += variances[count++];
    }
    return count;
  }

  /**
   * Classical multidimensional scaling (Torgerson 1952): points whose distances are nearest to
   * these.
   *
   * @param dimensions coordinates of a point, at least 1 and less than conditions
   * @return [conditions][dimensions], the direction with most variance first; of each direction the
   *     largest coordinate is positive
   */
  public static double[][] scaling(Rdm distances, int dimensions) {
    int n = distances.conditions();
    if (dimensions < 1 || dimensions >= n) {
      throw new IllegalArgumentException(
          "dimensions: expected 1 to " + (n - 1) + ", got " + dimensions + ".");
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(products(distances))) {
      throw new ArithmeticException("The eigenvalues of the distances did not converge.");
    }
    Integer[] order = new Integer[n];
    Arrays.setAll(order, k -> k);
    Arrays.sort(
        order,
        (a, b) ->
            Double.compare(eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()));
    double[][] points = new double[n][dimensions];
    for (int d = 0; d < dimensions; d++) {
      double value = Math.max(0, eigen.getEigenvalue(order[d]).getReal());
      DMatrixRMaj vector = eigen.getEigenVector(order[d]);
      double largest = 0;
      for (int i = 0; i < n; i++) {
        largest = Math.abs(vector.get(i)) > Math.abs(largest) ? vector.get(i) : largest;
      }
      for (int i = 0; i < n; i++) {
        points[i][d] = Math.signum(largest) * Math.sqrt(value) * vector.get(i);
      }
    }
    return points;
  }

  /** Inner products of centred points with these distances. */
  private static DMatrixRMaj products(Rdm distances) {
    int n = distances.conditions();
    double[] rows = new double[n];
    double all = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        rows[i] += distances.at(i, j) * distances.at(i, j) / n;
      }
      all += rows[i] / n;
    }
    DMatrixRMaj products = new DMatrixRMaj(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double square = distances.at(i, j) * distances.at(i, j);
        products.set(i, j, -0.5 * (square - rows[i] - rows[j] + all));
      }
    }
    return products;
  }

  private static double[] reversed(double[] values) {
    double[] reversed = new double[values.length];
    Arrays.setAll(reversed, k -> values[values.length - 1 - k]);
    return reversed;
  }
}
