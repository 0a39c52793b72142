package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The events of a batch, by sample, in ascending time: the input and the output of a layer. The
 * output of a spiking layer is also the tape of its adjoint, one record (time, neuron, I -
 * threshold) per spike and nothing per time step. Owns its arrays.
 *
 * <p>Sample {@code b} has {@code counts[b]} events at {@code [b][0 .. counts[b]-1]}. A count larger
 * than the capacity means that the buffer was too small: nothing beyond the capacity was stored,
 * and the pass has to be repeated with a larger buffer (as {@link ExactEventProp#forwardGrowing}
 * does).
 */
public final class Spikes implements AutoCloseable {
  private final int batch;
  private final int capacity;
  private final DeviceArray counts;
  private final DeviceArray times;
  private final DeviceArray units;
  private final DeviceArray slopes;
  private final DeviceArray errors;
  private final DeviceArray grazes;

  private Spikes(
      Backend backend, DType type, int batch, int capacity, boolean tape, boolean error) {
    this.batch = batch;
    this.capacity = capacity;
    long[] samples = {batch};
    long[] events = {batch, capacity};
    // What is read in each step of a training side by side, and what is written.
    List<DType> types = new ArrayList<>();
    List<long[]> shapes = new ArrayList<>();
    if (tape) {
      types.addAll(List.of(type, DType.INT32));
      shapes.addAll(List.of(events, samples));
    }
    types.addAll(List.of(DType.INT32, type, DType.INT32));
    shapes.addAll(List.of(samples, events, events));
    if (error) {
      types.add(type);
      shapes.add(events);
    }
    Iterator<DeviceArray> arrays =
        backend.allocateTogether(types, shapes.toArray(long[][]::new)).iterator();
    this.slopes = tape ? arrays.next() : null;
    this.grazes = tape ? arrays.next() : null;
    this.counts = arrays.next();
    this.times = arrays.next();
    this.units = arrays.next();
    this.errors = error ? arrays.next() : null;
  }

  private Spikes(
      DeviceArray counts,
      DeviceArray times,
      DeviceArray units,
      DeviceArray slopes,
      DeviceArray errors,
      DeviceArray grazes) {
    this.batch = Math.toIntExact(counts.length());
    this.capacity = Math.toIntExact(times.length() / batch);
    this.counts = counts;
    this.times = times;
    this.units = units;
    this.slopes = slopes;
    this.errors = errors;
    this.grazes = grazes;
  }

  /**
   * Events whose arrays another backend has, such as that of replicas: parts of the same shapes.
   *
   * @param arrays gives the array that takes the place of one of these, or of null
   */
  public Spikes with(UnaryOperator<DeviceArray> arrays) {
    return new Spikes(
        arrays.apply(counts),
        arrays.apply(times),
        arrays.apply(units),
        arrays.apply(slopes),
        arrays.apply(errors),
        arrays.apply(grazes));
  }

  /**
   * Input events without gradients.
   *
   * @param capacity largest number of events of a sample
   */
  public static Spikes inputs(Backend backend, DType type, int batch, int capacity) {
    return new Spikes(backend, type, batch, capacity, false, false);
  }

  /** Input events whose times get a gradient, in {@link #errors()}. */
  public static Spikes inputsWithErrors(Backend backend, DType type, int batch, int capacity) {
    return new Spikes(backend, type, batch, capacity, false, true);
  }

  /** Output of a spiking layer: the events, their tape and their errors. */
  public static Spikes outputs(Backend backend, DType type, int batch, int capacity) {
    return new Spikes(backend, type, batch, capacity, true, true);
  }

  public int batch() {
    return batch;
  }

  /** Capacity: the maximum number of events per sample. */
  public int capacity() {
    return capacity;
  }

  /** INT32 [batch]. */
  public DeviceArray counts() {
    return counts;
  }

  /** Times in ms, [batch][capacity]. */
  public DeviceArray times() {
    return times;
  }

  /** Source or neuron of each event, INT32 [batch][capacity]. */
  public DeviceArray units() {
    return units;
  }

  /** {@code I - threshold + bias = tau_m dV/dt} just before each spike; null for inputs. */
  public DeviceArray slopes() {
    return slopes;
  }

  /**
   * dL/dt of each event, possibly partial: the loss writes it, layers above replace or add to it,
   * the layer's own backward pass reads it. Null if not needed.
   */
  public DeviceArray errors() {
    return errors;
  }

  /**
   * INT32 [batch]: maxima of V that stayed below the threshold by less than a thousandth of it, so
   * that there may be a spike in another precision. Null for inputs.
   */
  public DeviceArray grazes() {
    return grazes;
  }

  /** Element type of times, slopes and errors. */
  public DType type() {
    return times.type();
  }

  /** Largest count of the batch; waits for the device. */
  public int largestCount() {
    int largest = 0;
    for (int count : counts.toInts()) {
      largest = Math.max(largest, count);
    }
    return largest;
  }

  /** Whether every event was stored; waits for the device. */
  public boolean complete() {
    return largestCount() <= capacity;
  }

  /**
   * Smallest {@code I - threshold} of any spike, infinity without spikes. The gradient grows as its
   * inverse and does not exist at 0 (a grazing spike).
   */
  public double smallestSlope() {
    double smallest = Double.POSITIVE_INFINITY;
    int[] n = counts.toInts();
    double[] values = slopes.toDoubles();
    for (int b = 0; b < batch; b++) {
      for (int k = 0; k < Math.min(n[b], capacity); k++) {
        smallest = Math.min(smallest, values[b * capacity + k]);
      }
    }
    return smallest;
  }

  /**
   * Checks the events as input of a layer, as a pass does too; reads them, which waits for the
   * device.
   *
   * @param sources of the synapses they go to
   * @throws IllegalArgumentException if a count is negative or beyond the capacity, if a time is
   *     negative, infinite, NaN or before that of the preceding event, or if a unit is not below
   *     {@code sources}; it names sample, event and value
   */
  public void check(int sources) {
    int[] n = counts.toInts();
    double[] t = times.toDoubles();
    int[] u = units.toInts();
    for (int b = 0; b < batch; b++) {
      if (n[b] < 0 || n[b] > capacity) {
        throw new IllegalArgumentException(
            "Sample "
                + b
                + ": expected 0 to "
                + capacity
                + " input events, as many as fit, got a count of "
                + n[b]
                + (n[b] < 0 ? ", which says that the pass before has failed." : "."));
      }
      for (int e = 0; e < n[b]; e++) {
        int at = b * capacity + e;
        checkTime(b, e, t[at], e == 0 ? 0 : t[at - 1]);
        if (u[at] < 0 || u[at] >= sources) {
          throw new IllegalArgumentException(
              event(b, e)
                  + "expected a unit from 0 to "
                  + (sources - 1)
                  + ", below the number of sources of the input synapses, got "
                  + u[at]
                  + ".");
        }
      }
    }
  }

  private static void checkTime(int sample, int event, double time, double before) {
    if (!(time >= before && time < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          event(sample, event)
              + "expected a finite time of at least "
              + before
              + " ms"
              + (event == 0 ? "" : ", the time of the event ahead of it")
              + ", got "
              + time
              + " ms. Events are in ascending order of time, from 0 on.");
    }
  }

  private static String event(int sample, int event) {
    return "Sample " + sample + ", input event " + event + ": ";
  }

  /**
   * Copies events, unchecked: a pass checks them.
   *
   * @param newCounts [batch]
   * @param newTimes [batch][capacity]
   * @param newUnits [batch][capacity]
   */
  public Spikes copyFrom(int[] newCounts, double[] newTimes, int[] newUnits) {
    HostCopies.write(List.of(counts, times, units), List.of(newCounts, newTimes, newUnits));
    return this;
  }

  /**
   * Fills one sample at a time from Java arrays; for tests and small data.
   *
   * @param sampleTimes ascending times of each sample, finite and at least 0
   * @param sampleUnits unit of each event
   */
  public Spikes set(double[][] sampleTimes, int[][] sampleUnits) {
    int[] n = new int[batch];
    double[] t = new double[batch * capacity];
    int[] u = new int[batch * capacity];
    for (int b = 0; b < batch; b++) {
      n[b] = sampleTimes[b].length;
      if (n[b] > capacity || sampleUnits[b].length != n[b]) {
        throw new IllegalArgumentException(
            "sample "
                + b
                + ": expected at most "
                + capacity
                + " events with as many units, got "
                + n[b]
                + " and "
                + sampleUnits[b].length
                + ".");
      }
      for (int e = 0; e < n[b]; e++) {
        double time = sampleTimes[b][e];
        checkTime(b, e, time, e == 0 ? 0 : sampleTimes[b][e - 1]);
        t[b * capacity + e] = time;
        u[b * capacity + e] = sampleUnits[b][e];
      }
    }
    return copyFrom(n, t, u);
  }

  @Override
  public void close() {
    for (DeviceArray a : new DeviceArray[] {counts, times, units, slopes, errors, grazes}) {
      if (a != null) {
        a.close();
      }
    }
  }
}
