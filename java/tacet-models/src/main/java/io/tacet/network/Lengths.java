package io.tacet.network;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * How many of the steps of a pass, or of a segment of one, each sample has. What stands in the
 * steps after its last one is padding, of which nothing is read. Owns its arrays.
 */
public final class Lengths implements AutoCloseable {
  private final int batch;
  private final int steps;
  private final DeviceArray ofSamples;
  private final DeviceArray present;
  private final DeviceArray ends;
  private final DeviceArray endErrors;
  private final DeviceArray begun;
  private final DeviceArray waiting;
  private final DeviceArray notBegun;
  private final Resources resources = new Resources();

  /** Steps of each sample in all, not only here. */
  private int[] whole;

  /** Number of steps before the first one here. */
  private int from;

  Lengths(Backend backend, DType type, int batch, int steps) {
    this.batch = batch;
    this.steps = steps;
    try {
      ofSamples = resources.own(backend.allocate(DType.INT32, batch));
      present = resources.own(backend.allocate(type, steps, batch));
      ends = resources.own(backend.allocate(DType.INT32, batch));
      endErrors = resources.own(backend.allocate(DType.INT32, batch));
      begun = resources.own(backend.allocate(type, batch));
      waiting = resources.own(backend.allocate(DType.INT32, batch));
      notBegun = resources.own(backend.allocate(type, batch));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /**
   * Refuses lengths that a pass does not have.
   *
   * @param lengths of each sample
   */
  static void check(int[] lengths, PassShape shape) {
    if (shape.steps() == 0) {
      throw new IllegalArgumentException(
          "lengths: expected none for event times, which end when they do, got "
              + lengths.length
              + ".");
    }
    if (lengths.length != shape.batch()) {
      throw new IllegalArgumentException(
          "lengths: expected "
              + shape.batch()
              + ", one for each sample, got "
              + lengths.length
              + ".");
    }
    for (int b = 0; b < lengths.length; b++) {
      if (lengths[b] < 1 || lengths[b] > shape.steps()) {
        throw new IllegalArgumentException(
            "lengths: expected 1 to "
                + shape.steps()
                + ", the steps of the pass, got "
                + lengths[b]
                + " for sample "
                + b
                + ".");
      }
    }
  }

  /**
   * Sets the lengths.
   *
   * @param lengths of each sample, of whole sequences; not copied
   * @param before number of their steps before the first one here
   */
  void set(int[] lengths, int before) {
    whole = lengths;
    from = before;
    int[] own = new int[batch];
    Arrays.setAll(own, b -> Math.max(0, Math.min(steps, lengths[b] - before)));
    ofSamples.copyFrom(own);
    put(present, k -> k / batch < own[k % batch] ? 1 : 0);
    int[] rows = new int[batch];
    Arrays.setAll(rows, b -> Math.max(0, own[b] - 1) * batch + b);
    ends.copyFrom(rows);
    Arrays.setAll(rows, b -> own[b] == 0 ? -1 : rows[b]);
    endErrors.copyFrom(rows);
    Arrays.setAll(rows, b -> own[b] == 0 ? b : -1);
    waiting.copyFrom(rows);
    put(begun, b -> own[b] == 0 ? 0 : 1);
    put(notBegun, b -> own[b] == 0 ? 1 : 0);
  }

  private static void put(DeviceArray into, IntToDoubleFunction value) {
    double[] values = new double[Math.toIntExact(into.length())];
    Arrays.setAll(values, value);
    into.copyFrom(values);
  }

  /** Of each sample here, INT32 [batch], 0 to the number of steps. */
  public DeviceArray ofSamples() {
    return ofSamples;
  }

  /** Steps of all samples together, of whole sequences. */
  public long total() {
    return Arrays.stream(whole).asLongStream().sum();
  }

  /** Whether a row of [steps][batch] here is within its sample. */
  boolean has(int row) {
    return from + row / batch < whole[row % batch];
  }

  /** How many samples have a step, counted from 0 here. */
  public int samplesAt(int step) {
    return (int) Arrays.stream(whole).filter(length -> length > from + step).count();
  }

  /**
   * Makes padding 0.
   *
   * @param rows [steps][batch][columns]
   */
  public void clear(DeviceArray rows) {
    Dense.scaleRows(rows, present);
  }

  /**
   * Takes the last step of each sample.
   *
   * @param rows [steps][batch][columns]
   * @param before what there was before these steps, which a sample that has none of them keeps;
   *     null for zeros
   * @param into [batch][columns], another array than {@code before}
   */
  public void takeLast(DeviceArray rows, DeviceArray before, DeviceArray into) {
    Dense.gatherRows(rows, ends, into);
    Dense.scaleRows(into, begun);
    if (before != null) {
      Dense.scatterAddRows(before, waiting, into);
    }
  }

  /**
   * Adjoint of {@link #takeLast} by the rows: adds errors to the last step of each sample.
   *
   * @param errors [batch][columns]
   * @param rows [steps][batch][columns]
   */
  public void addToLast(DeviceArray errors, DeviceArray rows) {
    Dense.scatterAddRows(errors, endErrors, rows);
  }

  /**
   * Adjoint of {@link #takeLast} by what there was before: adds the errors of samples without a
   * step here.
   *
   * @param errors [batch][columns]
   * @param before [batch][columns]
   */
  public void addToBefore(DeviceArray errors, DeviceArray before) {
    Dense.scatterAddRows(errors, waiting, before);
  }

  /** The same in the place of the errors. */
  void leaveToBefore(DeviceArray errors) {
    Dense.scaleRows(errors, notBegun);
  }

  /**
   * A factor to the power of the steps that each sample has here.
   *
   * @param into real [batch]
   */
  void powers(double factor, DeviceArray into) {
    put(into, b -> Math.pow(factor, Math.max(0, Math.min(steps, whole[b] - from))));
  }

  @Override
  public void close() {
    resources.close();
  }
}
