package io.tacet.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of {@link DeviceKernels} with their floors, for a terminal and for results.json. */
final class KernelTable {
  private static final List<String> NOT_SHOWN = List.of("backend", "format", "precision");

  private KernelTable() {}

  /** An entry of results.json in a line. */
  static String line(Map<String, Object> entry) {
    Timing m = Timing.of(entry);
    return m.benchmark()
        + " "
        + m.describe(NOT_SHOWN)
        + (m.isCeiling() ? "" : ": " + Quantity.time(m.time()))
        + (m.note().isEmpty() ? "" : " (" + m.note() + ")");
  }

  /** All rows in a table as text; empty if there are none. */
  static String of(List<Timing> all) {
    Table table =
        new Table(
            "kernel", "with", "median>", "quartiles>", "phi_alg>", "phi_impl>", "bound by", "");
    for (Analysis.Row row : rows(all)) {
      Timing m = row.timing();
      table.row(
          m.method(),
          m.describe(NOT_SHOWN),
          Quantity.time(m.time()),
          Quantity.time(m.quantile(0.25)) + " to " + Quantity.time(m.quantile(0.75)),
          Quantity.percent(row.phi()),
          Quantity.percent(row.phiOfAlgorithm()),
          row.bound() == null ? "-" : row.bound().by(),
          m.note());
    }
    return table.isEmpty() ? "" : table.markdown();
  }

  private static List<Analysis.Row> rows(List<Timing> all) {
    if (all.stream().noneMatch(m -> m.className().equals("DeviceKernels"))) {
      return List.of();
    }
    return new Analysis(all)
        .rows().stream().filter(r -> r.timing().className().equals("DeviceKernels")).toList();
  }

  /**
   * What results.json says of each row besides its times, by {@link Timing#key}: median and
   * quartiles in microseconds, least bytes, flops and steps of the problem and of the algorithm
   * taken, and both phi where the ceilings of the device are among the results.
   */
  static Map<String, Map<String, Object>> floors(List<Timing> all) {
    Map<String, Map<String, Object>> floors = new LinkedHashMap<>();
    for (Analysis.Row row : rows(all)) {
      Timing m = row.timing();
      Map<String, Object> floor = new LinkedHashMap<>();
      floor.put("median_us", 1e6 * m.time());
      floor.put("quartiles_us", List.of(1e6 * m.quantile(0.25), 1e6 * m.quantile(0.75)));
      work(floor, "", row.floor());
      work(floor, "impl_", Algorithms.floorOf(m));
      phi(floor, "phi_alg", row.phi());
      phi(floor, "phi_impl", row.phiOfAlgorithm());
      floors.put(m.key(), floor);
    }
    return floors;
  }

  private static void work(Map<String, Object> floor, String prefix, Floor work) {
    if (work != null) {
      floor.put(prefix + "bytes", work.bytes());
      floor.put(prefix + "flops", work.flops());
      floor.put(prefix + "steps", work.steps());
    }
  }

  private static void phi(Map<String, Object> floor, String name, double phi) {
    floor.put(name, Double.isNaN(phi) ? "-" : phi);
  }
}
