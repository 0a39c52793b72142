package io.tacet.files;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * A table in a text file in UTF-8, read row by row: fields separated by commas, as in CSV (RFC
 * 4180, with quotes), or by spaces and tabs. Empty lines and those that begin with {@code #} do not
 * count. Memory is that of one row. Not safe for use by several threads.
 */
public final class TextTable implements Closeable {
  private final Path file;
  private final Closeable source;
  private final Iterator<TableRow> rows;

  private TextTable(Path file, Closeable source, Iterator<TableRow> rows) {
    this.file = file;
    this.source = source;
    this.rows = rows;
  }

  /**
   * Opens a table whose fields are separated by commas.
   *
   * @throws IOException if it cannot be opened
   */
  public static TextTable commas(Path file) throws IOException {
    BufferedReader reader = Files.newBufferedReader(file);
    skipByteOrderMark(file, reader);
    CsvReader<CsvRecord> records =
        CsvReader.builder()
            .commentStrategy(CommentStrategy.SKIP)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(reader);
    Iterator<CsvRecord> each = records.iterator();
    return new TextTable(
        file,
        records,
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return each.hasNext();
          }

          @Override
          public TableRow next() {
            CsvRecord record = each.next();
            return new TableRow(file, record.getStartingLineNumber(), record.getFields());
          }
        });
  }

  /**
   * Opens a table whose fields are separated by any number of spaces and tabs.
   *
   * @throws IOException if it cannot be opened
   */
  public static TextTable spaces(Path file) throws IOException {
    BufferedReader reader = Files.newBufferedReader(file);
    skipByteOrderMark(file, reader);
    long[] line = {0};
    Iterator<TableRow> rows =
        reader
            .lines()
            .map(text -> new TableRow(file, ++line[0], fields(text)))
            .filter(row -> row.size() > 0 && !row.text(0).startsWith("#"))
            .iterator();
    return new TextTable(file, reader, rows);
  }

  /**
   * The next row, or null after the last.
   *
   * @throws FileFormatException if the text is not UTF-8 or a quoted field has no end; names the
   *     line
   * @throws IOException if it cannot be read
   */
  public TableRow next() throws IOException {
    try {
      return rows.hasNext() ? rows.next() : null;
    } catch (CsvParseException | UncheckedIOException e) {
      throw failure(e);
    }
  }

  /**
   * Reads the header: the next row, which names the columns.
   *
   * @param names columns there must be, in any order; there may be others
   * @return index of each name's column
   * @throws FileFormatException if one is missing; names those there are
   */
  public int[] header(String... names) throws IOException {
    TableRow row = next();
    List<String> found = row == null ? List.of() : row.texts();
    int[] columns = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      columns[i] = found.indexOf(names[i]);
      if (columns[i] < 0) {
        throw new FileFormatException(
            file,
            String.format(
                "expected a first line with the column names %s, found %s",
                String.join(",", names), row == null ? "an empty file" : row.shown()),
            "Add a line with the names of the columns.");
      }
    }
    return columns;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private IOException failure(RuntimeException e) throws IOException {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CharacterCodingException) {
        return TextFile.notUtf8(file);
      }
      if (cause instanceof IOException io) {
        return io;
      }
    }
    return new FileFormatException(
        file,
        "expected comma-separated values: " + e.getMessage().replaceFirst("\\.$", ""),
        "Check quotes and commas there.");
  }

  private static void skipByteOrderMark(Path file, BufferedReader reader) throws IOException {
    reader.mark(1);
    try {
      if (reader.read() != '\ufeff') {
        reader.reset();
      }
    } catch (CharacterCodingException e) {
      reader.close();
      throw TextFile.notUtf8(file);
    }
  }

  private static List<String> fields(String line) {
    String text = line.strip();
    return text.isEmpty() ? List.of() : Arrays.asList(text.split("\\s+", -1));
  }
}
