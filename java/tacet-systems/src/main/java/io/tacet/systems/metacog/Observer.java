package io.tacet.systems.metacog;

import io.tacet.systems.metacog.Prototypes.Reading;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Reads what a code makes of the world, of imagery and of noise.
 *
 * @param code not owned
 */
record Observer(Code code, Prototypes prototypes, RingWorld world) {
  private static final int HALVINGS = 11;
  private static final double LEAST_NOISE = 0.1;
  private static final double MOST_NOISE = 4;

  /** Observations of clean stimuli with noise between two strengths, uniformly. */
  private Reading[] read(
      int count, double least, double most, SplittableRandom random, IntFunction<double[]> clean) {
    float[] observations = new float[count * RingWorld.CHANNELS];
    for (int i = 0; i < count; i++) {
      double sigma = least + (most - least) * random.nextDouble();
      world.observe(clean.apply(i), sigma, random, observations, i);
    }
    return prototypes.read(code.encode(observations));
  }

  /** Decisions about random angles, with noise between two strengths. */
  Trials real(int count, double least, double most, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] thetas = random.doubles(count, 0, 2 * Math.PI).toArray();
    Reading[] readings = read(count, least, most, random, i -> world.clean(thetas[i]));
    boolean[] correct = new boolean[count];
    for (int i = 0; i < count; i++) {
      correct[i] = readings[i].bin() == Prototypes.bin(thetas[i]);
    }
    return new Trials(readings, correct);
  }

  /** Observations of nothing, with noise between two strengths. */
  Reading[] noise(int count, double least, double most, long seed) {
    double[] nothing = new double[RingWorld.CHANNELS];
    return read(count, least, most, new SplittableRandom(seed), i -> nothing);
  }

  /** What the decoder makes of random prototypes, at gains between two values, encoded again. */
  Reading[] imagined(int count, double least, double most, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] images = new float[count * RingWorld.CHANNELS];
    for (int i = 0; i < count; i++) {
      double[] x = code.decode(prototypes.mean(random.nextInt(Prototypes.ANGLES)));
      double gain = least + (most - least) * random.nextDouble();
      for (int c = 0; c < x.length; c++) {
        images[i * RingWorld.CHANNELS + c] = (float) (gain * x[c]);
      }
    }
    return prototypes.read(code.encode(images));
  }

  /**
   * Noise at which a fraction of decisions is correct, by bisection over the trials of one seed.
   *
   * @param wanted accuracy between that at the least noise and chance
   */
  double titrate(int count, double wanted, long seed) {
    double low = LEAST_NOISE;
    double high = MOST_NOISE;
    for (int k = 0; k < HALVINGS; k++) {
      double middle = (low + high) / 2;
      boolean easy = real(count, middle, middle, seed).accuracy() > wanted;
      low = easy ? middle : low;
      high = easy ? high : middle;
    }
    return (low + high) / 2;
  }

  /** All of these, one after the other. */
  static Reading[] joined(Reading[]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(Reading[]::new);
  }
}
