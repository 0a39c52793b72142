package io.tacet.neuron;

import java.util.Arrays;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * The first time at which a sum of exponentials reaches 0 from below. None is missed: with {@code
 * f_0 = g} and {@code f_k = (d/dt + r_k) f_(k-1)} the last of these is one exponential, without a
 * zero, and between two zeros of {@code f_k} the function {@code e^(r_k t) f_(k-1)} is monotonic
 * (Rolle), so that each zero of {@code f_(k-1)} is found by the signs at the ends.
 */
final class Crossing {
  /** The functions f. */
  @FunctionalInterface
  interface Functions {
    /** f_k at a time. */
    double at(int k, double time);
  }

  private static final int MOST_EVALUATIONS = 1000;
  private static final double ACCURACY = 1e-15;

  private final BracketingNthOrderBrentSolver solver =
      new BracketingNthOrderBrentSolver(ACCURACY, ACCURACY, Double.MIN_NORMAL, 5);
  private double nearMiss;

  /** The largest maximum of g below 0 before the crossing; negative infinity without one. */
  double nearMiss() {
    return nearMiss;
  }

  /**
   * The first zero of f_0 in (0, span]; -1 if there is none.
   *
   * @param f functions as above with r_1 = 0, so that f_1 is the slope of g; f_0 is negative at 0
   * @param count how many; the last has no zero
   */
  double first(Functions f, int count, double span) {
    double[] places = {0, span};
    for (int k = count - 2; k > 0; k--) {
      places = zeros(f, k, places);
    }
    nearMiss = Double.NEGATIVE_INFINITY;
    for (int i = 1; i < places.length; i++) {
      double value = f.at(0, places[i]);
      if (value >= 0) {
        return root(f, 0, places[i - 1], places[i]);
      }
      if (i < places.length - 1) {
        nearMiss = Math.max(nearMiss, value);
      }
    }
    return -1;
  }

  /** The places, between which a function is monotonic, with its zeros instead of those within. */
  private double[] zeros(Functions f, int k, double[] places) {
    double[] all = new double[places.length + 1];
    int n = 0;
    all[n++] = 0;
    double before = f.at(k, 0);
    for (int i = 1; i < places.length; i++) {
      double value = f.at(k, places[i]);
      if (before < 0 != value < 0) {
        all[n++] = root(f, k, places[i - 1], places[i]);
      }
      before = value;
    }
    all[n++] = places[places.length - 1];
    return Arrays.copyOf(all, n);
  }

  private double root(Functions f, int k, double from, double to) {
    return from == to ? to : solver.solve(MOST_EVALUATIONS, t -> f.at(k, t), from, to);
  }
}
