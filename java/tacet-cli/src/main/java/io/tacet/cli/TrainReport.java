package io.tacet.cli;

import io.tacet.checkpoint.ModelFile;
import io.tacet.report.EpochSummary;
import io.tacet.report.MetricsCsv;
import io.tacet.report.OutputFolder;
import io.tacet.report.Progress;
import io.tacet.report.TensorBoardWriter;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes what a training reports: progress on the terminal, metrics.csv and TensorBoard. */
final class TrainReport implements TrainingListener, Closeable {
  private final Progress progress;
  private final MetricsCsv metrics;
  private final TensorBoardWriter board;
  private final Job job;
  private double before;

  /**
   * @param saved the checkpoint a training resumes from, or null
   */
  TrainReport(OutputFolder folder, Job job, ModelFile saved, boolean quiet) throws IOException {
    int done = saved == null ? 0 : Training.epochsDone(saved);
    metrics =
        saved == null
            ? MetricsCsv.create(folder.file("metrics.csv"))
            : MetricsCsv.resume(folder.file("metrics.csv"), done + 1);
    board =
        saved == null
            ? TensorBoardWriter.create(folder.path())
            : TensorBoardWriter.resume(folder.path(), done + 1L);
    progress = quiet ? null : Progress.on(System.out);
    this.job = job;
    if (progress != null && done < job.epochs()) {
      progress.activityName(job.activityName());
      progress.measuredName(job.measured());
      progress.begin(done + 1, job.epochs(), job.batches());
    }
  }

  @Override
  public void batch(
      int epoch, int batch, int batches, double loss, double accuracy, double activity) {
    if (progress != null) {
      progress.batch(epoch, batch, loss, accuracy, activity);
    }
  }

  @Override
  public void epoch(EpochResult result) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("trainLoss", result.trainLoss());
    values.put("trainAccuracy", result.trainAccuracy());
    values.put(job.measured() + "Loss", result.testLoss());
    values.put(job.measured() + "Accuracy", result.testAccuracy());
    values.put("activity", result.activity());
    values.put("rateFactor", result.rate());
    values.put("seconds", result.seconds());
    values.putAll(job.scores(result.testLoss()));
    values.putAll(job.work(result));
    try {
      metrics.write(result.epoch(), values);
      for (Map.Entry<String, Double> value : values.entrySet()) {
        board.scalar(value.getKey(), result.epoch(), value.getValue());
      }
      board.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    if (progress != null) {
      progress.epoch(
          new EpochSummary(
              result.epoch(),
              result.trainLoss(),
              result.trainAccuracy(),
              result.testAccuracy(),
              result.activity(),
              result.seconds() - before),
          job.scoreText(result.testLoss()).replaceFirst("^, ", ""));
      before = result.seconds();
    }
  }

  /** Ends the progress line. */
  void finish(History history) {
    if (progress != null) {
      progress.close();
    }
  }

  @Override
  public void close() throws IOException {
    try (board;
        metrics) {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
