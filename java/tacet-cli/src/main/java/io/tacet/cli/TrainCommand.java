package io.tacet.cli;

import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.tasks.RecurrentSettings;
import io.tacet.tasks.RecurrentTask;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet train TASK}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    header = "Train a network on a task.",
    description = {
      "",
      "Spiking: yin-yang, mnist, sequence. Event-gated recurrent units: smnist, char-lm, word-lm,"
          + " nmnist, dvs-gesture. Without options the settings are those of the paper where there"
          + " is one. The output folder gets config.json, metrics.csv, a TensorBoard file,"
          + " model.tacet, checkpoint.tacet and pictures. Ctrl-C saves a checkpoint; --resume"
          + " continues from it, bit for bit.",
      ""
    })
final class TrainCommand implements Callable<Integer> {
  /** Simulators by name. */
  enum SimulatorName {
    EXACT,
    GRID
  }

  /** Number types by name. */
  enum Precision {
    SINGLE,
    DOUBLE
  }

  @Parameters(paramLabel = "TASK", description = "name of the task")
  private String task;

  @Option(
      names = "--backend",
      defaultValue = "auto",
      description = "java, host, cuda or auto (default): cuda where there is a GPU, else java")
  private String backend;

  @Option(
      names = "--recipe",
      description = "settings to begin with: paper, or one of the task's own; default its first")
  private String recipe;

  @Option(names = "--epochs", description = "passes over the training set")
  private Integer epochs;

  @Option(names = "--batch", description = "samples per update")
  private Integer batch;

  @Option(names = "--seed", description = "of weights, order and dropout; default 0")
  private Long seed;

  @Option(
      names = "--hidden",
      split = ",",
      description = "hidden neurons; of recurrent tasks units of each layer, as in 512,256")
  private Integer[] hidden;

  @Option(
      names = "--simulator",
      description = "exact (default): continuous time; grid: fixed steps of --dt")
  private SimulatorName simulator;

  @Option(names = "--dt", description = "step of the grid simulator in ms; default 0.1")
  private Double dt;

  @Option(
      names = "--loss",
      description =
          "yin-yang: ttfs-skip-silent (default; a sample whose own output is silent gives no"
              + " gradient) or ttfs; mnist: max (default), mean, sum, exponential, or over-time"
              + " with --simulator grid")
  private String loss;

  @Option(
      names = "--precision",
      description = "single or double (java only); default that of the paper where possible")
  private Precision precision;

  @Option(names = "--data", description = "folder of data sets; default: $TACET_DATA, else data")
  private Path data;

  @Option(names = "--out", description = "output folder; default out/TASK")
  private Path out;

  @Option(
      names = "--resume",
      description = "continue from the checkpoint in the output folder, with its settings")
  private boolean resume;

  @Option(names = "--json", description = "print one line of JSON last, and nothing else")
  private boolean json;

  @Mixin private RecurrentOptions recurrentOptions;

  @Override
  public Integer call() throws IOException {
    Path folder = out == null ? Path.of("out", task) : out;
    Resumption from = resume ? Resumption.in(folder, task) : null;
    RecurrentTask recurrent = RecurrentTask.of(task);
    return new TrainRun(task, backend, data, folder, json)
        .run(
            recurrent == null ? spiking(from) : recurrent(recurrent, from),
            from == null ? null : from.file());
  }

  private Job.Maker spiking(Resumption from) throws IOException {
    Task chosen = Task.of(task);
    recurrentOptions.refuse(task, RecurrentTask.all().stream().map(RecurrentTask::name).toList());
    Settings settings;
    if (from == null) {
      settings = settings(chosen.settings(recipe == null ? "paper" : recipe));
    } else {
      Settings saved = Settings.parse(from.settings());
      settings = settings(saved);
      from.check(saved.toMap(), settings.toMap());
    }
    return SpikingJob.maker(chosen, chosen.load(data), settings, precision != null, from);
  }

  private Job.Maker recurrent(RecurrentTask chosen, Resumption from) throws IOException {
    if (simulator != null || dt != null || loss != null) {
      throw new IllegalArgumentException(
          "--simulator, --dt, --loss: expected with spiking tasks only, got the task '"
              + task
              + "'.");
    }
    Map<String, Object> changes = recurrentOptions.given();
    put(changes, "epochs", epochs);
    put(changes, "batch", batch);
    put(changes, "seed", seed);
    put(changes, "hidden", hidden == null ? null : List.of(hidden));
    put(changes, "precision", precision == null ? null : type(precision));
    RecurrentSettings settings;
    if (from == null) {
      boolean rows = changes.get("rows") != null && chosen.recipes().contains("rows");
      String begun = recipe != null ? recipe : rows ? "rows" : chosen.recipes().get(0);
      settings = chosen.settings(begun).with(changes);
    } else {
      put(changes, "recipe", recipe);
      RecurrentSettings saved = RecurrentSettings.parse(from.settings());
      settings = saved.with(changes);
      from.check(saved.toMap(), settings.toMap());
    }
    return RecurrentJob.maker(chosen, chosen.load(data, settings), settings, from);
  }

  private static void put(Map<String, Object> map, String name, Object value) {
    if (value != null) {
      map.put(name, value);
    }
  }

  private static DType type(Precision precision) {
    return precision == Precision.DOUBLE ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** Settings with the options that were given. */
  private Settings settings(Settings defaults) {
    if (dt != null && simulator != SimulatorName.GRID) {
      throw new IllegalArgumentException("--dt: expected with --simulator grid only.");
    }
    return new Settings(
        defaults.task(),
        recipe == null ? defaults.recipe() : recipe,
        positive("--epochs", epochs, defaults.epochs()),
        positive("--batch", batch, defaults.batch()),
        seed == null ? defaults.seed() : seed,
        positive("--hidden", oneLayer(), defaults.hidden()),
        defaults.duration(),
        precision == null ? defaults.precision() : type(precision),
        simulator == null
            ? defaults.simulator()
            : simulator == SimulatorName.GRID
                ? Simulator.grid(dt == null ? 0.1 : dt)
                : Simulator.exact(),
        loss == null ? defaults.loss() : loss);
  }

  private Integer oneLayer() {
    if (hidden != null && hidden.length > 1) {
      throw new IllegalArgumentException(
          "--hidden: expected one number for " + task + ", got " + List.of(hidden) + ".");
    }
    return hidden == null ? null : hidden[0];
  }

  private static int positive(String name, Integer given, int otherwise) {
    if (given == null) {
      return otherwise;
    }
    if (given < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + given + ".");
    }
    return given;
  }
}
