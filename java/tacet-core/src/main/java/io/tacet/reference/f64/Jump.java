package io.tacet.reference.f64;

/** The jump of lambda_V at a spike (Wunderlich and Pehle 2021, eq. 5, with V_reset and a bias). */
final class Jump {
  private Jump() {}

  /**
   * lambda_V just before a spike, in forward time:
   *
   * <pre>lambda_V(-) = (error + tau_m V'(+) lambda_V(+)) / (tau_m V'(-)),
   * tau_m V'(-) = I - theta + b = slope,  tau_m V'(+) = I - reset + b</pre>
   *
   * where the divisor is at least tau_m times {@link Layer#leastSlope}, and the gradients that a
   * spike gives alone: dL/dtheta += tau_m lambda_V(-), dL/dreset -= tau_m lambda_V(+).
   *
   * @param slope I - theta + b just before the spike
   * @param error dL/dt of the spike: of the loss, and of everything the spike causes
   * @param after lambda_V just after the spike
   */
  static double before(
      Layer layer, int n, double slope, double error, double after, double[] kick, Gradients g) {
    double outward = slope + layer.theta[n] - layer.reset[n];
    double before = (error + outward * after) / Math.max(slope, layer.tauMem[n] * layer.leastSlope);
    if (g.threshold != null) {
      g.threshold[n] += layer.tauMem[n] * before;
    }
    if (g.reset != null) {
      g.reset[n] -= layer.tauMem[n] * after;
    }
    return kick == null ? before : before + kick[n];
  }
}
