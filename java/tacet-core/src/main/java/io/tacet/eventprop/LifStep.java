package io.tacet.eventprop;

/**
 * What a step of d ms does to a free LIF neuron, {@code V = alpha V + gamma I, I = beta I} with V
 * measured relative to the bias: {@code alpha = e^(-d/tm), beta = e^(-d/ts), gamma = ts/(tm-ts)
 * (alpha - beta)}, the exact solution of {@code tm V' = I - V, ts I' = -I}. In double precision for
 * simulations of either precision, since alpha - beta loses digits when d is short.
 *
 * @param alpha factor of V
 * @param beta factor of I
 * @param gamma factor of I in V
 */
public record LifStep(double alpha, double beta, double gamma) {

  /** That of {@code d} ms; time constants in ms. */
  public static LifStep of(double tauMem, double tauSyn, double d) {
    double beta = Math.exp(-d / tauSyn);
    double x = d * (tauMem - tauSyn) / (tauMem * tauSyn);
    return new LifStep(
        Math.exp(-d / tauMem), beta, d / tauMem * beta * (x == 0 ? 1 : Math.expm1(x) / x));
  }
}
