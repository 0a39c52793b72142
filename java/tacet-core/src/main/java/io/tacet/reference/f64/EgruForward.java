package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import io.tacet.reference.Masks;
import java.util.Arrays;

/**
 * Some samples of a batch, step by step together, so that a block of recurrent rows is read once
 * for all of them. One instance per thread of a call. Loops over units run over whole arrays of
 * their own, see {@link RowSums}.
 */
final class EgruForward {
  private final EgruCell cell;
  private final GateWeights weights;
  private final EgruTapeArrays tape;
  private final double[] currents;
  private final EgruRows outputs;
  private final Masks masks;
  private final int units;
  private final Sample[] samples;

  /** Those of the samples. */
  private final EgruSums[] sums;

  private final double[] z;
  private final double[] r;
  private final double[] q;
  private final double[] g;
  private final double[] c;
  private final double[] y;

  /** A sample under way. */
  private static final class Sample {
    /** Input currents and recurrent sums; afterwards what goes into the next step. */
    final EgruSums sums;

    /** The paper's reset gate, which is needed before the candidate. */
    final double[] reset;

    final double[] h;
    final double[] trace;

    Sample(GateWeights weights, int units) {
      sums = new EgruSums(weights, units);
      reset = new double[units];
      h = new double[units];
      trace = new double[units];
    }
  }

  /**
   * @param weights the recurrent ones
   * @param tape where states are kept, or null
   * @param outputs events, or null
   * @param together how many samples there are at most
   */
  EgruForward(
      EgruCell cell,
      GateWeights weights,
      double[] currents,
      EgruTapeArrays tape,
      EgruRows outputs,
      int together) {
    this.cell = cell;
    this.weights = weights;
    this.currents = currents;
    this.tape = tape;
    this.outputs = outputs;
    masks = cell.masks();
    units = cell.units;
    z = new double[units];
    r = new double[units];
    q = new double[units];
    g = new double[units];
    c = new double[units];
    y = new double[units];
    samples = new Sample[together];
    sums = new EgruSums[together];
    for (int s = 0; s < together; s++) {
      samples[s] = new Sample(weights, units);
      sums[s] = samples[s].sums;
    }
  }

  /**
   * Runs samples first .. first+count-1 from start to end.
   *
   * @param trace a row a sample, or null
   * @param lastY [batch][units] or null
   * @param lastH [batch][units], null with lastY
   * @param counts events of each unit, added to; own to this thread
   */
  void run(int first, int count, EgruRows trace, double[] lastY, double[] lastH, int[] counts) {
    requireThresholds();
    for (int s = 0; s < count; s++) {
      begin(samples[s], first + s);
    }
    for (int t = 0; t < cell.steps; t++) {
      InterruptedPassException.check();
      step(first, count, t, trace != null, counts);
    }
    for (int s = 0; s < count; s++) {
      Sample sample = samples[s];
      int at = (first + s) * units;
      requireFinite(sample.h, first + s);
      if (trace != null) {
        System.arraycopy(sample.trace, 0, trace.values, trace.at(first + s), units);
      }
      if (lastY != null) {
        spread(sample);
        System.arraycopy(y, 0, lastY, at, units);
        System.arraycopy(sample.h, 0, lastH, at, units);
      }
    }
  }

  /** In the paper's variant a state does not depend on its threshold. */
  private void requireThresholds() {
    for (int m = 0; cell.events && m < units; m++) {
      if (Double.isNaN(cell.thresholds[m])) {
        throw new ArithmeticException(
            "thresholds: expected a number for every unit, got NaN for unit " + m + ".");
      }
    }
  }

  /** A NaN stays in a state, so that a look at the end finds one of any step. */
  private static void requireFinite(double[] h, int n) {
    double sum = 0;
    for (int m = 0; m < h.length; m++) {
      // 0 for a finite number; NaN for any other.
      sum += h[m] * 0;
    }
    for (int m = 0; Double.isNaN(sum) && m < h.length; m++) {
      if (!Double.isFinite(h[m])) {
        throw new ArithmeticException(
            "Sample "
                + n
                + ": the state of unit "
                + m
                + " is "
                + h[m]
                + " at the end; expected finite currents, weights, biases, thresholds and initial"
                + " states. Check the learning rate and the input.");
      }
    }
  }

  private void begin(Sample sample, int n) {
    Arrays.fill(sample.trace, 0);
    sample.sums.begin(cell, n);
    if (cell.firstH == null) {
      Arrays.fill(sample.h, 0);
    } else {
      System.arraycopy(cell.firstH, n * units, sample.h, 0, units);
    }
  }

  private void step(int first, int count, int t, boolean traced, int[] counts) {
    int live = 0;
    for (int s = 0; s < count; s++) {
      int position = cell.row(t, first + s);
      if (t < cell.lengths[first + s]) {
        load(samples[s], position);
        live++;
      } else {
        if (tape != null) {
          tape.storeEnded(position, samples[s].h);
        }
        if (outputs != null) {
          int at = outputs.at(position);
          Arrays.fill(outputs.values, at, at + units, 0);
        }
      }
    }
    if (live == 0) {
      return;
    }
    if (cell.paper) {
      EgruSums.multiply(cell, weights, sums, first, count, t, 0, 2 * units);
      for (int s = 0; s < count; s++) {
        reset(samples[s]);
      }
      EgruSums.multiply(cell, weights, sums, first, count, t, 2 * units, 3 * units);
    } else {
      EgruSums.multiply(cell, weights, sums, first, count, t, 0, 3 * units);
    }
    for (int s = 0; s < count; s++) {
      if (t < cell.lengths[first + s]) {
        advance(samples[s], t, first + s, traced, counts);
      }
    }
  }

  /** Sums start from currents and biases; that of q, inside the reset gate, from its own bias. */
  private void load(Sample sample, int position) {
    int from = 3 * units * position;
    double[] sum = sample.sums.sum;
    start(from, cell.biasZ, sum, 0);
    start(from + units, cell.biasR, sum, 1);
    if (cell.paper) {
      start(from + 2 * units, cell.biasG, sum, 2);
    } else {
      weights.put(cell.biasQ, 2, sum);
    }
  }

  private void start(int from, double[] bias, double[] sum, int gate) {
    System.arraycopy(currents, from, c, 0, units);
    RowSums.addOne(bias, 1, 0, units, c);
    weights.put(c, gate, sum);
  }

  /** The paper's reset gate acts on what the units send. */
  private void reset(Sample sample) {
    EgruSums in = sample.sums;
    weights.take(in.sum, 1, sample.reset);
    gate(sample.reset);
    for (int k = 0; k < in.count; k++) {
      in.gated[k] = sample.reset[in.active[k]] * in.values[k];
    }
  }

  private void advance(Sample sample, int t, int n, boolean traced, int[] counts) {
    int position = cell.row(t, n);
    EgruSums in = sample.sums;
    weights.take(in.sum, 0, z);
    weights.take(in.sum, 2, q);
    gate(z);
    if (cell.paper) {
      System.arraycopy(sample.reset, 0, r, 0, units);
      candidate(q, g);
      mix(g, z, sample.h, c);
      if (cell.events) {
        for (int k = 0; k < in.count; k++) {
          c[in.active[k]] -= in.values[k];
        }
      }
    } else {
      weights.take(in.sum, 1, r);
      gate(r);
      System.arraycopy(currents, 3 * units * position + 2 * units, c, 0, units);
      RowSums.addOne(cell.biasG, 1, 0, units, c);
      candidate(c, r, q, g);
      mix(sample.h, z, g, c);
    }
    zoneOut(sample, t, n);
    if (tape == null) {
      send(sample, position, counts);
    } else {
      tape.store(position, c, z, r, g, q);
      send(sample, position, counts);
      System.arraycopy(sample.h, 0, tape.h, position * units, units);
    }
    if (traced || outputs != null) {
      spread(sample);
    }
    if (outputs != null) {
      System.arraycopy(y, 0, outputs.values, outputs.at(position), units);
    }
    if (traced) {
      follow(sample.trace, y, cell.decay, 1 - cell.decay);
    }
  }

  /** Decides who sends what, and what is left of the states. */
  private void send(Sample sample, int position, int[] counts) {
    EgruSums next = sample.sums;
    double[] h = sample.h;
    double[] theta = cell.thresholds;
    System.arraycopy(c, 0, h, 0, units);
    int count = 0;
    for (int m = 0; m < units; m++) {
      // Not c > theta: what is not a number is sent, and does not pass for silence.
      boolean event = !cell.events || !(c[m] <= theta[m]);
      if (event || !cell.sparse) {
        next.active[count] = m;
        next.values[count++] = event ? c[m] : 0;
      }
      if (event) {
        counts[m]++;
        if (tape != null) {
          tape.event(position, m);
        }
        if (cell.events && !cell.paper) {
          h[m] = c[m] - theta[m];
        }
      }
    }
    next.count = count;
  }

  private void zoneOut(Sample sample, int t, int n) {
    if (masks != null) {
      for (int m = 0; m < units; m++) {
        if (masks.drops((long) n * units + m, t)) {
          c[m] = sample.h[m];
        }
      }
    } else if (cell.zoneout > 0) {
      follow(c, sample.h, 1 - cell.zoneout, cell.zoneout);
    }
  }

  /** The events of a sample as a whole row. */
  private void spread(Sample sample) {
    EgruSums sent = sample.sums;
    Arrays.fill(y, 0);
    for (int k = 0; k < sent.count; k++) {
      y[sent.active[k]] = sent.values[k];
    }
  }

  private void gate(double[] x) {
    cell.cut(x);
    for (int m = 0; m < x.length; m++) {
      x[m] = Real.sigmoid(x[m]);
    }
  }

  private void candidate(double[] x, double[] g) {
    cell.cut(x);
    for (int m = 0; m < g.length; m++) {
      g[m] = Real.tanh(x[m]);
    }
  }

  private void candidate(double[] a, double[] r, double[] q, double[] g) {
    if (cell.clips()) {
      for (int m = 0; m < g.length; m++) {
        g[m] = a[m] + r[m] * q[m];
      }
      candidate(g, g);
      return;
    }
    for (int m = 0; m < g.length; m++) {
      g[m] = Real.tanh(a[m] + r[m] * q[m]);
    }
  }

  /** out = z a + (1-z) b. */
  private static void mix(double[] a, double[] z, double[] b, double[] out) {
    for (int m = 0; m < out.length; m++) {
      out[m] = z[m] * a[m] + (1 - z[m]) * b[m];
    }
  }

  /** x = keep x + take y. */
  private static void follow(double[] x, double[] y, double keep, double take) {
    for (int m = 0; m < x.length; m++) {
      x[m] = keep * x[m] + take * y[m];
    }
  }
}
