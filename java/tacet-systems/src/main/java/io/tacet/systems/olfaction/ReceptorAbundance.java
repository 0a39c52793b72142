package io.tacet.systems.olfaction;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.TriangularSolver_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionInner_DDRM;

/**
 * How many olfactory neurons of each type tell most about odors (Tesileanu, Cocco, Monasson and
 * Balasubramanian, "Adaptation of olfactory receptor abundances for efficient coding", eLife
 * 8:e39279, 2019). With K_a neurons of type a, each of noise 1, and a signal covariance Q, the
 * information is {@code I(K) = 1/2 log det(1 + diag(K) Q)} in nats, to be maximised over {@code K
 * >= 0} with {@code sum K = Ktot}. Its optimum has {@code g_a = [Q (1 + K Q)^-1]_aa = lambda} where
 * {@code K_a > 0}, and {@code g_a <= lambda} elsewhere.
 *
 * <p>Not thread-safe.
 */
public final class ReceptorAbundance {
  private static final int MOST_STEPS = 2_000_000;

  private final double[][] signal;
  private final int types;
  private final DMatrixRMaj matrix;
  private final CholeskyDecompositionInner_DDRM cholesky =
      new CholeskyDecompositionInner_DDRM(true);

  /**
   * An optimum, as far as it was sought.
   *
   * @param abundances K, [types]
   * @param multiplier lambda
   * @param residual largest relative violation of the conditions of an optimum: of {@code g_a /
   *     lambda - 1} where positive, and of {@code 1 - g_a / lambda} times the share {@code K_a /
   *     Ktot}
   */
  public record Optimum(double[] abundances, double multiplier, double residual) {
    /** Number of types with more than a share of all neurons, 0.004 in the source. */
    public int expressed(double share) {
      double total = Arrays.stream(abundances).sum();
      return (int) Arrays.stream(abundances).filter(k -> k > share * total).count();
    }
  }

  /**
   * For one environment.
   *
   * @param signal Q, [types][types], symmetric and positive semidefinite; not copied
   */
  public ReceptorAbundance(double[][] signal) {
    this.signal = signal;
    types = signal.length;
    matrix = new DMatrixRMaj(types, types);
  }

  /** I(K) in nats. */
  public double information(double[] abundances) {
    double[] lower = decompose(abundances);
    double sum = 0;
    for (int a = 0; a < types; a++) {
      sum += Math.log(lower[a * types + a]);
    }
    return sum;
  }

  /** The lower triangle L with {@code L L^T = 1 + K^1/2 Q K^1/2}. */
  private double[] decompose(double[] abundances) {
    if (abundances.length != types) {
      throw new IllegalArgumentException(
          "abundances: expected " + types + " types, got " + abundances.length + ".");
    }
    for (int a = 0; a < types; a++) {
      if (!(abundances[a] >= 0)) {
        throw new IllegalArgumentException(
            "abundances: expected numbers from 0 on, got " + abundances[a] + ".");
      }
      for (int b = 0; b < types; b++) {
        matrix.data[a * types + b] =
            Math.sqrt(abundances[a] * abundances[b]) * signal[a][b] + (a == b ? 1 : 0);
      }
    }
    if (!cholesky.decompose(matrix)) {
      throw new IllegalArgumentException(
          "signal: expected a positive semidefinite matrix of finite numbers; 1 + K Q has no"
              + " Cholesky decomposition.");
    }
    return cholesky.getT().data;
  }

  /**
   * {@code g_a = [Q (1 + K Q)^-1]_aa}, twice the derivative of the information by K_a: {@code Q_aa
   * - |L^-1 K^1/2 Q e_a|^2}.
   */
  public double[] gradient(double[] abundances) {
    double[] lower = decompose(abundances);
    double[] gradient = new double[types];
    double[] column = new double[types];
    for (int a = 0; a < types; a++) {
      for (int b = 0; b < types; b++) {
        column[b] = Math.sqrt(abundances[b]) * signal[b][a];
      }
      TriangularSolver_DDRM.solveL(lower, column, types);
      gradient[a] = signal[a][a] - Arrays.stream(column).map(v -> v * v).sum();
    }
    return gradient;
  }

  /**
   * The abundances that tell most, by the multiplicative algorithm for D-optimal designs, {@code
   * K_a <- Ktot K_a g_a / sum_b K_b g_b}, which never loses information, until the conditions of
   * the optimum hold.
   *
   * @param total Ktot, positive
   * @param tolerance of {@link Optimum#residual}
   * @throws IllegalStateException if it does not get there within {@value #MOST_STEPS} steps
   */
  public Optimum optimum(double total, double tolerance) {
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("total: expected a positive number, got " + total + ".");
    }
    double[] abundances = new double[types];
    Arrays.fill(abundances, total / types);
    double residual = Double.POSITIVE_INFINITY;
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] gradient = gradient(abundances);
      double multiplier = multiplier(abundances, gradient, total);
      residual = residual(abundances, gradient, multiplier, total);
      if (residual <= tolerance) {
        return new Optimum(abundances, multiplier, residual);
      }
      for (int a = 0; a < types; a++) {
        abundances[a] *= gradient[a] / multiplier;
      }
      double sum = Arrays.stream(abundances).sum();
      for (int a = 0; a < types; a++) {
        abundances[a] *= total / sum;
      }
    }
    throw new IllegalStateException(
        "The conditions of an optimum hold to "
            + residual
            + " only after "
            + MOST_STEPS
            + " steps; expected "
            + tolerance
            + ".");
  }

  /** Mean of the gradient over all neurons. */
  private static double multiplier(double[] abundances, double[] gradient, double total) {
    double sum = 0;
    for (int a = 0; a < abundances.length; a++) {
      sum += abundances[a] * gradient[a];
    }
    return sum / total;
  }

  private static double residual(
      double[] abundances, double[] gradient, double multiplier, double total) {
    double worst = 0;
    for (int a = 0; a < abundances.length; a++) {
      double excess = gradient[a] / multiplier - 1;
      worst = Math.max(worst, excess > 0 ? excess : -excess * abundances[a] / total);
    }
    return worst;
  }

  /**
   * Birth and death of neurons: {@code dK_a = rate (K_a - lambda K_a^2 - [(Q + 1/K)^-1]_aa)}, which
   * is {@code rate K_a^2 (g_a - lambda)}, in steps of 1. Every neuron only has to know of its own
   * type.
   *
   * @param start K at first, [types]; not changed
   * @param multiplier lambda, the strength with which neurons compete; it sets the total
   * @param rate such as ln 2 / 2
   * @return K after the steps
   */
  public double[] birthAndDeath(double[] start, double multiplier, double rate, int steps) {
    double[] abundances = start.clone();
    for (int step = 0; step < steps; step++) {
      double[] gradient = gradient(abundances);
      for (int a = 0; a < types; a++) {
        double change = rate * abundances[a] * abundances[a] * (gradient[a] - multiplier);
        abundances[a] = Math.max(0, abundances[a] + change);
      }
    }
    return abundances;
  }

  /** The same with a multiplier that follows the total, {@code d lambda = rate (sum K - Ktot)}. */
  public double[] adapt(
      double[] start, double multiplier, double rate, double total, double totalRate, int steps) {
    double[] abundances = start.clone();
    double following = multiplier;
    for (int step = 0; step < steps; step++) {
      double sum = Arrays.stream(abundances).sum();
      abundances = birthAndDeath(abundances, following, rate, 1);
      following += totalRate * (sum - total);
    }
    return abundances;
  }

  /** Diagonal of the inverse of Q. */
  public double[] inverseDiagonal() {
    DMatrixRMaj copy = new DMatrixRMaj(signal);
    if (!cholesky.decompose(copy)) {
      throw new IllegalStateException("The signal covariance is singular.");
    }
    double[] lower = cholesky.getT().data;
    double[] diagonal = new double[types];
    for (int a = 0; a < types; a++) {
      double[] column = new double[types];
      column[a] = 1;
      TriangularSolver_DDRM.solveL(lower, column, types);
      diagonal[a] = Arrays.stream(column).map(v -> v * v).sum();
    }
    return diagonal;
  }
}
