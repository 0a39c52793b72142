package io.tacet.data;

import java.util.Arrays;

/**
 * Sequences with labels or targets, or points as sequences of one step, in one array in memory.
 * Immutable, as long as the caller leaves the arrays as they are, which are not copied.
 */
public final class ArraySequences implements SequenceData {
  private final String name;
  private final float[] values;
  private final int steps;
  private final int channels;
  private final int[] labels;
  private final int classes;

  /** A row for each sample, or for each of its steps; null where there are labels. */
  private final float[] goals;

  private final int targets;

  /** Steps of each sample; null where all have the same number. */
  private final int[] lengths;

  private ArraySequences(
      String name,
      float[] values,
      int steps,
      int channels,
      int[] lengths,
      int[] labels,
      int classes,
      float[] goals,
      int targets) {
    this.name = name;
    this.lengths = lengths;
    this.goals = goals;
    this.targets = targets;
    this.values = values;
    this.steps = steps;
    this.channels = channels;
    this.labels = labels;
    this.classes = classes;
  }

  /**
   * Sequences from an array.
   *
   * @param name what reports call them
   * @param values finite numbers [samples][steps][channels]; not copied
   * @param steps number of steps of each, at least 1
   * @param channels number of inputs of a step, at least 1
   * @param labels class of each sample, in [0, classes); not copied
   * @param classes number of classes, at least 1
   * @throws IllegalArgumentException if a value or the length of an array is not as it should be
   */
  public static ArraySequences of(
      String name, float[] values, int steps, int channels, int[] labels, int classes) {
    return of(name, values, steps, channels, null, labels, classes);
  }

  /**
   * Sequences of different lengths, as {@link #of(String, float[], int, int, int[], int)}.
   *
   * @param values [samples][steps][channels], finite but for padding, which may hold anything
   * @param steps number of steps of the longest, or more
   * @param lengths number of steps of each, 1 to {@code steps}, after which comes padding; not
   *     copied. Null where all have all steps
   */
  public static ArraySequences of(
      String name,
      float[] values,
      int steps,
      int channels,
      int[] lengths,
      int[] labels,
      int classes) {
    requirePositive("classes", steps, channels, classes);
    if ((long) labels.length * steps * channels != values.length) {
      throw new IllegalArgumentException(
          String.format(
              "values: expected %d samples x %d steps x %d channels for as many labels, got %d"
                  + " values.",
              labels.length, steps, channels, values.length));
    }
    requireLengths(lengths, labels.length, steps);
    requireFinite("values", values, steps, channels, lengths);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            String.format(
                "labels: expected a class in [0, %d) for sample %d, got %d.",
                classes, i, labels[i]));
      }
    }
    return new ArraySequences(name, values, steps, channels, lengths, labels, classes, null, 0);
  }

  /**
   * Sequences with targets, for a network trained by {@code MeanSquaredError}.
   *
   * @param name what reports call them
   * @param values finite numbers [samples][steps][channels]; not copied
   * @param steps number of steps of each, at least 1
   * @param channels number of inputs of a step, at least 1
   * @param targets finite numbers [samples][outputs], or [samples][steps][outputs] for targets at
   *     every step; not copied
   * @param outputs numbers in a row of targets, at least 1
   * @throws IllegalArgumentException if a value or the length of an array is not as it should be
   */
  public static ArraySequences regression(
      String name, float[] values, int steps, int channels, float[] targets, int outputs) {
    return regression(name, values, steps, channels, null, targets, outputs);
  }

  /**
   * Sequences of different lengths, as {@link #regression(String, float[], int, int, float[],
   * int)}.
   *
   * @param values [samples][steps][channels], finite but for padding, which may hold anything
   * @param steps number of steps of the longest, or more
   * @param lengths number of steps of each, 1 to {@code steps}, after which comes padding, also in
   *     targets at every step; not copied. Null where all have all steps
   */
  public static ArraySequences regression(
      String name,
      float[] values,
      int steps,
      int channels,
      int[] lengths,
      float[] targets,
      int outputs) {
    requirePositive("outputs", steps, channels, outputs);
    int samples = values.length / steps / channels;
    long each = (long) samples * outputs;
    if ((long) samples * steps * channels != values.length
        || samples == 0
        || (targets.length != each && targets.length != each * steps)) {
      throw new IllegalArgumentException(
          String.format(
              "values, targets: expected samples x %d steps x %d channels, and %d numbers for each"
                  + " sample or for each of its steps, got %d values and %d targets.",
              steps, channels, outputs, values.length, targets.length));
    }
    requireLengths(lengths, samples, steps);
    requireFinite("values", values, steps, channels, lengths);
    int rows = targets.length / samples / outputs;
    boolean everyStep = targets.length != each;
    requireFinite("targets", targets, rows, outputs, everyStep ? lengths : null);
    int[] none = new int[samples];
    Arrays.fill(none, -1);
    return new ArraySequences(name, values, steps, channels, lengths, none, 0, targets, outputs);
  }

  private static void requirePositive(String last, int steps, int channels, int count) {
    if (steps < 1 || channels < 1 || count < 1) {
      throw new IllegalArgumentException(
          String.format(
              "steps, channels, %s: expected at least 1 each, got %d, %d and %d.",
              last, steps, channels, count));
    }
  }

  private static void requireLengths(int[] lengths, int samples, int steps) {
    if (lengths != null && lengths.length != samples) {
      throw new IllegalArgumentException(
          String.format(
              "lengths: expected one for each of %d samples, got %d.", samples, lengths.length));
    }
    for (int i = 0; lengths != null && i < samples; i++) {
      if (lengths[i] < 1 || lengths[i] > steps) {
        throw new IllegalArgumentException(
            String.format(
                "lengths: expected 1 to %d, got %d for sample %d.", steps, lengths[i], i));
      }
    }
  }

  private static void requireFinite(
      String name, float[] values, int steps, int columns, int[] lengths) {
    int bad = firstNotFinite(values, steps, columns, lengths);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          String.format(
              "%s: expected finite numbers, got %s in %s.",
              name, values[bad], place(bad, steps, columns)));
    }
  }

  /**
   * Index of the first value that is NaN or infinite, or -1.
   *
   * @param lengths steps of each sample that are looked at; null for all
   */
  static int firstNotFinite(float[] values, int steps, int columns, int[] lengths) {
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      if (!Float.isFinite(values[i]) && (lengths == null || row % steps < lengths[row / steps])) {
        return i;
      }
    }
    return -1;
  }

  /** Where a value is, for messages. */
  static String place(int index, int steps, int channels) {
    return String.format(
        "sample %d, step %d, channel %d",
        index / channels / steps, index / channels % steps, index % channels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int length(int sample) {
    return lengths == null ? steps : lengths[sample];
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int label(int sample) {
    return labels[sample];
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    for (int t = 0; t < length(sample); t++) {
      System.arraycopy(
          values, (sample * steps + t) * channels, into, (t * batch + place) * channels, channels);
    }
  }

  @Override
  public int targets() {
    return targets;
  }

  @Override
  public boolean targetsAtEveryStep() {
    return goals != null && goals.length > labels.length * targets;
  }

  @Override
  public void fillTargets(int sample, float[] into, int batch, int place) {
    if (goals == null) {
      throw new IllegalStateException(name + " has classes, and no targets.");
    }
    int rows = goals.length / labels.length / targets;
    for (int t = 0; t < Math.min(rows, length(sample)); t++) {
      System.arraycopy(
          goals, (sample * rows + t) * targets, into, (t * batch + place) * targets, targets);
    }
  }
}
