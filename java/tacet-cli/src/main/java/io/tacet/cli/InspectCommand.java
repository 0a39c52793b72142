package io.tacet.cli;

import io.tacet.checkpoint.EntryType;
import io.tacet.checkpoint.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tacet inspect MODEL}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    header = "Show what a model or checkpoint holds.")
final class InspectCommand implements Callable<Integer> {
  private static final int LONGEST = 400;

  @Parameters(paramLabel = "MODEL", description = "a model.tacet or checkpoint.tacet")
  private Path model;

  @Override
  public Integer call() throws IOException {
    ModelFile file = ModelFile.read(model);
    for (Map.Entry<String, String> entry : file.metadata().entrySet()) {
      String value = entry.getValue();
      System.out.println(
          entry.getKey()
              + ": "
              + (value.length() > LONGEST ? value.substring(0, LONGEST) + " ..." : value));
    }
    System.out.println();
    System.out.printf(
        Locale.ROOT,
        "%-36s %-8s %12s %12s %12s %12s%n",
        "array",
        "type",
        "elements",
        "min",
        "mean",
        "max");
    for (String name : file.names()) {
      EntryType type = file.type(name);
      DoubleSummaryStatistics s = statistics(file, name, type);
      System.out.printf(
          Locale.ROOT,
          "%-36s %-8s %12d %12.5g %12.5g %12.5g%n",
          name,
          type.toString().toLowerCase(Locale.ROOT),
          s.getCount(),
          s.getMin(),
          s.getAverage(),
          s.getMax());
    }
    return 0;
  }

  private static DoubleSummaryStatistics statistics(ModelFile file, String name, EntryType type)
      throws IOException {
    return switch (type) {
      case FLOAT32 -> {
        float[] values = file.floats(name);
        yield IntStream.range(0, values.length).mapToDouble(k -> values[k]).summaryStatistics();
      }
      case FLOAT64 -> DoubleStream.of(file.doubles(name)).summaryStatistics();
      case INT32 -> IntStream.of(file.ints(name)).asDoubleStream().summaryStatistics();
      default -> new DoubleSummaryStatistics();
    };
  }
}
