package io.tacet.systems.metacog;

import io.tacet.analysis.Correlation;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The mean codes of 72 angles, each of norm 1, and what is read off by comparing a code with them:
 * its similarity to every possible stimulus, s = T h / |h|; a decision for one of eight bins of
 * angle, that of the most similar prototype; and a confidence, the margin by which the best bin
 * beats the second.
 */
public final class Prototypes {
  /** Number of angles. */
  public static final int ANGLES = 72;

  /** Bins of angle to decide between. */
  public static final int BINS = 8;

  private static final int OBSERVATIONS = 64;

  private final double[][] means;
  private final double[][] units;

  private Prototypes(double[][] means) {
    this.means = means;
    this.units = Arrays.stream(means).map(Prototypes::normalised).toArray(double[][]::new);
  }

  /** Those of a code, from observations with the noise of its training. */
  public static Prototypes of(Code code, RingWorld world, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] means = new double[ANGLES][];
    for (int a = 0; a < ANGLES; a++) {
      float[] observations = new float[OBSERVATIONS * RingWorld.CHANNELS];
      double[] clean = world.clean(angle(a));
      for (int i = 0; i < OBSERVATIONS; i++) {
        world.observe(clean, Code.SIGMA, random, observations, i);
      }
      double[] mean = new double[Code.UNITS];
      for (double[] h : code.encode(observations)) {
        for (int m = 0; m < mean.length; m++) {
          mean[m] += h[m] / OBSERVATIONS;
        }
      }
      means[a] = mean;
    }
    return new Prototypes(means);
  }

  /** Angle of a prototype. */
  static double angle(int prototype) {
    return 2 * Math.PI * prototype / ANGLES;
  }

  /** Bin of an angle. */
  static int bin(double theta) {
    double turns = theta / (2 * Math.PI);
    return (int) ((turns - Math.floor(turns)) * BINS) % BINS;
  }

  /** Mean code of a prototype, [256]. */
  double[] mean(int prototype) {
    return means[prototype].clone();
  }

  /**
   * What is read off a code.
   *
   * @param bin the decision, -1 of a silent code
   * @param similarity to each prototype, [72]; zeros of a silent code
   * @param peak largest similarity
   * @param margin of the best bin over the second
   * @param norm of the code
   * @param active fraction of units
   */
  public record Reading(
      int bin, double[] similarity, double peak, double margin, double norm, double active) {}

  /** Reads a code, [256]. */
  public Reading read(double[] code) {
    double norm = Math.sqrt(dot(code, code));
    double[] similarity = new double[ANGLES];
    double[] best = new double[BINS];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    for (int a = 0; a < ANGLES; a++) {
      similarity[a] = norm == 0 ? 0 : dot(units[a], code) / norm;
      int bin = bin(angle(a));
      best[bin] = Math.max(best[bin], similarity[a]);
    }
    int first = 0;
    for (int bin = 1; bin < BINS; bin++) {
      first = best[bin] > best[first] ? bin : first;
    }
    double second = Double.NEGATIVE_INFINITY;
    for (int bin = 0; bin < BINS; bin++) {
      second = bin == first ? second : Math.max(second, best[bin]);
    }
    double active = Arrays.stream(code).filter(h -> h > 0).count() / (double) code.length;
    return new Reading(
        norm == 0 ? -1 : first, similarity, best[first], best[first] - second, norm, active);
  }

  /** Readings of all codes. */
  public Reading[] read(double[][] codes) {
    return Arrays.stream(codes).map(this::read).toArray(Reading[]::new);
  }

  /** Similarities of prototypes among themselves, T T^T; dissimilarities are 1 less them. */
  public double[][] similarities() {
    double[][] all = new double[ANGLES][ANGLES];
    for (int a = 0; a < ANGLES; a++) {
      for (int b = 0; b < ANGLES; b++) {
        all[a][b] = dot(units[a], units[b]);
      }
    }
    return all;
  }

  /**
   * How far similarity of codes falls with distance on the ring: minus their rank correlation over
   * all pairs of prototypes nearer than {@code within}, an angle.
   */
  public double fidelity(double within) {
    double[][] similar = similarities();
    double[] similarity = new double[ANGLES * ANGLES];
    double[] distance = new double[ANGLES * ANGLES];
    int count = 0;
    for (int a = 0; a < ANGLES; a++) {
      for (int b = a + 1; b < ANGLES; b++) {
        int steps = Math.min(b - a, ANGLES - (b - a));
        if (2 * Math.PI * steps / ANGLES < within) {
          similarity[count] = similar[a][b];
          distance[count++] = steps;
        }
      }
    }
    return -Correlation.spearman(Arrays.copyOf(similarity, count), Arrays.copyOf(distance, count));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static double[] normalised(double[] x) {
    double norm = Math.sqrt(dot(x, x));
    return norm == 0 ? x.clone() : Arrays.stream(x).map(v -> v / norm).toArray();
  }
}
