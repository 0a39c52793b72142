package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.eventprop.Simulator;
import io.tacet.files.Json;
import io.tacet.network.Network;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.training.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet eval MODEL}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    header = "Measure a trained network on the test set of its task.")
final class EvalCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "a model.tacet or checkpoint.tacet")
  private Path model;

  @Option(names = "--backend", defaultValue = "auto", description = "java, host, cuda or auto")
  private String backend;

  @Option(names = "--data", description = "folder of data sets; default: $TACET_DATA, else data")
  private Path data;

  @Option(names = "--dt", description = "run on the grid simulator with this step in ms")
  private Double dt;

  @Option(names = "--json", description = "print one line of JSON")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ModelFile file = ModelFile.read(model);
    Settings settings = Settings.parse(file.metadata("settings"));
    Task task = Task.of(settings.task());
    try (Backend chosen = Backends.open(backend);
        Network network =
            Network.read(chosen, file, model, dt == null ? null : Simulator.grid(dt))) {
      Evaluation result = Evaluation.of(network, task.loss(settings), task.load(data).test());
      if (json) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("task", task.name());
        line.put("backend", chosen.name());
        line.put("testLoss", result.loss());
        line.put("testAccuracy", result.accuracy());
        line.put("activity", result.activity());
        System.out.println(Json.line(line));
      } else {
        System.out.printf(
            "%s on %s: test accuracy %.2f %%, loss %.4f, %.2f events per hidden neuron.%n",
            task.name(), chosen.name(), 100 * result.accuracy(), result.loss(), result.activity());
      }
    }
    return 0;
  }
}
