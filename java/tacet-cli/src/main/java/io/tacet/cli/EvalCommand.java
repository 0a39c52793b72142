package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.eventprop.Simulator;
import io.tacet.files.Json;
import io.tacet.network.Network;
import io.tacet.recurrent.RecurrentNetwork;
import io.tacet.tasks.RecurrentData;
import io.tacet.tasks.RecurrentSettings;
import io.tacet.tasks.RecurrentTask;
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
    String task = String.valueOf(Json.parseObject(file.metadata("settings")).get("task"));
    try (Backend chosen = Backends.open(backend)) {
      RecurrentTask recurrent = RecurrentTask.of(task);
      if (recurrent == null) {
        spiking(chosen, file, task);
      } else {
        recurrent(chosen, file, recurrent);
      }
    }
    return 0;
  }

  private void spiking(Backend chosen, ModelFile file, String name) throws IOException {
    Settings settings = Settings.parse(file.metadata("settings"));
    Task task = Task.of(name);
    try (Network network =
        Network.read(chosen, file, model, dt == null ? null : Simulator.grid(dt))) {
      Evaluation result = Evaluation.of(network, task.loss(settings), task.load(data).test());
      print(chosen, name, result, "events per hidden neuron", "", Map.of());
    }
  }

  private void recurrent(Backend chosen, ModelFile file, RecurrentTask task) throws IOException {
    if (dt != null) {
      throw new IllegalArgumentException(
          "--dt: expected with models of spiking tasks only, got one of '" + task.name() + "'.");
    }
    RecurrentSettings settings = RecurrentSettings.parse(file.metadata("settings"));
    try (RecurrentNetwork network = RecurrentNetwork.read(chosen, file, model)) {
      RecurrentData sets = task.load(data, settings);
      Evaluation result = sets.test(network);
      print(
          chosen,
          task.name(),
          result,
          "events per unit and step",
          sets.scoreText(result.loss()),
          sets.scores(result.loss()));
    }
  }

  private void print(
      Backend chosen,
      String task,
      Evaluation result,
      String events,
      String scoreText,
      Map<String, Double> scores) {
    if (!json) {
      System.out.printf(
          "%s on %s: test accuracy %.2f %%, loss %.4f, %.2f %s%s.%n",
          task,
          chosen.name(),
          100 * result.accuracy(),
          result.loss(),
          result.activity(),
          events,
          scoreText);
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("task", task);
    line.put("backend", chosen.name());
    line.put("testLoss", result.loss());
    line.put("testAccuracy", result.accuracy());
    line.put("activity", result.activity());
    line.putAll(scores);
    System.out.println(Json.line(line));
  }
}
