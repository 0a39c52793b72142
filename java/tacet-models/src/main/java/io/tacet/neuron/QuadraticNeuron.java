package io.tacet.neuron;

import java.util.List;

/**
 * Quadratic integrate-and-fire (Ermentrout and Kopell 1986; Latham et al. 2000) with an exponential
 * synapse:
 *
 * <pre>tau_m dV/dt = (V - rest)(V - critical) + I + b,  tau_s dI/dt = -I;
 * spike at V = peak, then V = reset</pre>
 *
 * A neuron whose V passes {@code critical} spikes without further input.
 */
final class QuadraticNeuron implements HybridNeuron {
  private static final int TAU_MEM = 0;
  private static final int TAU_SYN = 1;
  private static final int REST = 2;
  private static final int CRITICAL = 3;
  private static final int PEAK = 4;
  private static final int RESET = 5;
  private static final int BIAS = 6;
  private static final List<NeuronParameter> PARAMETERS =
      List.of(
          NeuronParameter.tau("tauMem", 20),
          NeuronParameter.tau("tauSyn", 5),
          NeuronParameter.free("rest", 0),
          NeuronParameter.free("critical", 1),
          NeuronParameter.free("peak", 3),
          NeuronParameter.free("reset", 0),
          NeuronParameter.free("bias", 0));

  @Override
  public String name() {
    return "qif";
  }

  @Override
  public List<String> variables() {
    return List.of("V", "I");
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
    return p[TAU_MEM] > 0 && p[TAU_SYN] > 0 && p[RESET] < p[PEAK] && p[REST] < p[PEAK]
        ? null
        : "positive time constants, and a peak above rest and reset";
  }

  @Override
  public void start(double[] p, double[] x) {
    x[0] = p[REST];
    x[1] = 0;
  }

  @Override
  public void startAdjoint(double[] p, double[] lambda, double[] dp) {
    dp[REST] += lambda[0];
  }

  @Override
  public void field(int mode, double[] x, double[] p, double[] slope) {
    slope[0] = ((x[0] - p[REST]) * (x[0] - p[CRITICAL]) + x[1] + p[BIAS]) / p[TAU_MEM];
    slope[1] = -x[1] / p[TAU_SYN];
  }

  @Override
  public void fieldAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    double m = lambda[0] / p[TAU_MEM];
    double rest = x[0] - p[REST];
    double critical = x[0] - p[CRITICAL];
    dx[0] += m * (rest + critical);
    dx[1] += m - lambda[1] / p[TAU_SYN];
    dp[TAU_MEM] -= m * (rest * critical + x[1] + p[BIAS]) / p[TAU_MEM];
    dp[TAU_SYN] += lambda[1] * x[1] / (p[TAU_SYN] * p[TAU_SYN]);
    dp[REST] -= m * critical;
    dp[CRITICAL] -= m * rest;
    dp[BIAS] += m;
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
    after[0] = p[RESET];
    after[1] = x[1];
    return 0;
  }

  @Override
  public void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    dx[1] += lambda[1];
    dp[RESET] += lambda[0];
  }

  @Override
  public double pushScale(double[] p) {
    return p[TAU_MEM];
  }
}
