package io.tacet.reference.f64;

import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import java.util.Arrays;

/**
 * Non-spiking leaky integrators, read out exactly: maxima and integrals of V between arrivals have
 * closed forms. With X the value and dX its error, the drive of the adjoint is A(t) = -dX (SUM),
 * -dX/T (MEAN), -dX e^(-t/T)/T (EXPONENTIAL), or for MAX a jump of lambdaV by -dX/tau_m at the
 * maximum. A maximum may be a corner, where an arrival turns V from rising to falling: it then
 * moves with the arrival, whose error gets dX V'(-). Holds the scratch of one worker.
 */
final class Readout {
  private final Membrane membrane = new Membrane();
  private double[] v = new double[0];
  private double[] i = new double[0];
  private double[] tauSyn = new double[0];

  /** V' just before the maximum, where it is a corner; else 0. */
  private double[] rise = new double[0];

  private void reserve(int n) {
    if (v.length < n) {
      v = new double[n];
      i = new double[n];
      tauSyn = new double[n];
      rise = new double[n];
    }
  }

  private void set(ReadoutLayer layer) {
    membrane.set(Real.array(layer.tauMem())[0], Real.array(layer.tauSyn())[0]);
  }

  /**
   * Writes the values of one sample to {@code values[at ..]}, for MAX also when they are reached.
   */
  void forward(
      ReadoutLayer layer,
      Rows rows,
      Events in,
      int sample,
      double[] values,
      double[] peakTimes,
      int at) {
    int n = rows.targets;
    reserve(n);
    set(layer);
    Arrays.fill(v, 0, n, 0);
    Arrays.fill(i, 0, n, 0);
    Arrays.fill(values, at, at + n, 0);
    if (peakTimes != null) {
      Arrays.fill(peakTimes, at, at + n, 0);
    }
    double end = Real.of(layer.duration());
    int begin = in.begin(sample);
    int count = in.count(sample);
    for (int e = 0; e < count && in.times[begin + e] <= end; e++) {
      rows.add(in.units[begin + e], i);
      double from = in.times[begin + e];
      double to = e + 1 < count ? Math.min(end, in.times[begin + e + 1]) : end;
      if (to > from) {
        advance(layer.reduction(), n, from, to, end, values, peakTimes, at);
      }
    }
  }

  private void advance(
      Reduction reduction,
      int n,
      double from,
      double to,
      double end,
      double[] values,
      double[] peakTimes,
      int at) {
    membrane.span(to - from);
    double tm = membrane.tm;
    double ts = membrane.ts;
    double early = reduction == Reduction.EXPONENTIAL ? Real.exp(-from / end) : 1;
    double late = reduction == Reduction.EXPONENTIAL ? Real.exp(-to / end) : 1;
    double k = reduction == Reduction.EXPONENTIAL ? 1 / end : 0;
    double scale = reduction == Reduction.SUM ? 1 : 1 / end;
    for (int m = 0; m < n; m++) {
      double v0 = v[m];
      double i0 = i[m];
      double v1 = membrane.alpha * v0 + membrane.gamma * i0;
      double i1 = membrane.beta * i0;
      v[m] = v1;
      i[m] = i1;
      if (reduction == Reduction.MAX) {
        maximum(m + at, v0, i0, v1, i1, from, to, values, peakTimes);
      } else {
        // From tm V' = I - V and ts I' = -I, each multiplied by e^(-kt) and integrated.
        double current = ts * (early * i0 - late * i1) / (1 + ts * k);
        double voltage = (current - tm * (late * v1 - early * v0)) / (1 + tm * k);
        values[at + m] += scale * voltage;
      }
    }
  }

  private void maximum(
      int m,
      double v0,
      double i0,
      double v1,
      double i1,
      double from,
      double to,
      double[] values,
      double[] peakTimes) {
    if (v1 > values[m]) {
      values[m] = v1;
      peakTimes[m] = to;
    }
    if (i0 > v0 && i0 > 0 && (i1 < v1 || i1 == 0)) {
      double offset = membrane.peak(v0, i0);
      double top = i0 * Real.exp(-offset / membrane.ts);
      if (top > values[m]) {
        values[m] = top;
        peakTimes[m] = Math.min(to, from + offset);
      }
    }
  }

  /** Adjoint of one sample for value errors {@code dX[at ..]}. */
  void backward(
      ReadoutLayer layer,
      Rows rows,
      Events in,
      int sample,
      double[] dX,
      double[] peakTimes,
      int at,
      Gradients grads) {
    int n = rows.targets;
    reserve(n);
    set(layer);
    boolean maximum = layer.reduction() == Reduction.MAX;
    if (maximum) {
      findCorners(layer, rows, in, sample, peakTimes, at);
    }
    Arrays.fill(tauSyn, 0, n, membrane.ts);
    double[] lv = v;
    double[] li = i;
    Arrays.fill(lv, 0, n, 0);
    Arrays.fill(li, 0, n, 0);
    double end = Real.of(layer.duration());
    double to = end;
    int begin = in.begin(sample);
    for (int e = in.count(sample) - 1; e >= 0; e--) {
      double from = in.times[begin + e];
      if (from > end) {
        if (in.errors != null) {
          in.errors[begin + e] = 0;
        }
        continue;
      }
      if (to > from) {
        retreat(layer.reduction(), n, from, to, end, dX, peakTimes, at);
        to = from;
      }
      int source = in.units[begin + e];
      double error = rows.adjoint(source, lv, li, tauSyn, grads.row(rows, source));
      if (maximum) {
        error += corners(from, dX, peakTimes, at, n);
      }
      if (in.errors != null) {
        in.errors[begin + e] = error;
      }
    }
  }

  private void findCorners(
      ReadoutLayer layer, Rows rows, Events in, int sample, double[] peakTimes, int at) {
    int n = rows.targets;
    Arrays.fill(v, 0, n, 0);
    Arrays.fill(i, 0, n, 0);
    Arrays.fill(rise, 0, n, 0);
    double end = Real.of(layer.duration());
    int begin = in.begin(sample);
    int count = in.count(sample);
    for (int e = 0; e + 1 < count && in.times[begin + e + 1] <= end; e++) {
      rows.add(in.units[begin + e], i);
      double to = in.times[begin + e + 1];
      if (!(to > in.times[begin + e])) {
        continue;
      }
      membrane.span(to - in.times[begin + e]);
      for (int m = 0; m < n; m++) {
        v[m] = membrane.alpha * v[m] + membrane.gamma * i[m];
        i[m] = membrane.beta * i[m];
        if (peakTimes[at + m] == to) {
          rise[m] = Math.max(0, i[m] - v[m]) / membrane.tm;
        }
      }
    }
  }

  /** What an arrival adds to its error by carrying maxima along; once per corner. */
  private double corners(double time, double[] dX, double[] peakTimes, int at, int n) {
    double error = 0;
    for (int m = 0; m < n; m++) {
      if (peakTimes[at + m] == time) {
        error += dX[at + m] * rise[m];
        rise[m] = 0;
      }
    }
    return error;
  }

  private void retreat(
      Reduction reduction,
      int n,
      double from,
      double to,
      double end,
      double[] dX,
      double[] peakTimes,
      int at) {
    double[] lv = v;
    double[] li = i;
    if (reduction == Reduction.MAX) {
      retreatToMaxima(n, from, to, dX, peakTimes, at);
      return;
    }
    membrane.span(to - from);
    double a = membrane.alpha;
    double b = membrane.beta;
    double g = membrane.adjointGamma();
    if (reduction == Reduction.EXPONENTIAL) {
      // The drive A(t) = A0 e^(-t/T) has the particular solution (p, q) A(t).
      double p = 1 / (1 + membrane.tm / end);
      double q = p / (1 + membrane.ts / end);
      double late = Real.exp(-to / end) / end;
      double early = Real.exp(-from / end) / end;
      for (int m = 0; m < n; m++) {
        double fv = lv[m] + p * late * dX[at + m];
        double fi = li[m] + q * late * dX[at + m];
        li[m] = b * fi + g * fv - q * early * dX[at + m];
        lv[m] = a * fv - p * early * dX[at + m];
      }
      return;
    }
    double scale = reduction == Reduction.SUM ? 1 : 1 / end;
    for (int m = 0; m < n; m++) {
      double drive = -dX[at + m] * scale;
      double fv = lv[m] - drive;
      double fi = li[m] - drive;
      li[m] = drive + b * fi + g * fv;
      lv[m] = drive + a * fv;
    }
  }

  private void retreatToMaxima(
      int n, double from, double to, double[] dX, double[] peakTimes, int at) {
    membrane.span(to - from);
    double a = membrane.alpha;
    double b = membrane.beta;
    double g = membrane.adjointGamma();
    double[] lv = v;
    double[] li = i;
    for (int m = 0; m < n; m++) {
      li[m] = b * li[m] + g * lv[m];
      lv[m] = a * lv[m];
    }
    for (int m = 0; m < n; m++) {
      double when = peakTimes[at + m];
      if (when > from && when <= to) {
        membrane.span(when - from);
        double jump = -dX[at + m] / membrane.tm;
        li[m] += membrane.adjointGamma() * jump;
        lv[m] += membrane.alpha * jump;
      }
    }
  }
}
