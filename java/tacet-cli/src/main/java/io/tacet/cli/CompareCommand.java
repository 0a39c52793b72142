package io.tacet.cli;

import io.tacet.files.AtomicFile;
import io.tacet.files.Json;
import io.tacet.report.LearningCurve;
import io.tacet.report.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet compare RUN...}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    header = "Compare trainings: a table of their last epochs and a picture of their curves.",
    description = {
      "",
      "RUN is an output folder of tacet train, with its config.json and metrics.csv. Loss and"
          + " accuracy are those of the set that epochs are measured on: test, or validation.",
      ""
    })
final class CompareCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", arity = "1..*", description = "output folders of trainings")
  private List<Path> runs;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "comparison.png",
      description = "picture to write, PNG; default comparison.png")
  private Path out;

  @Option(names = "--json", description = "print a line of JSON for each run instead of the table")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    List<RunFolder> folders = new ArrayList<>();
    for (Path run : runs) {
      folders.add(RunFolder.read(run));
    }
    AtomicFile.write(out, picture(folders));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (RunFolder folder : folders) {
      rows.add(row(folder));
    }
    if (json) {
      rows.forEach(row -> System.out.println(Json.line(row)));
    } else {
      print(rows);
      System.out.println("Curves in " + out + ".");
    }
    return 0;
  }

  private static LearningCurve picture(List<RunFolder> folders) {
    int last = folders.stream().flatMapToInt(run -> IntStream.of(run.epochs())).max().orElseThrow();
    LearningCurve curves =
        new LearningCurve("Comparison", IntStream.rangeClosed(1, last).toArray());
    for (int k = 0; k < folders.size(); k++) {
      RunFolder run = folders.get(k);
      // A run named twice is drawn twice, and names of curves have to differ.
      curves.add(
          k + 1 + " " + run.path(),
          run.epochs(),
          run.column(run.measured() + "Loss"),
          run.column(run.measured() + "Accuracy"));
    }
    return curves;
  }

  private static Map<String, Object> row(RunFolder run) throws IOException {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("run", run.path().toString());
    row.put("task", run.config().text("task"));
    row.put("seed", run.config().longInteger("seed"));
    row.put("epochs", run.epochs()[run.epochs().length - 1]);
    row.put("measured", run.measured());
    row.put("accuracy", run.last(run.measured() + "Accuracy"));
    row.put("best", run.greatest(run.measured() + "Accuracy"));
    row.put("loss", run.last(run.measured() + "Loss"));
    row.put("trainLoss", run.last("trainLoss"));
    row.put("activity", run.last("activity"));
    row.put("seconds", run.last("seconds"));
    return row;
  }

  private static void print(List<Map<String, Object>> rows) {
    int width = rows.stream().mapToInt(row -> row.get("run").toString().length()).max().orElse(0);
    String name = "%-" + Math.max(3, width) + "s";
    System.out.printf(
        Locale.ROOT,
        name + " %-12s %6s %7s %-10s %9s %9s %10s %11s %9s %9s%n",
        "run",
        "task",
        "seed",
        "epochs",
        "measured",
        "acc. %",
        "best %",
        "loss",
        "train loss",
        "activity",
        "seconds");
    for (Map<String, Object> row : rows) {
      System.out.printf(
          Locale.ROOT,
          name + " %-12s %6d %7d %-10s %9.2f %9.2f %10.4f %11.4f %9.3f %9.1f%n",
          row.get("run"),
          row.get("task"),
          row.get("seed"),
          row.get("epochs"),
          row.get("measured"),
          100 * (double) row.get("accuracy"),
          100 * (double) row.get("best"),
          row.get("loss"),
          row.get("trainLoss"),
          row.get("activity"),
          row.get("seconds"));
    }
  }
}
