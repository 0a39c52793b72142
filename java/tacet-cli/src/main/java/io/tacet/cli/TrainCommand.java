package io.tacet.cli;

import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet train TASK}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    header = "Train a network on a task.",
    description = {
      "",
      "Tasks: yin-yang, mnist, sequence. Without options the settings are those of the paper. The output"
          + " folder gets config.json, metrics.csv, a TensorBoard file, model.tacet,"
          + " checkpoint.tacet and pictures. Ctrl-C saves a checkpoint; --resume continues from"
          + " it, bit for bit.",
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

  @Parameters(paramLabel = "TASK", description = "yin-yang, mnist or sequence")
  private String task;

  @Option(
      names = "--backend",
      defaultValue = "auto",
      description = "java, host, cuda or auto (default): cuda where there is a GPU, else java")
  private String backend;

  @Option(
      names = "--recipe",
      defaultValue = "paper",
      description = "settings to begin with: paper (default)")
  private String recipe;

  @Option(names = "--epochs", description = "passes over the training set")
  private Integer epochs;

  @Option(names = "--batch", description = "samples per update")
  private Integer batch;

  @Option(names = "--seed", description = "of weights, order and dropout; default 0")
  private Long seed;

  @Option(names = "--hidden", description = "hidden neurons")
  private Integer hidden;

  @Option(
      names = "--simulator",
      description = "exact (default): continuous time; grid: fixed steps of --dt")
  private SimulatorName simulator;

  @Option(names = "--dt", description = "step of the grid simulator in ms; default 0.1")
  private Double dt;

  @Option(names = "--loss", description = "yin-yang: ttfs; mnist: max, mean, sum, exponential")
  private String loss;

  @Option(
      names = "--precision",
      description = "single or double (java only); default that of the paper where possible")
  private Precision precision;

  @Option(names = "--data", description = "folder of data sets; default: $TACET_DATA, else data")
  private Path data;

  @Option(names = "--out", description = "output folder; default out/TASK")
  private Path out;

  @Option(names = "--resume", description = "continue from the checkpoint in the output folder")
  private boolean resume;

  @Option(names = "--json", description = "print one line of JSON last, and nothing else")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Task chosen = Task.of(task);
    Path folder = out == null ? Path.of("out", task) : out;
    return new TrainRun(chosen, backend, data, folder, json)
        .run(settings(chosen), precision != null, resume, epochs);
  }

  private Settings settings(Task chosen) {
    Settings defaults = chosen.settings(recipe);
    if (dt != null && simulator != SimulatorName.GRID) {
      throw new IllegalArgumentException("--dt: expected with --simulator grid only.");
    }
    return new Settings(
        defaults.task(),
        recipe,
        positive("--epochs", epochs, defaults.epochs()),
        positive("--batch", batch, defaults.batch()),
        seed == null ? defaults.seed() : seed,
        positive("--hidden", hidden, defaults.hidden()),
        defaults.duration(),
        precision == null
            ? defaults.precision()
            : precision == Precision.DOUBLE ? DType.FLOAT64 : DType.FLOAT32,
        simulator == null
            ? defaults.simulator()
            : simulator == SimulatorName.GRID
                ? Simulator.grid(dt == null ? 0.1 : dt)
                : Simulator.exact(),
        loss == null ? defaults.loss() : loss);
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
