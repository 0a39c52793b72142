package io.tacet.systems.olfaction;

import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.WeightLaw;

/**
 * Mean responses of receptor types to odorants, and the signal that an environment causes.
 *
 * @param responses [receptors][odorants]; not copied
 */
public record SensingMatrix(double[][] responses) {
  private static final WeightLaw STANDARD_NORMAL = WeightLaw.normal(0, 1);

  /**
   * Circular receptive fields: receptor a responds to the odorant at x in [0, 1] with {@code exp(-2
   * sin^2(pi (x - p_a)) / tuning^2)} and some noise; its centre p_a is uniform. Odorants are in
   * random order (Tesileanu, Cocco, Monasson and Balasubramanian, eLife 8:e39279, 2019).
   *
   * @param tuning width of the fields; 0.01 narrow, 0.2 wide
   * @param signalToNoise inverse of the standard deviation of the noise
   */
  public static SensingMatrix circular(
      int receptors, int odorants, double tuning, double signalToNoise, PhiloxRandom random) {
    if (!(tuning > 0 && signalToNoise > 0)) {
      throw new IllegalArgumentException(
          "tuning, signalToNoise: expected positive numbers, got "
              + tuning
              + " and "
              + signalToNoise
              + ".");
    }
    int[] order = OdorEnvironment.permutation(odorants, random);
    double[][] responses = new double[receptors][odorants];
    for (double[] row : responses) {
      double centre = random.nextDouble();
      for (int j = 0; j < odorants; j++) {
        double x = odorants == 1 ? 0 : (double) j / (odorants - 1);
        double sine = Math.sin(Math.PI * (x - centre));
        row[order[j]] =
            Math.exp(-2 * sine * sine / (tuning * tuning))
                + STANDARD_NORMAL.weight(random.nextInt()) / signalToNoise;
      }
    }
    return new SensingMatrix(responses);
  }

  /** Number of receptor types. */
  public int receptors() {
    return responses.length;
  }

  /**
   * Covariance of the receptors' signals, {@code Q = S Gamma S^T}, [receptors][receptors]: signal
   * to noise ratios for a single neuron of noise 1.
   */
  public double[][] signal(OdorEnvironment environment) {
    double[][] gamma = environment.covariance();
    if (gamma.length != responses[0].length) {
      throw new IllegalArgumentException(
          "environment: expected " + responses[0].length + " odorants, got " + gamma.length + ".");
    }
    int receptors = receptors();
    double[][] half = new double[receptors][gamma.length];
    for (int a = 0; a < receptors; a++) {
      for (int i = 0; i < gamma.length; i++) {
        for (int j = 0; j < gamma.length; j++) {
          half[a][j] += responses[a][i] * gamma[i][j];
        }
      }
    }
    double[][] signal = new double[receptors][receptors];
    for (int a = 0; a < receptors; a++) {
      for (int b = 0; b <= a; b++) {
        double sum = 0;
        for (int j = 0; j < gamma.length; j++) {
          sum += half[a][j] * responses[b][j];
        }
        signal[a][b] = sum;
        signal[b][a] = sum;
      }
    }
    return signal;
  }
}
