package io.tacet.analysis;

/** Whether probabilities are as often right as they say. */
public final class Calibration {
  private Calibration() {}

  /**
   * Expected calibration error: of equally wide bins of probability, the mean over all cases of the
   * difference between the mean probability of their bin and how often it came true (Naeini, Cooper
   * and Hauskrecht 2015).
   *
   * @param probabilities in [0, 1]
   * @param happened what came true, as many
   * @param bins number of bins, at least 1
   */
  public static double expectedError(double[] probabilities, boolean[] happened, int bins) {
    if (probabilities.length != happened.length || probabilities.length == 0 || bins < 1) {
      throw new IllegalArgumentException(
          "probabilities, happened, bins: expected as many of both, and at least 1 of each, got "
              + probabilities.length
              + ", "
              + happened.length
              + " and "
              + bins
              + ".");
    }
    double[] surplus = new double[bins];
    for (int k = 0; k < probabilities.length; k++) {
      double p = probabilities[k];
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException(
            "probabilities: expected numbers in [0, 1], got " + p + " at " + k + ".");
      }
      surplus[Math.min(bins - 1, (int) (p * bins))] += p - (happened[k] ? 1 : 0);
    }
    double error = 0;
    for (double sum : surplus) {
      error += Math.abs(sum);
    }
    return error / probabilities.length;
  }
}
