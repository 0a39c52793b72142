package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import java.util.Arrays;

/**
 * dR: the sum over steps and samples of what a unit sent times the errors of the sums it reached.
 * Row j belongs to one task, and only steps in which unit j sent something count.
 */
final class EgruWeightGradient {
  /** How many (step, sample) pairs are looked at together at most. */
  private static final int CHUNK = 64;

  /** Errors that random places are read from: they are to stay in a cache. */
  private static final int CACHED = 1 << 20;

  private final int units;

  /** Of the pairs of a chunk, made when they are first needed. */
  private final double[][] sums = new double[CHUNK][];

  private final int[] index;
  private final double[] values;
  private final double[] r;
  private final double[] g;

  /** For each row of the pass, the pairs of the chunk in which its unit sent, and what. */
  private final int[][] pairs;

  private final double[][] sent;
  private final double[][] gated;
  private final int[] counts;

  /** Sums of the pass over dense weights; made when they are first needed. */
  private double[][] rows;

  // What the pass under way works on.
  private EgruCell cell;
  private GateWeights weights;
  private EgruTapeArrays tape;
  private double[] errors;
  private double[] gradient;
  private int chunk;

  /**
   * @param rows how many there are at most in a pass
   */
  EgruWeightGradient(int units, int rows) {
    this.units = units;
    index = new int[units];
    values = new double[units];
    r = new double[units];
    g = new double[units];
    pairs = new int[rows][CHUNK];
    sent = new double[rows][CHUNK];
    gated = new double[rows][CHUNK];
    counts = new int[rows];
  }

  /**
   * Adds rows [first, last) to the gradient.
   *
   * @param weights of which it is the gradient
   * @param errors dL/d currents, [steps][batch][3 units]
   * @param gradient flat [units][3 units], or of the values on a pattern
   */
  void run(
      EgruCell cell,
      GateWeights weights,
      EgruTapeArrays tape,
      double[] errors,
      int first,
      int last,
      double[] gradient) {
    this.cell = cell;
    this.weights = weights;
    this.tape = tape;
    this.errors = errors;
    this.gradient = gradient;
    Arrays.fill(counts, 0);
    if (weights instanceof DenseGates) {
      chunk = CHUNK;
      runDense(first, last);
    } else {
      // Sums on a pattern do not depend on which pairs are put together.
      chunk = Math.max(1, Math.min(CHUNK, CACHED / weights.places(units)));
      addSteps(first, last);
    }
    this.cell = null;
    this.weights = null;
    this.tape = null;
    this.errors = null;
    this.gradient = null;
  }

  private void runDense(int first, int last) {
    if (rows == null) {
      rows = new double[counts.length][3 * units];
    }
    for (int j = first; j < last; j++) {
      Arrays.fill(rows[j - first], 0);
    }
    addSteps(first, last);
    for (int j = first; j < last; j++) {
      double[] row = rows[j - first];
      for (int m = 0; m < row.length; m++) {
        gradient[3 * units * j + m] += row[m];
      }
    }
  }

  private void addSteps(int first, int last) {
    int filled = 0;
    for (int t = 0; t < cell.steps; t++) {
      InterruptedPassException.check();
      for (int n = 0; n < cell.batch; n++) {
        if (t < cell.lengths[n] && collect(t, n, first, last, filled)) {
          filled++;
          if (filled == chunk) {
            apply(first, last);
            filled = 0;
          }
        }
      }
    }
    apply(first, last);
  }

  /** Notes a pair; false if none of the units sent anything. */
  private boolean collect(int t, int n, int first, int last, int slot) {
    int position = cell.row(t, n);
    int count = t > 0 ? tape.listEvents(cell, cell.row(t - 1, n), index, values) : listFirst(n);
    boolean loaded = false;
    for (int k = 0; k < count; k++) {
      int j = index[k];
      if (j >= first && j < last) {
        if (!loaded) {
          if (sums[slot] == null || sums[slot].length != weights.places(units)) {
            sums[slot] = new double[weights.places(units)];
          }
          load(position, sums[slot]);
          loaded = true;
        }
        int row = j - first;
        pairs[row][counts[row]] = slot;
        sent[row][counts[row]] = values[k];
        if (cell.paper) {
          gated[row][counts[row]] = values[k] * r[j];
        }
        counts[row]++;
      }
    }
    // Whoever has sent: how pairs are put together must not depend on the rows of this task.
    return count > 0;
  }

  private int listFirst(int n) {
    int count = 0;
    if (cell.firstY != null) {
      for (int m = 0; m < units; m++) {
        if (cell.firstY[n * units + m] != 0) {
          index[count] = m;
          values[count++] = cell.firstY[n * units + m];
        }
      }
    }
    return count;
  }

  /** Errors of the recurrent sums: those of the currents, but q is inside the reset gate. */
  private void load(int position, double[] out) {
    tape.loadReset(position, r);
    for (int gate = 0; gate < 3; gate++) {
      System.arraycopy(errors, (3 * position + gate) * units, g, 0, units);
      if (gate == 2 && !cell.paper) {
        for (int m = 0; m < units; m++) {
          g[m] *= r[m];
        }
      }
      weights.put(g, gate, out);
    }
  }

  private void apply(int first, int last) {
    int same = cell.paper ? 2 * units : 3 * units;
    for (int j = first; j < last; j++) {
      int k = j - first;
      double[] out = weights instanceof DenseGates ? rows[k] : gradient;
      weights.addGradient(j, sums, pairs[k], sent[k], counts[k], 0, same, out);
      if (cell.paper) {
        weights.addGradient(j, sums, pairs[k], gated[k], counts[k], same, 3 * units, out);
      }
    }
    Arrays.fill(counts, 0);
  }
}
