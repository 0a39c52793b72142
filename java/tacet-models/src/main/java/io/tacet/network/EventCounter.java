package io.tacet.network;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Events of each unit in the last pass, and the push that a regulariser gives them.
 *
 * <p>The counts are read from the device once a pass, on first use.
 */
public final class EventCounter {
  private final int units;
  private final long most;
  private final Supplier<int[]> read;
  private final Supplier<DeviceArray> parts;
  private final DeviceArray slopes;
  private int[] counts;
  private boolean pushed;
  private long possible;

  /**
   * @param units number of units
   * @param possible most events that a unit can be expected to have: samples, times steps where
   *     there are steps
   * @param read reads the number of events of each unit
   * @param parts INT32, whose sum is the number of events of all
   * @param slopes [units], where {@link #push} goes; null when not training. Not owned
   */
  public EventCounter(
      int units,
      long possible,
      Supplier<int[]> read,
      Supplier<DeviceArray> parts,
      DeviceArray slopes) {
    this.units = units;
    this.most = possible;
    this.possible = possible;
    this.read = read;
    this.parts = parts;
    this.slopes = slopes;
  }

  /** A pass begins: what was counted and pushed is over. */
  public void begin() {
    begin(most);
  }

  /** As {@link #begin()}, of samples of which not all have all steps. */
  public void begin(long possibleNow) {
    possible = possibleNow;
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

  /** INT32 numbers of the last pass whose sum {@link #total} takes. */
  public DeviceArray parts() {
    return parts.get();
  }

  /** Events of all units in the last pass; waits for the device. */
  public long total() {
    return total(HostCopies.of(List.of(parts())));
  }

  /**
   * Events of all units in the last pass.
   *
   * @param copies with {@link #parts}
   */
  public long total(HostCopies copies) {
    return Arrays.stream(copies.ints(parts())).asLongStream().sum();
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
