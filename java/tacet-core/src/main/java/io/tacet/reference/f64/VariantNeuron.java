package io.tacet.reference.f64;

/**
 * The free motion of one neuron of a variant, in closed form, and its adjoint. With the leak r =
 * 1/tau_m (0 without), the rates r_k of the variables that decay and what they add to dV/dt, c_k,
 *
 * <pre>V(t) = V e^(-r t) + sum_k c_k x_k E1(r, r_k; t) + (b/tau_m) E1(r, 0; t)</pre>
 *
 * and the adjoint has the transposed propagator. With alpha synapses the currents I and J have
 * onsets S, which decay at the same rate and add {@code c S r_k E2(r_k, r; t)}; see
 * docs/hybrid-neurons.md.
 */
final class VariantNeuron {
  /**
   * Variables: the potential, the two synaptic currents, the threshold's rise, the adaptation. At
   * {@link #ONSET} past a current is its onset, which stays 0 but for alpha synapses.
   */
  static final int V = 0;

  static final int I = 1;
  static final int J = 2;
  static final int A = 3;
  static final int W = 4;
  static final int ONSET = 4;
  static final int VARIABLES = 7;

  /** The end of the variables with a rate and a coupling of their own. */
  static final int DECAYING = 5;

  /** Sums of the adjoint: gradients of the parameters, those of the time constants by variable. */
  static final int TAU_MEM = 0;

  static final int BIAS = 5;
  static final int THRESHOLD = 6;
  static final int RESET = 7;
  static final int REFRACTORY = 8;
  static final int THRESHOLD_JUMP = 9;
  static final int ADAPTATION_JUMP = 10;
  static final int SUMS = 11;

  /** 0 for a variable that the neuron does not have. */
  final double[] rates = new double[DECAYING];

  /** What each variable adds to dV/dt. */
  final double[] couplings = new double[DECAYING];

  double tauMem;

  /** 1/tau_m, or 0 without leak. */
  double leak;

  /** What the bias adds to dV/dt. */
  double drive;

  double theta;
  boolean alphaSynapses;

  void set(VariantLayer layer, int n) {
    tauMem = layer.base.tauMem[n];
    leak = layer.leaky ? 1 / tauMem : 0;
    drive = layer.bias[n] / tauMem;
    theta = layer.threshold[n];
    alphaSynapses = layer.alphaSynapses;
    set(I, layer.base.tauSyn, n, 1 / tauMem);
    set(J, layer.tauInhibitory, n, 1 / tauMem);
    set(A, layer.tauThreshold, n, 0);
    set(W, layer.tauAdaptation, n, -1 / tauMem);
  }

  private void set(int k, double[] tau, int n, double coupling) {
    rates[k] = tau == null ? 0 : 1 / tau[n];
    couplings[k] = tau == null ? 0 : coupling;
  }

  /** What a variable rises towards: the onset of a current with alpha synapses, else 0. */
  static double onset(double[] x, int k) {
    return k <= J ? x[k + ONSET] : 0;
  }

  /** dV/dt outside a refractory period. */
  double rise(double[] x, double v) {
    double sum = drive - leak * v;
    for (int k = I; k < DECAYING; k++) {
      sum += couplings[k] * x[k];
    }
    return sum;
  }

  /** V after a time. */
  double potential(double[] x, double t) {
    double v = x[V] * Real.exp(-leak * t);
    for (int k = I; k < DECAYING; k++) {
      if (couplings[k] != 0 && x[k] != 0) {
        v += couplings[k] * x[k] * first(leak, rates[k], t);
      }
      if (onset(x, k) != 0) {
        v += couplings[k] * onset(x, k) * rates[k] * second(rates[k], leak, t);
      }
    }
    return drive == 0 ? v : v + drive * first(leak, 0, t);
  }

  /** All but V decay. */
  void rest(double[] x, double t) {
    for (int k = I; k < DECAYING; k++) {
      double onset = onset(x, k);
      if (x[k] != 0 || onset != 0) {
        double factor = Real.exp(-rates[k] * t);
        x[k] = (x[k] + onset * rates[k] * t) * factor;
        if (onset != 0) {
          x[k + ONSET] = onset * factor;
        }
      }
    }
  }

  void move(double[] x, double t) {
    x[V] = potential(x, t);
    rest(x, t);
  }

  /** The distance from the threshold after a time: negative below it. */
  double distance(double[] x, double t) {
    double adaptive = x[A] == 0 ? 0 : x[A] * Real.exp(-rates[A] * t);
    return potential(x, t) - theta - adaptive;
  }

  /** dL/dt of an arrival per weight at a variable, while V stands still or not. */
  double arrivalError(int k, double[] lambda, boolean held) {
    if (k >= DECAYING) {
      return rates[k - ONSET] * (lambda[k] - lambda[k - ONSET]);
    }
    double decay = rates[k] * lambda[k];
    return held ? decay : decay - lambda[V] * couplings[k];
  }

  /** Takes the adjoint back over a time in which V stood still; x is the state at its beginning. */
  void retreatAtRest(double[] x, double t, double[] lambda, double[] sums) {
    for (int k = I; k < DECAYING; k++) {
      if (rates[k] != 0) {
        double factor = Real.exp(-rates[k] * t);
        sums[k] += x[k] * lambda[k] * t * factor * rates[k] * rates[k];
        if (alphaSynapses && k <= J) {
          retreatOnset(k, x, t, factor, lambda, sums);
        }
        lambda[k] *= factor;
      }
    }
  }

  /** Of the onset of current k, whose adjoint has not gone back yet. */
  private void retreatOnset(
      int k, double[] x, double t, double factor, double[] lambda, double[] sums) {
    double rate = rates[k];
    double own = lambda[k + ONSET];
    sums[k] += onset(x, k) * t * factor * (own - lambda[k] * (1 - rate * t)) * rate * rate;
    lambda[k + ONSET] = (own + lambda[k] * rate * t) * factor;
  }

  /** Takes the adjoint back over a free motion; x is the state at its beginning. */
  void retreat(double[] x, double t, double[] lambda, double[] sums) {
    double membrane = lambda[V];
    double fade = Real.exp(-leak * t);
    double potentials = x[V] * t * fade;
    double ones = first(leak, 0, t);
    double slopes = drive * ones;
    for (int k = I; k < DECAYING; k++) {
      if (rates[k] == 0) {
        continue;
      }
      double factor = Real.exp(-rates[k] * t);
      double spread = couplings[k] == 0 ? 0 : couplings[k] * first(leak, rates[k], t);
      if (x[k] != 0) {
        double integral = lambda[k] * t * factor;
        if (spread != 0) {
          integral += couplings[k] * membrane * second(rates[k], leak, t);
          potentials += couplings[k] * x[k] * second(leak, rates[k], t);
          slopes += spread * x[k];
        }
        sums[k] += x[k] * integral * rates[k] * rates[k];
      }
      if (alphaSynapses && k <= J) {
        double onset = onset(x, k);
        double pull = couplings[k] * membrane;
        double before = second(rates[k], leak, t);
        double change = before - rates[k] * third(rates[k], leak, t);
        retreatOnset(k, x, t, factor, lambda, sums);
        lambda[k + ONSET] += pull * rates[k] * before;
        sums[k] -= onset * pull * change * rates[k] * rates[k];
        potentials += couplings[k] * onset * rates[k] * mixed(rates[k], leak, t);
        slopes += couplings[k] * onset * rates[k] * before;
      }
      lambda[k] = lambda[k] * factor + spread * membrane;
    }
    if (drive != 0) {
      potentials += drive * second(leak, 0, t);
    }
    sums[TAU_MEM] -= membrane * (slopes - leak * potentials) / tauMem;
    sums[BIAS] += membrane * ones / tauMem;
    lambda[V] = membrane * fade;
  }

  /** E1: the integral over s from 0 to t of {@code e^(-a (t-s)) e^(-b s)}. */
  static double first(double a, double b, double t) {
    double difference = Math.abs(a - b);
    double slower = Real.exp(-Math.min(a, b) * t);
    return difference * t == 0 ? t * slower : slower * (-Real.expm1(-difference * t) / difference);
  }

  /** E2: the integral over s from 0 to t of {@code (t-s) e^(-a (t-s)) e^(-b s)}. */
  static double second(double a, double b, double t) {
    double x = (a - b) * t;
    if (Math.abs(x) < 0.5) {
      return t * t * Real.exp(-a * t) * tail(x);
    }
    double both = Real.exp(-b * t) - Real.exp(-a * t) * (1 + x);
    return both / ((a - b) * (a - b));
  }

  /** E3: the integral over s from 0 to t of {@code (t-s)^2 e^(-a (t-s)) e^(-b s)}. */
  static double third(double a, double b, double t) {
    double x = (a - b) * t;
    if (Math.abs(x) < 1) {
      double term = 1.0 / 3;
      double sum = term;
      for (int k = 4; Math.abs(term) > Real.EPSILON / 16 * sum; k++) {
        term *= x / k;
        sum += term;
      }
      return t * t * t * Real.exp(-a * t) * sum;
    }
    return (2 * second(a, b, t) - t * t * Real.exp(-a * t)) / (a - b);
  }

  /** E11: the integral over s from 0 to t of {@code s (t-s) e^(-a (t-s)) e^(-b s)}. */
  static double mixed(double a, double b, double t) {
    double half = (a - b) * t / 2;
    if (Math.abs(half) < 1) {
      // (h cosh h - sinh h) / h^3, all of whose terms are positive
      double term = 1.0 / 3;
      double sum = term;
      for (int k = 2; term > Real.EPSILON / 16 * sum; k++) {
        term *= half * half / ((2 * k - 2) * (2 * k + 1));
        sum += term;
      }
      return t * t * t / 2 * Real.exp(-(a + b) / 2 * t) * sum;
    }
    return (t * first(a, b, t) - 2 * second(a, b, t)) / (a - b);
  }

  /** {@code (e^x - 1 - x) / x^2} by its series. */
  private static double tail(double x) {
    double term = 0.5;
    double sum = term;
    for (int k = 3; Math.abs(term) > Real.EPSILON / 16 * sum; k++) {
      term *= x / k;
      sum += term;
    }
    return sum;
  }
}
