package io.tacet.systems.metacog;

import java.util.SplittableRandom;

/**
 * Stimuli on a ring: of angle theta the clean one is x = tanh(1.5 A phi(theta)) with phi = (cos k
 * theta, sin k theta), k = 1 to 6, A [64][12] with standard deviations 1 / sqrt(6 k), and an
 * observation is x + 0.3 B z + sigma n with eight nuisance dimensions z, B [64][8] with a standard
 * deviation of 1 / sqrt(8), and z and n standard normal.
 */
public final class RingWorld {
  /** Numbers of a stimulus. */
  public static final int CHANNELS = 64;

  private static final int FREQUENCIES = 6;
  private static final int NUISANCES = 8;
  private static final double CONTRAST = 1.5;
  private static final double NUISANCE = 0.3;

  private final double[][] harmonics = new double[2 * FREQUENCIES][CHANNELS];
  private final double[][] nuisances = new double[NUISANCES][CHANNELS];

  /** A world drawn from a seed. */
  public RingWorld(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int k = 0; k < harmonics.length; k++) {
      double deviation = 1 / Math.sqrt(FREQUENCIES * (k / 2 + 1));
      for (int c = 0; c < CHANNELS; c++) {
        harmonics[k][c] = CONTRAST * deviation * random.nextGaussian();
      }
    }
    for (double[] nuisance : nuisances) {
      for (int c = 0; c < CHANNELS; c++) {
        nuisance[c] = NUISANCE / Math.sqrt(NUISANCES) * random.nextGaussian();
      }
    }
  }

  /** The clean stimulus of an angle, [64]. */
  public double[] clean(double theta) {
    double[] x = new double[CHANNELS];
    for (int k = 0; k < harmonics.length; k++) {
      double angle = (k / 2 + 1) * theta;
      double phase = k % 2 == 0 ? Math.cos(angle) : Math.sin(angle);
      for (int c = 0; c < CHANNELS; c++) {
        x[c] += harmonics[k][c] * phase;
      }
    }
    for (int c = 0; c < CHANNELS; c++) {
      x[c] = Math.tanh(x[c]);
    }
    return x;
  }

  /**
   * Adds nuisance and noise to a stimulus.
   *
   * @param stimulus [64]; zeros for noise alone
   * @param sigma standard deviation of the noise
   * @param into [..][64], of which row {@code row} is written
   */
  public void observe(
      double[] stimulus, double sigma, SplittableRandom random, float[] into, int row) {
    double[] x = stimulus.clone();
    for (double[] nuisance : nuisances) {
      double z = random.nextGaussian();
      for (int c = 0; c < CHANNELS; c++) {
        x[c] += nuisance[c] * z;
      }
    }
    for (int c = 0; c < CHANNELS; c++) {
      into[row * CHANNELS + c] = (float) (x[c] + sigma * random.nextGaussian());
    }
  }
}
