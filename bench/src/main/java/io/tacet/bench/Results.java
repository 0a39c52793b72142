package io.tacet.bench;

import io.tacet.files.AtomicFile;
import io.tacet.files.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/** The entries of results.json: those of JMH, and others of the same form. */
final class Results {
  static final String FILE = "results.json";

  /** By the identity of an entry: a later measurement replaces an earlier one. */
  private final Map<List<Object>, Object> entries = new LinkedHashMap<>();

  int size() {
    return entries.size();
  }

  /** Whether something was measured with these parameters, by one thread. */
  boolean has(String benchmark, Map<String, String> params) {
    return entries.containsKey(List.of(Measured.PACKAGE + benchmark, "1", params));
  }

  /** Loads the entries of a file, if it exists. */
  void keep(Path file) throws IOException {
    if (Files.isRegularFile(file)) {
      add((List<?>) Json.parse(Files.readString(file)));
    }
  }

  void add(List<?> more) {
    for (Object entry : more) {
      Map<?, ?> map = (Map<?, ?>) entry;
      Object params = map.get("params");
      entries.put(
          List.of(
              map.get("benchmark"),
              map.get("threads").toString(),
              params == null ? Map.of() : params),
          entry);
    }
  }

  void addRuns(Collection<RunResult> runs) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream text = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, text).writeOut(runs);
    }
    add((List<?>) Json.parse(bytes.toString(StandardCharsets.UTF_8)));
  }

  /** What has been measured so far. */
  List<Timing> timings() throws IOException {
    return Timing.parse(Json.line(List.copyOf(entries.values())));
  }

  /** Writes everything; rows of {@link DeviceKernels} with their floors as they are known now. */
  void write(Path file) throws IOException {
    Map<String, Map<String, Object>> floors = KernelTable.floors(timings());
    entries.replaceAll(
        (key, entry) -> {
          Map<String, Object> floor = floors.get(Timing.of((Map<?, ?>) entry).key());
          return floor == null ? entry : with((Map<?, ?>) entry, floor);
        });
    AtomicFile.writeText(file, Json.pretty(List.copyOf(entries.values())));
  }

  private static Map<Object, Object> with(Map<?, ?> entry, Map<String, Object> floor) {
    Map<Object, Object> all = new LinkedHashMap<>(entry);
    all.put("floor", floor);
    return all;
  }
}
