package io.tacet.reference.f64;

/**
 * Free motion of a current-based LIF neuron between events and its next threshold crossing.
 * Membrane potential u (bias subtracted) and current i obey {@code tm u' = i - u}, {@code ts i' =
 * -i} (Wunderlich and Pehle 2021, eq. 1); for a span d
 *
 * <pre>u(d) = alpha u + gamma i,  i(d) = beta i,  alpha = e^(-d/tm), beta = e^(-d/ts),
 * gamma = ts/(tm-ts) (alpha-beta), or d/tm alpha where tm = ts</pre>
 *
 * and, in reverse time, {@code lambdaV = alpha lambdaV, lambdaI = beta lambdaI + gamma tm/ts
 * lambdaV}.
 */
final class Membrane {
  private static final int MOST_STEPS = 100;
  private static final double NEAR = 0.05;

  /** A step of Halley's method so short that the next one would change nothing. */
  private static final double CLOSE = Real.cbrt(Real.EPSILON) / 8;

  double tm;
  double ts;

  /** Propagators of the span last given to {@link #span}. */
  double alpha;

  double beta;
  double gamma;

  private double c;
  private double rate;
  private int power;
  private boolean near;

  /** Largest u that a unit current causes from rest. */
  double response;

  /** Sets the time constants; cheap when they have not changed. */
  void set(double tauMem, double tauSyn) {
    if (tauMem == tm && tauSyn == ts) {
      return;
    }
    tm = tauMem;
    ts = tauSyn;
    double difference = tm - ts;
    near = Math.abs(difference) <= NEAR * tm;
    c = difference == 0 ? 0 : ts / difference;
    rate = difference / (tm * ts);
    double ratio = tm / ts;
    long whole = Math.round(ratio);
    // A whole ratio turns V(t) = theta into a polynomial in e^(-t/tm), free of exponentials.
    power =
        whole >= 2 && whole <= 8 && Math.abs(ratio - whole) <= 2 * Real.EPSILON * ratio
            ? (int) whole
            : 0;
    response = Real.exp(-peak(0, 1) / ts);
  }

  /** Computes the propagators of a span d in ms. */
  void span(double d) {
    alpha = Real.exp(-d / tm);
    beta = power > 0 ? power(alpha) : Real.exp(-d / ts);
    gamma = gamma(d);
  }

  private double gamma(double d) {
    if (!near) {
      return c * (alpha - beta);
    }
    double x = d * rate;
    return x == 0 ? d / tm * alpha : d / tm * beta * (Real.expm1(x) / x);
  }

  /** gamma of the adjoint for the span last set: tm/(tm-ts) (alpha-beta). */
  double adjointGamma() {
    return gamma * (tm / ts);
  }

  private double power(double x) {
    double square = x * x;
    return switch (power) {
      case 2 -> square;
      case 3 -> square * x;
      case 4 -> square * square;
      case 5 -> square * square * x;
      case 6 -> square * square * square;
      case 7 -> square * square * square * x;
      default -> square * square * (square * square);
    };
  }

  /**
   * Offset at which u has its interior maximum when it rises at 0 and falls later, that is for i >
   * max(0, u).
   */
  double peak(double u, double i) {
    double q = (i - u) / (ts * i + (tm - ts) * u);
    if (near) {
      double x = (tm - ts) * q;
      return tm * ts * q * (x == 0 ? 1 : Real.log1p(x) / x);
    }
    return Real.log(tm * i / (ts * i + (tm - ts) * u)) / rate;
  }

  /**
   * Offset of the first upward crossing of theta within (0, d], or -1. Between events u has at most
   * one extremum, so the sign of u - theta at d, or at an interior maximum, decides.
   *
   * @param u potential at 0, below theta
   * @param i current at 0
   * @param uEnd u(d)
   * @param iEnd i(d)
   * @param graze where a maximum that nearly reached theta is counted
   */
  double crossing(
      double u, double i, double theta, double d, double uEnd, double iEnd, Graze graze) {
    if (uEnd > theta) {
      // Nothing is to be found with an infinite current, which is reported when the pass ends.
      return uEnd < Double.POSITIVE_INFINITY ? solve(u, i, theta, d) : -1;
    }
    // After a long span both may have become 0, which says nothing about the time before.
    if ((iEnd >= uEnd && iEnd > 0) || i <= u || i <= 0) {
      return -1;
    }
    if (staysBelow(u, i, theta)) {
      return -1;
    }
    double at = peak(u, i);
    if (!(at > 0 && at < d)) {
      return -1;
    }
    double top = i * Real.exp(-at / ts);
    if (top > theta) {
      return solve(u, i, theta, at);
    }
    graze.count(top, theta);
    return -1;
  }

  /**
   * Whether the interior maximum is clearly below theta, found without exponentials. u never
   * exceeds max(u, 0) + i k, with k the largest response to a unit current; and for a whole ratio r
   * of the time constants the maximum is i x^r with x^(r-1) = (u + c i) / (r c i), so that it is
   * compared with theta in the r-1-th power.
   */
  private boolean staysBelow(double u, double i, double theta) {
    double least = Graze.below(theta);
    if (Math.max(u, 0) + i * response < least) {
      return true;
    }
    if (power == 0 || least <= 0) {
      return false;
    }
    double ratio = (u + c * i) / (power * c * i);
    double wanted = least / i;
    return power(ratio) * wanted < power(wanted);
  }

  /** The crossing in (0, hi], given u(0) < theta < u(hi) and a single crossing between. */
  private double solve(double u, double i, double theta, double hi) {
    if (power > 0 && i > 0 && i > u) {
      return solvePolynomial(u, i, theta, hi);
    }
    // Newton inside a bracket that shrinks at every step.
    double low = 0;
    double high = hi;
    double s = 0;
    double us = u;
    double is = i;
    for (int step = 0; step < MOST_STEPS; step++) {
      double next = s + tm * (theta - us) / (is - us);
      if (!(next > low && next < high)) {
        next = low + (high - low) / 2;
      }
      double moved = Math.abs(next - s);
      s = next;
      if (moved <= 2 * Real.EPSILON * Math.max(s, Real.EPSILON * tm)) {
        break;
      }
      double a = Real.exp(-s / tm);
      double b = Real.exp(-s / ts);
      double x = s * rate;
      double g = !near ? c * (a - b) : s / tm * b * (x == 0 ? 1 : Real.expm1(x) / x);
      us = a * u + g * i;
      is = b * i;
      if (us < theta) {
        low = s;
      } else {
        high = s;
      }
    }
    return Math.min(s, hi);
  }

  /**
   * The root of f(x) = (u + c i) x - c i x^r - theta next to 1, with x = e^(-s/tm). f is concave,
   * and falls with x at x = 1, where it is negative. Halley's method, whose error is that of the
   * step before in the third power; should it leave the falling branch, Newton's.
   */
  private double solvePolynomial(double u, double i, double theta, double hi) {
    double q = c * i;
    double p = u + q;
    double rq = power * q;
    double bend = (power - 1) * rq;
    double x = 1;
    double slope = u - i;
    double f = u - theta;
    double higher = 1;
    for (int step = 0; step < MOST_STEPS; step++) {
      // x times the second derivative, negative.
      double curve = -bend * higher;
      double twice = 2 * slope * slope * x - f * curve;
      double next = x - 2 * f * slope * x / twice;
      double moved = Math.abs(next - x);
      x = next;
      higher = power == 4 ? x * x * x : power(x) / x;
      slope = p - rq * higher;
      if (!(twice > 0 && x > 0 && slope < 0)) {
        return descend(u, i, theta, hi);
      }
      f = x * (p - q * higher) - theta;
      if (moved <= CLOSE * x) {
        break;
      }
    }
    double s = -tm * Real.log(x - f / slope);
    return s < hi ? s : hi;
  }

  /** The same by Newton's method, which descends to the root without overshooting. */
  private double descend(double u, double i, double theta, double hi) {
    double q = c * i;
    double p = u + q;
    double rq = power * q;
    double x = 1;
    double slope = u - i;
    double f = u - theta;
    for (int step = 0; step < MOST_STEPS; step++) {
      double next = x - f / slope;
      if (!(next < x - Real.EPSILON * x)) {
        x = Math.min(x, next);
        break;
      }
      x = next;
      double higher = power == 4 ? x * x * x : power(x) / x;
      f = x * (p - q * higher) - theta;
      slope = p - rq * higher;
      if (!(slope < 0)) {
        break;
      }
    }
    double s = -tm * Real.log(x);
    return s < hi ? s : hi;
  }

  /** Counts maxima that stayed below the threshold by less than a thousandth of it. */
  static final class Graze {
    static final double MARGIN = 0.001;
    int count;

    /** A potential that is clearly below theta. */
    static double below(double theta) {
      return theta - 2 * MARGIN * Math.abs(theta);
    }

    void count(double top, double theta) {
      if (top > theta - MARGIN * Math.abs(theta)) {
        count++;
      }
    }
  }
}
