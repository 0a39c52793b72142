package io.tacet.bench;

import io.tacet.files.Json;
import io.tacet.files.JsonException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Peers on the GPU, which are Python programs: bench/peers, packed into the jar. Each script is
 * started with the shapes of Tacet's benchmarks and with data to verify its results, and prints
 * lines of JSON, described in bench/README.md, which become entries of results.json.
 */
final class Peers {
  /** Scripts and the benchmarks that they measure. */
  private static final Map<String, List<String>> SCRIPTS = new LinkedHashMap<>();

  static {
    // What our layers are compared with comes first: whoever ends the run has that.
    SCRIPTS.put("torch_rnn.py", List.of("TorchRnn.forward", "TorchRnn.trainingPass"));
    SCRIPTS.put(
        "torch_sparse.py",
        List.of(
            "TorchSparse.product",
            "TorchSparse.weightGradient",
            "TorchSparse.indexAdd",
            "TorchSparse.dense"));
    SCRIPTS.put("triton_rows.py", List.of("TritonRows.product"));
    SCRIPTS.put("cupy_sparse.py", List.of("CupySparse.product"));
  }

  private static final String COMMON = "common.py";
  private static final long MINUTES_PER_SCRIPT = 10;

  /** Receives each measurement as soon as it is made. */
  interface Sink {
    /** An entry of results.json. */
    void add(Map<String, Object> entry) throws IOException;
  }

  private final String python;
  private final Path folder;
  private final Consumer<String> progress;
  private final List<String> failures = new ArrayList<>();

  /**
   * @param python command that starts Python 3
   * @param folder receives the scripts, their data and their output
   */
  Peers(String python, Path folder, Consumer<String> progress) {
    this.python = python;
    this.folder = folder;
    this.progress = progress;
  }

  /** The scripts that measure something with that in its name. */
  static List<String> scripts(Pattern only) {
    return SCRIPTS.entrySet().stream()
        .filter(e -> e.getValue().stream().anyMatch(name -> only.matcher(name).find()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Scripts and checks that failed; a missing library is not a failure. */
  List<String> failures() {
    return failures;
  }

  /** Runs the scripts one after the other; without Python says so and does nothing. */
  void run(Plan.Size size, List<String> scripts, Sink sink) throws IOException {
    Files.createDirectories(folder);
    unpack(COMMON);
    Path data = folder.resolve("check.json");
    PeerData.write(data);
    for (String script : scripts) {
      unpack(script);
      Path log = folder.resolve(script.replace(".py", ".log"));
      List<String> command =
          List.of(
              python,
              folder.resolve(script).toString(),
              "--size",
              size.name().toLowerCase(Locale.ROOT),
              "--check",
              data.toString());
      progress.accept("peers: " + script);
      Process process;
      try {
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      } catch (IOException e) {
        progress.accept(
            "  no " + python + " found to run peers with; --python COMMAND names another.");
        return;
      }
      process.getOutputStream().close();
      CompletableFuture.delayedExecutor(MINUTES_PER_SCRIPT, TimeUnit.MINUTES)
          .execute(process::destroyForcibly);
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          take(script, line, sink);
        }
      }
      if (status(process) != 0) {
        failures.add(script + ": failed; see " + log);
      }
    }
  }

  private static int status(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private void unpack(String script) throws IOException {
    try (InputStream in = Peers.class.getResourceAsStream("/peers/" + script)) {
      Files.writeString(
          folder.resolve(script), new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** A line that a script printed. */
  private void take(String script, String line, Sink sink) throws IOException {
    Map<String, Object> entry = null;
    try {
      Map<String, Object> map = Json.parseObject(line);
      if (map.get("missing") instanceof String missing) {
        progress.accept("  " + missing);
      } else if (map.get("check") instanceof String check) {
        if (!Boolean.TRUE.equals(map.get("ok"))) {
          failures.add(script + ": " + check + " computes something else: " + map.get("detail"));
        }
      } else {
        entry = entry(map);
      }
    } catch (JsonException | ClassCastException | IllegalArgumentException e) {
      failures.add(script + ": expected a measurement, got '" + line + "': " + e.getMessage());
    }
    if (entry != null) {
      sink.add(entry);
    }
  }

  private static Map<String, Object> entry(Map<String, Object> map) {
    Map<String, String> params = new TreeMap<>(Map.of("backend", "cuda", "threads", "1"));
    ((Map<?, ?>) map.get("params"))
        .forEach((name, value) -> params.put((String) name, String.valueOf(value)));
    List<Double> device = numbers(map, "device_us");
    return Measured.entry(
        (String) map.get("benchmark"),
        params,
        numbers(map, "wall_us"),
        Map.of(
            DeviceTime.NAME, Measured.quantile(device.stream().mapToDouble(v -> v).toArray(), 0.5)),
        String.valueOf(map.get("note")));
  }

  private static List<Double> numbers(Map<String, Object> map, String name) {
    if (!(map.get(name) instanceof List<?> values) || values.isEmpty()) {
      throw new IllegalArgumentException(name + ": expected numbers, got " + map.get(name) + ".");
    }
    return values.stream().map(v -> ((Number) v).doubleValue()).toList();
  }
}
