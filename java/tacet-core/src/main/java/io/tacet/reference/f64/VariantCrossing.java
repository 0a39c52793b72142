package io.tacet.reference.f64;

/**
 * The first time at which a neuron of a variant reaches its threshold. None is missed: with f_0 the
 * distance from the threshold and {@code f_k = (d/dt + r_(k-1)) f_(k-1)}, r being 0, the leak, and
 * then the rates of the variables one by one, the last f is one exponential, without a zero, and
 * between two zeros of f_k the function {@code e^(r t) f_(k-1)} is monotonic, so that each zero of
 * f_(k-1) shows in the signs at the ends.
 */
final class VariantCrossing {
  private static final int MOST_STEPS = 128;

  /** Steps after which the bracket is halved, come what may. */
  private static final int NEWTON_STEPS = 24;

  private final VariantNeuron neuron;
  private final double[] amplitudes = new double[VariantNeuron.VARIABLES];
  private final double[] rates = new double[VariantNeuron.VARIABLES];

  /** Ends between which a function is monotonic: 0, its extrema, the end of the span. */
  private final double[] places = new double[VariantNeuron.VARIABLES + 2];

  private double[] x;
  private int terms;

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
    for (int level = terms; level > 0; level--) {
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
    for (int k = VariantNeuron.I; k < VariantNeuron.VARIABLES; k++) {
      most += Math.max(0, neuron.couplings[k] * x[k]);
    }
    double v = x[VariantNeuron.V];
    most = neuron.leak > 0 ? Math.max(v, most / neuron.leak) : v + Math.max(0, most) * span;
    double adaptive = x[VariantNeuron.A];
    if (adaptive != 0) {
      adaptive *= Real.exp(-neuron.rates[VariantNeuron.A] * span);
    }
    return most <= neuron.theta + adaptive;
  }

  /** f_2 is the sum of amplitudes times exponentials. */
  private void findTerms() {
    terms = 0;
    for (int k = VariantNeuron.I; k < VariantNeuron.VARIABLES; k++) {
      double rate = neuron.rates[k];
      double part =
          k == VariantNeuron.A ? rate * (neuron.leak - rate) : -rate * neuron.couplings[k];
      if (part * x[k] != 0) {
        amplitudes[terms] = part * x[k];
        rates[terms] = rate;
        terms++;
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
    for (int k = VariantNeuron.I; k < VariantNeuron.VARIABLES; k++) {
      if (x[k] != 0) {
        double part = k == VariantNeuron.A ? neuron.rates[k] : neuron.couplings[k];
        sum += part * x[k] * Real.exp(-neuron.rates[k] * t);
      }
    }
    return sum;
  }

  /** f_2 without its first terms, which the factors (d/dt + rate) have taken away. */
  private double decaying(int away, double t) {
    double sum = 0;
    for (int m = away; m < terms; m++) {
      double amplitude = amplitudes[m];
      for (int l = 0; l < away; l++) {
        amplitude *= rates[l] - rates[m];
      }
      sum += amplitude * Real.exp(-rates[m] * t);
    }
    return sum;
  }

  /** The derivative of f of that level, which has that value. */
  private double derivative(int level, double value, double t) {
    if (level == 0) {
      return slope(t);
    }
    double rate = level == 1 ? neuron.leak : rates[level - 2];
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
