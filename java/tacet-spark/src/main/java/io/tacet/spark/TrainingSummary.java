package io.tacet.spark;

import io.tacet.training.EpochResult;
import java.util.List;

/**
 * How a training went.
 *
 * @param epochs in order, of earlier attempts too; without a test set
 * @param attempt number of the attempt of the stage that came to the end, from 0
 * @param firstEpoch the epoch that it began in, from 1: more than 1 where it continued from a
 *     checkpoint
 * @param updates that it made
 * @param bytesSent by the first worker to the others
 * @param seconds that its updates took
 */
public record TrainingSummary(
    List<EpochResult> epochs,
    int attempt,
    int firstEpoch,
    long updates,
    long bytesSent,
    double seconds) {
  public TrainingSummary {
    epochs = List.copyOf(epochs);
  }
}
