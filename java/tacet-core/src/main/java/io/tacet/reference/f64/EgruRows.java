package io.tacet.reference.f64;

import io.tacet.egru.EgruInputs;
import io.tacet.memory.DeviceArray;

/** The units of one direction in an array whose rows have room for one direction or for both. */
final class EgruRows {
  final double[] values;
  private final int columns;
  private final int first;

  private EgruRows(DeviceArray array, long rows, EgruInputs in) {
    values = Real.array(array);
    columns = (int) (values.length / rows);
    first = in.firstColumn(columns);
  }

  /** Rows for every step and sample; null for null. */
  static EgruRows ofSteps(DeviceArray array, EgruInputs in) {
    return array == null ? null : new EgruRows(array, (long) in.steps() * in.batch(), in);
  }

  /** Rows for every sample; null for null. */
  static EgruRows ofSamples(DeviceArray array, EgruInputs in) {
    return array == null ? null : new EgruRows(array, in.batch(), in);
  }

  /** Where the units of a row begin. */
  int at(int row) {
    return row * columns + first;
  }
}
