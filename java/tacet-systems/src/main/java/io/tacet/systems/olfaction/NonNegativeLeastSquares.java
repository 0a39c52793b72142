package io.tacet.systems.olfaction;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.TriangularSolver_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionInner_DDRM;

/**
 * Minimises {@code |A x - b|^2} over {@code x >= 0} for a matrix with sparse columns, by the active
 * set of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23): a column after the
 * other joins the set of those that may be positive, whose normal equations a Cholesky
 * decomposition solves. A column that depends on those in the set is passed over. Time follows the
 * number of positive unknowns rather than that of all.
 *
 * <p>Where there are fewer equations than unknowns, the solution may still be the only one if few
 * unknowns are positive (Donoho and Tanner, PNAS 102:9446, 2005).
 *
 * <p>Not thread-safe; holds the columns given.
 */
final class NonNegativeLeastSquares {
  /** Relative to the largest possible correlation of a column with the residual. */
  private static final double TOLERANCE = 1e-9;

  /** Least square of a pivot, relative to the square of the column's norm. */
  private static final double INDEPENDENT = 1e-10;

  private final int[][] rows;
  private final double[][] values;
  private final double[] target;
  private final int unknowns;
  private final double[] x;
  private final double[] residual;
  private final double[] norms;
  private final boolean[] passedOver;

  /** Columns that may be positive, in the order in which they came. */
  private final int[] set;

  private final boolean[] inSet;
  private int size;

  /** Products of the columns in the set, [unknowns][unknowns] by their place there. */
  private final double[][] products;

  /**
   * A problem.
   *
   * @param rows ascending rows of the elements of each column
   * @param values these elements
   * @param target b
   */
  NonNegativeLeastSquares(int[][] rows, double[][] values, double[] target) {
    this.rows = rows;
    this.values = values;
    this.target = target;
    unknowns = rows.length;
    x = new double[unknowns];
    residual = target.clone();
    passedOver = new boolean[unknowns];
    set = new int[unknowns];
    inSet = new boolean[unknowns];
    products = new double[unknowns][];
    norms = new double[unknowns];
    Arrays.setAll(norms, j -> Math.sqrt(Arrays.stream(values[j]).map(v -> v * v).sum()));
  }

  /** The solution x, one where there are several. */
  double[] solve() {
    double size = Math.sqrt(Arrays.stream(target).map(v -> v * v).sum());
    for (int step = 0; step < 3 * unknowns + 10; step++) {
      int next = steepest(TOLERANCE * size);
      if (next < 0) {
        break;
      }
      if (join(next)) {
        Arrays.fill(passedOver, false);
      } else {
        passedOver[next] = true;
      }
    }
    return x;
  }

  /** The column outside the set that would reduce the residual most; -1 if none would. */
  private int steepest(double least) {
    int best = -1;
    double steepest = least;
    for (int j = 0; j < unknowns; j++) {
      if (!inSet[j] && !passedOver[j] && norms[j] > 0) {
        double slope = dot(j, residual) / norms[j];
        if (slope > steepest) {
          steepest = slope;
          best = j;
        }
      }
    }
    return best;
  }

  private double dot(int column, double[] dense) {
    double sum = 0;
    for (int k = 0; k < rows[column].length; k++) {
      sum += values[column][k] * dense[rows[column][k]];
    }
    return sum;
  }

  /** Lets a column become positive; returns false, with nothing changed, if it does not. */
  private boolean join(int column) {
    append(column);
    double[] found = solution();
    if (found == null || found[size - 1] <= 0) {
      remove(size - 1);
      return false;
    }
    while (!allPositive(found)) {
      stepTowards(found);
      found = solution();
    }
    for (int k = 0; k < size; k++) {
      x[set[k]] = found[k];
    }
    updateResidual();
    return true;
  }

  private boolean allPositive(double[] found) {
    return Arrays.stream(found, 0, size).allMatch(v -> v > 0);
  }

  /** Moves x towards what was found until a column is 0, which leaves the set. */
  private void stepTowards(double[] found) {
    int first = -1;
    double step = 1;
    for (int k = 0; k < size; k++) {
      double own = x[set[k]];
      if (found[k] <= 0 && own / (own - found[k]) <= step) {
        step = own / (own - found[k]);
        first = k;
      }
    }
    for (int k = 0; k < size; k++) {
      x[set[k]] += step * (found[k] - x[set[k]]);
    }
    x[set[first]] = 0;
    remove(first);
  }

  private void append(int column) {
    double[] dense = new double[target.length];
    for (int k = 0; k < rows[column].length; k++) {
      dense[rows[column][k]] = values[column][k];
    }
    set[size] = column;
    inSet[column] = true;
    size++;
    products[size - 1] = new double[unknowns];
    for (int k = 0; k < size; k++) {
      double product = dot(set[k], dense);
      products[k][size - 1] = product;
      products[size - 1][k] = product;
    }
  }

  private void remove(int place) {
    inSet[set[place]] = false;
    int behind = size - 1 - place;
    System.arraycopy(set, place + 1, set, place, behind);
    System.arraycopy(products, place + 1, products, place, behind);
    size--;
    for (int k = 0; k < size; k++) {
      System.arraycopy(products[k], place + 1, products[k], place, behind);
    }
  }

  /** Least squares on the set without the bound; null if its last column depends on the others. */
  private double[] solution() {
    DMatrixRMaj matrix = new DMatrixRMaj(size, size);
    double[] right = new double[size];
    for (int k = 0; k < size; k++) {
      System.arraycopy(products[k], 0, matrix.data, k * size, size);
      right[k] = dot(set[k], target);
    }
    CholeskyDecompositionInner_DDRM cholesky = new CholeskyDecompositionInner_DDRM(true);
    if (!cholesky.decompose(matrix)) {
      return null;
    }
    double[] lower = cholesky.getT().data;
    double pivot = lower[(size - 1) * size + size - 1] / norms[set[size - 1]];
    if (pivot * pivot < INDEPENDENT) {
      return null;
    }
    TriangularSolver_DDRM.solveL(lower, right, size);
    TriangularSolver_DDRM.solveTranL(lower, right, size);
    return right;
  }

  private void updateResidual() {
    System.arraycopy(target, 0, residual, 0, target.length);
    for (int k = 0; k < size; k++) {
      int j = set[k];
      for (int e = 0; e < rows[j].length; e++) {
        residual[rows[j][e]] -= x[j] * values[j][e];
      }
    }
  }
}
