package io.tacet.network;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * What a loss compares the values of a pass with, and what it makes of them: labels or targets,
 * losses and predictions, of each row of the values or of each sample. Owns its arrays.
 */
final class Answers implements AutoCloseable {
  private final int outputs;
  private final DeviceArray labels;
  private final DeviceArray losses;
  private final DeviceArray predicted;
  private final Resources resources = new Resources();

  /** What {@link #label} was given; null for nothing. */
  private int[] labelled;

  /** The same with -1 for rows that do not count. */
  private int[] counted;

  /** What {@link #target} was given; null for nothing. */
  private float[] targets;

  Answers(Network network, long rows) {
    outputs = network.spec().outputs();
    long[] shape = {rows};
    List<DType> types = List.of(DType.INT32, network.spec().precision(), DType.INT32);
    List<DeviceArray> arrays = network.backend().allocateTogether(types, shape, shape, shape);
    arrays.forEach(resources::own);
    labels = arrays.get(0);
    losses = arrays.get(1);
    predicted = arrays.get(2);
  }

  /**
   * See {@link Pass#label}.
   *
   * @param counts whether a row does; null where all do
   */
  void label(int[] classes, IntPredicate counts) {
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] >= outputs) {
        throw new IllegalArgumentException(
            "labels: expected below "
                + outputs
                + ", the number of outputs, got "
                + classes[i]
                + " at "
                + i
                + ".");
      }
    }
    labelled = classes;
    counted = classes;
    if (counts != null) {
      counted = new int[classes.length];
      Arrays.setAll(counted, row -> counts.test(row) ? classes[row] : -1);
    }
    labels.copyFrom(counted);
  }

  /** The same labels, if there are any, after other rows have come to count. */
  void labelAgain(IntPredicate counts) {
    if (labelled != null) {
      label(labelled, counts);
    }
  }

  /** See {@link Pass#labels}. */
  DeviceArray labels() {
    return labels;
  }

  /** See {@link Pass#labelValues}. */
  int[] labelValues() {
    return labelled == null ? labels.toInts() : counted;
  }

  /** See {@link Pass#target}. */
  void target(float[] numbers) {
    long expected = losses.length() * outputs;
    if (numbers.length != expected) {
      throw new IllegalArgumentException(
          "targets: expected "
              + expected
              + " numbers, one for each value of the read-out, got "
              + numbers.length
              + ".");
    }
    targets = numbers;
  }

  /** See {@link Pass#targets}. */
  float[] targets() {
    return targets;
  }

  /** See {@link Pass#losses}. */
  DeviceArray losses() {
    return losses;
  }

  /** See {@link Pass#predicted}. */
  DeviceArray predicted() {
    return predicted;
  }

  @Override
  public void close() {
    resources.close();
  }
}
