package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Close;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Compares gradients: with differences of the loss, and with one another. */
final class FiniteDifferences {
  private static final double STEP = 1e-6;

  private FiniteDifferences() {}

  /**
   * Asserts that the gradient agrees relative to its largest element, at least {@code scale}.
   * Parameters that are NaN are left out; those at 0 of a kind that cannot be negative are measured
   * on one side.
   *
   * @param gradient in the order of the parameters that are not NaN
   */
  static void check(
      String kind,
      double[] parameters,
      double[] gradient,
      boolean nonNegative,
      double tolerance,
      DoubleSupplier loss) {
    double scale = 1e-3;
    for (double g : gradient) {
      scale = Math.max(scale, Math.abs(g));
    }
    int at = 0;
    for (int p = 0; p < parameters.length; p++) {
      if (Double.isNaN(parameters[p])) {
        continue;
      }
      double measured = slope(parameters, p, nonNegative, loss);
      assertThat(Math.abs(gradient[at] - measured) / scale)
          .as("%s %d: gradient %s, measured %s", kind, p, gradient[at], measured)
          .isLessThan(tolerance);
      at++;
    }
    assertThat(at).as("number of %s", kind).isEqualTo(gradient.length);
  }

  private static double slope(
      double[] parameters, int p, boolean nonNegative, DoubleSupplier loss) {
    double was = parameters[p];
    try {
      if (nonNegative && was < STEP) {
        double h = 4 * STEP;
        parameters[p] = was + h;
        double one = loss.getAsDouble();
        parameters[p] = was + 2 * h;
        double two = loss.getAsDouble();
        parameters[p] = was;
        return (4 * one - two - 3 * loss.getAsDouble()) / (2 * h);
      }
      parameters[p] = was + STEP;
      double above = loss.getAsDouble();
      parameters[p] = was - STEP;
      return (above - loss.getAsDouble()) / (2 * STEP);
    } finally {
      parameters[p] = was;
    }
  }

  /** Asserts equality to 1e-10 of the largest element. */
  static void assertClose(double[] actual, double[] expected) {
    assertClose(actual, expected, 1e-10);
  }

  /** Asserts equality to a part of the largest element, at least of 1. */
  static void assertClose(double[] actual, double[] expected, double tolerance) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    Close.assertClose("element", actual, expected, tolerance * Math.max(1, scale));
  }
}
