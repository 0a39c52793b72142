package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.files.JsonObject;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.tasks.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code tacet train TASK} and {@code tacet train CONFIG}. Each task is a subcommand. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    subcommandsRepeatable = false,
    header = "Train a network on a task.",
    synopsisHeading = "Usage: ",
    description = {
      "",
      "TASK is one of those below; each has its own options: tacet train TASK --help. Without"
          + " options the settings are those of the paper where there is one. CONFIG is a"
          + " config.json, as every training leaves it in its output folder: it repeats that"
          + " training, or continues it with --resume. A CONFIG of your own with \"task\": \"own\""
          + " trains your own network on your own data: docs/own-data.md has the keys.",
      "",
      "The output folder gets config.json, metrics.csv, a TensorBoard file, model.tacet,"
          + " checkpoint.tacet and pictures. Ctrl-C saves a checkpoint; --resume continues from"
          + " it, bit for bit.",
      ""
    },
    commandListHeading = "%nTasks:%n")
final class TrainCommand implements Callable<Integer> {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "CONFIG", arity = "0..1", description = "a config.json")
  private String config;

  @Mixin private RunOptions options;

  /** Options of tasks, behind a name that is none. */
  @Unmatched private List<String> others = new ArrayList<>();

  /** The command with its tasks. */
  static CommandLine line() {
    CommandLine line = new CommandLine(new TrainCommand());
    for (Task task : Tasks.all()) {
      line.addSubcommand(task.name(), new TaskCommand(task).line());
    }
    return line;
  }

  @Override
  public Integer call() throws IOException {
    if (config == null) {
      spec.commandLine().usage(spec.commandLine().getErr());
      return CommandLine.ExitCode.USAGE;
    }
    Path file = Path.of(config);
    if (!Files.exists(file)) {
      if (!config.endsWith(".json")) {
        Task task = Tasks.of(config);
        throw new IllegalArgumentException(
            task.name()
                + ": expected a configuration that describes the data and the network, as in tacet"
                + " train my.json; docs/own-data.md has the keys.");
      }
      throw new NoSuchFileException(config);
    }
    if (!others.isEmpty()) {
      throw new UnmatchedArgumentException(spec.commandLine(), others);
    }
    JsonObject json = JsonObject.read(file);
    Map<String, Object> settings = new LinkedHashMap<>();
    for (String key : json.keys()) {
      // What a run adds to its settings: where it ran.
      if (!TrainRun.PLACE.contains(key)) {
        settings.put(key, json.value(key));
      }
    }
    Settings written = Settings.of(JsonObject.of(settings, file.toString()));
    Settings asked = written.task().placed(written, file);
    return Seeds.run(
        options,
        asked.task().name(),
        asked::seed,
        (where, seed, backend, told) ->
            train(seed == null ? asked : asked.with(Map.of("seed", seed)), where, backend, told));
  }

  private static int train(
      Settings asked, RunOptions where, Backend backend, Consumer<Seeds.Result> told)
      throws IOException {
    Resumption from = null;
    if (where.resume) {
      String task = asked.task().name();
      from = Resumption.in(where.out(task), task);
      from.check(from.saved().toMap(), asked.toMap());
    }
    return new TrainRun(asked, where, false, from).run(backend, told);
  }
}
