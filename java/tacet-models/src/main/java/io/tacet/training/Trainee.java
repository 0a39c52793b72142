package io.tacet.training;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.memory.DeviceArray;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What a {@link TrainingLoop} trains: a network with its data and loss. Every random draw follows
 * from the numbers of epoch and batch, so that a training continues from any batch.
 */
public interface Trainee extends AutoCloseable {
  /** Everything that trains. */
  List<Parameter> parameters();

  /**
   * Prepares an epoch.
   *
   * @param epoch from 0
   * @return its number of batches, the same whenever it is asked
   */
  int begin(int epoch);

  /**
   * Sets the gradients to those of a batch and counts what it gave. Batches of an epoch come in
   * their order.
   *
   * @param epoch from 0
   * @param batch from 0
   */
  void batch(int epoch, int batch, Tally tally);

  /**
   * Factor on the learning rate of the update by the last batch, after clipping: 1 unless batches
   * differ in size.
   */
  default double rateFactor() {
    return 1;
  }

  /** Measures the test set; null without one. */
  Evaluation test();

  /**
   * Fraction of units that took no part in the backward product of the last batch, see {@code
   * EgruTape.backwardSparsity}; NaN where there is no such thing.
   */
  default double backwardSparsity() {
    return Double.NaN;
  }

  /**
   * Of each layer the fraction of units with an event in each step of the last batch; empty before
   * the first and where there are no steps.
   */
  default List<double[]> activityBySteps() {
    return List.of();
  }

  /** Adds the network to a file. */
  void write(ModelFileBuilder file);

  /** Arrays beside the network that pass from one batch to the next, by name. */
  default Map<String, DeviceArray> carried() {
    return Map.of();
  }

  /** Reads what {@link #write} and {@link #carried} had put there, except for the network. */
  default void restore(ModelFile file) throws IOException {}

  @Override
  void close();
}
