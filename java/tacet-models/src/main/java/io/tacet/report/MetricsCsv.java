package io.tacet.report;

import io.tacet.files.AtomicFile;
import io.tacet.files.TextFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A table of numbers per epoch as comma-separated values: a header line, then a line per epoch.
 *
 * <p>The columns are {@code epoch} and the keys of the first record in their order; every later
 * record has the same keys. Each line is handed to the operating system at once, so that others can
 * follow the file and a killed run loses at most the row of the epoch it was about to write. Not
 * safe for use by several threads.
 */
public final class MetricsCsv implements Closeable {
  private static final String EPOCH = "epoch";

  private final Path file;
  private final OutputStream out;
  private List<String> columns;
  private long last;

  private MetricsCsv(Path file, List<String> columns, long last) throws IOException {
    this.file = file;
    this.columns = columns;
    this.last = last;
    this.out = Files.newOutputStream(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /**
   * Starts an empty table, replacing a file of that name.
   *
   * @throws IOException if it cannot be written
   */
  public static MetricsCsv create(Path file) throws IOException {
    AtomicFile.writeText(file, "");
    return new MetricsCsv(file, List.of(), 0);
  }

  /**
   * Goes on with the table of an earlier run: keeps the rows before {@code epoch} and drops the
   * others and a last line that was cut short. Starts an empty table if there is no file.
   *
   * @param epoch the first epoch that will be written now
   * @throws IOException if the file is not such a table or cannot be written
   */
  public static MetricsCsv resume(Path file, int epoch) throws IOException {
    if (!Files.exists(file)) {
      return create(file);
    }
    String text = TextFile.read(file);
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.isEmpty()) {
      return create(file);
    }
    List<String> header = List.of(lines.get(0).split(",", -1));
    if (!header.get(0).equals(EPOCH)) {
      throw new IOException(
          String.format(
              "%s: expected a table of metrics whose first column is \"%s\", found \"%s\"; move the"
                  + " file away or name another output directory.",
              file, EPOCH, header.get(0)));
    }
    StringBuilder kept = new StringBuilder(lines.get(0)).append('\n');
    long last = 0;
    for (int i = 1; i < lines.size(); i++) {
      long number = epochOf(file, i + 1, lines.get(i));
      if (number < epoch) {
        kept.append(lines.get(i)).append('\n');
        last = number;
      }
    }
    AtomicFile.writeText(file, kept.toString());
    return new MetricsCsv(file, header.subList(1, header.size()), last);
  }

  /** Epoch of the last row; 0 if there is none. */
  public long last() {
    return last;
  }

  /**
   * Writes the row of an epoch.
   *
   * @param epoch number of the epoch
   * @param values numbers by column, iterated in the order of the columns; NaN is written as NaN
   * @throws IllegalArgumentException if the keys are not those of the rows before, or a key holds a
   *     comma, quote or line break
   * @throws IOException if it cannot be written
   */
  public void write(int epoch, Map<String, ? extends Number> values) throws IOException {
    StringBuilder text = new StringBuilder();
    List<String> keys = List.copyOf(values.keySet());
    if (columns.isEmpty()) {
      for (String key : keys) {
        if (key.isEmpty() || key.chars().anyMatch(c -> c == ',' || c == '"' || c < ' ')) {
          throw new IllegalArgumentException(
              "values: expected column names without commas, quotes and line breaks, got \""
                  + key
                  + "\".");
        }
      }
      columns = keys;
      text.append(EPOCH).append(',').append(String.join(",", columns)).append('\n');
    } else if (keys.size() != columns.size() || !values.keySet().containsAll(columns)) {
      throw new IllegalArgumentException(
          String.format(
              "values: expected the columns %s as in the rows before in %s, got %s.",
              columns, file, keys));
    }
    List<String> cells = new ArrayList<>();
    cells.add(Integer.toString(epoch));
    for (String column : columns) {
      cells.add(values.get(column).toString());
    }
    text.append(String.join(",", cells)).append('\n');
    try {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw OutputFolder.failure(file, e);
    }
    last = epoch;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private static long epochOf(Path file, int number, String line) throws IOException {
    int comma = line.indexOf(',');
    try {
      return Long.parseLong(comma < 0 ? line : line.substring(0, comma));
    } catch (NumberFormatException e) {
      throw new IOException(
          String.format(
              "%s: line %d: expected a row that begins with the number of its epoch, found \"%s\"; remove"
                  + " that line or move the file away.",
              file, number, line),
          e);
    }
  }
}
