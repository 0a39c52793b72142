package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Sparse matrices in the Matrix Market exchange format (Boisvert, Pozo and Remington, NISTIR 5935,
 * 1996): coordinates with real or integer values, or without (pattern: all values are 1), general,
 * symmetric or skew-symmetric. A comment {@code %%GraphBLAS type ...} restricts the values, as in
 * the SuiteSparse tools. Elements may come in any order, each once.
 */
public final class MatrixMarket {
  private static final String TYPE_COMMENT = "%%graphblas";

  /** A damaged size must not take memory that the file does not account for. */
  private static final int LARGEST_EMPTY = 1 << 20;

  private static final int LARGEST_PER_ELEMENT = 64;

  private final Path file;
  private final TextTable table;
  private String field;
  private String symmetry;
  private double low = Double.NEGATIVE_INFINITY;
  private double high = Double.POSITIVE_INFINITY;

  private MatrixMarket(Path file, TextTable table) {
    this.file = file;
    this.table = table;
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is anything else, naming the line
   * @throws IOException if it cannot be read
   */
  public static SparseMatrix read(Path file) throws IOException {
    try (TextTable table = TextTable.spaces(file)) {
      return new MatrixMarket(file, table).read();
    }
  }

  private SparseMatrix read() throws IOException {
    header();
    TableRow size = nextRow();
    if (size == null) {
      throw new FileFormatException(
          file, "expected a line with the size, found the end of the file", "Fetch it again.");
    }
    size.expect(3, "numbers of rows, columns and elements");
    int rows = size.integer(0, "a number of rows", 0, Integer.MAX_VALUE);
    int columns = size.integer(1, "a number of columns", 0, Integer.MAX_VALUE);
    int count = size.integer(2, "a number of elements", 0, Integer.MAX_VALUE - 8);
    long most = LARGEST_EMPTY + (long) LARGEST_PER_ELEMENT * count;
    if (Math.max(rows, columns) > most) {
      throw size.problem(
          "expected at most "
              + most
              + " rows and columns for "
              + count
              + " elements, found "
              + size.text(0)
              + " and "
              + size.text(1));
    }
    boolean general = symmetry.equals("general");
    if (!general && rows != columns) {
      throw size.problem(
          "expected a square matrix, since it is "
              + symmetry
              + ", found "
              + rows
              + " x "
              + columns);
    }
    Triples triples = new Triples();
    TableRow last = size;
    for (int k = 0; k < count; k++) {
      TableRow row = nextRow();
      if (row == null) {
        throw last.problem(
            "expected "
                + count
                + " elements, found "
                + k
                + " up to this line,"
                + " which is the last");
      }
      element(row, rows, columns, triples);
      last = row;
    }
    TableRow more = nextRow();
    if (more != null) {
      throw more.problem("expected the end of the file after " + count + " elements, found more");
    }
    return triples.matrix(
        rows,
        columns,
        (line, r, c) -> {
          throw new FileFormatException(
              file,
              "line "
                  + line
                  + ": expected every element once, found row "
                  + (r + 1)
                  + ", column "
                  + (c + 1)
                  + " again",
              "Add up such elements.");
        });
  }

  /** The first line: what the file is. */
  private void header() throws IOException {
    TableRow row = table.next();
    if (row == null || row.line() != 1 || !row.text(0).equals("%%MatrixMarket")) {
      throw new FileFormatException(
          file,
          "line 1: expected %%MatrixMarket matrix coordinate, then real, integer or pattern, then"
              + " general, symmetric or skew-symmetric, found another beginning",
          "Name a Matrix Market file.");
    }
    row.expect(5, "%%MatrixMarket and four words");
    one(row, 1, "matrix");
    one(row, 2, "coordinate");
    field = one(row, 3, "real", "integer", "pattern");
    symmetry = one(row, 4, "general", "symmetric", "skew-symmetric");
    if (field.equals("pattern") && symmetry.equals("skew-symmetric")) {
      throw row.problem("expected real or integer for a skew-symmetric matrix, found pattern");
    }
  }

  private static String one(TableRow row, int column, String... allowed) throws IOException {
    String found = row.text(column).toLowerCase(Locale.ROOT);
    if (!List.of(allowed).contains(found)) {
      throw row.problem(
          "expected "
              + String.join(" or ", allowed)
              + " as word "
              + (column + 1)
              + ", found "
              + row.text(column));
    }
    return found;
  }

  /** The next row that is no comment, or null at the end. */
  private TableRow nextRow() throws IOException {
    while (true) {
      TableRow row = table.next();
      if (row == null || !row.text(0).startsWith("%")) {
        return row;
      }
      if (row.text(0).toLowerCase(Locale.ROOT).equals(TYPE_COMMENT) && row.text(1).equals("type")) {
        restrict(row);
      }
    }
  }

  /** The values that a type holds. */
  private void restrict(TableRow row) throws IOException {
    String type = String.join(" ", row.texts().subList(2, row.size()));
    switch (type) {
      case "bool" -> between(0, 1);
      case "int8_t" -> between(-0x1p7, 0x1p7 - 1);
      case "int16_t" -> between(-0x1p15, 0x1p15 - 1);
      case "int32_t" -> between(-0x1p31, 0x1p31 - 1);
      case "int64_t" -> between(-0x1p63, 0x1p63);
      case "uint8_t" -> between(0, 0x1p8 - 1);
      case "uint16_t" -> between(0, 0x1p16 - 1);
      case "uint32_t" -> between(0, 0x1p32 - 1);
      case "uint64_t" -> between(0, 0x1p64);
      case "float", "double" -> {}
      default ->
          throw row.problem(
              "expected bool, int8_t to int64_t, uint8_t to uint64_t, float or double, found "
                  + type);
    }
    if (low == 0 && symmetry.equals("skew-symmetric")) {
      throw row.problem("expected a type with a sign for a skew-symmetric matrix, found " + type);
    }
  }

  private void between(double lowest, double highest) {
    low = lowest;
    high = highest;
  }

  private void element(TableRow row, int rows, int columns, Triples triples) throws IOException {
    boolean pattern = field.equals("pattern");
    row.expect(pattern ? 2 : 3, pattern ? "a row and a column" : "a row, a column and a value");
    int r = row.integer(0, "a row", 1, rows) - 1;
    int c = row.integer(1, "a column", 1, columns) - 1;
    double value = pattern ? 1 : row.real(2, "a value");
    boolean whole = !field.equals("integer") || value == Math.rint(value);
    if (!whole || value < low || value > high) {
      throw row.problem(
          "expected "
              + (field.equals("integer") ? "an integer" : "a value")
              + " of the declared"
              + " type, found "
              + row.text(2));
    }
    triples.add(r, c, value, row.line());
    if (symmetry.equals("general") || r == c) {
      if (r == c && symmetry.equals("skew-symmetric")) {
        throw row.problem("expected no element on the diagonal of a skew-symmetric matrix");
      }
      return;
    }
    triples.add(c, r, symmetry.equals("symmetric") ? value : -value, row.line());
  }
}
