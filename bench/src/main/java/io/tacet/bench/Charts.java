package io.tacet.bench;

import io.tacet.bench.Analysis.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** The charts of a report. */
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
    all.layers();
    all.propagationOnGpu();
    all.layersOnGpu();
    for (int threads : analysis.threads()) {
      all.roofline(
          threads == 1 ? "one thread" : threads + " threads",
          analysis.ceilings(threads),
          m -> m.onJava() && m.threads() == threads);
    }
    all.roofline("GPU", analysis.deviceCeilings(), Timing::onCuda);
    return all.charts;
  }

  private void put(String title, Chart chart) {
    if (chart.places() > 1) {
      charts.put(title, chart);
    }
  }

  /**
   * The measurements of one curve, or of one for each number of threads and each setting of a peer.
   *
   * @param which of the benchmark's measurements
   * @param ours whether its floor is drawn as well
   */
  private record Curve(String benchmark, String name, Predicate<Timing> which, boolean ours) {
    static Curve ours(String benchmark, String name) {
      return new Curve(benchmark, name, m -> true, true);
    }

    static Curve peer(String benchmark, String name) {
      return new Curve(benchmark, name, m -> true, false);
    }

    Curve format(String format) {
      return where(m -> !m.has("format") || m.text("format").equals(format));
    }

    Curve where(Predicate<Timing> chosen) {
      return new Curve(benchmark, name, chosen, ours);
    }

    boolean has(Timing m, Map<String, String> fixed) {
      return m.benchmark().equals(benchmark) && which.test(m) && agrees(m, fixed);
    }

    private static boolean agrees(Timing m, Map<String, String> values) {
      return values.entrySet().stream()
          .allMatch(p -> !m.has(p.getKey()) || m.text(p.getKey()).equals(p.getValue()));
    }
  }

  private void propagation() {
    List<Curve> curves =
        List.of(
            Curve.ours("PropagationBenchmark.forward", "Tacet CSR").format("CSR"),
            Curve.peer("PropagationBenchmark.plainLoop", "plain CSR loop").format("CSR"),
            Curve.peer("EjmlBenchmark.product", "EJML sparse"),
            Curve.peer("TorchSparseBenchmark.product", "PyTorch, sparse"),
            Curve.peer("TorchProductBenchmark.product", "PyTorch, dense"),
            Curve.peer("Nd4jProductBenchmark.product", "ND4J, dense"));
    bothWays("Propagation", curves, Timing::onJava);
  }

  private void propagationOnGpu() {
    List<Curve> curves =
        List.of(
            Curve.ours("PropagationBenchmark.forward", "Tacet CSR").format("CSR"),
            Curve.ours("PropagationBenchmark.forward", "Tacet fixed fan-out")
                .format("FIXED_FAN_OUT"),
            Curve.peer("TorchSparse.product", "torch.sparse"),
            Curve.peer("TorchSparse.indexAdd", "index_add_"),
            Curve.peer("CupySparse.product", "cuSPARSE"));
    bothWays("Propagation on the GPU", curves, Timing::onCuda);
    String dense = "Dense rows on the GPU, 4096 to 4096 units: time against activity";
    List<Curve> rows =
        List.of(
            Curve.ours("PropagationBenchmark.forward", "Tacet dense").format("DENSE"),
            Curve.peer("TorchSparse.dense", "torch, dense"),
            Curve.peer("TritonRows.product", "Triton"));
    Map<String, String> shape = Map.of("n", "4096", "batch", "1");
    put(dense, curves(dense, "activity", rows, shape, Timing::onCuda));
  }

  private void bothWays(String what, List<Curve> curves, Predicate<Timing> there) {
    Map<String, String> shape = Map.of("density", "0.01", "batch", "1");
    String byActivity = what + ", 16384 to 16384 units, density 1 %: time against activity";
    put(byActivity, curves(byActivity, "activity", curves, with(shape, "n", "16384"), there));
    String bySize = what + ", density 1 %, activity 5 %: time against size";
    put(bySize, curves(bySize, "n", curves, with(shape, "activity", "0.05"), there));
  }

  private static Map<String, String> with(Map<String, String> all, String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(all);
    more.put(name, value);
    return more;
  }

  private void stream() {
    List<Curve> curves =
        List.of(
            Curve.ours("EgruStreamBenchmark.step", "Tacet EGRU"),
            Curve.peer("EgruStreamBenchmark.plainLoop", "plain loop"),
            Curve.peer("TorchGruBenchmark.step", "PyTorch GRU"),
            Curve.peer("TorchLstmBenchmark.step", "PyTorch LSTM"),
            Curve.peer("OnnxGruBenchmark.step", "ONNX Runtime GRU"),
            Curve.peer("Nd4jGruBenchmark.step", "ND4J GRU"),
            Curve.peer("Nd4jGruBenchmark.ofProducts", "ND4J, GRU of products"));
    Map<String, String> shape = Map.of("batch", "1", "density", "1");
    String byActivity = "A recurrent step, 1024 inputs and units: time against activity";
    put(
        byActivity,
        curves(byActivity, "activity", curves, with(shape, "units", "1024"), Timing::onJava));
    String bySize = "A recurrent step, activity 10 %: time against size";
    put(bySize, curves(bySize, "units", curves, with(shape, "activity", "0.1"), Timing::onJava));
  }

  private void layers() {
    for (String method : List.of("forward", "trainingPass")) {
      boolean forward = method.equals("forward");
      String ours = "EgruBenchmark." + (forward ? "layerForward" : method);
      List<Curve> curves =
          List.of(
              Curve.ours(ours, "Tacet EGRU").where(m -> !dense(m)),
              Curve.peer(ours, "Tacet GRU").where(Charts::dense),
              Curve.peer("TorchSequenceBenchmark." + method, "PyTorch GRU"),
              Curve.peer("OnnxSequenceBenchmark." + method, "ONNX Runtime GRU"));
      for (String batch : List.of("1", "32")) {
        String title =
            "A layer of 512 units, 64 steps, "
                + (forward ? "forward" : "forward and back")
                + ", batch "
                + batch
                + ": time against activity";
        Map<String, String> shape =
            Map.of(
                "units",
                "512",
                "steps",
                "64",
                "batch",
                batch,
                "engine",
                "AUTO",
                "variant",
                "CELL_RESET_AFTER");
        put(title, curves(title, "activity", curves, shape, Timing::onJava));
      }
    }
  }

  /** Whether it is a layer with events disabled. */
  private static boolean dense(Timing m) {
    return m.has("threshold") && m.number("threshold") < 0;
  }

  private void layersOnGpu() {
    for (String method : List.of("forward", "trainingPass")) {
      String ours = method.equals("forward") ? "layerForward" : method;
      List<Curve> curves =
          List.of(
              Curve.ours("EgruBenchmark." + ours, "Tacet EGRU"),
              Curve.peer("TorchRnn." + method, "torch"));
      for (String batch : List.of("1", "64")) {
        String title =
            "A recurrent layer on the GPU, "
                + (method.equals("forward") ? "forward" : "forward and back")
                + ", batch "
                + batch
                + ": time against size";
        Map<String, String> shape = Map.of("batch", batch, "steps", "256");
        put(title, curves(title, "units", curves, shape, Timing::onCuda));
      }
    }
  }

  /** Time over one parameter where the others are fixed. */
  private Chart curves(
      String title,
      String x,
      List<Curve> curves,
      Map<String, String> fixed,
      Predicate<Timing> there) {
    Function<Double, String> xLabel = x.equals("activity") ? Quantity::percent : Charts::whole;
    Chart chart = new Chart(title, x, xLabel::apply, "time", Quantity::tickTime);
    List<Row> rows = analysis.rows().stream().filter(r -> there.test(r.timing())).toList();
    double[] xs =
        rows.stream()
            .filter(r -> curves.stream().anyMatch(c -> c.has(r.timing(), fixed)))
            .mapToDouble(r -> at(r.timing(), x))
            .filter(at -> !Double.isNaN(at))
            .sorted()
            .distinct()
            .toArray();
    List<String> same = new ArrayList<>(Analysis.SHAPES);
    same.addAll(fixed.keySet());
    if (x.equals("activity")) {
      same.add("threshold");
    }
    for (Curve curve : curves) {
      Map<String, List<Row>> kinds = new LinkedHashMap<>();
      rows.stream()
          .filter(r -> curve.has(r.timing(), fixed))
          .forEach(
              r -> kinds.computeIfAbsent(kind(r.timing(), same), kind -> new ArrayList<>()).add(r));
      kinds.forEach((kind, own) -> add(chart, curve, kind, own, x, xs));
    }
    return chart;
  }

  /**
   * The position of a measurement on an axis; NaN if it does not depend on it, as a dense layer
   * does not on the activity. The activity of a layer with a threshold was measured.
   */
  private static double at(Timing m, String x) {
    if (m.has(x)) {
      return m.number(x);
    }
    return dense(m) ? Double.NaN : m.counter(x);
  }

  /**
   * What distinguishes the curves of one benchmark.
   *
   * @param same parameters that do not
   */
  private static String kind(Timing m, List<String> same) {
    String told = m.describe(same);
    String threads = m.threads() > 1 ? m.threads() + " threads" : "";
    return (told.isEmpty() ? "" : ", " + told) + (threads.isEmpty() ? "" : ", " + threads);
  }

  private static void add(
      Chart chart, Curve curve, String kind, List<Row> own, String x, double[] xs) {
    String label = curve.name + kind;
    if (own.stream().anyMatch(r -> Double.isNaN(at(r.timing(), x)))) {
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
    if (curve.ours) {
      chart.add(
          "floor of " + label.replace("Tacet ", ""),
          Chart.Style.LIMIT,
          points(own, x, r -> r.bound() == null ? Double.NaN : r.bound().seconds()));
    }
  }

  private static List<Chart.Point> points(List<Row> rows, String x, Function<Row, Double> y) {
    return rows.stream()
        .map(
            r ->
                new Chart.Point(
                    at(r.timing(), x),
                    y.apply(r),
                    r.timing() + ": " + Quantity.time(r.timing().time())))
        .toList();
  }

  /** Each operation at its floor's intensity, against the ceilings. */
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
