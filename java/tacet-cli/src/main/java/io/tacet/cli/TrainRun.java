package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.files.Json;
import io.tacet.report.LearningCurve;
import io.tacet.report.OutputFolder;
import io.tacet.training.EpochResult;
import io.tacet.training.Evaluation;
import io.tacet.training.History;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** One training from the command line: output folder, progress, pictures, result. */
final class TrainRun {
  private static final long SAVE_MILLIS = 60_000;

  private final String task;
  private final String backendName;
  private final Path data;
  private final Path out;
  private final boolean json;

  /**
   * @param data folder of data sets that was asked for; null for the usual one
   */
  TrainRun(String task, String backendName, Path data, Path out, boolean json) {
    this.task = task;
    this.backendName = backendName;
    this.data = data;
    this.out = out;
    this.json = json;
  }

  /**
   * Trains.
   *
   * @param saved the checkpoint to continue from, or null
   */
  int run(Job.Maker maker, ModelFile saved) throws IOException {
    OutputFolder folder = OutputFolder.create(out);
    try (Backend backend = Backends.open(backendName);
        Job job = maker.on(backend)) {
      return train(backend, job, saved, folder, folder.file("checkpoint.tacet"));
    }
  }

  private int train(Backend backend, Job job, ModelFile saved, OutputFolder folder, Path checkpoint)
      throws IOException {
    Map<String, Object> config = new LinkedHashMap<>(job.settings());
    config.put("backend", backend.name());
    config.put("device", backend.description());
    folder.writeJson("config.json", config);
    if (!json) {
      System.out.println("Training on " + backend.description() + ", output in " + out + ".");
    }
    AtomicBoolean stop = new AtomicBoolean();
    AtomicBoolean done = new AtomicBoolean();
    Thread hook = stopOnInterrupt(stop, done);
    try {
      History history;
      try (TrainReport report = new TrainReport(folder, job, saved, json)) {
        history =
            job.train(
                new Job.Orders(
                    Map.of("settings", Json.line(job.settings())),
                    checkpoint,
                    stop,
                    report,
                    saved));
        report.finish(history);
      }
      if (!history.finished()) {
        System.err.println("Stopped; continue with: " + continuation());
        return 130;
      }
      // Also when Ctrl-C came too late to stop anything: the process waits for done.
      write(job, folder, history);
      finish(backend, job, history);
      return 0;
    } finally {
      done.set(true);
      withdraw(hook);
    }
  }

  private static void withdraw(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook is what it waits for.
      return;
    }
  }

  /** The command that continues; the settings are in the checkpoint, places and devices are not. */
  String continuation() {
    return "tacet train "
        + task
        + " --resume --out "
        + out
        + (data == null ? "" : " --data " + data)
        + (backendName.equals("auto") ? "" : " --backend " + backendName);
  }

  /** On Ctrl-C asks the training to stop and gives it time to save. */
  private static Thread stopOnInterrupt(AtomicBoolean stop, AtomicBoolean done) {
    Thread hook =
        new Thread(
            () -> {
              stop.set(true);
              long until = System.nanoTime() + SAVE_MILLIS * 1_000_000;
              while (!done.get() && System.nanoTime() < until) {
                try {
                  Thread.sleep(5);
                } catch (InterruptedException e) {
                  return;
                }
              }
            },
            "tacet-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
    return hook;
  }

  private void write(Job job, OutputFolder folder, History history) throws IOException {
    ModelFileBuilder model = ModelFile.builder();
    job.write(model);
    model.metadata("settings", Json.line(job.settings()));
    model.build().write(folder.file("model.tacet"));
    folder.write("learning-curve.png", curve(job, history.epochs()));
    job.pictures(folder, history);
  }

  private LearningCurve curve(Job job, List<EpochResult> epochs) {
    return new LearningCurve(task, epochs.stream().mapToInt(EpochResult::epoch).toArray())
        .add(
            "train",
            epochs.stream().mapToDouble(EpochResult::trainLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::trainAccuracy).toArray())
        .add(
            job.measured(),
            epochs.stream().mapToDouble(EpochResult::testLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::testAccuracy).toArray());
  }

  private void finish(Backend backend, Job job, History history) {
    EpochResult last = history.last();
    Evaluation test = job.test();
    double accuracy = test == null ? last.testAccuracy() : test.accuracy();
    double loss = test == null ? last.testLoss() : test.loss();
    if (!json) {
      System.out.printf(
          "Test accuracy %.2f %%%s after %d epochs in %.1f s; published: %s.%n",
          100 * accuracy, job.scoreText(loss), last.epoch(), last.seconds(), job.published());
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("task", task);
    line.put("backend", backend.name());
    line.put("epochs", last.epoch());
    line.put("seed", job.settings().get("seed"));
    line.put("trainSeconds", last.seconds());
    line.put("testAccuracy", accuracy);
    line.put("activity", last.activity());
    line.putAll(job.scores(loss));
    if (test != null) {
      line.put(job.measured() + "Accuracy", last.testAccuracy());
      line.put(job.measured() + "Loss", last.testLoss());
    }
    line.putAll(job.work(last));
    System.out.println(Json.line(line));
  }
}
