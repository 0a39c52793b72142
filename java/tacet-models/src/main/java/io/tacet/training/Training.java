package io.tacet.training;

import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.optim.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Trains a network: settings first, then {@link #run}. The order of samples and every random draw
 * of an epoch follow from the seed and the number of the epoch, so that a training resumed from a
 * checkpoint continues bit for bit on the same backend. Every batch of an epoch is used, also a
 * smaller last one, and weights change only between a backward pass and the next forward pass.
 */
public final class Training {
  private final Network network;
  private Loss loss = TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels();
  private final TrainingLoop loop =
      new TrainingLoop().optimizer(Adam.rate(5e-3).decay(0.95)).epochs(100);
  private RateRegulariser regulariser = RateRegulariser.OFF;
  private int batch = 32;
  private long seed;
  private double inputDropout;

  private Training(Network network) {
    this.network = network;
  }

  /** Settings for a network; it stays the caller's. */
  public static Training of(Network network) {
    return new Training(network);
  }

  /** What is minimised; unless set, that of Yin-Yang, which skips samples with a silent label. */
  public Training loss(Loss chosen) {
    loss = chosen;
    return this;
  }

  public Training optimizer(OptimizerSpec chosen) {
    loop.optimizer(chosen);
    return this;
  }

  public Training regulariser(RateRegulariser chosen) {
    regulariser = chosen;
    return this;
  }

  /** Passes over the training set, at least 1. */
  public Training epochs(int count) {
    loop.epochs(count);
    return this;
  }

  /** Samples per update, at least 1. */
  public Training batch(int size) {
    batch = positive("batch", size);
    return this;
  }

  /** Seed of the order of samples and of dropout. */
  public Training seed(long value) {
    seed = value;
    return this;
  }

  /** Probability that an input event is left out in training, [0, 1). */
  public Training inputDropout(double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException("inputDropout: expected [0, 1), got " + probability + ".");
    }
    inputDropout = probability;
    return this;
  }

  public Training listener(TrainingListener chosen) {
    loop.listener(chosen);
    return this;
  }

  /** When it becomes true, the training ends after the batch in progress and saves. */
  public Training stopWhen(AtomicBoolean flag) {
    loop.stopWhen(flag);
    return this;
  }

  /** File that holds the latest state: written after each epoch and when stopped. */
  public Training checkpoint(Path file) {
    loop.checkpoint(file);
    return this;
  }

  /** Text kept in each checkpoint beside the state, such as the settings of the training. */
  public Training metadata(Map<String, String> entries) {
    loop.metadata(entries);
    return this;
  }

  /**
   * Continues from a checkpoint; the network must be the one read from it.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  public Training resume(ModelFile file) throws IOException {
    loop.resume(file);
    return this;
  }

  /**
   * How many epochs of a training are finished in a checkpoint.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  public static int epochsDone(ModelFile checkpoint) throws IOException {
    return TrainingState.of(checkpoint).epoch;
  }

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + value + ".");
    }
    return value;
  }

  /**
   * Trains.
   *
   * @param train training set
   * @param test measured after each epoch and never trained on; null for none
   * @throws IOException if a checkpoint cannot be written or the one resumed from does not fit
   * @throws ArithmeticException if the training diverges
   */
  public History run(SpikeDataset train, SpikeDataset test) throws IOException {
    try (Trainee trainee =
        new SpikingTrainee(network, loss, regulariser, train, test, batch, seed, inputDropout)) {
      return loop.run(trainee);
    }
  }
}
