package io.tacet.reference.f64;

import java.util.Arrays;

/** What the gradient of recurrent weights is made of; see {@link io.tacet.egru.Egru}. */
final class EgruFactors {
  private final EgruCell cell;
  private final EgruTapeArrays tape;
  private final double[] errors;
  private final double[] sent;
  private final double[] y;
  private final double[] r;

  /**
   * @param errors dL/d currents, [steps][batch][3 units]
   * @param sent [steps][batch][units], or [steps][batch][3][units] in the paper's variant
   */
  EgruFactors(EgruCell cell, EgruTapeArrays tape, double[] errors, double[] sent) {
    this.cell = cell;
    this.tape = tape;
    this.errors = errors;
    this.sent = sent;
    y = new double[cell.units];
    r = new double[cell.units];
  }

  /** All steps of a sample. */
  void run(int n) {
    for (int t = 0; t < cell.steps; t++) {
      load(t, n);
      int position = cell.row(t, n);
      tape.loadReset(position, r);
      if (cell.paper) {
        int at = 3 * position * cell.units;
        System.arraycopy(y, 0, sent, at, cell.units);
        System.arraycopy(y, 0, sent, at + cell.units, cell.units);
        scale(y, 0);
        System.arraycopy(y, 0, sent, at + 2 * cell.units, cell.units);
      } else {
        System.arraycopy(y, 0, sent, position * cell.units, cell.units);
        scale(errors, (3 * position + 2) * cell.units);
      }
    }
  }

  /** What units sent into a step; nothing after a sample's last one. */
  private void load(int t, int n) {
    if (t >= cell.lengths[n]) {
      Arrays.fill(y, 0);
    } else if (t > 0) {
      tape.loadEvents(cell, cell.row(t - 1, n), y);
    } else if (cell.firstY != null) {
      System.arraycopy(cell.firstY, n * cell.units, y, 0, cell.units);
    } else {
      Arrays.fill(y, 0);
    }
  }

  /** Through the reset gate. */
  private void scale(double[] x, int from) {
    for (int m = 0; m < cell.units; m++) {
      x[from + m] *= r[m];
    }
  }
}
