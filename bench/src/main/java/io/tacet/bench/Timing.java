package io.tacet.bench;

import io.tacet.files.Json;
import io.tacet.files.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One entry of JMH's JSON: a benchmark with its parameters and results.
 *
 * @param benchmark class and method without the package, such as {@code EgruBenchmark.forward}
 * @param params by name, in the order of the alphabet
 * @param jmhThreads threads that called the benchmark at the same time
 * @param samples seconds per call, one for each iteration of all forks
 * @param error half of the 99.9 % confidence interval of their mean, in seconds; NaN if unknown
 * @param allocated bytes per call, one for each iteration; empty without {@code -prof gc}
 * @param counters auxiliary counters such as the activity
 * @param note further information, such as the kernels that a peer chose; may be empty
 */
record Timing(
    String benchmark,
    Map<String, String> params,
    int jmhThreads,
    double[] samples,
    double error,
    double[] allocated,
    Map<String, Double> counters,
    String note) {

  private static final String ALLOCATION = "gc.alloc.rate.norm";

  /**
   * Reads a file of JMH's JSON format; only average times are understood.
   *
   * @throws IOException if there is no such file, or it holds something else
   */
  static List<Timing> read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no file " + file + ".");
    }
    try {
      return parse(Files.readString(file));
    } catch (JsonException | ClassCastException | NullPointerException e) {
      throw new IOException(
          file + ": expected results of JMH (-rf json), found something else: " + e.getMessage(),
          e);
    }
  }

  static List<Timing> parse(String json) throws JsonException {
    List<Timing> all = new ArrayList<>();
    for (Object entry : (List<?>) Json.parse(json)) {
      Map<?, ?> map = (Map<?, ?>) entry;
      if ("avgt".equals(map.get("mode"))) {
        all.add(of(map));
      }
    }
    return all;
  }

  /** An entry of results.json. */
  static Timing of(Map<?, ?> map) {
    String name = (String) map.get("benchmark");
    int method = name.lastIndexOf('.');
    Map<String, String> params = new TreeMap<>();
    if (map.get("params") instanceof Map<?, ?> given) {
      given.forEach((key, value) -> params.put((String) key, (String) value));
    }
    Map<?, ?> primary = (Map<?, ?>) map.get("primaryMetric");
    double unit = seconds((String) primary.get("scoreUnit"));
    double[] allocated = {};
    Map<String, Double> counters = new LinkedHashMap<>();
    for (Map.Entry<?, ?> metric : ((Map<?, ?>) map.get("secondaryMetrics")).entrySet()) {
      // Older versions of JMH put a middle dot before the names of profilers.
      String metricName = ((String) metric.getKey()).replaceFirst("^[^A-Za-z]+", "");
      double[] values = values((Map<?, ?>) metric.getValue(), 1);
      if (metricName.equals(ALLOCATION)) {
        allocated = values;
      } else if (!metricName.startsWith("gc.")
          && values.length > 0
          // Only a device has a time of its own.
          && !(metricName.equals(DeviceTime.NAME) && median(values) == 0)) {
        counters.put(metricName, median(values));
      }
    }
    return new Timing(
        name.substring(name.lastIndexOf('.', method - 1) + 1),
        params,
        ((Number) map.get("threads")).intValue(),
        values(primary, unit),
        primary.get("scoreError") instanceof Number e ? unit * e.doubleValue() : Double.NaN,
        allocated,
        counters,
        map.get("note") instanceof String note ? note : "");
  }

  /** A measurement without a note. */
  Timing(
      String benchmark,
      Map<String, String> params,
      int jmhThreads,
      double[] samples,
      double error,
      double[] allocated,
      Map<String, Double> counters) {
    this(benchmark, params, jmhThreads, samples, error, allocated, counters, "");
  }

  private static double[] values(Map<?, ?> metric, double unit) {
    return ((List<?>) metric.get("rawData"))
        .stream()
            .flatMap(fork -> ((List<?>) fork).stream())
            .mapToDouble(value -> unit * ((Number) value).doubleValue())
            .toArray();
  }

  private static double seconds(String unit) {
    return switch (unit) {
      case "s/op" -> 1;
      case "ms/op" -> 1e-3;
      case "us/op" -> 1e-6;
      case "ns/op" -> 1e-9;
      default -> throw new IllegalArgumentException("Expected a time per call, got " + unit + ".");
    };
  }

  private static double median(double[] values) {
    return Measured.quantile(values, 0.5);
  }

  /** Median time of a call in seconds, robust against a disturbed iteration. */
  double time() {
    return median(samples);
  }

  /** Median bytes allocated per call; NaN if not measured. */
  double allocation() {
    return allocated.length == 0 ? Double.NaN : median(allocated);
  }

  /** The same under the name of another benchmark. */
  Timing as(String other) {
    return new Timing(other, params, jmhThreads, samples, error, allocated, counters, note);
  }

  /** The same with its device time, between two events, where that was measured as well. */
  Timing onDevice() {
    double micros = counter(DeviceTime.NAME);
    return micros > 0
        ? new Timing(
            benchmark,
            params,
            jmhThreads,
            new double[] {1e-6 * micros},
            Double.NaN,
            allocated,
            counters,
            note)
        : this;
  }

  String className() {
    return benchmark.substring(0, benchmark.indexOf('.'));
  }

  String method() {
    return benchmark.substring(benchmark.indexOf('.') + 1);
  }

  boolean has(String param) {
    return params.containsKey(param);
  }

  String text(String param) {
    String value = params.get(param);
    if (value == null) {
      throw new IllegalArgumentException(benchmark + " has no parameter " + param + ".");
    }
    return value;
  }

  double number(String param) {
    return Double.parseDouble(text(param));
  }

  /** A counter; NaN if it was not reported. */
  double counter(String name) {
    return counters.getOrDefault(name, Double.NaN);
  }

  /** Working threads: those of the backend if the benchmark has that parameter. */
  int threads() {
    return has("threads") ? (int) number("threads") : jmhThreads;
  }

  /** Whether it ran on the processor from Java, so that the ceilings of this JVM apply. */
  boolean onJava() {
    return !has("backend") || text("backend").equals("java");
  }

  /** Whether it ran on a GPU, so that the ceilings of the device apply. */
  boolean onCuda() {
    return has("backend") && text("backend").equals("cuda");
  }

  /** Whether it is a ceiling of the machine, not an operation. */
  boolean isCeiling() {
    return className().equals("CeilingBenchmark") || className().equals("DeviceCeilings");
  }

  /** The time below which that part of all iterations lies, in seconds. */
  double quantile(double part) {
    return Measured.quantile(samples, part);
  }

  /** Parameters in readable form, without those named. */
  String describe(List<String> without) {
    return params.entrySet().stream()
        .filter(p -> !without.contains(p.getKey()))
        .map(p -> p.getKey() + " " + p.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Key by which measurements of two runs are comparable. */
  String key() {
    return benchmark + " " + params + " " + jmhThreads;
  }

  @Override
  public String toString() {
    return benchmark + " (" + describe(List.of()) + ")";
  }
}
