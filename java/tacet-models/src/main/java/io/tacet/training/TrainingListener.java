package io.tacet.training;

/** Told how a training goes, on the thread that trains. */
public interface TrainingListener {
  /**
   * After each batch.
   *
   * @param epoch from 1
   * @param batch from 1
   * @param batches batches per epoch
   * @param loss mean over the epoch so far
   * @param accuracy over the epoch so far
   * @param activity events per hidden neuron and sample over the epoch so far
   */
  default void batch(
      int epoch, int batch, int batches, double loss, double accuracy, double activity) {}

  /** After each epoch and its test. */
  default void epoch(EpochResult result) {}
}
