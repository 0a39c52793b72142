package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * The events of one step of a batch, as a bitmap (one bit per unit, also the format of a tape) and
 * as ascending lists of the active units of each sample. Graded events carry a value. A whole
 * sequence can be given as a batch of steps x samples. Owns its arrays.
 *
 * <p>{@code counts[b]} is the true number of events of sample b. If it exceeds the capacity, the
 * lists are truncated (the bitmap is not), which {@link #requireComplete()} detects. The default
 * capacity is the number of sources, which always suffices.
 */
public final class Events implements AutoCloseable {
  private final int batch;
  private final int sources;
  private final int capacity;
  private final DeviceArray counts;
  private final DeviceArray units;
  private final DeviceArray values;
  private final DeviceArray bitmap;

  private Events(Backend backend, DType valueType, int batch, int sources, int capacity) {
    if (capacity < 1 || capacity > sources) {
      throw new IllegalArgumentException(
          "capacity: expected 1 to " + sources + ", got " + capacity + ".");
    }
    this.batch = batch;
    this.sources = sources;
    this.capacity = capacity;
    this.counts = backend.allocate(DType.INT32, batch);
    this.units = backend.allocate(DType.INT32, batch, capacity);
    this.values = valueType == null ? null : backend.allocate(valueType, batch, capacity);
    this.bitmap = backend.allocate(DType.INT32, batch, words(sources));
  }

  /** Binary events: each has the value 1. */
  public static Events binary(Backend backend, int batch, int sources) {
    return new Events(backend, null, batch, sources, sources);
  }

  /** Binary events with room for {@code capacity} per sample in the lists. */
  public static Events binary(Backend backend, int batch, int sources, int capacity) {
    return new Events(backend, null, batch, sources, capacity);
  }

  /** Graded events with values of a floating-point type. */
  public static Events graded(Backend backend, DType type, int batch, int sources) {
    return graded(backend, type, batch, sources, sources);
  }

  /** Graded events with room for {@code capacity} per sample in the lists. */
  public static Events graded(Backend backend, DType type, int batch, int sources, int capacity) {
    if (!type.isFloating()) {
      throw new IllegalArgumentException("type: expected floating point, got " + type + ".");
    }
    return new Events(backend, type, batch, sources, capacity);
  }

  /** Number of words per bitmap row. */
  public static int words(int units) {
    return (units + 31) / 32;
  }

  public int batch() {
    return batch;
  }

  /** Number of units that can have an event. */
  public int sources() {
    return sources;
  }

  /** Room per sample in the lists. */
  public int capacity() {
    return capacity;
  }

  /** INT32 [batch]. */
  public DeviceArray counts() {
    return counts;
  }

  /** Active units in ascending order, INT32 [batch][capacity]. */
  public DeviceArray units() {
    return units;
  }

  /** Values of the events, [batch][capacity], or null for binary events. */
  public DeviceArray values() {
    return values;
  }

  /** Bit {@code i % 32} of word {@code i / 32} is unit i, INT32 [batch][words(sources)]. */
  public DeviceArray bitmap() {
    return bitmap;
  }

  /**
   * Every unit that is not 0 has an event; graded events take its value.
   *
   * @param activity [batch][sources], of the type of the values when graded
   */
  public Events compact(DeviceArray activity) {
    checkActivity(activity);
    backend().kernels().propagation().compact(activity, this);
    return this;
  }

  /**
   * The inverse: every unit whose activity does not exceed a threshold has an event, so that what
   * is silent can be propagated, as in {@link Elimination}. A unit whose activity is NaN is not
   * silent. Binary events only.
   *
   * @param activity [batch][sources], floating point
   * @param threshold compared in the type of the activity; 0 where silent units are exactly 0
   * @throws IllegalArgumentException if the threshold is NaN
   */
  public Events compactSilent(DeviceArray activity, double threshold) {
    requireBinary();
    checkActivity(activity);
    if (Double.isNaN(threshold)) {
      throw new IllegalArgumentException("threshold: expected a number, got NaN.");
    }
    backend().kernels().propagation().compactSilent(activity, threshold, this);
    return this;
  }

  private void checkActivity(DeviceArray activity) {
    boolean typed =
        values == null ? activity.type().isFloating() : activity.type() == values.type();
    if (!typed || activity.length() != (long) batch * sources) {
      throw new IllegalArgumentException(
          "activity: expected "
              + (values == null ? "floating point" : values.type())
              + " ["
              + batch
              + "]["
              + sources
              + "], got "
              + activity
              + ".");
    }
    if (activity.backend() != backend()) {
      throw new IllegalArgumentException(
          "activity: expected an array on the backend of the events, "
              + backend().name()
              + ", got "
              + activity
              + " on another one, "
              + activity.backend().name()
              + ".");
    }
  }

  /** Rebuilds lists and counts from the bitmap; binary events only. */
  public Events expand() {
    requireBinary();
    backend().kernels().propagation().expand(this);
    return this;
  }

  /**
   * The events that arrive in a step when sources have delays: unit i of sample b is active if it
   * had an event in step {@code step - delay_i}, and not before step 0.
   *
   * @param ring bitmaps of past steps, INT32 [slots][batch][words(sources)]; step t is in slot
   *     {@code t % slots}, and slots exceed the largest delay. A tape of all steps is such a ring
   *     too
   * @param delays per source, in steps
   */
  public Events arrivals(DeviceArray ring, DelaySteps delays, long step) {
    requireBinary();
    if (delays.kind() != Delays.Kind.PER_SOURCE) {
      throw new IllegalArgumentException("delays: expected PER_SOURCE, got " + delays.kind() + ".");
    }
    delays.check(sources, -1);
    long slot = (long) batch * words(sources);
    if (ring.type() != DType.INT32
        || ring.length() % slot != 0
        || ring.length() / slot < delays.slots()) {
      throw new IllegalArgumentException(
          "ring: expected INT32 [at least "
              + delays.slots()
              + "]["
              + batch
              + "]["
              + words(sources)
              + "], got "
              + ring
              + ".");
    }
    if (step < 0) {
      throw new IllegalArgumentException("step: expected at least 0, got " + step + ".");
    }
    backend().kernels().propagation().arrivals(ring, delays, step, this);
    return this;
  }

  /**
   * Sets binary events from Java arrays, for tests and small data.
   *
   * @param active ascending active units of each sample
   */
  public Events set(int[]... active) {
    requireBinary();
    if (active.length != batch) {
      throw new IllegalArgumentException(
          "active: expected " + batch + " samples, got " + active.length + ".");
    }
    int words = words(sources);
    int[] bits = new int[batch * words];
    for (int b = 0; b < batch; b++) {
      int previous = -1;
      for (int unit : active[b]) {
        if (unit <= previous || unit >= sources) {
          throw new IllegalArgumentException(
              "active: expected ascending units below "
                  + sources
                  + ", got "
                  + unit
                  + " after "
                  + previous
                  + " in sample "
                  + b
                  + ".");
        }
        previous = unit;
        bits[b * words + unit / 32] |= 1 << (unit % 32);
      }
    }
    bitmap.copyFrom(bits);
    return expand();
  }

  /**
   * Waits for the device and checks the counts.
   *
   * @throws IllegalStateException if a sample has more events than the lists hold
   */
  public Events requireComplete() {
    int[] n = counts.toInts();
    for (int b = 0; b < batch; b++) {
      if (n[b] > capacity) {
        throw new IllegalStateException(
            "Sample "
                + b
                + " has "
                + n[b]
                + " events and the lists hold "
                + capacity
                + "; repeat the step with a capacity of at least that.");
      }
    }
    return this;
  }

  /** The backend of the arrays. */
  public Backend backend() {
    return counts.backend();
  }

  private void requireBinary() {
    if (values != null) {
      throw new IllegalStateException("Graded events come from compact(activity) only.");
    }
  }

  @Override
  public void close() {
    counts.close();
    units.close();
    bitmap.close();
    if (values != null) {
      values.close();
    }
  }
}
