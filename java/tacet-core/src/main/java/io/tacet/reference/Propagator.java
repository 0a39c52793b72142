package io.tacet.reference;

import io.tacet.eventprop.LifStep;

/**
 * The propagator of a free LIF neuron over a fixed step of d ms, see {@link LifStep}, and what
 * gradients with respect to the time constants need.
 *
 * @param alpha factor of V
 * @param beta factor of I
 * @param gamma factor of I in V
 * @param tauMemI factor of lambda_V I in the integral of lambda_V V' over the step
 * @param tauMemV factor of lambda_V V in the same
 * @param tauSynI factor of lambda_I I in the integral of lambda_I I'
 * @param tauSynV factor of lambda_V I in the same
 */
public record Propagator(
    double alpha,
    double beta,
    double gamma,
    double tauMemI,
    double tauMemV,
    double tauSynI,
    double tauSynV) {

  /** Propagator of a step of {@code d} ms; V and I in the factors are those at its beginning. */
  public static Propagator of(double tauMem, double tauSyn, double d) {
    LifStep step = LifStep.of(tauMem, tauSyn, d);
    double alpha = step.alpha();
    double beta = step.beta();
    double gamma = step.gamma();
    double x = d * (tauMem - tauSyn) / (tauMem * tauSyn);
    return new Propagator(
        alpha,
        beta,
        gamma,
        gamma - d * d / (tauMem * tauMem) * alpha * secondOrder(x),
        -d / tauMem * alpha,
        -d / tauSyn * beta,
        -d * d / (tauSyn * tauSyn) * beta * secondOrder(-x));
  }

  /** (1 - (1 - e^-x)/x)/x, the integral of (1 - s) e^(-xs) over 0..1: 1/2 at 0. */
  public static double secondOrder(double x) {
    if (Math.abs(x) < 0.05) {
      return 0.5 - x / 6 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7))));
    }
    return (1 + Math.expm1(-x) / x) / x;
  }
}
