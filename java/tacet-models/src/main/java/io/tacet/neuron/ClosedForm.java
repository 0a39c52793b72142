package io.tacet.neuron;

import java.util.Arrays;

/**
 * {@link IntegrateAndFire} neurons between events in closed form, exact up to rounding. With r =
 * leak / tau_m, the rates r_j of the other variables and their couplings c_j into the membrane,
 *
 * <pre>V(t) = V e^(-r t) + sum_j c_j y_j E(r, r_j; t) + (b / tau_m) E(r, 0; t),
 * y_j(t) = y_j e^(-r_j t)</pre>
 *
 * with E of {@link Exponentials#first}; the adjoint has the transposed propagator, and its
 * integrals over the span are {@link Exponentials#second}.
 */
final class ClosedForm implements Flow {
  /** The part of the distance from start to threshold within which a maximum is a near miss. */
  static final double NEAR = 1e-3;

  private final IntegrateAndFire neuron;
  private final int variables;
  private final double[] rates;
  private final double[] couplings;
  private final Crossing crossing = new Crossing();
  private final double[][] factors;
  private final double[] offsets;
  private double[] p;
  private double rate;
  private double drive;
  private double near;
  private int functions;
  private boolean met;
  private int grazes;

  ClosedForm(IntegrateAndFire neuron) {
    this.neuron = neuron;
    variables = neuron.variables().size();
    rates = new double[variables];
    couplings = new double[variables];
    factors = new double[variables + 3][variables];
    offsets = new double[variables + 3];
  }

  @Override
  public void set(double[] parameters) {
    p = parameters;
    double tauMem = p[IntegrateAndFire.TAU_MEM];
    rate = neuron.leak / tauMem;
    drive = p[IntegrateAndFire.BIAS] / tauMem;
    variable(1, IntegrateAndFire.TAU_SYN, 1 / tauMem);
    variable(neuron.inhibition, neuron.tauInhibition, 1 / tauMem);
    variable(neuron.threshold, neuron.tauThreshold, 0);
    variable(neuron.current, neuron.tauCurrent, -1 / tauMem);
    near = NEAR * p[IntegrateAndFire.THETA];
  }

  private void variable(int j, int tau, double coupling) {
    if (j >= 0) {
      rates[j] = 1 / p[tau];
      couplings[j] = coupling;
    }
  }

  @Override
  public void begin() {
    grazes = 0;
  }

  @Override
  public boolean met() {
    return met;
  }

  @Override
  public int grazes() {
    return grazes;
  }

  @Override
  public double advance(int mode, double[] x, double span) {
    double elapsed = mode == 1 ? rest(x, span) : crossing(x, span);
    met = elapsed >= 0;
    double t = met ? elapsed : span;
    if (mode == 0) {
      x[0] = potential(x, t);
    } else {
      x[neuron.clock] += t;
    }
    for (int j = 1; j < variables; j++) {
      x[j] *= Math.exp(-rates[j] * t);
    }
    return t;
  }

  /** What is left of a refractory period, or -1 if that is longer than the span. */
  private double rest(double[] x, double span) {
    double left = p[neuron.refractory] - x[neuron.clock];
    return left <= span ? Math.max(0, left) : -1;
  }

  private double potential(double[] x, double t) {
    double v = x[0] * Math.exp(-rate * t);
    for (int j = 1; j < variables; j++) {
      if (couplings[j] != 0 && x[j] != 0) {
        v += couplings[j] * x[j] * Exponentials.first(rate, rates[j], t);
      }
    }
    return drive == 0 ? v : v + drive * Exponentials.first(rate, 0, t);
  }

  private double crossing(double[] x, double span) {
    if (span == 0 || isOutOfReach(x, span)) {
      return -1;
    }
    prepare(x);
    double first = crossing.first((k, t) -> function(k, x, t), functions, span);
    if (crossing.nearMiss() > -near) {
      grazes++;
    }
    return first;
  }

  /** Whether the potential stays below threshold by a bound of it alone. */
  private boolean isOutOfReach(double[] x, double span) {
    double ceiling = drive;
    for (int j = 1; j < variables; j++) {
      ceiling += Math.max(0, couplings[j] * x[j]);
    }
    double most = rate > 0 ? Math.max(x[0], ceiling / rate) : x[0] + Math.max(0, ceiling) * span;
    double theta = p[IntegrateAndFire.THETA];
    if (neuron.threshold >= 0) {
      double a = x[neuron.threshold];
      theta += Math.min(a, a * Math.exp(-rates[neuron.threshold] * span));
    }
    return most <= theta;
  }

  /** The functions of {@link Crossing}: f_k = factors_k . x + offset_k. */
  private void prepare(double[] x) {
    Arrays.fill(factors[0], 0);
    factors[0][0] = 1;
    offsets[0] = -p[IntegrateAndFire.THETA];
    if (neuron.threshold >= 0) {
      factors[0][neuron.threshold] = -1;
    }
    functions = 1;
    apply(0);
    apply(rate);
    int last = lastActive(x);
    for (int j = 1; j < last; j++) {
      if (isActive(x, j)) {
        apply(rates[j]);
      }
    }
  }

  private boolean isActive(double[] x, int j) {
    return x[j] != 0 && (couplings[j] != 0 || j == neuron.threshold);
  }

  private int lastActive(double[] x) {
    int last = 0;
    for (int j = 1; j < variables; j++) {
      last = isActive(x, j) ? j : last;
    }
    return last;
  }

  /** The next function: (d/dt + r) of the last one. */
  private void apply(double r) {
    double[] from = factors[functions - 1];
    double[] to = factors[functions];
    for (int j = 1; j < variables; j++) {
      to[j] = from[0] * couplings[j] + from[j] * (r - rates[j]);
    }
    to[0] = from[0] * (r - rate);
    offsets[functions] = from[0] * drive + r * offsets[functions - 1];
    functions++;
  }

  private double function(int k, double[] x, double t) {
    double[] f = factors[k];
    double sum = offsets[k];
    if (f[0] != 0) {
      sum += f[0] * potential(x, t);
    }
    for (int j = 1; j < variables; j++) {
      if (f[j] != 0 && x[j] != 0) {
        sum += f[j] * x[j] * Math.exp(-rates[j] * t);
      }
    }
    return sum;
  }

  @Override
  public void retreat(int mode, double[] x, double span, double[] lambda, double[] dp) {
    if (span == 0) {
      return;
    }
    double membrane = mode == 0 ? lambda[0] : 0;
    if (dp != null) {
      integrate(x, span, lambda, membrane, dp);
    }
    for (int j = 1; j < variables; j++) {
      if (j != neuron.clock) {
        lambda[j] *= Math.exp(-rates[j] * span);
        if (membrane != 0 && couplings[j] != 0) {
          lambda[j] += couplings[j] * membrane * Exponentials.first(rate, rates[j], span);
        }
      }
    }
    if (mode == 0) {
      lambda[0] = membrane * Math.exp(-rate * span);
    }
  }

  private void integrate(double[] x, double d, double[] lambda, double membrane, double[] dp) {
    decays(1, IntegrateAndFire.TAU_SYN, x, d, lambda, membrane, dp);
    decays(neuron.inhibition, neuron.tauInhibition, x, d, lambda, membrane, dp);
    decays(neuron.threshold, neuron.tauThreshold, x, d, lambda, membrane, dp);
    decays(neuron.current, neuron.tauCurrent, x, d, lambda, membrane, dp);
    if (membrane == 0) {
      return;
    }
    double tauMem = p[IntegrateAndFire.TAU_MEM];
    double ones = Exponentials.first(rate, 0, d);
    double potentials = x[0] * d * Math.exp(-rate * d);
    double slopes = drive * ones;
    for (int j = 1; j < variables; j++) {
      if (couplings[j] != 0 && x[j] != 0) {
        potentials += couplings[j] * x[j] * Exponentials.second(rate, rates[j], d);
        slopes += couplings[j] * x[j] * Exponentials.first(rate, rates[j], d);
      }
    }
    if (drive != 0) {
      potentials += drive * Exponentials.second(rate, 0, d);
    }
    dp[IntegrateAndFire.TAU_MEM] -= membrane * (slopes - rate * potentials) / tauMem;
    dp[IntegrateAndFire.BIAS] += membrane * ones / tauMem;
  }

  /** dL/dtau of a variable that decays: the integral of lambda_j y_j / tau^2. */
  private void decays(
      int j, int tau, double[] x, double d, double[] lambda, double membrane, double[] dp) {
    if (j < 0 || x[j] == 0) {
      return;
    }
    double integral = lambda[j] * d * Math.exp(-rates[j] * d);
    if (membrane != 0 && couplings[j] != 0) {
      integral += couplings[j] * membrane * Exponentials.second(rates[j], rate, d);
    }
    dp[tau] += x[j] * integral / (p[tau] * p[tau]);
  }
}
