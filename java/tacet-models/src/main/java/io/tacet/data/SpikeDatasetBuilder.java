package io.tacet.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Collects samples for a {@link SpikeDataset}. Grows as needed; not safe for use by threads. */
public final class SpikeDatasetBuilder {
  private final String name;
  private final int sources;
  private final int classes;
  private final double durationMs;
  private int samples;
  private int events;
  private int[] offsets = new int[17];
  private int[] labels = new int[16];
  private double[] times = new double[256];
  private int[] eventSources = new int[256];

  SpikeDatasetBuilder(String name, int sources, int classes, double durationMs) {
    if (sources < 1) {
      throw new IllegalArgumentException("sources: expected at least 1, got " + sources + ".");
    }
    if (classes < 1) {
      throw new IllegalArgumentException("classes: expected at least 1, got " + classes + ".");
    }
    if (!(durationMs > 0) || Double.isInfinite(durationMs)) {
      throw new IllegalArgumentException(
          "durationMs: expected a finite time greater than 0 ms, got " + durationMs + ".");
    }
    this.name = name;
    this.sources = sources;
    this.classes = classes;
    this.durationMs = durationMs;
  }

  /**
   * Adds a sample. Its events may come in any order; a sample without events is allowed.
   *
   * @param label class of the sample, in [0, classes)
   * @param eventTimes times in ms, each in [0, durationMs]; copied
   * @param sourceOfEvent source of each event, in [0, sources), as many as times; copied
   * @return this builder
   * @throws IllegalArgumentException if a value is out of range; nothing is added then
   */
  public SpikeDatasetBuilder add(int label, double[] eventTimes, int[] sourceOfEvent) {
    if (eventTimes.length != sourceOfEvent.length) {
      throw new IllegalArgumentException(
          String.format(
              "sourceOfEvent: expected %d sources, one per event time, got %d.",
              eventTimes.length, sourceOfEvent.length));
    }
    return add(label, eventTimes, sourceOfEvent, eventTimes.length);
  }

  /** As the public method, with the first {@code count} events of longer arrays. */
  SpikeDatasetBuilder add(int label, double[] eventTimes, int[] sourceOfEvent, int count) {
    check(label, eventTimes, sourceOfEvent, count);
    grow(count);
    if (sorted(eventTimes, sourceOfEvent, count)) {
      System.arraycopy(eventTimes, 0, times, events, count);
      System.arraycopy(sourceOfEvent, 0, eventSources, events, count);
    } else {
      int[] order =
          IntStream.range(0, count)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(e -> eventTimes[e])
                      .thenComparingInt(e -> sourceOfEvent[e]))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int e = 0; e < count; e++) {
        times[events + e] = eventTimes[order[e]];
        eventSources[events + e] = sourceOfEvent[order[e]];
      }
    }
    events += count;
    labels[samples++] = label;
    offsets[samples] = events;
    return this;
  }

  /** The samples added so far, in the order in which they were added. */
  public SpikeDataset build() {
    return new SpikeDataset(
        name,
        sources,
        classes,
        durationMs,
        Arrays.copyOf(offsets, samples + 1),
        Arrays.copyOf(times, events),
        Arrays.copyOf(eventSources, events),
        Arrays.copyOf(labels, samples));
  }

  private void check(int label, double[] eventTimes, int[] sourceOfEvent, int count) {
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          String.format(
              "label: expected a class in [0, %d) for sample %d of %s, got %d.",
              classes, samples, name, label));
    }
    for (int e = 0; e < count; e++) {
      if (!(eventTimes[e] >= 0 && eventTimes[e] <= durationMs)) {
        throw new IllegalArgumentException(
            String.format(
                "eventTimes[%d]: expected a time in [0, %s] ms for sample %d of %s, got %s.",
                e, durationMs, samples, name, eventTimes[e]));
      }
      if (sourceOfEvent[e] < 0 || sourceOfEvent[e] >= sources) {
        throw new IllegalArgumentException(
            String.format(
                "sourceOfEvent[%d]: expected a source in [0, %d) for sample %d of %s, got %d.",
                e, sources, samples, name, sourceOfEvent[e]));
      }
    }
  }

  private static boolean sorted(double[] eventTimes, int[] sourceOfEvent, int count) {
    for (int e = 1; e < count; e++) {
      if (eventTimes[e] < eventTimes[e - 1]
          || (eventTimes[e] == eventTimes[e - 1] && sourceOfEvent[e] < sourceOfEvent[e - 1])) {
        return false;
      }
    }
    return true;
  }

  private void grow(int count) {
    int needed = Math.addExact(events, count);
    if (needed > times.length) {
      int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, 2L * times.length));
      times = Arrays.copyOf(times, capacity);
      eventSources = Arrays.copyOf(eventSources, capacity);
    }
    if (samples == labels.length) {
      labels = Arrays.copyOf(labels, 2 * samples);
      offsets = Arrays.copyOf(offsets, 2 * samples + 1);
    }
  }
}
