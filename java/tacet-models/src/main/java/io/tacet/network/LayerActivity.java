package io.tacet.network;

import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the units of a layer have sent in the last pass, and the push that a regulariser gives it:
 * for graded activity what {@link EventCounter} is for events. Its arrays are made when they are
 * first pushed.
 */
public final class LayerActivity implements AutoCloseable {
  private final DeviceArray values;
  private final Resources resources = new Resources();
  private DeviceArray slopes;
  private DeviceArray rows;
  private boolean pushed;

  /** Null for whole sequences. */
  private Lengths lengths;

  /**
   * Activity of a layer.
   *
   * @param values what the layer above reads, the same array in every pass; not owned
   */
  LayerActivity(DeviceArray values) {
    this.values = values;
  }

  /** A pass begins: what was pushed is over. */
  void begin() {
    pushed = false;
  }

  /** Tells how many steps each sample has; null for all. */
  void within(Lengths ofSamples) {
    lengths = ofSamples;
  }

  /** How many rows of the values count: those of the steps that samples have, or of samples. */
  public long rows() {
    return lengths == null || values.shape().length < 3
        ? values.length() / units()
        : lengths.total();
  }

  /**
   * Whether a row of the values is within its sample; padding is 0, and what is pushed there too.
   */
  public boolean counts(int row) {
    return lengths == null || values.shape().length < 3 || lengths.has(row);
  }

  /**
   * What the layer above reads: [steps][batch][units], or [batch][units] of its trace. After
   * dropout. Not to be changed.
   */
  public DeviceArray values() {
    return values;
  }

  /** Number of units, of both directions. */
  public int units() {
    long[] shape = values.shape();
    return (int) shape[shape.length - 1];
  }

  /**
   * Adds to the backward pass the derivative of a term by each value.
   *
   * @param derivatives like the values
   */
  public void push(double[] derivatives) {
    if (derivatives.length != values.length()) {
      throw new IllegalArgumentException(
          "derivatives: expected "
              + values.length()
              + " numbers, one for each value, got "
              + derivatives.length
              + ".");
    }
    if (slopes == null) {
      slopes = resources.own(values.backend().allocate(values.type(), values.shape()));
      int count = Math.toIntExact(values.length() / units());
      rows = resources.own(values.backend().of(IntStream.range(0, count).toArray()));
    }
    double[] sum = pushed ? slopes.toDoubles() : new double[derivatives.length];
    Arrays.setAll(sum, k -> sum[k] + derivatives[k]);
    slopes.copyFrom(sum);
    pushed = true;
  }

  /** Adds what was pushed in this pass to the errors of the values. */
  void addTo(DeviceArray errors) {
    if (pushed) {
      Dense.scatterAddRows(slopes, rows, errors);
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
