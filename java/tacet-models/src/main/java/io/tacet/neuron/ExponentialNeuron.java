package io.tacet.neuron;

import java.util.List;

/**
 * Exponential integrate-and-fire (Fourcaud-Trocm&eacute; et al. 2003) and, with adaptation, AdEx
 * (Brette and Gerstner 2005), with an exponential synapse and unit resistance:
 *
 * <pre>tau_m dV/dt = rest - V + slope exp((V - onset) / slope) + I + b - w
 * tau_w dw/dt = a (V - rest) - w,  tau_s dI/dt = -I;
 * spike at V = peak, then V = reset, w += jump</pre>
 */
final class ExponentialNeuron implements HybridNeuron {
  private static final int TAU_MEM = 0;
  private static final int TAU_SYN = 1;
  private static final int REST = 2;
  private static final int ONSET = 3;
  private static final int SLOPE = 4;
  private static final int PEAK = 5;
  private static final int RESET = 6;
  private static final int BIAS = 7;
  private static final int TAU_W = 8;
  private static final int COUPLING = 9;
  private static final int JUMP = 10;
  private static final List<NeuronParameter> ADAPTIVE =
      List.of(
          NeuronParameter.tau("tauMem", 20),
          NeuronParameter.tau("tauSyn", 5),
          NeuronParameter.free("rest", 0),
          NeuronParameter.free("onset", 1),
          NeuronParameter.from("slope", 0.2, 0.05, 1),
          NeuronParameter.free("peak", 2),
          NeuronParameter.free("reset", 0),
          NeuronParameter.free("bias", 0),
          NeuronParameter.tau("tauAdaptation", 100),
          NeuronParameter.free("coupling", 0.1),
          NeuronParameter.free("jump", 0.2));

  private final boolean adaptive;

  ExponentialNeuron(boolean adaptive) {
    this.adaptive = adaptive;
  }

  @Override
  public String name() {
    return adaptive ? "adex" : "exponential";
  }

  @Override
  public List<String> variables() {
    return adaptive ? List.of("V", "I", "w") : List.of("V", "I");
  }

  @Override
  public List<NeuronParameter> parameters() {
    return adaptive ? ADAPTIVE : ADAPTIVE.subList(0, TAU_W);
  }

  @Override
  public int receptor(double weight) {
    return 1;
  }

  @Override
  public String problem(double[] p) {
    boolean taus = p[TAU_MEM] > 0 && p[TAU_SYN] > 0 && (!adaptive || p[TAU_W] > 0);
    return taus && p[SLOPE] > 0 && p[RESET] < p[PEAK] && p[REST] < p[PEAK]
        ? null
        : "positive time constants and slope, and a peak above rest and reset";
  }

  @Override
  public void start(double[] p, double[] x) {
    x[0] = p[REST];
    x[1] = 0;
    if (adaptive) {
      x[2] = 0;
    }
  }

  @Override
  public void startAdjoint(double[] p, double[] lambda, double[] dp) {
    dp[REST] += lambda[0];
  }

  /** tau_m dV/dt. */
  private double drive(double[] x, double[] p) {
    double upstroke = p[SLOPE] * Math.exp((x[0] - p[ONSET]) / p[SLOPE]);
    return p[REST] - x[0] + upstroke + x[1] + p[BIAS] - (adaptive ? x[2] : 0);
  }

  @Override
  public void field(int mode, double[] x, double[] p, double[] slope) {
    slope[0] = drive(x, p) / p[TAU_MEM];
    slope[1] = -x[1] / p[TAU_SYN];
    if (adaptive) {
      slope[2] = (p[COUPLING] * (x[0] - p[REST]) - x[2]) / p[TAU_W];
    }
  }

  @Override
  public void fieldAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    double m = lambda[0] / p[TAU_MEM];
    double above = (x[0] - p[ONSET]) / p[SLOPE];
    double growth = Math.exp(above);
    dx[0] += m * (growth - 1);
    dx[1] += m - lambda[1] / p[TAU_SYN];
    dp[TAU_MEM] -= m * drive(x, p) / p[TAU_MEM];
    dp[TAU_SYN] += lambda[1] * x[1] / (p[TAU_SYN] * p[TAU_SYN]);
    dp[REST] += m;
    dp[ONSET] -= m * growth;
    dp[SLOPE] += m * growth * (1 - above);
    dp[BIAS] += m;
    if (adaptive) {
      double w = lambda[2] / p[TAU_W];
      double depolarised = x[0] - p[REST];
      dx[0] += w * p[COUPLING];
      dx[2] -= m + w;
      dp[TAU_W] -= w * (p[COUPLING] * depolarised - x[2]) / p[TAU_W];
      dp[COUPLING] += w * depolarised;
      dp[REST] -= w * p[COUPLING];
    }
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
    if (adaptive) {
      after[2] = x[2] + p[JUMP];
    }
    return 0;
  }

  @Override
  public void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    dp[RESET] += lambda[0];
    dx[1] += lambda[1];
    if (adaptive) {
      dx[2] += lambda[2];
      dp[JUMP] += lambda[2];
    }
  }

  @Override
  public double pushScale(double[] p) {
    return p[TAU_MEM];
  }
}
