package io.tacet.systems.olfaction;

import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;

/**
 * Odors as a normal distribution of odorant concentrations, of which the covariance is all that
 * matters here.
 *
 * @param covariance [odorants][odorants], symmetric and positive definite; not copied
 */
public record OdorEnvironment(double[][] covariance) {
  private static final WeightLaw STANDARD_NORMAL = WeightLaw.normal(0, 1);

  /** Variance of the logarithm of a log-normal variance of mean 1 and standard deviation 1. */
  private static final double LOG_VARIANCE = Math.log(2);

  /**
   * Log-normal variances of mean 1 and standard deviation 1, with random correlations: partial
   * correlations of a vine are distributed as {@code 2 Beta(beta, beta) - 1} (Joe 2006;
   * Lewandowski, Kurowicka and Joe, J. Multivar. Anal. 100:1989, 2009).
   *
   * @param beta above 1/2; the larger, the nearer to independent odorants
   */
  public static OdorEnvironment randomCorrelations(int odorants, double beta, PhiloxRandom random) {
    if (!(beta > 0.5)) {
      throw new IllegalArgumentException("beta: expected more than 0.5, got " + beta + ".");
    }
    double[][] covariance = correlations(odorants, beta, random);
    double[] deviations = new double[odorants];
    Arrays.setAll(
        deviations,
        j ->
            Math.exp(
                0.5
                    * (Math.sqrt(LOG_VARIANCE) * STANDARD_NORMAL.weight(random.nextInt())
                        - LOG_VARIANCE / 2)));
    for (int i = 0; i < odorants; i++) {
      for (int j = 0; j < odorants; j++) {
        covariance[i][j] *= deviations[i] * deviations[j];
      }
    }
    return new OdorEnvironment(covariance);
  }

  /** Number of odorants. */
  public int odorants() {
    return covariance.length;
  }

  /**
   * An environment in which some odorants vary more, and together: {@code factor} times the mean
   * variance is added to their variances and covariances.
   */
  public OdorEnvironment withMoreOf(int[] odorants, double factor) {
    double mean = 0;
    for (int j = 0; j < covariance.length; j++) {
      mean += covariance[j][j] / covariance.length;
    }
    double[][] changed = new double[covariance.length][];
    Arrays.setAll(changed, i -> covariance[i].clone());
    for (int i : odorants) {
      for (int j : odorants) {
        changed[i][j] += factor * mean;
      }
    }
    return new OdorEnvironment(changed);
  }

  /** From partial correlations, given all odorants before, to correlations; in random order. */
  private static double[][] correlations(int count, double beta, PhiloxRandom random) {
    int[] order = permutation(count, random);
    double[][] partial = new double[count][count];
    double[][] found = new double[count][count];
    for (int k = 0; k < count; k++) {
      found[order[k]][order[k]] = 1;
      for (int i = k + 1; i < count; i++) {
        partial[k][i] = symmetricBeta(beta, random);
        double p = partial[k][i];
        for (int l = k - 1; l >= 0; l--) {
          double a = partial[l][i];
          double b = partial[l][k];
          p = p * Math.sqrt((1 - a * a) * (1 - b * b)) + a * b;
        }
        found[order[k]][order[i]] = p;
        found[order[i]][order[k]] = p;
      }
    }
    return found;
  }

  /** {@code 2 Beta(beta, beta) - 1} by the polar method (Devroye 1986, section IX.3.5). */
  private static double symmetricBeta(double beta, PhiloxRandom random) {
    double radius = Math.sqrt(1 - Math.pow(1 - random.nextDouble(), 2 / (2 * beta - 1)));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }

  static int[] permutation(int count, PhiloxRandom random) {
    int[] order = new int[count];
    Arrays.setAll(order, k -> k);
    for (int k = count - 1; k > 0; k--) {
      int other = (int) (random.nextDouble() * (k + 1));
      int moved = order[k];
      order[k] = order[other];
      order[other] = moved;
    }
    return order;
  }
}
