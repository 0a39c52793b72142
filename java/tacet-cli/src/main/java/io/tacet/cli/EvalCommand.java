package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.eventprop.Simulator;
import io.tacet.files.AtomicFile;
import io.tacet.files.Json;
import io.tacet.files.JsonObject;
import io.tacet.network.Flow;
import io.tacet.network.Network;
import io.tacet.report.ConfusionMatrix;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.tasks.TaskData;
import io.tacet.tasks.Tasks;
import io.tacet.training.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet eval MODEL}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    header = "Measure a trained network on the test set of its task, or on data of your own.")
final class EvalCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "a model.tacet or checkpoint.tacet")
  private Path model;

  @Option(names = "--backend", defaultValue = "auto", description = "java, host, cuda or auto")
  private String backend;

  @Option(names = "--data", description = "folder of data sets; default: $TACET_DATA, else data")
  private Path data;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "labelled data for a network of your own, instead of its test set")
  private Path test;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "labels (sample,label) of --test, where that is a .csv of spikes")
  private Path labels;

  @Option(names = "--dt", description = "run on the grid simulator with this step in ms")
  private Double dt;

  @Option(names = "--confusion", description = "file for a picture of the confusion matrix, PNG")
  private Path confusion;

  @Option(names = "--json", description = "print one line of JSON")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ModelFile file = ModelFile.read(model);
    Settings settings = Settings.of(JsonObject.of(file.metadata("settings"), model + ": settings"));
    Task task = settings.task();
    try (Backend chosen = Backends.open(backend);
        Network network =
            Network.read(chosen, file, model, dt == null ? null : Simulator.grid(dt))) {
      TaskData sets = data(file, settings);
      String difference = test == null ? sets.difference(file.metadata().get("data")) : null;
      if (difference != null) {
        System.err.println("tacet: " + difference);
      }
      Evaluation result = Evaluation.of(network, task.loss(settings), sets.test());
      boolean spiking = network.spec().input().flow().kind() == Flow.Kind.SPIKES;
      print(
          chosen,
          task.name(),
          result,
          spiking ? "events per hidden neuron" : "events per unit and step",
          sets);
      if (!sets.classes().isEmpty()) {
        show(sets, result, task.name());
      }
    }
    return 0;
  }

  /** The data to measure with: those of the task, or the user's. */
  private TaskData data(ModelFile file, Settings settings) throws IOException {
    if (test == null) {
      if (labels != null) {
        throw new IllegalArgumentException("--labels: expected with --test, got it alone.");
      }
      return settings.task().load(Tasks.dataFolder(data), settings);
    }
    String vocabulary = file.metadata().get("vocabulary");
    List<String> known = null;
    if (vocabulary != null) {
      known = ((List<?>) Json.parse(vocabulary)).stream().map(String.class::cast).toList();
    }
    return settings.task().measuring(settings, test, labels, known);
  }

  /** The confusion matrix, as a table and, where asked for, as a picture. */
  private void show(TaskData sets, Evaluation result, String name) throws IOException {
    ConfusionMatrix matrix =
        new ConfusionMatrix(name, sets.classes(), sets.testLabels(), result.predicted());
    if (!json) {
      System.out.println();
      System.out.print(matrix);
    }
    if (confusion != null) {
      AtomicFile.write(confusion, matrix);
    }
  }

  private void print(Backend chosen, String task, Evaluation result, String events, TaskData sets) {
    if (!json) {
      System.out.printf(
          Locale.ROOT,
          "%s on %s: test %s, loss %.4f%s.%n",
          task,
          chosen.name(),
          sets.resultText(result.accuracy(), result.loss()),
          result.loss(),
          Double.isNaN(result.activity())
              ? ""
              : String.format(Locale.ROOT, ", %.2f %s", result.activity(), events));
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("task", task);
    line.put("backend", chosen.name());
    line.put("testLoss", result.loss());
    if (!Double.isNaN(result.accuracy())) {
      line.put("testAccuracy", result.accuracy());
    }
    if (!Double.isNaN(result.activity())) {
      line.put("activity", result.activity());
    }
    line.putAll(sets.scores(result.loss()));
    System.out.println(Json.line(line));
  }
}
