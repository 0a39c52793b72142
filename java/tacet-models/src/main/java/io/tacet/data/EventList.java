package io.tacet.data;

import java.util.Arrays;

/** Events of a sample as they are read. Grows as needed. */
final class EventList {
  private double[] times = new double[256];
  private int[] sources = new int[256];
  private int size;

  void add(double ms, int source) {
    if (size == times.length) {
      int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * size);
      times = Arrays.copyOf(times, capacity);
      sources = Arrays.copyOf(sources, capacity);
    }
    times[size] = ms;
    sources[size++] = source;
  }

  /** Adds these events as a sample, and is empty then. */
  void moveTo(SpikeDatasetBuilder builder, int label) {
    builder.add(label, times, sources, size);
    size = 0;
  }
}
