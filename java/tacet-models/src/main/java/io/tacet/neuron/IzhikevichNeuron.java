package io.tacet.neuron;

import java.util.List;

/**
 * The neuron of Izhikevich (2003), with an exponential synapse; V in mV:
 *
 * <pre>dV/dt = 0.04 V^2 + 5 V + 140 - u + I,  du/dt = a (b V - u),  tau_s dI/dt = -I;
 * spike at V = peak, then V = c, u += d</pre>
 *
 * It starts at V = -70, u = b V, at rest for b = 0.2. Weights are of the order of 10.
 */
final class IzhikevichNeuron implements HybridNeuron {
  private static final double START = -70;
  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int D = 3;
  private static final int PEAK = 4;
  private static final int TAU_SYN = 5;
  private static final List<NeuronParameter> PARAMETERS =
      List.of(
          NeuronParameter.from("a", 0.02, 1e-4, 0.1),
          NeuronParameter.free("b", 0.2),
          NeuronParameter.free("c", -65),
          NeuronParameter.free("d", 8),
          NeuronParameter.free("peak", 30),
          NeuronParameter.tau("tauSyn", 5));

  @Override
  public String name() {
    return "izhikevich";
  }

  @Override
  public List<String> variables() {
    return List.of("V", "I", "u");
  }

  @Override
  public List<NeuronParameter> parameters() {
    return PARAMETERS;
  }

  @Override
  public int receptor(double weight) {
    return 1;
  }

  @Override
  public String problem(double[] p) {
    return p[TAU_SYN] > 0 && p[A] > 0 && p[C] < p[PEAK] && p[PEAK] > START
        ? null
        : "a positive tauSyn and a, and a peak above c and -70";
  }

  @Override
  public void start(double[] p, double[] x) {
    x[0] = START;
    x[1] = 0;
    x[2] = p[B] * START;
  }

  @Override
  public void startAdjoint(double[] p, double[] lambda, double[] dp) {
    dp[B] += lambda[2] * START;
  }

  @Override
  public void field(int mode, double[] x, double[] p, double[] slope) {
    slope[0] = (0.04 * x[0] + 5) * x[0] + 140 - x[2] + x[1];
    slope[1] = -x[1] / p[TAU_SYN];
    slope[2] = p[A] * (p[B] * x[0] - x[2]);
  }

  @Override
  public void fieldAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    dx[0] += lambda[0] * (0.08 * x[0] + 5) + lambda[2] * p[A] * p[B];
    dx[1] += lambda[0] - lambda[1] / p[TAU_SYN];
    dx[2] -= lambda[0] + lambda[2] * p[A];
    dp[A] += lambda[2] * (p[B] * x[0] - x[2]);
    dp[B] += lambda[2] * p[A] * x[0];
    dp[TAU_SYN] += lambda[1] * x[1] / (p[TAU_SYN] * p[TAU_SYN]);
  }

  @Override
  public double condition(int mode, double[] x, double[] p) {
    return x[0] - p[PEAK];
  }

  @Override
  public void conditionAdjoint(
      int mode, double[] x, double[] p, double factor, double[] dx, double[] dp) {
    dx[0] += factor;
    dp[PEAK] -= factor;
  }

  @Override
  public int transition(int mode, double[] x, double[] p, double[] after) {
    after[0] = p[C];
    after[1] = x[1];
    after[2] = x[2] + p[D];
    return 0;
  }

  @Override
  public void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    dx[1] += lambda[1];
    dx[2] += lambda[2];
    dp[C] += lambda[0];
    dp[D] += lambda[2];
  }
}
