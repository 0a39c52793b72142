package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import io.tacet.reference.Masks;
import java.util.Arrays;

/**
 * The way back through some samples of a batch, step by step together. One instance per thread of a
 * call.
 */
final class EgruAdjoint {
  private final EgruCell cell;
  private final GateWeights weights;
  private final EgruTapeArrays tape;
  private final EgruErrorArrays errors;
  private final double[] result;
  private final int worker;
  private final Masks masks;
  private final int units;
  private final EgruAdjointSample[] samples;

  /** The product of each sample where it is computed again; else null. */
  private final EgruSums[] products;

  private final double[] z;
  private final double[] r;
  private final double[] g;
  private final double[] q;
  private final double[] h;
  private final double[] before;
  private final double[] o;
  private final double[] dy;
  private final double[] dc;
  private final double[] pz;
  private final double[] pr;
  private final double[] pg;

  /**
   * @param weights the recurrent ones
   * @param again whether the tape lacks the product, which is computed again
   * @param result where dL/d currents goes, [steps][batch][3 units]
   * @param together how many samples there are at most
   * @param worker number of the thread
   */
  EgruAdjoint(
      EgruCell cell,
      GateWeights weights,
      boolean again,
      EgruTapeArrays tape,
      EgruErrorArrays errors,
      double[] result,
      int together,
      int worker) {
    this.cell = cell;
    this.weights = weights;
    this.tape = tape;
    this.errors = errors;
    this.result = result;
    this.worker = worker;
    masks = cell.masks();
    units = cell.units;
    z = new double[units];
    r = new double[units];
    g = new double[units];
    q = new double[units];
    h = new double[units];
    before = new double[units];
    o = new double[units];
    dy = new double[units];
    dc = new double[units];
    pz = new double[units];
    pr = new double[units];
    pg = new double[units];
    samples = new EgruAdjointSample[together];
    for (int s = 0; s < together; s++) {
      samples[s] = new EgruAdjointSample(weights, units);
    }
    products = again ? new EgruSums[together] : null;
    for (int s = 0; s < together && again; s++) {
      products[s] = new EgruSums(weights, units);
    }
  }

  /**
   * Goes back through samples first .. first+count-1.
   *
   * @param sums where each sample's share of the bias and threshold gradients goes
   */
  void run(int first, int count, EgruSampleSums sums) {
    for (int s = 0; s < count; s++) {
      EgruAdjointSample sample = samples[s];
      sample.begin();
      errors.atEnd(first + s, sample.dy, sample.dh, sample.dtrace);
    }
    for (int t = cell.steps - 1; t >= 0; t--) {
      InterruptedPassException.check();
      step(first, count, t);
    }
    for (int s = 0; s < count; s++) {
      EgruAdjointSample sample = samples[s];
      errors.atStart(first + s, sample.dy, sample.dh);
      sums.store(first + s, sample);
    }
  }

  private void step(int first, int count, int t) {
    if (products != null) {
      multiplyAgain(first, count, t);
    }
    for (int s = 0; s < count; s++) {
      int n = first + s;
      samples[s].live = t < cell.lengths[n];
      if (samples[s].live) {
        retreat(s, t, n);
        if (!(weights instanceof DenseGates)) {
          samples[s].needBefore(cell, tape, errors, t, n);
        }
      } else {
        int at = 3 * units * cell.row(t, n);
        Arrays.fill(result, at, at + 3 * units, 0);
      }
    }
    if (!cell.paper) {
      multiply(count, 0, 3 * units, false);
      return;
    }
    // The paper's candidate saw r y', so its product comes first and gives the error of r.
    multiply(count, 2 * units, 3 * units, true);
    for (int s = 0; s < count; s++) {
      if (samples[s].live) {
        resetGate(samples[s], t, first + s);
      }
    }
    multiply(count, 0, 2 * units, false);
  }

  /** dy, or dv if gated, += sums R^T over the columns [from, to). */
  private void multiply(int count, int from, int to, boolean gated) {
    for (int s = 0; s < count; s++) {
      samples[s].received = gated ? samples[s].dv : samples[s].dy;
    }
    weights.addTransposed(worker, samples, count, from, to);
  }

  /** q of step t for all samples, in the order of the forward pass. */
  private void multiplyAgain(int first, int count, int t) {
    for (int s = 0; s < count; s++) {
      int n = first + s;
      if (t < cell.lengths[n]) {
        if (t == 0) {
          products[s].begin(cell, n);
        } else {
          products[s].load(cell, tape, cell.row(t - 1, n));
        }
        weights.put(cell.biasQ, 2, products[s].sum);
      }
    }
    EgruSums.multiply(cell, weights, products, first, count, t, 2 * units, 3 * units);
  }

  /** From the adjoint after step t to the errors of the sums of step t. */
  private void retreat(int s, int t, int n) {
    EgruAdjointSample sample = samples[s];
    int position = cell.row(t, n);
    tape.load(position, z, r, g, q);
    if (products != null) {
      weights.take(products[s].sum, 2, q);
    }
    System.arraycopy(tape.h, position * units, h, 0, units);
    previousStates(t, n, before);
    System.arraycopy(sample.dy, 0, dy, 0, units);
    Arrays.fill(sample.dy, 0);
    errors.addStep(position, dy, dc);
    RowSums.addOne(sample.dtrace, 1 - cell.decay, 0, units, dy);
    scale(sample.dtrace, cell.decay);
    threshold(sample, position);
    zoneOut(sample.dh, t, n);
    if (cell.paper) {
      paperGates(sample.dh);
      if (cell.events) {
        // The whole event of the step before was subtracted from c.
        RowSums.addOne(dc, -1, 0, units, sample.dy);
      }
      weights.put(pg, 2, sample.sums);
      Arrays.fill(sample.dv, 0);
    } else {
      gates(sample.dh);
      product(r, pg, q);
      weights.put(q, 2, sample.sums);
      RowSums.addOne(q, 1, 0, units, sample.productBias);
      resetError(sample, position);
    }
    weights.put(pz, 0, sample.sums);
    RowSums.addOne(pz, 1, 0, units, sample.updateBias);
    RowSums.addOne(pg, 1, 0, units, sample.candidateBias);
    int at = 3 * units * position;
    System.arraycopy(pz, 0, result, at, units);
    System.arraycopy(pg, 0, result, at + 2 * units, units);
  }

  /** Through the event: from dy and dh to dc. */
  private void threshold(EgruAdjointSample sample, int position) {
    if (!cell.events) {
      sum(dy, sample.dh, dc);
      return;
    }
    for (int m = 0; m < units; m++) {
      o[m] = tape.isEvent(position, m) ? 1 : 0;
    }
    if (cell.paper) {
      wholeEvent(h, o, cell.thresholds, dy, sample.dh, errors.rate, sample.theta, dc);
    } else {
      softReset(h, o, cell.thresholds, dy, sample.dh, errors.rate, sample.theta, dc);
    }
  }

  private void softReset(
      double[] h,
      double[] o,
      double[] theta,
      double[] dy,
      double[] dh,
      double[] rate,
      double[] dtheta,
      double[] dc) {
    double gamma = cell.gamma;
    double k = cell.sharpness;
    for (int m = 0; m < dc.length; m++) {
      double c = h[m] + theta[m] * o[m];
      double psi = gamma * Math.max(0, 1 - k * Math.abs(c - theta[m]));
      double through = psi * (rate[m] + c * dy[m] - theta[m] * dh[m]);
      dtheta[m] -= through + o[m] * dh[m];
      dc[m] = o[m] * dy[m] + through + dh[m];
    }
  }

  private void wholeEvent(
      double[] c,
      double[] o,
      double[] theta,
      double[] dy,
      double[] dh,
      double[] rate,
      double[] dtheta,
      double[] dc) {
    double gamma = cell.gamma;
    double k = cell.sharpness;
    for (int m = 0; m < dc.length; m++) {
      double psi = gamma * Math.max(0, 1 - k * Math.abs(c[m] - theta[m]));
      double through = psi * (rate[m] + c[m] * dy[m]);
      dtheta[m] -= through;
      dc[m] = o[m] * dy[m] + through + dh[m];
    }
  }

  /** Splits dc into the share of the new state, left in dc, and that of the old one, in dh. */
  private void zoneOut(double[] dh, int t, int n) {
    if (masks != null) {
      for (int m = 0; m < units; m++) {
        boolean dropped = masks.drops((long) n * units + m, t);
        dh[m] = dropped ? dc[m] : 0;
        dc[m] = dropped ? 0 : dc[m];
      }
    } else {
      System.arraycopy(dc, 0, dh, 0, units);
      scale(dh, cell.zoneout);
      scale(dc, 1 - cell.zoneout);
    }
  }

  private void gates(double[] dh) {
    for (int m = 0; m < units; m++) {
      double dz = (before[m] - g[m]) * dc[m];
      double error = (1 - g[m] * g[m]) * ((1 - z[m]) * dc[m]);
      pg[m] = error;
      pr[m] = r[m] * (1 - r[m]) * q[m] * error;
      pz[m] = z[m] * (1 - z[m]) * dz;
      dh[m] += z[m] * dc[m];
    }
    if (cell.clips()) {
      cell.stopCandidates(g, pg);
      cell.stopGates(z, pz);
      for (int m = 0; m < units; m++) {
        pr[m] = r[m] * (1 - r[m]) * q[m] * pg[m];
      }
      cell.stopGates(r, pr);
    }
  }

  private void paperGates(double[] dh) {
    for (int m = 0; m < units; m++) {
      double du = (g[m] - before[m]) * dc[m];
      pg[m] = (1 - g[m] * g[m]) * (z[m] * dc[m]);
      pz[m] = z[m] * (1 - z[m]) * du;
      dh[m] += (1 - z[m]) * dc[m];
    }
    cell.stopCandidates(g, pg);
    cell.stopGates(z, pz);
  }

  /** The paper's reset gate: dv is the error of r y'. */
  private void resetGate(EgruAdjointSample sample, int t, int n) {
    int position = cell.row(t, n);
    tape.loadReset(position, r);
    previousEvents(t, n, before);
    double[] dv = sample.dv;
    double[] dy = sample.dy;
    for (int m = 0; m < units; m++) {
      pr[m] = r[m] * (1 - r[m]) * (before[m] * dv[m]);
      dy[m] += r[m] * dv[m];
    }
    cell.stopGates(r, pr);
    resetError(sample, position);
  }

  /** Takes the error of the reset gate's sums, pr. */
  private void resetError(EgruAdjointSample sample, int position) {
    weights.put(pr, 1, sample.sums);
    RowSums.addOne(pr, 1, 0, units, sample.resetBias);
    System.arraycopy(pr, 0, result, 3 * units * position + units, units);
  }

  /** States before step t. */
  private void previousStates(int t, int n, double[] out) {
    if (t > 0) {
      System.arraycopy(tape.h, cell.row(t - 1, n) * units, out, 0, units);
    } else if (cell.firstH != null) {
      System.arraycopy(cell.firstH, n * units, out, 0, units);
    } else {
      Arrays.fill(out, 0);
    }
  }

  /** Events before step t. */
  private void previousEvents(int t, int n, double[] out) {
    if (t > 0) {
      tape.loadEvents(cell, cell.row(t - 1, n), out);
    } else if (cell.firstY != null) {
      System.arraycopy(cell.firstY, n * units, out, 0, units);
    } else {
      Arrays.fill(out, 0);
    }
  }

  private static void product(double[] a, double[] b, double[] out) {
    for (int m = 0; m < out.length; m++) {
      out[m] = a[m] * b[m];
    }
  }

  private static void scale(double[] x, double factor) {
    for (int m = 0; m < x.length; m++) {
      x[m] *= factor;
    }
  }

  private static void sum(double[] a, double[] b, double[] out) {
    for (int m = 0; m < out.length; m++) {
      out[m] = a[m] + b[m];
    }
  }
}
