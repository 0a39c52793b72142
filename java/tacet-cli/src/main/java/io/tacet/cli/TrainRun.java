package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.files.Json;
import io.tacet.report.LearningCurve;
import io.tacet.report.OutputFolder;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import java.io.IOException;
import java.nio.file.Files;
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
  private final Path out;
  private final boolean json;

  TrainRun(String task, String backendName, Path out, boolean json) {
    this.task = task;
    this.backendName = backendName;
    this.out = out;
    this.json = json;
  }

  /**
   * Trains.
   *
   * @param resume whether to continue from the checkpoint, with its settings
   */
  int run(Job.Maker maker, boolean resume) throws IOException {
    OutputFolder folder = OutputFolder.create(out);
    Path checkpoint = folder.file("checkpoint.tacet");
    ModelFile saved = resume ? readCheckpoint(checkpoint) : null;
    try (Backend backend = Backends.open(backendName);
        Job job = maker.on(backend, saved, checkpoint)) {
      return train(backend, job, saved, folder, checkpoint);
    }
  }

  private ModelFile readCheckpoint(Path checkpoint) throws IOException {
    if (!Files.exists(checkpoint)) {
      throw new IOException(
          "--resume: there is no "
              + checkpoint
              + "; start without --resume, or name the output"
              + " folder of the training with --out.");
    }
    ModelFile saved = ModelFile.read(checkpoint);
    Object other = Json.parseObject(saved.metadata("settings")).get("task");
    if (!task.equals(other)) {
      throw new IOException(
          "--resume: " + checkpoint + " is a training of " + other + ", not of " + task + ".");
    }
    return saved;
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
        System.err.println(
            "Stopped; continue with: tacet train " + task + " --resume --out " + out);
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
    folder.write("learning-curve.png", curve(history.epochs()));
    job.pictures(folder, history);
  }

  private LearningCurve curve(List<EpochResult> epochs) {
    return new LearningCurve(task, epochs.stream().mapToInt(EpochResult::epoch).toArray())
        .add(
            "train",
            epochs.stream().mapToDouble(EpochResult::trainLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::trainAccuracy).toArray())
        .add(
            "test",
            epochs.stream().mapToDouble(EpochResult::testLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::testAccuracy).toArray());
  }

  private void finish(Backend backend, Job job, History history) {
    EpochResult last = history.last();
    if (!json) {
      System.out.printf(
          "Test accuracy %.2f %%%s after %d epochs in %.1f s; published: %s.%n",
          100 * last.testAccuracy(),
          job.scoreText(last),
          last.epoch(),
          last.seconds(),
          job.published());
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("task", task);
    line.put("backend", backend.name());
    line.put("epochs", last.epoch());
    line.put("seed", job.settings().get("seed"));
    line.put("trainSeconds", last.seconds());
    line.put("testAccuracy", last.testAccuracy());
    line.put("activity", last.activity());
    line.putAll(job.score(last));
    System.out.println(Json.line(line));
  }
}
