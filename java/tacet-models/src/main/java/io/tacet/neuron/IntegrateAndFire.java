package io.tacet.neuron;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The integrate-and-fire neurons that have a closed form between events: one membrane, driven by
 * variables that decay on their own.
 *
 * <pre>tau_m dV/dt = -V + I + J - w + b,   tau_s dI/dt = -I,   tau_j dJ/dt = -J,
 * tau_w dw/dt = -w,   tau_a da/dt = -a;   spike at V = threshold + a</pre>
 *
 * What a neuron has of this is said by its {@link Feature}s; without any it is the LIF neuron of
 * {@link io.tacet.eventprop.LifParameters}.
 */
public final class IntegrateAndFire implements HybridNeuron {
  private static final String NAME = "integrate-and-fire";

  /** What a neuron has beyond the LIF neuron. */
  public enum Feature {
    /** Without leak: {@code tau_m dV/dt = I + ...}. */
    NON_LEAKY,
    /** At a spike V falls by the threshold, instead of to the reset value. */
    SOFT_RESET,
    /**
     * Absolute refractory period: V stays where the spike has put it for {@code refractory} ms.
     * Input during it decays in I as usual.
     */
    REFRACTORY,
    /** ALIF: a spike raises the threshold by {@code thresholdJump}; it decays with tauThreshold. */
    ADAPTIVE_THRESHOLD,
    /** A spike raises w by {@code adaptationJump}; it decays with tauAdaptation. */
    ADAPTATION_CURRENT,
    /** Synapses with weights below 0 drive a current J of their own, with tauInhibitory. */
    INHIBITORY_SYNAPSE,
    /**
     * Synaptic currents rise before they decay: {@code tau_s dI/dt = S - I, tau_s dS/dt = -S}, and
     * J likewise. Spikes arrive at S, so that one of weight w at 0 has the current {@code w (t /
     * tau_s) e^(-t / tau_s)}.
     */
    ALPHA_SYNAPSE;

    String word() {
      return toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Set<Feature> features;
  private final List<String> variables;
  private final List<NeuronParameter> parameters;

  // Places of variables and parameters; -1 for what the neuron does not have.
  private final int inhibition;
  private final int onset;
  private final int inhibitionOnset;
  private final int threshold;
  private final int current;
  private final int clock;
  private final int tauInhibition;
  private final int tauThreshold;
  private final int tauCurrent;
  private final int reset;
  private final int refractory;
  private final int thresholdJump;
  private final int currentJump;

  private static final int TAU_MEM = 0;
  private static final int TAU_SYN = 1;
  private static final int THETA = 2;
  static final int BIAS = 3;

  /** 1 with leak, 0 without. */
  private final double leak;

  IntegrateAndFire(Set<Feature> chosen) {
    features =
        Collections.unmodifiableSet(
            chosen.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(chosen));
    leak = has(Feature.NON_LEAKY) ? 0 : 1;
    List<String> x = new ArrayList<>(List.of("V", "I"));
    List<NeuronParameter> p =
        new ArrayList<>(
            List.of(
                NeuronParameter.tau("tauMem", 20),
                NeuronParameter.tau("tauSyn", 5),
                NeuronParameter.from("threshold", 1, 0.05, 1),
                NeuronParameter.free("bias", 0)));
    reset =
        add(
            p,
            !has(Feature.SOFT_RESET),
            new NeuronParameter("reset", 0, Double.NEGATIVE_INFINITY, 0, 1));
    refractory = add(p, has(Feature.REFRACTORY), NeuronParameter.from("refractory", 2, 0.01, 10));
    inhibition = add(x, has(Feature.INHIBITORY_SYNAPSE), "J");
    tauInhibition =
        add(p, has(Feature.INHIBITORY_SYNAPSE), NeuronParameter.tau("tauInhibitory", 10));
    onset = add(x, has(Feature.ALPHA_SYNAPSE), "S");
    inhibitionOnset = add(x, onset >= 0 && inhibition >= 0, "S of J");
    threshold = add(x, has(Feature.ADAPTIVE_THRESHOLD), "a");
    tauThreshold =
        add(p, has(Feature.ADAPTIVE_THRESHOLD), NeuronParameter.tau("tauThreshold", 100));
    thresholdJump =
        add(p, has(Feature.ADAPTIVE_THRESHOLD), NeuronParameter.from("thresholdJump", 0.2, 0, 1));
    current = add(x, has(Feature.ADAPTATION_CURRENT), "w");
    tauCurrent = add(p, has(Feature.ADAPTATION_CURRENT), NeuronParameter.tau("tauAdaptation", 100));
    currentJump =
        add(p, has(Feature.ADAPTATION_CURRENT), NeuronParameter.free("adaptationJump", 0.2));
    clock = add(x, has(Feature.REFRACTORY), "clock");
    variables = List.copyOf(x);
    parameters = List.copyOf(p);
  }

  private static <T> int add(List<T> to, boolean wanted, T what) {
    if (wanted) {
      to.add(what);
    }
    return wanted ? to.size() - 1 : -1;
  }

  private boolean has(Feature feature) {
    return features.contains(feature);
  }

  /** The neuron that {@link #name} wrote; null for another name. */
  static IntegrateAndFire named(String name) {
    List<String> words = List.of(name.split(" "));
    Set<Feature> chosen = EnumSet.noneOf(Feature.class);
    for (Feature feature : Feature.values()) {
      if (words.contains(feature.word())) {
        chosen.add(feature);
      }
    }
    IntegrateAndFire neuron = new IntegrateAndFire(chosen);
    return neuron.name().equals(name) ? neuron : null;
  }

  /** Its features. */
  public Set<Feature> features() {
    return features;
  }

  @Override
  public String name() {
    return features.isEmpty()
        ? NAME
        : NAME + " " + features.stream().map(Feature::word).collect(Collectors.joining(" "));
  }

  @Override
  public List<String> variables() {
    return variables;
  }

  @Override
  public List<NeuronParameter> parameters() {
    return parameters;
  }

  @Override
  public int modes() {
    return clock >= 0 ? 2 : 1;
  }

  @Override
  public int receptor(double weight) {
    boolean inhibitory = weight < 0 && inhibition >= 0;
    if (onset >= 0) {
      return inhibitory ? inhibitionOnset : onset;
    }
    return inhibitory ? inhibition : 1;
  }

  @Override
  public String problem(double[] p) {
    boolean taus = p[TAU_MEM] > 0 && p[TAU_SYN] > 0;
    for (int tau : new int[] {tauInhibition, tauThreshold, tauCurrent}) {
      taus &= tau < 0 || p[tau] > 0;
    }
    boolean order = p[THETA] > 0 && (reset < 0 || p[reset] < p[THETA]);
    boolean jumps = thresholdJump < 0 || p[thresholdJump] >= 0;
    boolean rest = refractory < 0 || p[refractory] > 0;
    return taus && order && jumps && rest
        ? null
        : "positive time constants, threshold and refractory period, a reset below the threshold,"
            + " and a jump of the threshold that is not negative";
  }

  @Override
  public void start(double[] p, double[] x) {
    Arrays.fill(x, 0);
  }

  @Override
  public void startAdjoint(double[] p, double[] lambda, double[] dp) {
    // It does not depend on parameters.
  }

  /** tau_m dV/dt, outside a refractory period. */
  double drive(double[] x, double[] p) {
    double drive = p[BIAS] - leak * x[0] + x[1];
    drive += inhibition < 0 ? 0 : x[inhibition];
    return drive - (current < 0 ? 0 : x[current]);
  }

  @Override
  public void field(int mode, double[] x, double[] p, double[] slope) {
    slope[0] = mode == 1 ? 0 : drive(x, p) / p[TAU_MEM];
    decay(1, TAU_SYN, x, p, slope);
    decay(inhibition, tauInhibition, x, p, slope);
    rise(1, onset, TAU_SYN, x, p, slope);
    rise(inhibition, inhibitionOnset, tauInhibition, x, p, slope);
    decay(threshold, tauThreshold, x, p, slope);
    decay(current, tauCurrent, x, p, slope);
    if (clock >= 0) {
      slope[clock] = mode;
    }
  }

  private static void decay(int variable, int tau, double[] x, double[] p, double[] slope) {
    if (variable >= 0) {
      slope[variable] = -x[variable] / p[tau];
    }
  }

  /** A current rises towards its onset, which decays. */
  private static void rise(
      int current, int onset, int tau, double[] x, double[] p, double[] slope) {
    if (onset >= 0) {
      slope[current] += x[onset] / p[tau];
      slope[onset] = -x[onset] / p[tau];
    }
  }

  @Override
  public void fieldAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    if (mode == 0) {
      double m = lambda[0] / p[TAU_MEM];
      dx[0] -= leak * m;
      dx[1] += m;
      if (inhibition >= 0) {
        dx[inhibition] += m;
      }
      if (current >= 0) {
        dx[current] -= m;
      }
      dp[TAU_MEM] -= m * drive(x, p) / p[TAU_MEM];
      dp[BIAS] += m;
    }
    decayAdjoint(1, TAU_SYN, x, p, lambda, dx, dp);
    decayAdjoint(inhibition, tauInhibition, x, p, lambda, dx, dp);
    riseAdjoint(1, onset, TAU_SYN, x, p, lambda, dx, dp);
    riseAdjoint(inhibition, inhibitionOnset, tauInhibition, x, p, lambda, dx, dp);
    decayAdjoint(threshold, tauThreshold, x, p, lambda, dx, dp);
    decayAdjoint(current, tauCurrent, x, p, lambda, dx, dp);
  }

  private static void decayAdjoint(
      int variable, int tau, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    if (variable >= 0) {
      dx[variable] -= lambda[variable] / p[tau];
      dp[tau] += lambda[variable] * x[variable] / (p[tau] * p[tau]);
    }
  }

  private static void riseAdjoint(
      int current,
      int onset,
      int tau,
      double[] x,
      double[] p,
      double[] lambda,
      double[] dx,
      double[] dp) {
    if (onset >= 0) {
      double difference = lambda[current] - lambda[onset];
      dx[onset] += difference / p[tau];
      dp[tau] -= difference * x[onset] / (p[tau] * p[tau]);
    }
  }

  @Override
  public double condition(int mode, double[] x, double[] p) {
    return mode == 1
        ? x[clock] - p[refractory]
        : x[0] - p[THETA] - (threshold < 0 ? 0 : x[threshold]);
  }

  @Override
  public void conditionAdjoint(
      int mode, double[] x, double[] p, double factor, double[] dx, double[] dp) {
    if (mode == 1) {
      dx[clock] += factor;
      dp[refractory] -= factor;
      return;
    }
    dx[0] += factor;
    dp[THETA] -= factor;
    if (threshold >= 0) {
      dx[threshold] -= factor;
    }
  }

  @Override
  public int transition(int mode, double[] x, double[] p, double[] after) {
    System.arraycopy(x, 0, after, 0, x.length);
    if (clock >= 0) {
      after[clock] = 0;
    }
    if (mode == 1) {
      return 0;
    }
    after[0] = reset >= 0 ? p[reset] : x[0] - p[THETA];
    if (threshold >= 0) {
      after[threshold] += p[thresholdJump];
    }
    if (current >= 0) {
      after[current] += p[currentJump];
    }
    return clock >= 0 ? 1 : 0;
  }

  @Override
  public void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
    for (int i = 0; i < lambda.length; i++) {
      if (i != clock && (i > 0 || reset < 0 || mode == 1)) {
        dx[i] += lambda[i];
      }
    }
    if (mode == 1) {
      return;
    }
    dp[reset >= 0 ? reset : THETA] += reset >= 0 ? lambda[0] : -lambda[0];
    if (threshold >= 0) {
      dp[thresholdJump] += lambda[threshold];
    }
    if (current >= 0) {
      dp[currentJump] += lambda[current];
    }
  }

  @Override
  public double pushScale(double[] p) {
    return p[TAU_MEM];
  }
}
