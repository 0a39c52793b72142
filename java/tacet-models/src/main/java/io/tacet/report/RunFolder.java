package io.tacet.report;

import io.tacet.files.FileFormatException;
import io.tacet.files.JsonObject;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a training has left in its output folder: the settings of config.json and the epochs of
 * metrics.csv.
 */
public final class RunFolder {
  private final Path path;
  private final JsonObject config;
  private final int[] epochs;
  private final Map<String, double[]> columns;

  private RunFolder(Path path, JsonObject config, int[] epochs, Map<String, double[]> columns) {
    this.path = path;
    this.config = config;
    this.epochs = epochs;
    this.columns = columns;
  }

  /**
   * Reads a folder.
   *
   * @throws IOException if one of the files is missing or is not as a training writes it; names the
   *     file, and the line
   */
  public static RunFolder read(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new IOException(
          path
              + ": expected the output folder of a training, found "
              + (Files.exists(path) ? "a file." : "nothing of that name."));
    }
    JsonObject config = JsonObject.read(path.resolve("config.json"));
    Path metrics = path.resolve("metrics.csv");
    List<Integer> epochs = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    List<String> names;
    try (TextTable table = TextTable.commas(metrics)) {
      TableRow header = table.next();
      names = header == null ? List.of() : header.texts();
      for (TableRow row = header == null ? null : table.next(); row != null; row = table.next()) {
        row.expect(names.size(), names.size() + " fields as in the first line");
        epochs.add(row.integer(0, "the number of an epoch", 1, Integer.MAX_VALUE));
        rows.add(numbers(row));
      }
    }
    if (rows.isEmpty() || !names.get(0).equals("epoch")) {
      throw new FileFormatException(
          metrics,
          "expected a row for each epoch under a first line that begins with epoch, found "
              + (rows.isEmpty() ? "no epoch" : names.get(0)),
          "Train at least one epoch.");
    }
    Map<String, double[]> columns = new LinkedHashMap<>();
    for (int c = 1; c < names.size(); c++) {
      int column = c;
      columns.put(names.get(c), rows.stream().mapToDouble(row -> row[column]).toArray());
    }
    int[] numbers = epochs.stream().mapToInt(Integer::intValue).toArray();
    return new RunFolder(path, config, numbers, columns);
  }

  /** The fields of a row; those that are not finite as a training writes them. */
  private static double[] numbers(TableRow row) throws FileFormatException {
    double[] values = new double[row.size()];
    for (int c = 0; c < values.length; c++) {
      String text = row.text(c);
      values[c] =
          text.endsWith("NaN") || text.endsWith("Infinity") ? Double.NaN : row.real(c, "a number");
    }
    return values;
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** The settings of the training. */
  public JsonObject config() {
    return config;
  }

  /** Numbers of the finished epochs; not copied. */
  public int[] epochs() {
    return epochs;
  }

  /** Names of the metrics, in their order. */
  public Set<String> columns() {
    return Collections.unmodifiableSet(columns.keySet());
  }

  /** Name of the set that epochs were measured on: test or validation. */
  public String measured() {
    return columns.containsKey("validationLoss") ? "validation" : "test";
  }

  /** A column of the metrics, a value per epoch; NaN where there is no such column. */
  public double[] column(String name) {
    double[] values = columns.get(name);
    if (values == null) {
      values = new double[epochs.length];
      Arrays.fill(values, Double.NaN);
    }
    return values;
  }

  /** The last value of a column. */
  public double last(String name) {
    return column(name)[epochs.length - 1];
  }

  /** The greatest value of a column; NaN where it has none. */
  public double greatest(String name) {
    return Arrays.stream(column(name)).filter(Double::isFinite).max().orElse(Double.NaN);
  }
}
