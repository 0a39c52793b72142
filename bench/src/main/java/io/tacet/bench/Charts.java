package io.tacet.bench;

import io.tacet.bench.Analysis.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** Which charts a report has. */
final class Charts {
  private final Analysis analysis;
  private final Map<String, Chart> charts = new LinkedHashMap<>();

  private Charts(Analysis analysis) {
    this.analysis = analysis;
  }

  /** Those for which there are measurements, by title. */
  static Map<String, Chart> of(Analysis analysis) {
    Charts all = new Charts(analysis);
    all.propagation();
    all.stream();
    all.roofline("one thread", analysis.ceilings(1), m -> m.onJava() && m.threads() == 1);
    all.roofline("2 threads", analysis.ceilings(2), m -> m.onJava() && m.threads() == 2);
    all.roofline("GPU", analysis.deviceCeilings(), Timing::onCuda);
    return all.charts;
  }

  private void put(String title, Chart chart) {
    if (chart.places() > 1) {
      charts.put(title, chart);
    }
  }

  private static boolean is(Timing m, String param, String value) {
    return !m.has(param) || m.text(param).equals(value);
  }

  private void propagation() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("PropagationBenchmark.forward", "Tacet CSR");
    names.put("PropagationBenchmark.plainLoop", "plain CSR loop");
    names.put("EjmlBenchmark.product", "EJML sparse");
    names.put("TorchSparseBenchmark.product", "PyTorch, sparse");
    names.put("TorchProductBenchmark.product", "PyTorch, dense");
    List<Row> rows =
        analysis.rows().stream()
            .filter(r -> names.containsKey(r.timing().benchmark()))
            .filter(r -> is(r.timing(), "format", "CSR") && is(r.timing(), "density", "0.01"))
            .filter(r -> is(r.timing(), "batch", "1"))
            .toList();
    String byActivity = "Propagation, 16384 to 16384 units, density 1 %: time against activity";
    put(byActivity, curves(byActivity, "activity", rows, "n", "16384", names));
    String bySize = "Propagation, density 1 %, activity 5 %: time against size";
    put(bySize, curves(bySize, "n", rows, "activity", "0.05", names));
  }

  private void stream() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("EgruStreamBenchmark.step", "Tacet EGRU");
    names.put("EgruStreamBenchmark.plainLoop", "plain loop");
    names.put("TorchGruBenchmark.step", "PyTorch GRU");
    names.put("TorchLstmBenchmark.step", "PyTorch LSTM");
    names.put("OnnxGruBenchmark.step", "ONNX Runtime GRU");
    List<Row> rows =
        analysis.rows().stream()
            .filter(r -> names.containsKey(r.timing().benchmark()))
            .filter(r -> is(r.timing(), "batch", "1"))
            .toList();
    String byActivity = "A recurrent step, 1024 inputs and units: time against activity";
    put(byActivity, curves(byActivity, "activity", rows, "units", "1024", names));
    String bySize = "A recurrent step, activity 10 %: time against size";
    put(bySize, curves(bySize, "units", rows, "activity", "0.1", names));
  }

  /** A curve for each benchmark and number of threads, over those where a parameter is fixed. */
  private static Chart curves(
      String title,
      String x,
      List<Row> rows,
      String fixed,
      String value,
      Map<String, String> names) {
    Function<Double, String> xLabel = x.equals("activity") ? Quantity::percent : Charts::whole;
    Chart chart = new Chart(title, x, xLabel::apply, "time", Quantity::tickTime);
    List<Row> chosen = rows.stream().filter(r -> is(r.timing(), fixed, value)).toList();
    double[] xs =
        chosen.stream()
            .filter(r -> r.timing().has(x))
            .mapToDouble(r -> r.timing().number(x))
            .sorted()
            .distinct()
            .toArray();
    TreeSet<Integer> threads = new TreeSet<>();
    chosen.forEach(r -> threads.add(r.timing().threads()));
    names.forEach(
        (benchmark, name) -> {
          for (int count : threads) {
            String label = name + (count > 1 ? ", " + count + " threads" : "");
            List<Row> own =
                chosen.stream()
                    .filter(r -> r.timing().benchmark().equals(benchmark))
                    .filter(r -> r.timing().threads() == count)
                    .toList();
            if (own.stream().anyMatch(r -> !r.timing().has(x))) {
              // A dense peer takes the same time at every activity.
              double time = own.get(0).timing().time();
              List<Chart.Point> level = new ArrayList<>();
              for (double at : xs) {
                level.add(new Chart.Point(at, time, label));
              }
              chart.add(label, Chart.Style.LIMIT, level);
            } else {
              chart.add(label, Chart.Style.LINE, points(own, x, r -> r.timing().time()));
            }
            if (benchmark.startsWith("PropagationBenchmark.f")
                || benchmark.startsWith("EgruStreamBenchmark.s")) {
              chart.add(
                  "floor" + (count > 1 ? ", " + count + " threads" : ""),
                  Chart.Style.LIMIT,
                  points(own, x, r -> r.bound() == null ? Double.NaN : r.bound().seconds()));
            }
          }
        });
    return chart;
  }

  private static List<Chart.Point> points(List<Row> rows, String x, Function<Row, Double> y) {
    return rows.stream()
        .map(
            r ->
                new Chart.Point(
                    r.timing().number(x),
                    y.apply(r),
                    r.timing() + ": " + Quantity.time(r.timing().time())))
        .toList();
  }

  /** Where each operation is between its floor's intensity and the ceilings. */
  private void roofline(String where, Ceilings ceilings, Predicate<Timing> there) {
    if (ceilings == null) {
      return;
    }
    Map<String, List<Chart.Point>> operations = new LinkedHashMap<>();
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (Row row : analysis.rows()) {
      Timing m = row.timing();
      if (row.floor() == null || row.floor().flops() == 0 || !there.test(m)) {
        continue;
      }
      double x = row.floor().intensity();
      double rate = row.floor().flops() / m.time();
      least = Math.min(least, x);
      most = Math.max(most, x);
      operations
          .computeIfAbsent(m.className().replace("Benchmark", ""), name -> new ArrayList<>())
          .add(
              new Chart.Point(
                  x,
                  rate,
                  m
                      + ": "
                      + Quantity.giga(rate)
                      + " Gflop/s, "
                      + Quantity.percent(row.phi())
                      + " of the floor"));
    }
    if (operations.isEmpty()) {
      return;
    }
    String title = "Roofline, " + where + ": rate by intensity";
    Chart chart =
        new Chart(
            title,
            "flop per byte of the floor",
            Quantity::tick,
            "Gflop/s",
            r -> Quantity.tick(1e-9 * r));
    double from = least / 2;
    double to = Math.max(2 * most, 4 * ceilings.flopsPerSecond() / slowest(ceilings));
    for (double size : ceilings.sizes()) {
      double bandwidth = ceilings.bandwidth(Double.POSITIVE_INFINITY, size);
      double ridge = ceilings.flopsPerSecond() / bandwidth;
      String name = ceilings.memory(size) + ": " + Quantity.giga(bandwidth) + " GB/s";
      chart.add(
          name,
          Chart.Style.LIMIT,
          List.of(
              new Chart.Point(from, from * bandwidth, name),
              new Chart.Point(ridge, ceilings.flopsPerSecond(), name)));
    }
    String peak = "FMA: " + Quantity.giga(ceilings.flopsPerSecond()) + " Gflop/s";
    chart.add(
        peak,
        Chart.Style.LIMIT,
        List.of(
            new Chart.Point(
                ceilings.flopsPerSecond() / ceilings.bandwidth(Double.POSITIVE_INFINITY, 0),
                ceilings.flopsPerSecond(),
                peak),
            new Chart.Point(to, ceilings.flopsPerSecond(), peak)));
    operations.forEach((name, points) -> chart.add(name, Chart.Style.POINTS, points));
    put(title, chart);
  }

  private static double slowest(Ceilings ceilings) {
    return ceilings.bandwidth(Double.POSITIVE_INFINITY, Double.MAX_VALUE);
  }

  private static String whole(double value) {
    return Long.toString(Math.round(value));
  }
}
