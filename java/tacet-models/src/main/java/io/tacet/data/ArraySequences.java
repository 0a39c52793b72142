package io.tacet.data;

/**
 * Labelled sequences, or points as sequences of one step, in one array in memory. Immutable, as
 * long as the caller leaves the arrays as they are, which are not copied.
 */
public final class ArraySequences implements SequenceData {
  private final String name;
  private final float[] values;
  private final int steps;
  private final int channels;
  private final int[] labels;
  private final int classes;

  private ArraySequences(
      String name, float[] values, int steps, int channels, int[] labels, int classes) {
    this.name = name;
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
    if (steps < 1 || channels < 1 || classes < 1) {
      throw new IllegalArgumentException(
          String.format(
              "steps, channels, classes: expected at least 1 each, got %d, %d and %d.",
              steps, channels, classes));
    }
    if ((long) labels.length * steps * channels != values.length) {
      throw new IllegalArgumentException(
          String.format(
              "values: expected %d samples x %d steps x %d channels for as many labels, got %d"
                  + " values.",
              labels.length, steps, channels, values.length));
    }
    int bad = firstNotFinite(values);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          String.format(
              "values: expected finite numbers, got %s in %s.",
              values[bad], place(bad, steps, channels)));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            String.format(
                "labels: expected a class in [0, %d) for sample %d, got %d.",
                classes, i, labels[i]));
      }
    }
    return new ArraySequences(name, values, steps, channels, labels, classes);
  }

  /** Index of the first value that is NaN or infinite, or -1. */
  static int firstNotFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
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
    for (int t = 0; t < steps; t++) {
      System.arraycopy(
          values, (sample * steps + t) * channels, into, (t * batch + place) * channels, channels);
    }
  }
}
