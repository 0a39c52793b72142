package io.tacet.bench;

import io.tacet.bench.Analysis.Pair;
import io.tacet.bench.Analysis.Row;
import io.tacet.egru.EgruEngine;
import io.tacet.files.AtomicFile;
import io.tacet.report.Markup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;

/**
 * Writes report.md and report.html from results.json and machine.json of a folder. The page is a
 * self-contained file with a light and a dark theme.
 */
public final class Report {
  private static final String PHI =
      "Floor: the bytes that any algorithm must move, the flops it must do and its dependent steps,"
          + " by the ceilings measured in the same run (on a processor with the same number of"
          + " threads). phi_alg = floor / time; it cannot exceed 100 % by more than the noise,"
          + " except for peers in native code, as the ceilings of a processor are measured from"
          + " Java. phi_impl is the same with the traffic and work of the algorithm that was"
          + " chosen, where known. Where phi_alg is low and phi_impl high, another algorithm is"
          + " needed; where both are low, this one can be made faster. Times are medians of calls"
          + " that wait for their result; on device is the time between two events of a GPU (-: not"
          + " on a GPU); +- is half of the 99.9 % confidence interval of the mean (-: too few"
          + " iterations).";
  private static final String DEVICE_NOTE =
      "Measured by device events around each repetition: median and quartiles. Rates in GB/s (10^9"
          + " bytes), Gflop/s and 10^9 additions per second. A floor takes the L2 rates for memory"
          + " below 0.8 of the L2 size, else those of DRAM.";
  private static final String MEMORY_NOTE =
      "Rates in GB/s (10^9 bytes) and Gflop/s; copy, triad and update count what the program reads"
          + " and writes. A floor uses the fastest applicable rate: the next smaller working set,"
          + " the next longer rows.";

  private static final String PARTS_NOTE =
      "Measured bounds of propagation: a loop on one thread that reads every weight and index of"
          + " the active rows and adds nothing, and one that adds as many synapses of a few rows in"
          + " the first-level cache. No loop on one thread can be faster than either; the ratio is"
          + " to the longer.";

  private final Analysis analysis;
  private final List<Timing> timings;
  private final Environment environment;

  private Report(List<Timing> timings, Environment environment) {
    this.timings = timings;
    this.environment = environment;
    this.analysis = new Analysis(timings);
  }

  /** Writes the reports of each folder named, from its measurements. */
  public static void main(String[] folders) throws IOException {
    for (String folder : folders) {
      write(Path.of(folder));
    }
  }

  static void write(Path folder) throws IOException {
    Report report =
        new Report(
            Timing.read(folder.resolve(Results.FILE)),
            Environment.read(folder.resolve(Environment.FILE)));
    AtomicFile.writeText(folder.resolve("report.md"), report.markdown());
    AtomicFile.writeText(folder.resolve("report.html"), report.html());
  }

  /** The report as text, for tests and for folders without a page. */
  static String markdown(List<Timing> timings, Environment environment) {
    return new Report(timings, environment).markdown();
  }

  /** The report as one page. */
  static String html(List<Timing> timings, Environment environment) throws IOException {
    return new Report(timings, environment).html();
  }

  private Table machine() {
    Table table = new Table("", "");
    environment.entries().forEach(table::row);
    return table;
  }

  /** A row for each run that contributed to the results. */
  private Table runs() {
    List<String> names =
        environment.runs().stream().flatMap(run -> run.keySet().stream()).distinct().toList();
    Table table = new Table(names.toArray(new String[0]));
    for (Map<String, String> run : environment.runs()) {
      table.row(names.stream().map(name -> run.getOrDefault(name, "-")).toArray(String[]::new));
    }
    return table;
  }

  private static Table pairs(List<Pair> pairs) {
    Table table = new Table("ours", "with", "threads>", "time>", "peer", "its time>", "faster by>");
    for (Pair p : pairs) {
      table.row(
          p.ours().benchmark().replace("Benchmark", ""),
          p.ours().describe(List.of("backend", "threads")),
          Integer.toString(p.ours().threads()),
          Quantity.time(p.ours().time()),
          p.peer(),
          Quantity.time(p.theirs().time()),
          Quantity.number(p.speedUp()) + " x");
    }
    return table;
  }

  private Table ceilings(int threads) {
    Table table = new Table("ceiling", "memory>", "rows>", "rate>");
    List<Timing> own =
        timings.stream()
            .filter(m -> m.className().equals("CeilingBenchmark") && m.jmhThreads() == threads)
            .toList();
    for (Timing m : own) {
      double calls = threads / m.time();
      double each =
          switch (m.method()) {
            case "fma" -> 2.0 * CeilingBenchmark.DEPTH * CeilingBenchmark.LANES;
            case "copy", "triad" -> m.number("bytes");
            case "update" -> 2 * m.number("bytes");
            default -> CeilingBenchmark.GATHERED;
          };
      table.row(
          m.method(),
          m.has("bytes") ? Quantity.bytes(m.number("bytes")) : "-",
          m.has("rowBytes") ? Quantity.bytes(m.number("rowBytes")) : "-",
          Quantity.giga(each * calls) + (m.method().equals("fma") ? " Gflop/s" : " GB/s"));
    }
    return table;
  }

  private Table deviceCeilings() {
    Table table = new Table("ceiling", "with", "median>", "quartiles>", "");
    for (Timing m : timings) {
      if (m.className().equals("DeviceCeilings")) {
        boolean wait = m.method().equals("node") || m.method().equals("barrier");
        DoubleFunction<String> shown =
            wait
                ? seconds -> Quantity.time(seconds / m.counter("work"))
                : seconds -> Quantity.giga(m.counter("work") / seconds);
        String unit =
            switch (m.method()) {
              case "node", "barrier" -> "each";
              case "fma", "mma" -> "Gflop/s";
              case "add", "sharedAdd" -> "G/s";
              default -> "GB/s";
            };
        table.row(
            m.method(),
            m.describe(List.of("from")),
            shown.apply(m.time()),
            shown.apply(m.quantile(wait ? 0.25 : 0.75))
                + " to "
                + shown.apply(m.quantile(wait ? 0.75 : 0.25)),
            unit);
      }
    }
    return table;
  }

  /** A table for each class of benchmarks, by its name. */
  private Map<String, Table> measurements() {
    Map<String, Table> tables = new TreeMap<>();
    for (Row row : analysis.rows()) {
      Timing m = row.timing();
      Table table =
          tables.computeIfAbsent(
              m.className().replace("Benchmark", ""),
              name ->
                  new Table(
                      "method",
                      "with",
                      "threads>",
                      "time>",
                      "+->",
                      "on device>",
                      "floor>",
                      "phi_alg>",
                      "phi_impl>",
                      "bound by",
                      "allocates>",
                      "besides"));
      table.row(
          m.method(),
          m.describe(List.of("threads")),
          Integer.toString(m.threads()),
          Quantity.time(m.time()),
          Quantity.time(m.error()),
          Quantity.time(1e-6 * m.counter(DeviceTime.NAME)),
          row.bound() == null ? "-" : Quantity.time(row.bound().seconds()),
          Quantity.percent(row.phi()),
          Quantity.percent(row.phiOfAlgorithm()),
          row.bound() == null ? "-" : row.bound().by(),
          Quantity.bytes(Math.rint(m.allocation())),
          besides(m));
    }
    return tables;
  }

  /**
   * Propagation compared with loops that only read the same rows or only add as many, on one
   * thread.
   */
  private Table parts() {
    Table table =
        new Table("with", "time>", "reading its rows>", "adding as many>", "bound by", "ratio>");
    for (Row row : analysis.rows()) {
      Timing ours = row.timing();
      double read = partOf(ours, "readRows");
      double add = partOf(ours, "addRows");
      if (read > 0 && add > 0) {
        table.row(
            ours.describe(List.of("backend", "threads")),
            Quantity.time(ours.time()),
            Quantity.time(read),
            Quantity.time(add),
            read > add ? "reading" : "adding",
            Quantity.number(ours.time() / Math.max(read, add)));
      }
    }
    return table;
  }

  /** Time of a loop beside a measured propagation on one thread, NaN without. */
  private double partOf(Timing ours, String loop) {
    return timings.stream()
        .filter(
            m ->
                ours.benchmark().equals("PropagationBenchmark.forward")
                    && m.benchmark().equals("PropagationBenchmark." + loop)
                    && m.params().equals(ours.params()))
        .mapToDouble(Timing::time)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static String besides(Timing m) {
    List<String> all = new ArrayList<>();
    m.counters()
        .forEach(
            (name, value) ->
                all.add(
                    name.equals("engine")
                        ? "engine " + EgruBenchmark.ENGINES.get(value.intValue())
                        : name + " " + Quantity.number(value)));
    // It has a column of its own.
    all.removeIf(counter -> counter.startsWith(DeviceTime.NAME));
    all.remove("engine " + EgruEngine.AUTO);
    if (!m.note().isEmpty()) {
      all.add(m.note());
    }
    return String.join(", ", all);
  }

  /** The contents of both reports, by heading. */
  private Map<String, List<Object>> sections() {
    Map<String, List<Object>> all = new LinkedHashMap<>();
    Table losses = pairs(analysis.losses());
    all.put(
        "Where Tacet is slower",
        List.of(losses.isEmpty() ? "Nowhere among the comparisons of this run." : losses));
    all.put("Compared", List.of(pairs(analysis.pairs())));
    all.put("Propagation and its two parts", List.of(PARTS_NOTE, parts()));
    for (int threads : timings.stream().map(Timing::jmhThreads).sorted().distinct().toList()) {
      Table table = ceilings(threads);
      if (!table.isEmpty()) {
        String who = threads == 1 ? "one thread" : threads + " threads in parallel";
        all.put("Ceilings, " + who, List.of(MEMORY_NOTE, table));
      }
    }
    Table device = deviceCeilings();
    if (!device.isEmpty()) {
      all.put("Ceilings of the GPU", List.of(DEVICE_NOTE, device));
    }
    boolean first = true;
    for (Map.Entry<String, Table> table : measurements().entrySet()) {
      all.put(table.getKey(), first ? List.of(PHI, table.getValue()) : List.of(table.getValue()));
      first = false;
    }
    all.values()
        .removeIf(parts -> parts.stream().anyMatch(p -> p instanceof Table t && t.isEmpty()));
    return all;
  }

  private String markdown() {
    StringBuilder text = new StringBuilder("# Tacet benchmarks\n\n").append(machine().markdown());
    if (!environment.runs().isEmpty()) {
      text.append('\n').append(runs().markdown());
    }
    sections()
        .forEach(
            (heading, parts) -> {
              text.append("\n## ").append(heading).append("\n");
              parts.forEach(
                  p -> text.append("\n").append(p instanceof Table t ? t.markdown() : p + "\n"));
            });
    return text.toString();
  }

  private String html() throws IOException {
    StringBuilder page =
        new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
            .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
            .append("<title>Tacet benchmarks</title>\n<style>\n")
            .append(styleSheet())
            .append("</style></head><body>\n<h1>Tacet benchmarks</h1>\n")
            .append(machine().html())
            .append(environment.runs().isEmpty() ? "" : runs().html());
    Charts.of(analysis)
        .forEach(
            (title, chart) ->
                page.append("<h2>")
                    .append(Markup.escape(title))
                    .append("</h2>\n")
                    .append(chart.svg()));
    sections()
        .forEach(
            (heading, parts) -> {
              page.append("<h2>").append(Markup.escape(heading)).append("</h2>\n");
              parts.forEach(
                  p ->
                      page.append(
                          p instanceof Table t
                              ? t.html()
                              : "<p>" + Markup.escape(p.toString()) + "</p>\n"));
            });
    return page.append("</body></html>\n").toString();
  }

  /** The style sheet of charts and tables. */
  static String styleSheet() throws IOException {
    try (var css = Report.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
