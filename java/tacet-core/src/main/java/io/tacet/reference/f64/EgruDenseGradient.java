package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import io.tacet.reference.TiledProduct;
import io.tacet.reference.Workers;
import java.util.Arrays;

/**
 * dR as products of matrices in a library, for layers of which so many units send something that
 * leaving out the others, as {@link EgruWeightGradient} does, takes longer: it adds 16 columns in
 * the time in which a product takes about 60 (measured with AVX-512).
 */
final class EgruDenseGradient {
  /** Activity from which on it is used. */
  static final double LEAST_ACTIVITY = 0.25;

  /** Pairs of step and sample of a product. */
  private static final int PAIRS = 256;

  /** Pairs of a task that gathers their rows. */
  private static final int TOGETHER = 32;

  private final int units;

  /** What units sent, [pairs][units]. */
  private final double[] sent;

  /** Errors of the recurrent sums, [pairs][3 units]. */
  private final double[] errors;

  EgruDenseGradient(int units) {
    this.units = units;
    sent = new double[PAIRS * units];
    errors = new double[PAIRS * 3 * units];
  }

  /**
   * Adds dR; not for the paper's variant, whose candidate receives something else.
   *
   * @param currents dL/d currents, [steps][batch][3 units]
   * @param gradient [units][3 units]
   * @return false, with nothing done, where the library does not take such products
   */
  boolean run(
      Workers workers,
      TiledProduct library,
      EgruCell cell,
      EgruTapeArrays tape,
      double[] currents,
      double[] gradient) {
    int pairs = cell.steps * cell.batch;
    for (int first = 0; first < pairs; first += PAIRS) {
      InterruptedPassException.check();
      int from = first;
      workers.run(
          PAIRS / TOGETHER,
          (task, worker) -> {
            double[] r = new double[units];
            for (int k = task * TOGETHER; k < (task + 1) * TOGETHER; k++) {
              gather(cell, tape, currents, from + k, k, r);
            }
          });
      if (!library.multiply(
          true, false, units, 3 * units, PAIRS, sent, 0, errors, 0, true, gradient, 0)) {
        return false;
      }
    }
    return true;
  }

  /** Puts pair p into row k; zeros for a step that there is not. */
  private void gather(
      EgruCell cell, EgruTapeArrays tape, double[] currents, int p, int k, double[] r) {
    int t = p / cell.batch;
    int n = p % cell.batch;
    int row = k * units;
    Arrays.fill(sent, row, row + units, 0);
    if (t >= cell.lengths[n]) {
      Arrays.fill(errors, 3 * row, 3 * row + 3 * units, 0);
      return;
    }
    if (t > 0) {
      tape.spreadEvents(cell, cell.row(t - 1, n), sent, row);
    } else if (cell.firstY != null) {
      System.arraycopy(cell.firstY, n * units, sent, row, units);
    }
    int position = cell.row(t, n);
    System.arraycopy(currents, 3 * units * position, errors, 3 * row, 3 * units);
    tape.loadReset(position, r);
    int candidate = 3 * row + 2 * units;
    for (int m = 0; m < units; m++) {
      errors[candidate + m] *= r[m];
    }
  }
}
