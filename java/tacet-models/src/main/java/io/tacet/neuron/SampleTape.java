package io.tacet.neuron;

import java.util.Arrays;
import java.util.stream.IntStream;

/** One sample of a pass: the traces of all neurons, and its spikes in the order they were found. */
final class SampleTape {
  private static final int LEAST = 64;

  /** Time, unit and slope. */
  private static final int BYTES_OF_SPIKE = 8 + 4 + 8;

  private static final int OBJECT_BYTES = 128;

  final Trace[] traces;
  private double[] times = new double[LEAST];
  private int[] units = new int[LEAST];
  private double[] slopes = new double[LEAST];
  private int count;
  private int grazes;

  /** Spikes in ascending time. */
  private int[] order = {};

  SampleTape(int neurons, int variables) {
    traces = IntStream.range(0, neurons).mapToObj(n -> new Trace(variables)).toArray(Trace[]::new);
  }

  /**
   * Bytes on the heap once a sample has had so many events.
   *
   * @param arrivals of all neurons, taken to be spread evenly, as are segments
   */
  static long bytes(int neurons, int variables, long arrivals, long segments, long spikes) {
    long each = Trace.bytes(variables, evenly(arrivals, neurons), evenly(segments, neurons));
    return OBJECT_BYTES
        + neurons * (4 + each)
        + BYTES_OF_SPIKE * Trace.room(LEAST, spikes)
        + 4 * spikes;
  }

  private static long evenly(long all, int neurons) {
    return (all + neurons - 1) / neurons;
  }

  void clear() {
    for (Trace trace : traces) {
      trace.clear();
    }
    count = 0;
    grazes = 0;
  }

  /** Adds a spike; its number. */
  int add(double time, int unit, double slope) {
    if (count == times.length) {
      times = Arrays.copyOf(times, 2 * count);
      units = Arrays.copyOf(units, 2 * count);
      slopes = Arrays.copyOf(slopes, 2 * count);
    }
    times[count] = time;
    units[count] = unit;
    slopes[count] = slope;
    return count++;
  }

  void end(int nearMisses) {
    grazes = nearMisses;
    order =
        IntStream.range(0, count)
            .boxed()
            .sorted((a, b) -> Double.compare(times[a], times[b]))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  int count() {
    return count;
  }

  int grazes() {
    return grazes;
  }

  /** Number of the spike that is k-th in time. */
  int ordered(int k) {
    return order[k];
  }

  double time(int spike) {
    return times[spike];
  }

  int unit(int spike) {
    return units[spike];
  }

  /** dg/dt just before a spike. */
  double slope(int spike) {
    return slopes[spike];
  }
}
