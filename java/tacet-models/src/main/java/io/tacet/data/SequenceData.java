package io.tacet.data;

/** Labelled sequences of equal length with dense inputs. */
public interface SequenceData extends Dataset {
  /** Number of samples. */
  int size();

  /** Number of steps of each. */
  int steps();

  /** Number of inputs of a step. */
  int channels();

  /** Number of classes. */
  int classes();

  /** Class of a sample, in [0, classes). */
  int label(int sample);

  /**
   * Writes a sample into a batch.
   *
   * @param into [steps][batch][channels]; other samples of it stay as they are
   * @param batch number of samples of the batch
   * @param place of this one in it
   */
  void fill(int sample, float[] into, int batch, int place);
}
