package io.tacet.reference.f64;

/**
 * The first time at which a neuron of a variant reaches its threshold. None is missed: with f_0 the
 * distance from the threshold and {@code f_k = (d/dt + r_(k-1)) f_(k-1)}, r being 0, the leak, and
 * then the rates of the variables one by one, twice that of a current with an onset, the last f is
 * one exponential, without a zero, and between two zeros of f_k the function {@code e^(r t)
 * f_(k-1)} is monotonic, so that each zero of f_(k-1) shows in the signs at the ends.
 */
final class VariantCrossing {
  private static final int MOST_STEPS = 128;

  /** Steps after which the bracket is halved, come what may. */
  private static final int NEWTON_STEPS = 24;

  /** 1/e, the largest value of t e^(-t). */
  private static final double CREST = 0.36787944117144233;

  private final VariantNeuron neuron;
  // f_2 is the sum of (amplitude + ramp t) e^(-rate t).
  private final double[] amplitudes = new double[VariantNeuron.ONSET];
  private final double[] ramps = new double[VariantNeuron.ONSET];
  private final double[] rates = new double[VariantNeuron.ONSET];

  /** How many factors of the chain have taken a term away. */
  private final int[] lives = new int[VariantNeuron.ONSET];

  /** The rates of the factors after the leak. */
  private final double[] factors = new double[VariantNeuron.VARIABLES];

  /** Ends between which a function is monotonic: 0, its extrema, the end of the span. */
  private final double[] places = new double[VariantNeuron.VARIABLES + 2];

  private double[] x;
  private int terms;
  private int chain;

  VariantCrossing(VariantNeuron neuron) {
    this.neuron = neuron;
  }

  /** Offset of the first upward crossing in (0, span], or -1; x is the state at its beginning. */
  double first(double[] x, double span, Membrane.Graze graze) {
    if (isOutOfReach(x, span)) {
      return -1;
    }
    this.x = x;
    findTerms();
    places[0] = 0;
    places[1] = span;
    int count = 2;
    for (int level = chain; level > 0; level--) {
      count = zeros(level, count);
    }
    double nearest = Double.NEGATIVE_INFINITY;
    double found = -1;
    for (int i = 1; i < count && found < 0; i++) {
      double value = value(0, places[i]);
      if (value >= 0) {
        found = root(0, places[i - 1], places[i]);
      } else if (i < count - 1) {
        nearest = Math.max(nearest, value);
      }
    }
    if (nearest > -Membrane.Graze.MARGIN * neuron.theta) {
      graze.count++;
    }
    return found;
  }

  /** Whether V stays below the threshold by a bound of it alone. */
  private boolean isOutOfReach(double[] x, double span) {
    double most = neuron.drive;
    for (int k = VariantNeuron.I; k <= VariantNeuron.W; k++) {
      double crest = CREST * VariantNeuron.onset(x, k);
      most += Math.max(0, neuron.couplings[k] * x[k]) + Math.max(0, neuron.couplings[k] * crest);
    }
    double v = x[VariantNeuron.V];
    most = neuron.leak > 0 ? Math.max(v, most / neuron.leak) : v + Math.max(0, most) * span;
    double adaptive = x[VariantNeuron.A];
    if (adaptive != 0) {
      adaptive *= Real.exp(-neuron.rates[VariantNeuron.A] * span);
    }
    return most <= neuron.theta + adaptive;
  }

  private void findTerms() {
    terms = 0;
    chain = 0;
    for (int k = VariantNeuron.I; k <= VariantNeuron.W; k++) {
      double rate = neuron.rates[k];
      double part =
          k == VariantNeuron.A ? rate * (neuron.leak - rate) : -rate * neuron.couplings[k];
      double onset = VariantNeuron.onset(x, k);
      double amplitude = part * (x[k] - onset);
      double ramp = part * rate * onset;
      if (amplitude != 0 || ramp != 0) {
        amplitudes[terms] = amplitude;
        ramps[terms] = ramp;
        rates[terms] = rate;
        factors[chain++] = rate;
        if (ramp != 0) {
          factors[chain++] = rate;
        }
        lives[terms++] = chain;
      }
    }
  }

  private double value(int level, double t) {
    if (level == 0) {
      return neuron.distance(x, t);
    }
    return level == 1 ? slope(t) : decaying(level - 2, t);
  }

  /** f_1, the slope of f_0. */
  private double slope(double t) {
    double sum = neuron.drive - neuron.leak * neuron.potential(x, t);
    for (int k = VariantNeuron.I; k <= VariantNeuron.W; k++) {
      double onset = VariantNeuron.onset(x, k);
      if (x[k] != 0 || onset != 0) {
        double part = k == VariantNeuron.A ? neuron.rates[k] : neuron.couplings[k];
        double now = x[k] + onset * neuron.rates[k] * t;
        sum += part * now * Real.exp(-neuron.rates[k] * t);
      }
    }
    return sum;
  }

  /** f_2 after so many factors (d/dt + rate), which take its first terms away. */
  private double decaying(int away, double t) {
    double sum = 0;
    for (int m = 0; m < terms; m++) {
      if (lives[m] <= away) {
        continue;
      }
      double amplitude = amplitudes[m];
      double ramp = ramps[m];
      for (int l = 0; l < away; l++) {
        double gap = factors[l] - rates[m];
        amplitude = amplitude * gap + ramp;
        ramp *= gap;
      }
      sum += (amplitude + ramp * t) * Real.exp(-rates[m] * t);
    }
    return sum;
  }

  /** The derivative of f of that level, which has that value. */
  private double derivative(int level, double value, double t) {
    if (level == 0) {
      return slope(t);
    }
    double rate = level == 1 ? neuron.leak : factors[level - 2];
    return value(level + 1, t) - rate * value;
  }

  /** The ends with the zeros of f of that level instead of those within. */
  private int zeros(int level, int count) {
    int n = 1;
    double from = places[0];
    double before = value(level, from);
    double end = places[count - 1];
    for (int i = 1; i < count; i++) {
      double to = places[i];
      double value = value(level, to);
      if (before < 0 != value < 0) {
        places[n++] = root(level, from, to);
      }
      from = to;
      before = value;
    }
    places[n++] = end;
    return n;
  }

  /** The zero between two ends, by Newton's method within a bracket that shrinks at every step. */
  private double root(int level, double from, double to) {
    double low = from;
    double high = to;
    double t = from;
    double f = value(level, t);
    boolean rising = f < 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      double next = t - f / derivative(level, f, t);
      if (!(next > low && next < high) || step >= NEWTON_STEPS) {
        next = low + (high - low) / 2;
      }
      double moved = Math.abs(next - t);
      t = next;
      double least = 2 * Real.EPSILON * Math.max(t, Real.EPSILON * neuron.tauMem);
      if (moved <= least || high - low <= least) {
        break;
      }
      f = value(level, t);
      if (f < 0 == rising) {
        low = t;
      } else {
        high = t;
      }
    }
    return t;
  }
}
