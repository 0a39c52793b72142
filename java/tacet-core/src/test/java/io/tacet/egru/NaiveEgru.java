package io.tacet.egru;

import io.tacet.sparse.Philox;

/**
 * The equations of both variants, one number at a time, in double precision. The event is {@code o
 * = H(s0) + Psi(s) - Psi(s0)} with s0 the value of a base run and Psi' = psi: at the base run it is
 * the hard event, and its derivative is the surrogate, so that differences of a loss measure what
 * the adjoint computes.
 */
final class NaiveEgru {
  final int steps;
  final int batch;
  final int inputs;
  final int units;
  final EgruOptions options;
  final int[] lengths;
  final boolean training;
  final long seed;

  final double[] x;
  final double[] w;
  final double[] recurrent;
  final double[] inputBias;
  final double[] recurrentBias;
  final double[] thresholds;
  final double[] firstY;
  final double[] firstH;

  /** Probability that a recurrent weight is left out, by the mask of {@link #connectSeed}. */
  double disconnect;

  long connectSeed;

  /** Results of the last run, [steps][batch][units] or [batch][units]. */
  final double[] y;

  final double[] h;
  final double[] o;
  final double[] trace;
  final double[] lastY;
  final double[] lastH;
  private double[] base;

  NaiveEgru(
      int steps,
      int batch,
      int inputs,
      int units,
      EgruOptions options,
      int[] lengths,
      boolean training,
      long seed) {
    this.steps = steps;
    this.batch = batch;
    this.inputs = inputs;
    this.units = units;
    this.options = options;
    this.lengths = lengths;
    this.training = training;
    this.seed = seed;
    x = new double[steps * batch * inputs];
    w = new double[inputs * 3 * units];
    recurrent = new double[units * 3 * units];
    inputBias = new double[3 * units];
    recurrentBias = new double[3 * units];
    thresholds = new double[units];
    firstY = new double[batch * units];
    firstH = new double[batch * units];
    y = new double[steps * batch * units];
    h = new double[steps * batch * units];
    o = new double[steps * batch * units];
    trace = new double[batch * units];
    lastY = new double[batch * units];
    lastH = new double[batch * units];
  }

  static boolean drops(long seed, int domain, int second, long e, double p) {
    int[] words = new int[4];
    Philox.block((int) (e / 4), second, 0, domain, seed, words);
    return (words[(int) (e % 4)] >>> 8) * 0x1p-24 < p;
  }

  /** Runs; the first time it becomes the base run. */
  void run() {
    boolean first = base == null;
    double[] s0 = first ? new double[y.length] : base;
    double[] weights = recurrent.clone();
    for (int k = 0; k < weights.length; k++) {
      if (disconnect > 0) {
        weights[k] = drops(connectSeed, 3, 0, k, disconnect) ? 0 : weights[k] / (1 - disconnect);
      }
    }
    for (int n = 0; n < batch; n++) {
      double[] yn = new double[units];
      double[] hn = new double[units];
      double[] tr = new double[units];
      System.arraycopy(firstY, n * units, yn, 0, units);
      System.arraycopy(firstH, n * units, hn, 0, units);
      for (int t = 0; t < steps; t++) {
        int at = (t * batch + n) * units;
        if (t >= lengths[n]) {
          for (int m = 0; m < units; m++) {
            y[at + m] = 0;
            h[at + m] = hn[m];
            o[at + m] = 0;
          }
          continue;
        }
        step(t, n, yn, hn, tr, weights, s0, first);
      }
      System.arraycopy(tr, 0, trace, n * units, units);
      System.arraycopy(yn, 0, lastY, n * units, units);
      System.arraycopy(hn, 0, lastH, n * units, units);
    }
    base = s0;
  }

  private void step(
      int t,
      int n,
      double[] yn,
      double[] hn,
      double[] tr,
      double[] weights,
      double[] s0,
      boolean first) {
    boolean paper = options.variant() == EgruVariant.PAPER;
    double[] sums = new double[3 * units];
    for (int g = 0; g < 3 * units; g++) {
      for (int k = 0; k < inputs; k++) {
        sums[g] += x[(t * batch + n) * inputs + k] * w[k * 3 * units + g];
      }
      sums[g] += inputBias[g];
    }
    double[] z = new double[units];
    double[] r = new double[units];
    double[] cNew = new double[units];
    for (int m = 0; m < units; m++) {
      double pz = paper ? 0 : recurrentBias[m];
      double pr = paper ? 0 : recurrentBias[units + m];
      for (int j = 0; j < units; j++) {
        pz += yn[j] * weights[j * 3 * units + m];
        pr += yn[j] * weights[j * 3 * units + units + m];
      }
      z[m] = 1 / (1 + Math.exp(-cut(sums[m] + pz)));
      r[m] = 1 / (1 + Math.exp(-cut(sums[units + m] + pr)));
    }
    for (int m = 0; m < units; m++) {
      double q = paper ? 0 : recurrentBias[2 * units + m];
      for (int j = 0; j < units; j++) {
        q += (paper ? r[j] : 1) * yn[j] * weights[j * 3 * units + 2 * units + m];
      }
      double g = Math.tanh(cut(sums[2 * units + m] + (paper ? 1 : r[m]) * q));
      if (paper) {
        cNew[m] = z[m] * g + (1 - z[m]) * hn[m] - (options.events() ? yn[m] : 0);
      } else {
        cNew[m] = z[m] * hn[m] + (1 - z[m]) * g;
      }
      double p = options.zoneout();
      if (training) {
        if (p > 0 && drops(seed, 2, t, (long) n * units + m, p)) {
          cNew[m] = hn[m];
        }
      } else {
        cNew[m] = p * hn[m] + (1 - p) * cNew[m];
      }
    }
    for (int m = 0; m < units; m++) {
      int at = (t * batch + n) * units + m;
      double c = cNew[m];
      double event = 1;
      if (options.events()) {
        double s = c - thresholds[m];
        if (first) {
          s0[at] = s;
        }
        event = (s0[at] > 0 ? 1 : 0) + primitive(s) - primitive(s0[at]);
      }
      o[at] = event;
      yn[m] = event * c;
      hn[m] = options.events() && !paper ? c - event * thresholds[m] : c;
      tr[m] = options.traceDecay() * tr[m] + (1 - options.traceDecay()) * yn[m];
      y[at] = yn[m];
      h[at] = hn[m];
    }
  }

  private double cut(double sum) {
    return Math.max(-options.clip(), Math.min(options.clip(), sum));
  }

  /** The integral of psi. */
  private double primitive(double s) {
    double k = options.sharpness();
    double gamma = options.gamma();
    double u = Math.max(-1, Math.min(1, k * s));
    return gamma / k * (u - 0.5 * u * Math.abs(u));
  }
}
