package io.tacet.neuron;

import java.util.Arrays;
import java.util.stream.IntStream;

/** One sample of a pass: the traces of all neurons, and its spikes in the order they were found. */
final class SampleTape {
  final Trace[] traces;
  private double[] times = new double[64];
  private int[] units = new int[64];
  private double[] slopes = new double[64];
  private int count;
  private int grazes;

  /** Spikes in ascending time. */
  private int[] order = {};

  SampleTape(int neurons, int variables) {
    traces = IntStream.range(0, neurons).mapToObj(n -> new Trace(variables)).toArray(Trace[]::new);
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
