package io.tacet.bench;

import io.tacet.files.Json;
import io.tacet.spi.OptionalProvider;
import io.tacet.spi.TileProductsProvider;
import io.tacet.spi.VectorLoopsProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The environment of a measurement, as needed to repeat and judge it.
 *
 * @param entries by name: processor, caches, memory, system, JDK and its options, peers
 * @param runs what was started, one after the other where a run adds to the results of another:
 *     command, date, commit, clock and load, by name
 */
record Environment(Map<String, String> entries, List<Map<String, String>> runs) {
  static final String FILE = "machine.json";

  /** The command, where it was not {@code ./tacet bench}. */
  static final String COMMAND = "tacet.bench.command";

  private static final String RUNS = "runs";

  Environment {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    runs = runs.stream().map(r -> Collections.unmodifiableMap(new LinkedHashMap<>(r))).toList();
  }

  /** The current environment; unknown entries are omitted. */
  static Environment find(String command, String backend) {
    Map<String, String> run = new LinkedHashMap<>();
    put(run, "command", System.getProperty(COMMAND, command));
    put(run, "date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    put(run, "commit", built("commit"));
    put(run, "clock", line(Path.of("/proc/cpuinfo"), "cpu MHz") + " MHz when it began");
    put(run, "load before", load());
    Map<String, String> all = new LinkedHashMap<>();
    put(
        all,
        "processor",
        line(Path.of("/proc/cpuinfo"), "model name")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores");
    put(all, "caches", caches());
    put(all, "memory", line(Path.of("/proc/meminfo"), "MemTotal"));
    put(
        all,
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    put(
        all,
        "JDK",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
    put(all, "JVM options", options());
    put(all, "dense products of the java backend", taken(TileProductsProvider.class));
    put(all, "loops of the java backend", taken(VectorLoopsProvider.class));
    put(all, "peers", built("peers"));
    if (backend.equals("cuda")) {
      String query = "--query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem";
      put(all, "GPU", output("nvidia-smi", query, "--format=csv,noheader"));
    }
    return new Environment(all, List.of(run));
  }

  /** With another entry. */
  Environment with(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(entries);
    put(all, name, value);
    return new Environment(all, runs);
  }

  /** As another run on the same machine, added to the results of an earlier one. */
  Environment after(Environment earlier) {
    Map<String, String> all = new LinkedHashMap<>(earlier.entries);
    all.putAll(entries);
    List<Map<String, String>> both = new ArrayList<>(earlier.runs);
    both.addAll(runs);
    return new Environment(all, both);
  }

  /** With what is known after the last run. */
  Environment finished(double seconds) {
    List<Map<String, String>> all = new ArrayList<>(runs);
    Map<String, String> last = new LinkedHashMap<>(all.remove(all.size() - 1));
    put(last, "load after", load());
    put(last, "took", Math.round(seconds) + " s");
    all.add(last);
    return new Environment(entries, all);
  }

  /** A file of {@link #toJson}, or one with a single run whose names are among the others. */
  static Environment read(Path file) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    List<Map<String, String>> runs = new ArrayList<>();
    for (Map.Entry<String, Object> entry : Json.parseObject(Files.readString(file)).entrySet()) {
      if (entry.getKey().equals(RUNS)) {
        for (Object run : (List<?>) entry.getValue()) {
          Map<String, String> names = new LinkedHashMap<>();
          ((Map<?, ?>) run).forEach((name, value) -> names.put((String) name, (String) value));
          runs.add(names);
        }
      } else {
        all.put(entry.getKey(), (String) entry.getValue());
      }
    }
    return new Environment(all, runs);
  }

  String toJson() {
    Map<String, Object> all = new LinkedHashMap<>(entries);
    all.put(RUNS, runs);
    return Json.pretty(all);
  }

  private static void put(Map<String, String> all, String name, String value) {
    if (value != null && !value.isEmpty() && !value.startsWith("null")) {
      all.put(name, value);
    }
  }

  /** What the java backend takes of a kind, unless an option above names another. */
  private static String taken(Class<? extends OptionalProvider> type) {
    return OptionalProvider.taken(type).map(OptionalProvider::description).orElse("Java");
  }

  /** A resource written next to this class by the build; null if there is none. */
  private static String built(String name) {
    try (InputStream in = Environment.class.getResourceAsStream(name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return null;
    }
  }

  /** The options of this JVM, which are those of the processes that measure. */
  private static String options() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-D" + COMMAND))
        .collect(Collectors.joining(" "));
  }

  /** What a command prints, null if it fails. */
  private static String output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text.strip() : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** Value of the first line "name : value" of a file, null if there is none. */
  private static String line(Path file, String name) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(name)) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      return null;
    }
    return null;
  }

  private static String caches() {
    List<String> found = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      Path cache = Path.of("/sys/devices/system/cpu/cpu0/cache/index" + k);
      try {
        if (!Files.readString(cache.resolve("type")).startsWith("Instruction")) {
          found.add(
              "L"
                  + Files.readString(cache.resolve("level")).strip()
                  + " "
                  + Files.readString(cache.resolve("size")).strip());
        }
      } catch (IOException e) {
        break;
      }
    }
    return String.join(", ", found);
  }

  private static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg"))
          .replaceAll("^(\\S+ \\S+ \\S+).*\\s*$", "$1");
    } catch (IOException e) {
      return null;
    }
  }
}
