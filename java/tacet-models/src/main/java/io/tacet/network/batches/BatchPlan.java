package io.tacet.network.batches;

import io.tacet.network.TrainingOptions;

/**
 * How batches are made.
 *
 * @param batch samples, or parallel streams of text, of an update
 * @param seed of order and masks
 * @param inputDropout probability that an input event is left out in training, [0, 1)
 * @param inputNoise deviation of normal noise on every input of every step in training, at least 0
 * @param chunk steps of a chunk of text
 * @param variableChunks whether lengths of chunks vary, as in AWD-LSTM
 * @param options how layers train
 * @param answers whether labels or targets go with the samples
 * @param shares of each batch, and those that are trained here
 * @param inOrder whether samples come in the order of the data, and not in one drawn for each epoch
 */
public record BatchPlan(
    int batch,
    long seed,
    double inputDropout,
    double inputNoise,
    int chunk,
    boolean variableChunks,
    TrainingOptions options,
    boolean answers,
    Shares shares,
    boolean inOrder) {
  /** For measuring. */
  public static final BatchPlan MEASURE =
      new BatchPlan(1, 0, 0, 0, 1, false, TrainingOptions.PLAIN, true, Shares.ALL, false);

  /** For predicting what the data may not say. */
  public static final BatchPlan PREDICT =
      new BatchPlan(1, 0, 0, 0, 1, false, TrainingOptions.PLAIN, false, Shares.ALL, false);

  /**
   * Indices of samples in the order of an epoch.
   *
   * @param samples their number
   * @param size of a batch
   * @param epoch from 0
   */
  int[] order(int samples, int size, int epoch) {
    long drawn = Batches.seed(seed, epoch, -1);
    return inOrder
        ? Labels.inOrder(samples)
        : shares.order(samples, size, share -> share.seed(drawn));
  }
}
