package io.tacet.data;

import java.util.Arrays;

/** Spikes of many samples in any order, to be sorted by sample into a data set. Grows as needed. */
final class SpikeTable {
  private final int[] labels;
  private int[] samples = new int[256];
  private double[] times = new double[256];
  private int[] sources = new int[256];
  private int size;

  /**
   * An empty table.
   *
   * @param labels class of each sample
   */
  SpikeTable(int[] labels) {
    this.labels = labels;
  }

  void add(int sample, double ms, int source) {
    if (size == times.length) {
      int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * size);
      samples = Arrays.copyOf(samples, capacity);
      times = Arrays.copyOf(times, capacity);
      sources = Arrays.copyOf(sources, capacity);
    }
    samples[size] = sample;
    times[size] = ms;
    sources[size++] = source;
  }

  SpikeDataset build(String name, SpikeLayout layout) {
    double last = Arrays.stream(times, 0, size).max().orElse(0);
    SpikeDatasetBuilder builder =
        SpikeDataset.builder(
            name,
            layout.sources() > 0 ? layout.sources() : 1 + greatest(sources, size),
            layout.classes() > 0 ? layout.classes() : 1 + greatest(labels, labels.length),
            // A window has a length, even if all spikes are at its beginning.
            layout.durationMs() > 0 ? layout.durationMs() : Math.max(last, Double.MIN_NORMAL));
    int[] order = bySample();
    int from = 0;
    EventList events = new EventList();
    for (int sample = 0; sample < labels.length; sample++) {
      while (from < size && samples[order[from]] == sample) {
        events.add(times[order[from]], sources[order[from]]);
        from++;
      }
      events.moveTo(builder, labels[sample]);
    }
    return builder.build();
  }

  /** Indices of the spikes, sorted by sample and otherwise as they came. */
  private int[] bySample() {
    int[] next = new int[labels.length + 1];
    for (int e = 0; e < size; e++) {
      next[samples[e] + 1]++;
    }
    for (int sample = 0; sample < labels.length; sample++) {
      next[sample + 1] += next[sample];
    }
    int[] order = new int[size];
    for (int e = 0; e < size; e++) {
      order[next[samples[e]]++] = e;
    }
    return order;
  }

  private static int greatest(int[] values, int size) {
    return Arrays.stream(values, 0, size).max().orElse(0);
  }
}
