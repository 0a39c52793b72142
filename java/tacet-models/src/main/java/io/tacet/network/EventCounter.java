package io.tacet.network;

import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Events of each unit in the last pass, and the push that a regulariser gives them.
 *
 * <p>The counts are read from the device once a pass, on first use.
 */
public final class EventCounter {
  private final int units;
  private final long possible;
  private final Supplier<int[]> read;
  private final LongSupplier sum;
  private final DeviceArray slopes;
  private int[] counts;
  private boolean pushed;

  /**
   * @param units number of units
   * @param possible most events that a unit can be expected to have: samples, times steps where
   *     there are steps
   * @param read reads the number of events of each unit
   * @param sum reads the number of events of all; null for the sum of those
   * @param slopes [units], where {@link #push} goes; null when not training. Not owned
   */
  public EventCounter(
      int units, long possible, Supplier<int[]> read, LongSupplier sum, DeviceArray slopes) {
    this.units = units;
    this.possible = possible;
    this.read = read;
    this.sum = sum;
    this.slopes = slopes;
  }

  /** A pass begins: what was counted and pushed is over. */
  public void begin() {
    counts = null;
    pushed = false;
  }

  /** Number of units. */
  public int units() {
    return units;
  }

  /** Most events that a unit can be expected to have in a pass. */
  public long possible() {
    return possible;
  }

  /** Events of each unit in the last pass. */
  public int[] counts() {
    if (counts == null) {
      counts = read.get();
    }
    return counts;
  }

  /** Events of all units in the last pass. */
  public long total() {
    return counts == null && sum != null
        ? sum.getAsLong()
        : Arrays.stream(counts()).asLongStream().sum();
  }

  /**
   * Adds to the backward pass the derivative of a term by one event of each unit.
   *
   * @param derivatives one for each unit
   */
  public void push(double[] derivatives) {
    double[] sum = pushed ? slopes.toDoubles() : new double[units];
    Arrays.setAll(sum, m -> sum[m] + derivatives[m]);
    slopes.copyFrom(sum);
    pushed = true;
  }

  /** What was pushed in this pass, [units]; null for nothing. */
  public DeviceArray pushed() {
    return pushed ? slopes : null;
  }
}
