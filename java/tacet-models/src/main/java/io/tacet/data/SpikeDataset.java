package io.tacet.data;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Labelled spike trains in memory: what training and evaluation consume.
 *
 * <p>N samples; sample i holds the events {@code begin(i)} to {@code end(i)} (exclusive), each a
 * time in ms and a source in [0, sources), sorted by time and at equal times by source, and a label
 * in [0, classes). Storage is three flat arrays: 12 bytes per event and 8 per sample.
 *
 * <p>Immutable and safe for use by many threads. Methods that return an array return a fresh copy.
 */
public final class SpikeDataset implements Dataset {
  private final String name;
  private final int sources;
  private final int classes;
  private final double durationMs;
  private final int[] offsets;
  private final double[] times;
  private final int[] eventSources;
  private final int[] labels;

  SpikeDataset(
      String name,
      int sources,
      int classes,
      double durationMs,
      int[] offsets,
      double[] times,
      int[] eventSources,
      int[] labels) {
    this.name = name;
    this.sources = sources;
    this.classes = classes;
    this.durationMs = durationMs;
    this.offsets = offsets;
    this.times = times;
    this.eventSources = eventSources;
    this.labels = labels;
  }

  /**
   * Starts an empty data set to which samples are added.
   *
   * @param name what reports call it, for example "Yin-Yang train"
   * @param sources number of input channels, at least 1
   * @param classes number of labels, at least 1
   * @param durationMs time window in ms within which all events fall, finite and greater than 0
   */
  public static SpikeDatasetBuilder builder(
      String name, int sources, int classes, double durationMs) {
    return new SpikeDatasetBuilder(name, sources, classes, durationMs);
  }

  @Override
  public String name() {
    return name;
  }

  /** Number of input channels C. */
  public int sources() {
    return sources;
  }

  /** Number of labels. */
  public int classes() {
    return classes;
  }

  /**
   * Time window in ms within which all input events fall: a hint for how long to simulate, which
   * usually takes longer so that late events can still act.
   */
  public double durationMs() {
    return durationMs;
  }

  /** Number of samples N. */
  public int size() {
    return labels.length;
  }

  /** Number of events in all samples. */
  public int events() {
    return times.length;
  }

  /** Label of sample {@code i}, in [0, classes). */
  public int label(int i) {
    return labels[i];
  }

  /** Index of the first event of sample {@code i}. */
  public int begin(int i) {
    return offsets[checkSample(i)];
  }

  /** Index after the last event of sample {@code i}. */
  public int end(int i) {
    return offsets[checkSample(i) + 1];
  }

  /** Time in ms of event {@code event}, in [0, durationMs]. */
  public double time(int event) {
    return times[event];
  }

  /** Source of event {@code event}, in [0, sources). */
  public int source(int event) {
    return eventSources[event];
  }

  /** Event index at which each sample begins, int[N + 1]; the last is {@link #events()}. */
  public int[] offsets() {
    return offsets.clone();
  }

  /** Times in ms of all events, double[events]. */
  public double[] times() {
    return times.clone();
  }

  /** Sources of all events, int[events]. */
  public int[] eventSources() {
    return eventSources.clone();
  }

  /** Labels, int[N]. */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * The samples {@code indices[from]} to {@code indices[to]} (exclusive) in that order, for example
   * one batch of a shuffled epoch. An index may occur more than once. O(events taken).
   *
   * @throws IllegalArgumentException if the range does not lie within {@code indices} or an index
   *     is outside [0, size)
   */
  public SpikeDataset gather(int[] indices, int from, int to) {
    if (from < 0 || to < from || to > indices.length) {
      throw new IllegalArgumentException(
          String.format(
              "from, to: expected 0 <= from <= to <= %d (indices.length), got %d and %d.",
              indices.length, from, to));
    }
    int n = to - from;
    int[] newOffsets = new int[n + 1];
    for (int i = 0; i < n; i++) {
      int sample = checkSample(indices[from + i]);
      newOffsets[i + 1] = Math.addExact(newOffsets[i], offsets[sample + 1] - offsets[sample]);
    }
    double[] newTimes = new double[newOffsets[n]];
    int[] newSources = new int[newOffsets[n]];
    int[] newLabels = new int[n];
    for (int i = 0; i < n; i++) {
      int sample = indices[from + i];
      int length = newOffsets[i + 1] - newOffsets[i];
      System.arraycopy(times, offsets[sample], newTimes, newOffsets[i], length);
      System.arraycopy(eventSources, offsets[sample], newSources, newOffsets[i], length);
      newLabels[i] = labels[sample];
    }
    return new SpikeDataset(
        name, sources, classes, durationMs, newOffsets, newTimes, newSources, newLabels);
  }

  /** The samples named by {@code indices}, in that order. */
  public SpikeDataset subset(int... indices) {
    return gather(indices, 0, indices.length);
  }

  /**
   * Samples {@code from} to {@code to} (exclusive).
   *
   * @throws IllegalArgumentException unless 0 <= from <= to <= size
   */
  public SpikeDataset slice(int from, int to) {
    if (from < 0 || to < from || to > size()) {
      throw new IllegalArgumentException(
          String.format(
              "from, to: expected 0 <= from <= to <= %d (samples), got %d and %d.",
              size(), from, to));
    }
    int begin = offsets[from];
    int end = offsets[to];
    int[] newOffsets = Arrays.copyOfRange(offsets, from, to + 1);
    for (int i = 0; i < newOffsets.length; i++) {
      newOffsets[i] -= begin;
    }
    return new SpikeDataset(
        name,
        sources,
        classes,
        durationMs,
        newOffsets,
        Arrays.copyOfRange(times, begin, end),
        Arrays.copyOfRange(eventSources, begin, end),
        Arrays.copyOfRange(labels, from, to));
  }

  /** All samples in the order of {@link #permutation}{@code (size(), seed)}. */
  public SpikeDataset shuffled(long seed) {
    return subset(permutation(size(), seed));
  }

  /** The same data under another name. */
  public SpikeDataset named(String newName) {
    return new SpikeDataset(
        newName, sources, classes, durationMs, offsets, times, eventSources, labels);
  }

  /**
   * A random order of 0 to n-1 (Fisher-Yates over {@link SplittableRandom}): the same for the same
   * n and seed, on every platform.
   */
  public static int[] permutation(int n, long seed) {
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }

  /** Number of samples of each label, int[classes]. */
  public int[] classCounts() {
    int[] counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  @Override
  public String toString() {
    return String.format(
        "%s: %d samples, %d events from %d sources in %s ms, %d classes",
        name, size(), events(), sources, durationMs, classes);
  }

  private int checkSample(int i) {
    if (i < 0 || i >= labels.length) {
      throw new IllegalArgumentException(
          String.format("sample: expected an index in [0, %d), got %d.", labels.length, i));
    }
    return i;
  }
}
