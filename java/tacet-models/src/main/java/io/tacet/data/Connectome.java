package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A measured network: which neuron (or region) connects to which, and how strongly. Read from one
 * of
 *
 * <ul>
 *   <li>an edge list, with a first line that names the columns: a source ({@code pre}, {@code
 *       source} or {@code from}), a target ({@code post}, {@code target} or {@code to}) and, where
 *       there is one, a weight ({@code weight}, {@code synapses} or {@code count}; else 1). Weights
 *       of a pair that occurs again are added up. Separated by commas, or by tabs where the first
 *       line has one
 *   <li>an adjacency matrix separated by commas: names of the targets in the first line, whose
 *       first field is empty; then a line per source with its name and the weights. 0 is no
 *       connection
 *   <li>a Matrix Market file ({@code .mtx}, see {@link MatrixMarket}), square, with row numbers as
 *       names
 * </ul>
 *
 * @param names of the neurons
 * @param matrix weights, rows by source, columns by target
 */
public record Connectome(List<String> names, SparseMatrix matrix) {
  private static final Set<String> SOURCES = Set.of("pre", "source", "from");
  private static final Set<String> TARGETS = Set.of("post", "target", "to");
  private static final Set<String> WEIGHTS = Set.of("weight", "synapses", "count");

  public Connectome {
    names = List.copyOf(names);
  }

  /**
   * Reads a file of one of these formats.
   *
   * @throws FileFormatException if it is anything else, naming the line
   * @throws IOException if it cannot be read
   */
  public static Connectome read(Path file) throws IOException {
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".mtx")) {
      return ofMatrixMarket(file);
    }
    try (TextTable table = TextTable.commas(file)) {
      TableRow header = header(file, table);
      if (header.size() > 1 || header.text(0).indexOf('\t') < 0) {
        return header.size() > 1 && header.text(0).isEmpty()
            ? ofMatrix(file, header, table)
            : ofEdges(header, table);
      }
    }
    try (TextTable table = TextTable.spaces(file)) {
      return ofEdges(header(file, table), table);
    }
  }

  private static TableRow header(Path file, TextTable table) throws IOException {
    TableRow header = table.next();
    if (header == null) {
      throw new FileFormatException(
          file, "expected a connectome, found an empty file", "Fetch it again.");
    }
    return header;
  }

  private static Connectome ofMatrixMarket(Path file) throws IOException {
    SparseMatrix matrix = MatrixMarket.read(file);
    if (matrix.rows() != matrix.columns() || matrix.rows() == 0) {
      throw new FileFormatException(
          file,
          "expected a square matrix as a network, found "
              + matrix.rows()
              + " x "
              + matrix.columns(),
          "Name a file with as many rows as columns.");
    }
    List<String> names = IntStream.rangeClosed(1, matrix.rows()).mapToObj(String::valueOf).toList();
    return new Connectome(names, matrix);
  }

  private static Connectome ofMatrix(Path file, TableRow header, TextTable table)
      throws IOException {
    List<String> names = header.texts().subList(1, header.size());
    Triples triples = new Triples();
    int r = 0;
    for (TableRow row = table.next(); row != null; row = table.next(), r++) {
      row.expect(header.size(), "a name and " + names.size() + " weights");
      if (r == names.size() || !row.text(0).equals(names.get(r))) {
        throw row.problem(
            "expected "
                + (r == names.size() ? "no more rows than columns" : "row " + names.get(r))
                + ", since rows and columns are in the same order, found "
                + row.text(0));
      }
      for (int c = 0; c < names.size(); c++) {
        double weight = row.real(c + 1, "a weight to " + names.get(c));
        if (weight != 0) {
          triples.add(r, c, weight, row.line());
        }
      }
    }
    if (r != names.size()) {
      throw new FileFormatException(
          file,
          "line "
              + (r + 1)
              + ": expected "
              + names.size()
              + " rows like the columns, found "
              + r
              + " up to this line, which is the last",
          "Fetch the file again.");
    }
    return new Connectome(names, triples.matrix(r, r, (line, row, column) -> {}));
  }

  private static Connectome ofEdges(TableRow header, TextTable table) throws IOException {
    int source = column(header, SOURCES);
    int target = column(header, TARGETS);
    int weight = column(header, WEIGHTS);
    if (source < 0 || target < 0) {
      throw header.problem(
          "expected columns named pre, source or from, and post, target or to, or, for an adjacency"
              + " matrix, an empty first field, found "
              + String.join(", ", header.texts()));
    }
    Map<String, Integer> numbers = new HashMap<>();
    List<String> names = new ArrayList<>();
    Triples triples = new Triples();
    for (TableRow row = table.next(); row != null; row = table.next()) {
      row.expect(header.size(), header.size() + " fields like the first line");
      int from = number(row, source, numbers, names);
      int to = number(row, target, numbers, names);
      triples.add(from, to, weight < 0 ? 1 : row.real(weight, "a weight"), row.line());
    }
    if (names.isEmpty()) {
      throw header.problem("expected connections after this line, found none");
    }
    return new Connectome(
        names, triples.matrix(names.size(), names.size(), (line, row, column) -> {}));
  }

  private static int column(TableRow header, Set<String> names) {
    return IntStream.range(0, header.size())
        .filter(c -> names.contains(header.text(c).toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(-1);
  }

  private static int number(
      TableRow row, int column, Map<String, Integer> numbers, List<String> names)
      throws FileFormatException {
    String name = row.text(column);
    if (name.isEmpty()) {
      throw row.problem("expected the name of a neuron in column " + (column + 1) + ", found none");
    }
    Integer known = numbers.putIfAbsent(name, names.size());
    if (known == null) {
      names.add(name);
      return names.size() - 1;
    }
    return known;
  }

  /** Number of neurons. */
  public int neurons() {
    return names.size();
  }
}
