package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import java.util.Arrays;

/**
 * Exact simulation and adjoint of a feed-forward layer whose neurons share their time constants:
 * all neurons advance together from arrival to arrival, so that a span's propagators are computed
 * once and the loops over neurons are vectorised; only neurons that spike within a span are treated
 * one by one. Holds the scratch of one worker.
 */
final class Sweep {
  /** Arrivals after which a look is taken whether to stop; a power of 2. */
  private static final int BETWEEN_CHECKS = 64;

  private final Membrane membrane = new Membrane();
  private final Membrane part = new Membrane();
  private final Arrivals arrivals = new Arrivals();
  private final Tape tape = new Tape();
  private double[] a = new double[0];
  private double[] b = new double[0];
  private double[] lateA = new double[0];
  private double[] lateB = new double[0];
  private double[] lateTime = new double[0];
  private boolean[] isLate = new boolean[0];

  /** Negative for neurons that cannot spike in the span under way. */
  private double[] reach = new double[0];

  private int[] late = new int[0];
  private double[] errors = new double[0];

  /** Neurons of the backward pass under way. */
  private int low;

  private int high;

  private void reserve(Layer layer) {
    int n = layer.neurons;
    if (a.length < n) {
      a = new double[n];
      b = new double[n];
      lateA = new double[n];
      lateB = new double[n];
      lateTime = new double[n];
      isLate = new boolean[n];
      reach = new double[n];
      late = new int[n];
    }
    membrane.set(layer.tauMem[0], layer.tauSyn[0]);
    part.set(layer.tauMem[0], layer.tauSyn[0]);
  }

  /** Simulates one sample and writes its spikes. */
  void forward(Layer layer, Events in, int sample, Events out) {
    reserve(layer);
    arrivals.load(layer, in, sample);
    tape.begin(out.capacity, out.mostSpikes);
    double[] u = a;
    double[] i = b;
    int n = layer.neurons;
    System.arraycopy(layer.start, 0, u, 0, n);
    Arrays.fill(i, 0, n, 0);
    for (int e = layer.biased ? -1 : 0; e < arrivals.count; e++) {
      if ((e & BETWEEN_CHECKS - 1) == 0) {
        InterruptedPassException.check();
      }
      if (e >= 0) {
        layer.input.add(arrivals.sources[e], i);
      }
      double from = e < 0 ? 0 : arrivals.times[e];
      double to = e + 1 < arrivals.count ? arrivals.times[e + 1] : layer.duration;
      if (to > from) {
        advance(layer, from, to, u, i);
      }
    }
    tape.write(out, sample, finite(u, i, n));
  }

  static boolean finite(double[] u, double[] i, int n) {
    double sum = 0;
    for (int k = 0; k < n; k++) {
      // 0 for a finite number; NaN for any other.
      sum += (u[k] + i[k]) * 0;
    }
    return !Double.isNaN(sum);
  }

  private void advance(Layer layer, double from, double to, double[] u, double[] i) {
    membrane.span(to - from);
    double alpha = membrane.alpha;
    double beta = membrane.beta;
    double gamma = membrane.gamma;
    int n = layer.neurons;
    look(layer, u, i);
    int spiking = 0;
    for (int k = 0; k < n; k++) {
      if (!(reach[k] < 0) && i[k] > layer.gate[k]) {
        double uEnd = alpha * u[k] + gamma * i[k];
        double iEnd = beta * i[k];
        double at =
            membrane.crossing(u[k], i[k], layer.theta[k], to - from, uEnd, iEnd, tape.graze);
        if (at >= 0) {
          late[spiking] = k;
          spike(layer, k, spiking++, from, to, at, u[k], i[k]);
        }
      }
    }
    for (int k = 0; k < n; k++) {
      u[k] = alpha * u[k] + gamma * i[k];
    }
    for (int k = 0; k < n; k++) {
      i[k] = beta * i[k];
    }
    for (int s = 0; s < spiking; s++) {
      u[late[s]] = lateA[s];
      i[late[s]] = lateB[s];
    }
  }

  /**
   * Which neurons can reach theta within the span of the membrane: not those for which reach
   * becomes negative. u is above theta at the end, or has a maximum before, where it equals i, that
   * is no larger than max(u, 0) plus what i can add. Without a branch, so that the loop becomes
   * vector instructions.
   */
  private void look(Layer layer, double[] u, double[] i) {
    double alpha = membrane.alpha;
    double beta = membrane.beta;
    double gamma = membrane.gamma;
    double response = membrane.response;
    double[] theta = layer.theta;
    double[] reach = this.reach;
    for (int k = 0; k < layer.neurons; k++) {
      double end = alpha * u[k] + gamma * i[k];
      double most = Math.max(u[k], 0) + response * i[k];
      reach[k] =
          Math.max(
              end - theta[k], Math.min(end - beta * i[k], most - Membrane.Graze.below(theta[k])));
    }
  }

  /** All spikes of neuron k between from and to, the first at offset {@code at}. */
  private void spike(
      Layer layer, int k, int slot, double from, double to, double at, double u0, double i0) {
    double time = from;
    double u = u0;
    double i = i0;
    double offset = at;
    while (offset >= 0 && tape.settles()) {
      part.span(offset);
      i = part.beta * i;
      time = Tape.after(time, offset, to);
      tape.add(time, k, i - layer.theta[k]);
      u = layer.reset[k];
      part.span(to - time);
      double uEnd = part.alpha * u + part.gamma * i;
      double iEnd = part.beta * i;
      offset =
          i > layer.gate[k]
              ? part.crossing(u, i, layer.theta[k], to - time, uEnd, iEnd, tape.graze)
              : -1;
      lateA[slot] = uEnd;
      lateB[slot] = iEnd;
    }
  }

  /**
   * Adjoint of one sample (Wunderlich and Pehle 2021, table 1): adds to the gradients and writes
   * the errors of the input events if they are wanted.
   *
   * @param kick added to lambdaV at every spike of a neuron, or null
   */
  void backward(Layer layer, Events in, Events out, int sample, Gradients grads, double[] kick) {
    int begin = in.begin(sample);
    int count = in.count(sample);
    boolean sums = in.errors != null || grads.inputDelays != null;
    if (sums && errors.length < count) {
      errors = new double[Math.max(count, in.capacity)];
    }
    backward(layer, in, out, sample, grads, kick, 0, layer.neurons, sums ? errors : null, 0);
    if (in.errors != null) {
      System.arraycopy(errors, 0, in.errors, begin, count);
    }
    if (grads.inputDelays != null) {
      for (int e = 0; e < count; e++) {
        grads.inputDelays[in.units[begin + e]] += errors[e];
      }
    }
  }

  /**
   * What the neurons {@code low .. high-1} have to do with the adjoint of one sample.
   *
   * @param eventErrors where the part of these neurons in the error of each event goes, from {@code
   *     errorsAt} on, or null
   */
  void backward(
      Layer layer,
      Events in,
      Events out,
      int sample,
      Gradients grads,
      double[] kick,
      int low,
      int high,
      double[] eventErrors,
      int errorsAt) {
    reserve(layer);
    arrivals.load(layer, in, sample);
    this.low = low;
    this.high = high;
    double[] lv = a;
    double[] li = b;
    Arrays.fill(lv, low, high, 0);
    Arrays.fill(li, low, high, 0);
    int base = out.begin(sample);
    int spike = out.count(sample) - 1;
    double to = layer.duration;
    if (eventErrors != null) {
      Arrays.fill(eventErrors, errorsAt, errorsAt + in.count(sample), 0);
    }
    for (int e = arrivals.count - 1; e >= 0; e--) {
      if ((e & BETWEEN_CHECKS - 1) == 0) {
        InterruptedPassException.check();
      }
      double from = arrivals.times[e];
      int first = spike;
      while (first >= 0 && out.times[base + first] > from) {
        first--;
      }
      if (to > from) {
        retreat(layer, out, base, first + 1, spike, from, to, grads, kick);
      }
      spike = first;
      to = from;
      int source = arrivals.sources[e];
      double[] row = grads.row(layer.input, source);
      if (row != null) {
        layer.input.addGradient(source, li, layer.tauSyn, row, low, high);
      }
      if (eventErrors != null) {
        eventErrors[errorsAt + arrivals.events[e]] = layer.input.error(source, lv, li, low, high);
      }
    }
    if (spike >= 0) {
      // Spikes before the first arrival, which only a bias can cause.
      retreat(layer, out, base, 0, spike, 0, to, grads, kick);
    }
  }

  /**
   * Takes the adjoints of the neurons from {@code to} back to {@code from} through their spikes.
   */
  private void retreat(
      Layer layer,
      Events out,
      int base,
      int first,
      int last,
      double from,
      double to,
      Gradients grads,
      double[] kick) {
    double[] lv = a;
    double[] li = b;
    int touched = 0;
    for (int k = last; k >= first; k--) {
      int m = out.units[base + k];
      if (m < low || m >= high) {
        continue;
      }
      double time = out.times[base + k];
      if (!isLate[m]) {
        isLate[m] = true;
        late[touched++] = m;
        lateA[m] = lv[m];
        lateB[m] = li[m];
        lateTime[m] = to;
      }
      part.span(lateTime[m] - time);
      double after = part.alpha * lateA[m];
      lateB[m] = part.beta * lateB[m] + part.adjointGamma() * lateA[m];
      lateTime[m] = time;
      lateA[m] =
          Jump.before(layer, m, out.slopes[base + k], out.errors[base + k], after, kick, grads);
    }
    membrane.span(to - from);
    double alpha = membrane.alpha;
    double beta = membrane.beta;
    double gamma = membrane.adjointGamma();
    for (int m = low; m < high; m++) {
      li[m] = beta * li[m] + gamma * lv[m];
    }
    for (int m = low; m < high; m++) {
      lv[m] = alpha * lv[m];
    }
    for (int s = 0; s < touched; s++) {
      int m = late[s];
      part.span(lateTime[m] - from);
      lv[m] = part.alpha * lateA[m];
      li[m] = part.beta * lateB[m] + part.adjointGamma() * lateA[m];
      isLate[m] = false;
    }
  }
}
