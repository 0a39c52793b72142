package io.tacet.spark;

import io.tacet.training.TrainingListener;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** Counts the updates of a task, and ends it when Spark wants it to end. */
final class TaskProgress implements TrainingListener {
  private final TaskContext task;
  private int firstEpoch;
  private long updates;
  private long began;
  private double seconds;

  TaskProgress(TaskContext task) {
    this.task = task;
  }

  @Override
  public boolean readsGradients() {
    return false;
  }

  @Override
  public void begin(int done, int epochs, int batches) {
    firstEpoch = done + 1;
    began = System.nanoTime();
  }

  @Override
  public void batch(
      int epoch, int batch, int batches, double loss, double accuracy, double activity) {
    updates++;
    seconds = (System.nanoTime() - began) * 1e-9;
    if (task.isInterrupted()) {
      throw new TaskKilledException("Spark has ended the training.");
    }
  }

  int firstEpoch() {
    return firstEpoch;
  }

  long updates() {
    return updates;
  }

  double seconds() {
    return seconds;
  }
}
