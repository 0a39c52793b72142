package io.tacet.systems.metacog;

import io.tacet.data.SequenceData;
import java.util.SplittableRandom;

/**
 * Pairs of noisy views of neighbouring stimuli, with the clean stimuli as targets. Samples 2i and
 * 2i + 1 are a pair and stay together.
 */
public final class ViewPairs implements SequenceData {
  /** Standard deviation of the difference of the angles of a pair. */
  private static final double APART = 0.15;

  private final float[] observations;
  private final float[] targets;

  /**
   * Pairs drawn from a seed.
   *
   * @param pairs at least 1
   * @param sigma deviation of the noise of each channel, at least 0
   */
  public ViewPairs(RingWorld world, int pairs, double sigma, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    observations = new float[2 * pairs * RingWorld.CHANNELS];
    targets = new float[observations.length];
    for (int i = 0; i < pairs; i++) {
      double theta = random.nextDouble(2 * Math.PI);
      for (int view = 2 * i; view < 2 * i + 2; view++) {
        double[] clean = world.clean(theta);
        world.observe(clean, sigma, random, observations, view);
        for (int c = 0; c < clean.length; c++) {
          targets[view * RingWorld.CHANNELS + c] = (float) clean[c];
        }
        theta += APART * random.nextGaussian();
      }
    }
  }

  @Override
  public String name() {
    return "pairs of views";
  }

  @Override
  public int size() {
    return observations.length / RingWorld.CHANNELS;
  }

  @Override
  public int steps() {
    return 1;
  }

  @Override
  public int channels() {
    return RingWorld.CHANNELS;
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public int label(int sample) {
    return -1;
  }

  @Override
  public int group() {
    return 2;
  }

  @Override
  public int targets() {
    return RingWorld.CHANNELS;
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    copy(observations, sample, into, place);
  }

  @Override
  public void fillTargets(int sample, float[] into, int batch, int place) {
    copy(targets, sample, into, place);
  }

  private static void copy(float[] from, int sample, float[] into, int place) {
    System.arraycopy(
        from, sample * RingWorld.CHANNELS, into, place * RingWorld.CHANNELS, RingWorld.CHANNELS);
  }
}
