package io.tacet.neuron;

/**
 * Divided differences of exponentials, of which solutions of linear equations are made, without
 * cancellation where rates are close or equal.
 */
final class Exponentials {
  private static final double SERIES = 0.5;

  private Exponentials() {}

  /** The integral over s from 0 to t of {@code e^(-a (t-s)) e^(-b s)}; t where both rates are 0. */
  static double first(double a, double b, double t) {
    double difference = Math.abs(a - b);
    double slower = Math.exp(-Math.min(a, b) * t);
    return difference * t == 0 ? t * slower : slower * (-Math.expm1(-difference * t) / difference);
  }

  /** The integral over s from 0 to t of {@code (t-s) e^(-a (t-s)) e^(-b s)}. */
  static double second(double a, double b, double t) {
    double x = (a - b) * t;
    if (Math.abs(x) < SERIES) {
      return t * t * Math.exp(-a * t) * tail(x);
    }
    double both = Math.exp(-b * t) - Math.exp(-a * t) * (1 + x);
    return both / ((a - b) * (a - b));
  }

  /** {@code (e^x - 1 - x) / x^2} by its series. */
  private static double tail(double x) {
    double term = 0.5;
    double sum = term;
    for (int k = 3; Math.abs(term) > 1e-18 * sum; k++) {
      term *= x / k;
      sum += term;
    }
    return sum;
  }
}
