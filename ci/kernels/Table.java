import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The kernels and what each may cost, as tab-separated values: cuda/kernels.tsv.
 *
 * @param compiler version of nvcc that made the code, such as V13.0.88
 */
record Table(String compiler, Map<String, Row> rows) {
  private static final String COMPILER = "# nvcc ";
  private static final String COLUMNS = "kernel\tthreads\tregisters\tshared\twarps\tinstructions";

  /** Threads of the block for which the resident warps of a multiprocessor are given. */
  record Row(int threads, int registers, int shared, int warps, Map<String, Integer> counts) {}

  static Table read(Path file) throws IOException {
    String compiler = "";
    Map<String, Row> rows = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(COMPILER)) {
        compiler = line.substring(COMPILER.length());
      } else if (!line.startsWith("#") && !line.equals(COLUMNS)) {
        String[] f = line.split("\t", -1);
        if (f.length != 6) {
          throw new IOException(file + ": expected 6 columns, got: " + line);
        }
        rows.put(
            f[0],
            new Row(integer(f[1]), integer(f[2]), integer(f[3]), integer(f[4]), counts(f[5])));
      }
    }
    return new Table(compiler, rows);
  }

  void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# What nvcc makes of each kernel for sm_90; ci/kernels.sh compares and writes it.");
    lines.add(COMPILER + compiler);
    lines.add(COLUMNS);
    rows.forEach(
        (name, r) ->
            lines.add(
                name
                    + "\t"
                    + r.threads()
                    + "\t"
                    + r.registers()
                    + "\t"
                    + r.shared()
                    + "\t"
                    + r.warps()
                    + "\t"
                    + text(r.counts())));
    Files.write(file, lines);
  }

  static String text(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  private static Map<String, Integer> counts(String text) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(" ")) {
      int equals = part.indexOf('=');
      counts.put(part.substring(0, equals), integer(part.substring(equals + 1)));
    }
    return counts;
  }

  private static int integer(String text) {
    return Integer.parseInt(text);
  }
}
