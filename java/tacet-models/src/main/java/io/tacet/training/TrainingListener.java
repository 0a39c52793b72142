package io.tacet.training;

import io.tacet.network.Pass;
import java.util.List;

/** Receives the progress of a training, on the thread that trains. */
public interface TrainingListener {
  /** Looks at nothing. */
  TrainingListener NONE =
      new TrainingListener() {
        @Override
        public boolean readsGradients() {
          return false;
        }
      };

  /**
   * Whether it looks at the gradients of parameters, or changes them. Where nobody does, an update
   * may leave them 0, which spares a GPU a launch; they are those of the last batch else.
   */
  default boolean readsGradients() {
    return true;
  }

  /**
   * Before the first batch.
   *
   * @param done epochs that an earlier run has finished
   * @param epochs total number of epochs
   * @param batches in an epoch
   */
  default void begin(int done, int epochs, int batches) {}

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

  /**
   * At the end, also when it was stopped.
   *
   * @param last the last pass of training, open during the call only; null if there was none
   */
  default void end(Pass last) {}

  /** Calls several listeners in order. */
  static TrainingListener all(TrainingListener... listeners) {
    List<TrainingListener> all = List.of(listeners);
    return new TrainingListener() {
      @Override
      public boolean readsGradients() {
        return all.stream().anyMatch(TrainingListener::readsGradients);
      }

      @Override
      public void begin(int done, int epochs, int batches) {
        all.forEach(one -> one.begin(done, epochs, batches));
      }

      @Override
      public void batch(
          int epoch, int batch, int batches, double loss, double accuracy, double activity) {
        all.forEach(one -> one.batch(epoch, batch, batches, loss, accuracy, activity));
      }

      @Override
      public void epoch(EpochResult result) {
        all.forEach(one -> one.epoch(result));
      }

      @Override
      public void end(Pass last) {
        all.forEach(one -> one.end(last));
      }
    };
  }
}
