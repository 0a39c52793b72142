package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.report.OutputFolder;
import io.tacet.training.EpochResult;
import io.tacet.training.Evaluation;
import io.tacet.training.History;
import io.tacet.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A network on a backend with data and settings, ready to be trained by a {@link TrainRun}. */
interface Job extends AutoCloseable {
  /** Makes a job whose settings and data are known, from a checkpoint or new. */
  interface Maker {
    /** The job on a backend; the caller closes it. */
    Job on(Backend backend) throws IOException;
  }

  /**
   * What a training is told by the command line.
   *
   * @param metadata for each checkpoint
   * @param checkpoint file
   * @param stop when true, the training ends and saves
   * @param saved the checkpoint to continue from, or null
   */
  record Orders(
      Map<String, String> metadata,
      Path checkpoint,
      AtomicBoolean stop,
      TrainingListener listener,
      ModelFile saved) {}

  /** The settings, as {@code config.json} and model files have them. */
  Map<String, Object> settings();

  /** Number of epochs asked for. */
  int epochs();

  /** Batches per epoch. */
  int batches();

  /** Trains. */
  History train(Orders orders) throws IOException;

  /** Adds the network, and what is needed to use it, to a file. */
  void write(ModelFileBuilder file);

  /** Pictures beyond the learning curve. */
  void pictures(OutputFolder folder, History history) throws IOException;

  /** What activity is called on the terminal. */
  String activityName();

  /** Name of the set that epochs are measured on: test or validation. */
  String measured();

  /** Measures the test set at the end; null where epochs are measured on it. */
  Evaluation test();

  /** A mean loss as people in the field state it, by name; empty if there is no such thing. */
  Map<String, Double> scores(double loss);

  /** The same in words after the accuracy, beginning with a comma; empty if there is none. */
  String scoreText(double loss);

  /** More numbers for the metrics of an epoch and the last line; the same names each time. */
  Map<String, Double> work(EpochResult result);

  /** What was published, in one sentence. */
  String published();

  @Override
  void close();
}
