package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.Fingerprint;
import io.tacet.files.Json;
import io.tacet.memory.DType;
import io.tacet.network.Network;
import io.tacet.report.OutputFolder;
import io.tacet.report.Progress;
import io.tacet.report.RunPage;
import io.tacet.report.TrainingPictures;
import io.tacet.report.TrainingReport;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.tasks.TaskData;
import io.tacet.tasks.Tasks;
import io.tacet.training.EpochResult;
import io.tacet.training.Evaluation;
import io.tacet.training.History;
import io.tacet.training.MemoryPlan;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One training from the command line: output folder, progress, pictures, result. */
final class TrainRun {
  /** Keys of config.json that say where a training ran. */
  static final List<String> PLACE = List.of("backend", "device");

  private static final long SAVE_MILLIS = 60_000;
  private static final double SECONDS_PER_MINUTE = 60;

  private final Settings asked;
  private final Task task;
  private final RunOptions options;
  private final boolean precisionAsked;
  private final Resumption from;
  private final Path out;
  private Consumer<Seeds.Result> told;

  /**
   * A training.
   *
   * @param precisionAsked whether the precision was asked for; else that of the settings is used
   *     where the backend has it, and single precision elsewhere
   * @param from the checkpoint to continue from, whose settings these are; null for a new training
   */
  TrainRun(Settings asked, RunOptions options, boolean precisionAsked, Resumption from) {
    this.asked = asked;
    this.task = asked.task();
    this.options = options;
    this.precisionAsked = precisionAsked;
    this.from = from;
    this.out = options.out(task.name());
  }

  /**
   * Trains.
   *
   * @param given backend, which stays the caller's; null for that of the options
   * @param results told the result on the test set; null for nobody
   * @return the exit status
   */
  int run(Backend given, Consumer<Seeds.Result> results) throws IOException {
    told = results;
    if (!(options.checkpointMinutes >= 0)) {
      throw new IllegalArgumentException(
          "--checkpoint-minutes: expected at least 0, got " + options.checkpointMinutes + ".");
    }
    TaskData data = task.load(Tasks.dataFolder(options.data), asked).patient(asked);
    OutputFolder folder = options.plan ? null : OutputFolder.create(out);
    if (given != null) {
      return on(given, data, folder);
    }
    try (Backend backend = Backends.open(options.backend)) {
      return on(backend, data, folder);
    }
  }

  private int on(Backend backend, TaskData data, OutputFolder folder) throws IOException {
    Settings settings =
        precisionAsked || backend.supports(asked.precision()) ? asked : asked.with(DType.FLOAT32);
    try (Network network =
        from == null
            ? Network.build(backend, task.network(settings, data), settings.seed())
            : Network.read(backend, from.file(), from.origin(), null)) {
      return options.plan ? plan(network, settings, data) : train(network, settings, data, folder);
    }
  }

  private int plan(Network network, Settings settings, TaskData data) {
    MemoryPlan plan = task.training(network, settings).plan(data.train(), data.measuredSet());
    System.out.print(options.json ? Json.line(plan.toMap()) + "\n" : plan.toString());
    return 0;
  }

  private int train(Network network, Settings settings, TaskData data, OutputFolder folder)
      throws IOException {
    if (!options.json && !options.one) {
      String device = network.backend().description();
      System.out.println("Training on " + device + ", output in " + out + ".");
    }
    Map<String, String> metadata = new LinkedHashMap<>(data.metadata());
    metadata.put("settings", Json.line(settings.toMap()));
    AtomicBoolean stop = new AtomicBoolean();
    AtomicBoolean done = new AtomicBoolean();
    Thread hook = stopOnInterrupt(stop, done);
    try {
      TrainingPictures pictures = new TrainingPictures(task.name());
      History history = train(network, settings, data, folder, metadata, stop, pictures);
      if (!history.finished()) {
        System.err.println("Stopped; continue with: " + continuation());
        return 130;
      }
      // Also when Ctrl-C came too late to stop anything: the process waits for done.
      ModelFileBuilder model = ModelFile.builder();
      network.write(model);
      metadata.forEach(model::metadata);
      model.build().write(folder.file("model.tacet"));
      pictures.write(folder, network, history, data.measured(), data.test(), data.classes());
      task.pictures(network, settings, data, folder);
      RunPage.write(folder);
      finish(network, settings, data, history);
      return 0;
    } finally {
      done.set(true);
      withdraw(hook);
    }
  }

  private History train(
      Network network,
      Settings settings,
      TaskData data,
      OutputFolder folder,
      Map<String, String> metadata,
      AtomicBoolean stop,
      TrainingPictures pictures)
      throws IOException {
    List<EpochResult> done = from == null ? List.of() : Training.epochsDone(from.file());
    TrainingReport.Words words =
        new TrainingReport.Words(data.measured(), data::scores, data::scoreText);
    Progress progress = options.json || options.one ? null : Progress.on(System.out);
    folder.removeTemporaries();
    try (TrainingReport report = new TrainingReport(folder, network, words, done, progress)) {
      // Once metrics that cannot be continued have been refused.
      folder.writeJson("config.json", config(network.backend(), settings));
      Training training =
          task.training(network, settings)
              .metadata(metadata)
              .checkpoint(folder.file("checkpoint.tacet"))
              .stopWhen(stop)
              .listener(TrainingListener.all(report, pictures));
      if (options.memory != null) {
        training.memory(options.memory);
      }
      if (options.checkpointMinutes > 0) {
        training.checkpointEvery(options.checkpointMinutes * SECONDS_PER_MINUTE);
      }
      if (from != null) {
        training.resume(from.file());
      }
      return training.run(data.train(), data.measuredSet());
    }
  }

  /** The settings, and where the training runs. */
  private static Map<String, Object> config(Backend backend, Settings settings) {
    Map<String, Object> config = new LinkedHashMap<>(settings.toMap());
    config.put("backend", backend.name());
    config.put("device", backend.description());
    return config;
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
        + (Tasks.all().contains(task) ? task.name() : out.resolve("config.json"))
        + " --resume --out "
        + out
        + (options.data == null ? "" : " --data " + options.data)
        + (options.backend.equals("auto") ? "" : " --backend " + options.backend);
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

  /** What was published, and whether it is about these data. */
  private String published(TaskData data) {
    boolean standard =
        task.standardTest() == null || task.standardTest().equals(Fingerprint.of(data.test()));
    return task.published().isEmpty()
        ? ""
        : "; published" + (standard ? "" : " for other data") + ": " + task.published();
  }

  private void finish(Network network, Settings settings, TaskData data, History history) {
    EpochResult last = history.last();
    EpochResult kept = history.kept();
    boolean measured = data.epochsOnValidation();
    Evaluation test = measured ? Evaluation.of(network, task.loss(settings), data.test()) : null;
    double accuracy = test == null ? kept.testAccuracy() : test.accuracy();
    double loss = test == null ? kept.testLoss() : test.loss();
    if (told != null) {
      told.accept(new Seeds.Result(accuracy, loss));
    }
    if (!options.json) {
      System.out.printf(
          Locale.ROOT,
          "%s %s after %d %s%s in %.1f s%s.%n",
          options.one ? "Seed " + settings.seed() + ": test" : "Test",
          data.resultText(accuracy, loss),
          last.epoch(),
          last.epoch() == 1 ? "epoch" : "epochs",
          history.best() > 0 ? " (weights of epoch " + history.best() + ")" : "",
          last.seconds(),
          published(data));
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("task", task.name());
    line.put("backend", network.backend().name());
    line.put("epochs", last.epoch());
    if (history.best() > 0) {
      line.put("bestEpoch", history.best());
    }
    line.put("seed", settings.seed());
    line.put("trainSeconds", last.seconds());
    if (!Double.isNaN(accuracy)) {
      line.put("testAccuracy", accuracy);
    }
    if (!Double.isNaN(last.activity())) {
      line.put("activity", last.activity());
    }
    line.putAll(data.scores(loss));
    if (test != null) {
      if (!Double.isNaN(accuracy)) {
        line.put(data.measured() + "Accuracy", kept.testAccuracy());
      }
      line.put(data.measured() + "Loss", kept.testLoss());
    }
    line.putAll(TrainingReport.work(network, last));
    System.out.println(Json.line(line));
  }
}
