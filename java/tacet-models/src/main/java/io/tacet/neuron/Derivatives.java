package io.tacet.neuron;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Compares the derivatives that a {@link HybridNeuron} gives with finite differences. */
public final class Derivatives {
  private static final double STEP = 1e-4;
  private static final double TOLERANCE = 1e-7;

  private final HybridNeuron neuron;
  private final double[] x;
  private final double[] p;

  private Derivatives(HybridNeuron neuron, double[] x, double[] p) {
    this.neuron = neuron;
    this.x = x;
    this.p = p;
  }

  /**
   * Checks all derivatives of all modes at states near one and at parameters near some.
   *
   * @param state where the neuron is smooth, n variables
   * @param parameters in the order of {@link HybridNeuron#parameters}
   * @param seed of the directions in which is measured
   * @throws IllegalArgumentException naming the derivative that is wrong, its mode, what the neuron
   *     says and what was measured
   */
  public static void check(HybridNeuron neuron, double[] state, double[] parameters, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int mode = 0; mode < neuron.modes(); mode++) {
      new Derivatives(neuron, near(state, random), near(parameters, random)).mode(mode, random);
    }
    new Derivatives(neuron, near(state, random), near(parameters, random)).start(random);
  }

  private static double[] near(double[] values, SplittableRandom random) {
    return Arrays.stream(values).map(v -> v + (random.nextDouble() - 0.5) * 1e-3).toArray();
  }

  private void mode(int mode, SplittableRandom random) {
    double[] lambda = random.doubles(x.length, -1, 1).toArray();
    double[] dx = new double[x.length];
    double[] dp = new double[p.length];
    neuron.fieldAdjoint(mode, x, p, lambda, dx, dp);
    compare("fieldAdjoint", mode, dx, dp, s -> dot(lambda, field(mode, s)));
    clear(dx, dp);
    neuron.conditionAdjoint(mode, x, p, lambda[0], dx, dp);
    compare(
        "conditionAdjoint", mode, dx, dp, s -> lambda[0] * neuron.condition(mode, s.x(), s.p()));
    clear(dx, dp);
    neuron.transitionAdjoint(mode, x, p, lambda, dx, dp);
    compare("transitionAdjoint", mode, dx, dp, s -> dot(lambda, transition(mode, s)));
  }

  private void start(SplittableRandom random) {
    double[] lambda = random.doubles(x.length, -1, 1).toArray();
    double[] dp = new double[p.length];
    neuron.startAdjoint(p, lambda, dp);
    compare("startAdjoint", 0, new double[x.length], dp, s -> dot(lambda, start(s)));
  }

  /** Where a function is evaluated. */
  private record Place(double[] x, double[] p) {}

  private double[] field(int mode, Place at) {
    double[] slope = new double[x.length];
    neuron.field(mode, at.x(), at.p(), slope);
    return slope;
  }

  private double[] transition(int mode, Place at) {
    double[] after = new double[x.length];
    neuron.transition(mode, at.x(), at.p(), after);
    return after;
  }

  private double[] start(Place at) {
    double[] state = new double[x.length];
    neuron.start(at.p(), state);
    return state;
  }

  private static void clear(double[] dx, double[] dp) {
    Arrays.fill(dx, 0);
    Arrays.fill(dp, 0);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private void compare(
      String what, int mode, double[] dx, double[] dp, Function<Place, Double> value) {
    for (int i = 0; i < x.length; i++) {
      double measured = slope(x, i, value);
      require(what, mode, neuron.variables().get(i), dx[i], measured);
    }
    for (int i = 0; i < p.length; i++) {
      double measured = slope(p, i, value);
      require(what, mode, neuron.parameters().get(i).name(), dp[i], measured);
    }
  }

  /** By differences of fourth order. */
  private double slope(double[] of, int i, Function<Place, Double> value) {
    double was = of[i];
    double h = STEP * Math.max(1, Math.abs(was));
    double[] at = new double[4];
    int[] steps = {-2, -1, 1, 2};
    for (int k = 0; k < at.length; k++) {
      of[i] = was + steps[k] * h;
      at[k] = value.apply(new Place(x, p));
    }
    of[i] = was;
    return (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * h);
  }

  private void require(String what, int mode, String by, double given, double measured) {
    if (!(Math.abs(given - measured) <= TOLERANCE * Math.max(1, Math.abs(measured)))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s of %s in mode %d: expected the derivative by %s to be %.9g, which was measured,"
                  + " got %.9g.",
              what,
              neuron.name(),
              mode,
              by,
              measured,
              given));
    }
  }
}
