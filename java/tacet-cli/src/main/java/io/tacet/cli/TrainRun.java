package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.SpikeDataset;
import io.tacet.files.Json;
import io.tacet.memory.DType;
import io.tacet.network.Network;
import io.tacet.report.LearningCurve;
import io.tacet.report.OutputFolder;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.Training;
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

  private final Task task;
  private final String backendName;
  private final Path data;
  private final Path out;
  private final boolean json;

  TrainRun(Task task, String backendName, Path data, Path out, boolean json) {
    this.task = task;
    this.backendName = backendName;
    this.data = data;
    this.out = out;
    this.json = json;
  }

  /**
   * Trains.
   *
   * @param asked settings of a new training
   * @param precisionAsked whether the precision was asked for; else that of the task is used where
   *     the backend has it, and single precision elsewhere
   * @param resume whether to continue from the checkpoint, with its settings
   * @param epochs number of epochs asked for on resuming; null for that of the checkpoint
   */
  int run(Settings asked, boolean precisionAsked, boolean resume, Integer epochs)
      throws IOException {
    Task.Data sets = task.load(data);
    OutputFolder folder = OutputFolder.create(out);
    Path checkpoint = folder.file("checkpoint.tacet");
    ModelFile saved = null;
    Settings settings = asked;
    if (resume) {
      if (!Files.exists(checkpoint)) {
        throw new IOException(
            "--resume: there is no "
                + checkpoint
                + "; start without --resume, or name the output"
                + " folder of the training with --out.");
      }
      saved = ModelFile.read(checkpoint);
      settings = Settings.parse(saved.metadata("settings"));
      settings = epochs == null ? settings : settings.withEpochs(epochs);
      if (!settings.task().equals(task.name())) {
        throw new IOException(
            "--resume: "
                + checkpoint
                + " is a training of "
                + settings.task()
                + ", not of "
                + task.name()
                + ".");
      }
    }
    try (Backend backend = Backends.open(backendName)) {
      if (!precisionAsked && !backend.supports(settings.precision())) {
        settings = settings.withPrecision(DType.FLOAT32);
      }
      try (Network network =
          saved == null
              ? task.build(backend, settings)
              : Network.read(backend, saved, checkpoint, null)) {
        return train(backend, network, settings, saved, sets, folder, checkpoint);
      }
    }
  }

  private int train(
      Backend backend,
      Network network,
      Settings settings,
      ModelFile saved,
      Task.Data sets,
      OutputFolder folder,
      Path checkpoint)
      throws IOException {
    Map<String, Object> config = new LinkedHashMap<>(settings.toMap());
    config.put("backend", backend.name());
    config.put("device", backend.description());
    folder.writeJson("config.json", config);
    if (!json) {
      System.out.println("Training on " + backend.description() + ", output in " + out + ".");
    }
    AtomicBoolean stop = new AtomicBoolean();
    AtomicBoolean done = new AtomicBoolean();
    Thread hook = stopOnInterrupt(stop, done);
    History history;
    try (TrainReport report = new TrainReport(folder, sets.train().size(), settings, saved, json)) {
      Training training =
          task.training(network, settings)
              .metadata(Map.of("settings", Json.line(settings.toMap())))
              .checkpoint(checkpoint)
              .stopWhen(stop)
              .listener(report);
      if (saved != null) {
        training.resume(saved);
      }
      history = training.run(sets.train(), sets.test());
      report.finish(history);
    } finally {
      done.set(true);
    }
    if (!history.finished()) {
      System.err.println(
          "Stopped; continue with: tacet train " + task.name() + " --resume --out " + out);
      return 130;
    }
    Runtime.getRuntime().removeShutdownHook(hook);
    write(network, settings, sets, folder, history);
    finish(backend, settings, history);
    return 0;
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

  private void write(
      Network network, Settings settings, Task.Data sets, OutputFolder folder, History history)
      throws IOException {
    ModelFileBuilder model = ModelFile.builder();
    network.write(model);
    model.metadata("settings", Json.line(settings.toMap()));
    model.build().write(folder.file("model.tacet"));
    folder.write("learning-curve.png", curve(history.epochs()));
    SpikeDataset test = sets.test();
    folder.write("raster.png", RasterPicture.of(network, test, task.classes()));
    task.pictures(network, settings, sets, folder);
  }

  private LearningCurve curve(List<EpochResult> epochs) {
    return new LearningCurve(task.name(), epochs.stream().mapToInt(EpochResult::epoch).toArray())
        .add(
            "train",
            epochs.stream().mapToDouble(EpochResult::trainLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::trainAccuracy).toArray())
        .add(
            "test",
            epochs.stream().mapToDouble(EpochResult::testLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::testAccuracy).toArray());
  }

  private void finish(Backend backend, Settings settings, History history) {
    EpochResult last = history.last();
    if (!json) {
      System.out.printf(
          "Test accuracy %.2f %% after %d epochs in %.1f s; published: %s.%n",
          100 * last.testAccuracy(), last.epoch(), last.seconds(), task.published());
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("task", task.name());
    line.put("backend", backend.name());
    line.put("epochs", last.epoch());
    line.put("seed", settings.seed());
    line.put("trainSeconds", last.seconds());
    line.put("testAccuracy", last.testAccuracy());
    line.put("activity", last.activity());
    System.out.println(Json.line(line));
  }
}
