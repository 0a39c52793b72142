package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * The weight gradient of a part of a batch: rows are zeroed when a source first has an event, so
 * that a pass costs what its events cost, however many rows there are.
 */
final class RowGradient {
  /** Flat, as the weights. */
  final double[] values;

  /** Rows that were written; the others hold old numbers. */
  private final boolean[] touched;

  private RowGradient(double[] values, int sources, boolean whole) {
    this.values = values;
    touched = new boolean[sources];
    Arrays.fill(touched, whole);
  }

  /** Of a part, in an array of its own. */
  static RowGradient own(int length, int sources) {
    return new RowGradient(new double[length], sources, false);
  }

  /** Of a whole batch, added to where it is wanted. */
  static RowGradient inPlace(double[] wanted, int sources) {
    return new RowGradient(wanted, sources, true);
  }

  /** Before the samples of a part that has an array of its own. */
  void begin() {
    Arrays.fill(touched, false);
  }

  /** The values, with the row of a source ready to be added to. */
  double[] row(Rows rows, int source) {
    if (!touched[source]) {
      touched[source] = true;
      Arrays.fill(values, rows.begin(source), rows.end(source), 0);
    }
    return values;
  }

  /** Adds the row of a source. */
  void addRow(Rows rows, int source, double[] total) {
    if (touched[source]) {
      for (int s = rows.begin(source); s < rows.end(source); s++) {
        total[s] += values[s];
      }
    }
  }
}
