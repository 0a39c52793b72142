package io.tacet.data;

/**
 * Sequences of equal or different lengths with dense inputs, each with a class, or with targets:
 * numbers that a network is to give at its end, or at every step.
 */
public interface SequenceData extends Dataset {
  /** Number of samples. */
  int size();

  /** Number of steps of each, or of the longest. */
  int steps();

  /** Number of steps of a sample, 1 to {@link #steps}. */
  default int length(int sample) {
    return steps();
  }

  /** Number of inputs of a step. */
  int channels();

  /** Number of classes; 0 of sequences with targets. */
  int classes();

  /** Class of a sample, in [0, classes); -1 of sequences with targets. */
  int label(int sample);

  /**
   * Writes a sample into a batch.
   *
   * @param into [steps][batch][channels]; other samples of it, and steps after the last of this
   *     one, stay as they are
   * @param batch number of samples of the batch
   * @param place of this one in it
   */
  void fill(int sample, float[] into, int batch, int place);

  /** Numbers in a row of targets; 0 of sequences with a class. */
  default int targets() {
    return 0;
  }

  /** Whether every step has a row of targets, else the whole sequence has one. */
  default boolean targetsAtEveryStep() {
    return false;
  }

  /**
   * Writes the targets of a sample into a batch.
   *
   * @param into [batch][targets], or [steps][batch][targets] for targets at every step; other
   *     samples of it, and steps after the last of this one, stay as they are
   * @throws IllegalStateException of sequences with a class
   */
  default void fillTargets(int sample, float[] into, int batch, int place) {
    throw new IllegalStateException(name() + " has classes, and no targets.");
  }

  /**
   * How many neighbouring samples belong together, such as two views of a stimulus: the samples
   * from a multiple of it on stay neighbours in every batch of training. A divisor of the size.
   */
  default int group() {
    return 1;
  }

  /**
   * Some of the samples, in the order given.
   *
   * @param name what reports call them
   * @param samples indices; not copied
   */
  default SequenceData select(String name, int[] samples) {
    return new SelectedSamples(name, this, samples);
  }

  /** The first {@code most} samples, or all. */
  default SequenceData first(int most) {
    return SelectedSamples.first(this, most);
  }
}
