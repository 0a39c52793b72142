package io.tacet.neuron;

import java.util.List;

/**
 * LIF with alpha synapses, whose current rises before it decays: the current of one input at 0 is
 * {@code w (t / tau_s) e^(-t / tau_s)}.
 *
 * <pre>tau_m dV/dt = -V + I + b,  tau_s dI/dt = S - I,  tau_s dS/dt = -S;
 * spike at V = threshold, then V = reset</pre>
 */
final class AlphaNeuron implements HybridNeuron {
  private static final int TAU_MEM = 0;
  private static final int TAU_SYN = 1;
  private static final int THRESHOLD = 2;
  private static final int BIAS = 3;
  private static final int RESET = 4;
  private static final List<NeuronParameter> PARAMETERS =
      List.of(
          NeuronParameter.tau("tauMem", 20),
          NeuronParameter.tau("tauSyn", 5),
          NeuronParameter.from("threshold", 1, 0.05, 1),
          NeuronParameter.free("bias", 0),
          new NeuronParameter("reset", 0, Double.NEGATIVE_INFINITY, 0, 1));

  @Override
  public String name() {
    return "alpha";
  }

  @Override
  public List<String> variables() {
    return List.of("V", "I", "S");
  }

  @Override
  public List<NeuronParameter> parameters() {
    return PARAMETERS;
  }

  @Override
  public int receptor(double weight) {
    return 2;
  }

  @Override
  public String problem(double[] p) {
    return p[TAU_MEM] > 0 && p[TAU_SYN] > 0 && p[THRESHOLD] > 0 && p[RESET] < p[THRESHOLD]
        ? null
        : "positive time constants and threshold, and a reset below the threshold";
  }

  @Override
  public void start(double[] p, double[] x) {
    x[0] = 0;
    x[1] = 0;
    x[2] = 0;
  }

  @Override
  public void startAdjoint(double[] p, double[] lambda, double[] dp) {
    // It does not depend on parameters.
  }

  @Override
  public void field(int mode, double[] x, double[] p, double[] slope) {
    slope[0] = (p[BIAS] - x[0] + x[1]) / p[TAU_MEM];
    slope[1] = (x[2] - x[1]) / p[TAU_SYN];
    slope[2] = -x[2] / p[TAU_SYN];
  }

  @Override
  public void fieldAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    double m = lambda[0] / p[TAU_MEM];
    double i = lambda[1] / p[TAU_SYN];
    double s = lambda[2] / p[TAU_SYN];
    dx[0] -= m;
    dx[1] += m - i;
    dx[2] += i - s;
    dp[TAU_MEM] -= m * (p[BIAS] - x[0] + x[1]) / p[TAU_MEM];
    dp[TAU_SYN] -= (i * (x[2] - x[1]) - s * x[2]) / p[TAU_SYN];
    dp[BIAS] += m;
  }

  @Override
  public double condition(int mode, double[] x, double[] p) {
    return x[0] - p[THRESHOLD];
  }

  @Override
  public void conditionAdjoint(
      int mode, double[] x, double[] p, double factor, double[] dx, double[] dp) {
    dx[0] += factor;
    dp[THRESHOLD] -= factor;
  }

  @Override
  public int transition(int mode, double[] x, double[] p, double[] after) {
    after[0] = p[RESET];
    after[1] = x[1];
    after[2] = x[2];
    return 0;
  }

  @Override
  public void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    dp[RESET] += lambda[0];
    dx[1] += lambda[1];
    dx[2] += lambda[2];
  }

  @Override
  public double pushScale(double[] p) {
    return p[TAU_MEM];
  }
}
