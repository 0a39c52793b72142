package io.tacet.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measurements made without JMH, in JMH's format. */
final class Measured {
  static final String PACKAGE = "io.tacet.bench.";

  private Measured() {}

  /**
   * An entry of results.json.
   *
   * @param benchmark class and method without the package
   * @param micros times of a call in microseconds, one for each repetition
   * @param counters beside the times
   * @param note see {@link Timing#note}
   */
  static Map<String, Object> entry(
      String benchmark,
      Map<String, String> params,
      List<Double> micros,
      Map<String, Double> counters,
      String note) {
    Map<String, Object> secondary = new LinkedHashMap<>();
    counters.forEach((name, value) -> secondary.put(name, metric(List.of(value), "#")));
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("benchmark", PACKAGE + benchmark);
    entry.put("mode", "avgt");
    entry.put("threads", 1);
    entry.put("forks", 1);
    entry.put("params", params);
    entry.put("primaryMetric", metric(micros, "us/op"));
    entry.put("secondaryMetrics", secondary);
    entry.put("note", note);
    return entry;
  }

  private static Map<String, Object> metric(List<Double> values, String unit) {
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    Map<String, Object> metric = new LinkedHashMap<>();
    metric.put("score", mean);
    // The quartiles are shown instead: repetitions on a device are not spread normally.
    metric.put("scoreError", "NaN");
    metric.put("scoreUnit", unit);
    metric.put("rawData", List.of(values));
    return metric;
  }

  /** The value below which that part of all lies, between neighbours in proportion. */
  static double quantile(double[] values, double part) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = part * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }
}
