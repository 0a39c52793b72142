package io.tacet.spark;

import io.tacet.data.Dataset;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.data.SpikeDatasetBuilder;
import io.tacet.network.InputSpec;
import io.tacet.network.NetworkSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of which the samples of some shares are here, under the numbers that they have among
 * all.
 */
final class ShareSamples implements SequenceData {
  private static final double[] NO_TIMES = {};
  private static final int[] NO_UNITS = {};

  private final int size;
  private final int[] numbers;
  private final List<Sample> samples;
  private final int steps;
  private final int channels;
  private final int classes;

  private ShareSamples(
      int size, int[] numbers, List<Sample> samples, int steps, int channels, int classes) {
    this.size = size;
    this.numbers = numbers;
    this.samples = samples;
    this.steps = steps;
    this.channels = channels;
    this.classes = classes;
  }

  /**
   * Samples as a network takes them.
   *
   * @param size number of samples of all shares
   * @param numbers of those that are here, increasing
   * @param samples as many
   * @param steps of sequences
   */
  static Dataset of(NetworkSpec spec, int size, int[] numbers, List<Sample> samples, int steps) {
    int classes = spec.outputs();
    if (spec.input() instanceof InputSpec.Sequence sequence) {
      return new ShareSamples(size, numbers, samples, steps, sequence.channels(), classes);
    }
    // The others are there without events, and never looked at.
    SpikeDatasetBuilder all =
        SpikeDataset.builder(
            "rows", spec.input().flow().columns(), classes, duration(spec, samples));
    int next = 0;
    for (int i = 0; i < size; i++) {
      if (next < numbers.length && numbers[next] == i) {
        Sample sample = samples.get(next++);
        all.add(sample.label(), sample.times(), sample.units());
      } else {
        all.add(0, NO_TIMES, NO_UNITS);
      }
    }
    return all.build();
  }

  /** All of some samples, in their order; sequences of the same number of steps. */
  static Dataset of(NetworkSpec spec, List<Sample> samples) {
    int[] numbers = new int[samples.size()];
    Arrays.setAll(numbers, i -> i);
    int steps =
        spec.input() instanceof InputSpec.Sequence sequence
            ? samples.get(0).values().length / sequence.channels()
            : 0;
    return of(spec, numbers.length, numbers, samples, steps);
  }

  /** Events after the end of a simulation are not seen by it, and not refused. */
  private static double duration(NetworkSpec spec, List<Sample> samples) {
    double last = spec.input().duration();
    for (Sample sample : samples) {
      for (double time : sample.times()) {
        last = Math.max(last, time);
      }
    }
    return last;
  }

  @Override
  public String name() {
    return "rows";
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int classes() {
    return classes;
  }

  private Sample sample(int number) {
    int place = Arrays.binarySearch(numbers, number);
    if (place < 0) {
      throw new IllegalStateException("Sample " + number + " is in the share of another task.");
    }
    return samples.get(place);
  }

  @Override
  public int label(int sample) {
    return sample(sample).label();
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    float[] values = sample(sample).values();
    for (int t = 0; t < steps; t++) {
      System.arraycopy(values, t * channels, into, (t * batch + place) * channels, channels);
    }
  }
}
