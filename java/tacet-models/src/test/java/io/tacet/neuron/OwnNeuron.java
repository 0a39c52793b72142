package io.tacet.neuron;

import java.util.List;

/** A neuron of a user: cubic integrate and fire, {@code dV/dt = (V^3 + I) / tau}. */
public final class OwnNeuron implements HybridNeuron {
  @Override
  public String name() {
    return "cubic";
  }

  @Override
  public List<String> variables() {
    return List.of("V", "I");
  }

  @Override
  public List<NeuronParameter> parameters() {
    return List.of(NeuronParameter.tau("tau", 5), NeuronParameter.free("peak", 2));
  }

  @Override
  public int receptor(double weight) {
    return 1;
  }

  @Override
  public void start(double[] p, double[] x) {
    x[0] = 0;
    x[1] = 0;
  }

  @Override
  public void startAdjoint(double[] p, double[] lambda, double[] dp) {}

  @Override
  public void field(int mode, double[] x, double[] p, double[] slope) {
    slope[0] = (x[0] * x[0] * x[0] + x[1]) / p[0];
    slope[1] = -x[1] / p[0];
  }

  @Override
  public void fieldAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    double v = lambda[0] / p[0];
    double i = lambda[1] / p[0];
    dx[0] += v * 3 * x[0] * x[0];
    dx[1] += v - i;
    dp[0] -= (v * (x[0] * x[0] * x[0] + x[1]) - i * x[1]) / p[0];
  }

  @Override
  public double condition(int mode, double[] x, double[] p) {
    return x[0] - p[1];
  }

  @Override
  public void conditionAdjoint(
      int mode, double[] x, double[] p, double factor, double[] dx, double[] dp) {
    dx[0] += factor;
    dp[1] -= factor;
  }

  @Override
  public int transition(int mode, double[] x, double[] p, double[] after) {
    after[0] = 0;
    after[1] = x[1];
    return 0;
  }

  @Override
  public void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    dx[1] += lambda[1];
  }
}
