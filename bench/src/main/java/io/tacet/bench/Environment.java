package io.tacet.bench;

import io.tacet.files.Json;
import java.io.IOException;
import java.net.URISyntaxException;
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

/**
 * What one needs to know to repeat a run and to judge it, by name: processor and its clock and
 * load, caches, memory, system, JDK, commit, date, command.
 */
record Environment(Map<String, String> entries) {
  Environment {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /** What can be found out now; what cannot is left out. */
  static Environment find(String command, String backend) {
    Map<String, String> all = new LinkedHashMap<>();
    put(all, "command", command);
    put(all, "date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    put(all, "commit", commit());
    put(
        all,
        "processor",
        line(Path.of("/proc/cpuinfo"), "model name")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores");
    put(all, "clock", line(Path.of("/proc/cpuinfo"), "cpu MHz") + " MHz when it began");
    put(all, "caches", caches());
    put(all, "memory", line(Path.of("/proc/meminfo"), "MemTotal"));
    put(all, "load before", load());
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
    if (backend.equals("cuda")) {
      String query = "--query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem";
      put(all, "GPU", output("nvidia-smi", query, "--format=csv,noheader"));
    }
    return new Environment(all);
  }

  /** With something more. */
  Environment with(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(entries);
    put(all, name, value);
    return new Environment(all);
  }

  /** With what is known afterwards. */
  Environment finished(double seconds) {
    return with("load after", load()).with("took", Math.round(seconds) + " s");
  }

  static Environment read(Path file) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    Json.parseObject(Files.readString(file)).forEach((key, value) -> all.put(key, (String) value));
    return new Environment(all);
  }

  String toJson() {
    return Json.pretty(entries);
  }

  private static void put(Map<String, String> all, String name, String value) {
    if (value != null && !value.isEmpty() && !value.startsWith("null")) {
      all.put(name, value);
    }
  }

  private static String commit() {
    String commit = output("git", "rev-parse", "--short", "HEAD");
    String changes =
        output("git", "status", "--porcelain", ":/java", ":/cuda", ":/native", ":/bench/src");
    return commit == null || changes == null || changes.isEmpty()
        ? commit
        : commit + " with changes";
  }

  /** What a command prints, null if it fails. */
  private static String output(String... command) {
    try {
      // Where this class or its jar lies, within the source folder.
      Path place =
          Path.of(Environment.class.getProtectionDomain().getCodeSource().getLocation().toURI());

      Process process =
          new ProcessBuilder(command)
              .directory(Files.isDirectory(place) ? place.toFile() : place.getParent().toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text.strip() : null;
    } catch (IOException | URISyntaxException e) {
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
