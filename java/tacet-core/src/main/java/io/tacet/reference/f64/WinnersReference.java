package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;

/** k-winners-take-all, a task per row; see {@link io.tacet.dense.Winners}. */
public final class WinnersReference {
  private final Workers workers;
  private final long[][] keys;
  private final RadixSelection[] selections;

  public WinnersReference(Workers workers) {
    this.workers = workers;
    keys = new long[workers.count()][0];
    selections = new RadixSelection[workers.count()];
    for (int w = 0; w < selections.length; w++) {
      selections[w] = new RadixSelection();
    }
  }

  /** See {@link io.tacet.spi.DenseKernels#keepWinners}. */
  public void keep(
      DeviceArray valueArray, int winners, DeviceArray keptArray, DeviceArray markArray) {
    double[] values = Real.array(valueArray);
    double[] kept = Real.array(keptArray);
    int[] marks = markArray == null ? null : (int[]) markArray.storage().heap();
    int units = units(valueArray);
    workers.run(
        values.length / units,
        (row, worker) -> {
          if (keys[worker].length < units) {
            keys[worker] = new long[units];
          }
          for (int i = 0; i < units; i++) {
            keys[worker][i] = Real.fallingKey(values[row * units + i]);
          }
          selections[worker].find(keys[worker], units, Real.KEY_BITS, winners);
          keep(keys[worker], selections[worker], values, kept, row, units, marks);
        });
  }

  private static void keep(
      long[] keys,
      RadixSelection selection,
      double[] values,
      double[] kept,
      int row,
      int units,
      int[] marks) {
    long left = selection.left();
    int words = io.tacet.sparse.Events.words(units);
    int word = 0;
    for (int i = 0; i < units; i++) {
      int order = Long.compareUnsigned(keys[i], selection.key());
      boolean wins = order < 0 || (order == 0 && left > 0);
      left -= order == 0 ? 1 : 0;
      kept[row * units + i] = wins ? values[row * units + i] : 0;
      word |= wins ? 1 << i : 0;
      if (marks != null && (i % 32 == 31 || i == units - 1)) {
        marks[row * words + i / 32] = word;
        word = 0;
      }
    }
  }

  /** See {@link io.tacet.spi.DenseKernels#dropLosers}. */
  public void drop(DeviceArray markArray, DeviceArray errorArray) {
    double[] errors = Real.array(errorArray);
    int[] marks = (int[]) markArray.storage().heap();
    int units = units(errorArray);
    int words = io.tacet.sparse.Events.words(units);
    for (int row = 0; row < errors.length / units; row++) {
      for (int i = 0; i < units; i++) {
        if ((marks[row * words + i / 32] >>> i & 1) == 0) {
          errors[row * units + i] = 0;
        }
      }
    }
  }

  private static int units(DeviceArray array) {
    long[] shape = array.shape();
    return (int) shape[shape.length - 1];
  }
}
