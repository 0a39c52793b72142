package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.bench.CostShape.Cell;
import io.tacet.bench.CostStep.Cost;
import io.tacet.files.AtomicFile;
import io.tacet.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What training steps of sparse recurrent networks cost, over the number of synapses: with more
 * units of as many synapses each, with more synapses of as many units, and with more samples of a
 * large network. With rounds, each curve is gone along so many times, up and down in turns, and the
 * fastest measurement of each network is kept: what else uses the machine and its memory only adds
 * time, and changes from minute to minute. Leaves cost-curves.json, cost-curves.md, cost-time.svg,
 * cost-memory.svg and machine.json in a folder, after every measurement. With one thread of the
 * java backend, times are those that the thread computes, which other programs disturb least; else
 * those that pass. Curves of the host backend, which executes kernels thread by thread, are of
 * smaller networks.
 *
 * <pre>java -Xmx8g -cp bench/target/benchmarks.jar io.tacet.bench.CostCurves --out FOLDER</pre>
 */
public final class CostCurves {
  private static final String USAGE =
      "expected --out FOLDER, and as needed --backends java,host,cuda, --curves"
          + " units,density,batch,large, --cells lif,egru, --threads N, --rounds N and --seconds S of each"
          + " measurement.";

  /** How networks of a curve differ. */
  private enum Curve {
    /** 1000 to 64,000 units, 100 recurrent synapses of each. */
    UNITS("more units"),
    /** 4000 units, 10 to 2000 recurrent synapses of each. */
    DENSITY("more of each"),
    /** 20,000 units with 2,000,000 synapses, 1 to 8 samples. */
    BATCH("20,000 units"),
    /** 100,000 units with 100,000,000 synapses, one sample; takes 8 GiB. */
    LARGE("100,000 units");

    private final String title;

    Curve(String title) {
      this.title = title;
    }

    List<CostShape> shapes(Cell cell, boolean slow) {
      return switch (this) {
        case UNITS ->
            IntStream.iterate(slow ? 250 : 1000, n -> n <= (slow ? 1000 : 64_000), n -> 2 * n)
                .mapToObj(units -> new CostShape(cell, units, 100, 2, 20))
                .toList();
        case DENSITY ->
            IntStream.of(10, 20, 50, 100, 200, 500, 1000, 2000)
                .filter(fanOut -> !slow || fanOut <= 200)
                .mapToObj(fanOut -> new CostShape(cell, slow ? 500 : 4000, fanOut, 2, 20))
                .toList();
        case BATCH ->
            IntStream.of(1, 2, 4, 8)
                .filter(batch -> !slow || batch == 1)
                .mapToObj(batch -> new CostShape(cell, 20_000, 100, batch, 50))
                .toList();
        case LARGE -> List.of(new CostShape(cell, 100_000, 1000, 1, 50));
      };
    }
  }

  /** A point of a curve. */
  private record Measurement(String backend, Curve curve, Cost cost) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("backend", backend);
      map.put("curve", curve.name());
      map.putAll(cost.toMap());
      return map;
    }

    String name() {
      return cost.shape().cell() + ", " + backend + ", " + curve.title;
    }
  }

  private final Path out;
  private final List<Measurement> all = new ArrayList<>();
  private Environment environment;

  private CostCurves(Path out, String command) {
    this.out = out;
    this.environment = Environment.find(command, "java");
  }

  /** See the class. */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("--backends", "java,host");
    options.put("--curves", "units,density,batch");
    options.put("--cells", "lif,egru");
    options.put("--threads", "0");
    options.put("--rounds", "1");
    options.put("--seconds", "3");
    for (int k = 0; k < args.length; k += 2) {
      if (k + 1 == args.length || !(args[k].equals("--out") || options.containsKey(args[k]))) {
        throw new IllegalArgumentException(args[k] + ": " + USAGE);
      }
      options.put(args[k], args[k + 1]);
    }
    if (!options.containsKey("--out")) {
      throw new IllegalArgumentException("--out: " + USAGE);
    }
    Path out = Path.of(options.get("--out"));
    Files.createDirectories(out);
    new CostCurves(out, "CostCurves " + String.join(" ", args))
        .run(
            options.get("--backends").split(",", -1),
            names(Cell.class, options.get("--cells")),
            names(Curve.class, options.get("--curves")),
            Integer.parseInt(options.get("--threads")),
            Integer.parseInt(options.get("--rounds")),
            Double.parseDouble(options.get("--seconds")));
  }

  private static <E extends Enum<E>> List<E> names(Class<E> type, String list) {
    return Arrays.stream(list.toUpperCase(Locale.ROOT).split(",", -1))
        .map(name -> Enum.valueOf(type, name))
        .toList();
  }

  private void run(
      String[] backends,
      List<Cell> cells,
      List<Curve> curves,
      int threads,
      int rounds,
      double seconds)
      throws IOException {
    long began = System.nanoTime();
    for (String backend : backends) {
      boolean slow = backend.equals("host");
      for (Cell cell : cells) {
        // The first measurement of a process waits for the compiler, and is not kept.
        measure(backend, Curve.UNITS.shapes(cell, slow).get(0), threads, 2 * seconds);
        for (Curve curve : curves) {
          List<CostShape> shapes = new ArrayList<>(curve.shapes(cell, slow));
          for (int round = 0; round < rounds; round++) {
            for (CostShape shape : shapes) {
              Cost cost = measure(backend, shape, threads, seconds);
              Measurement measured = new Measurement(backend, curve, cost);
              keepFastest(measured);
              System.out.println(Json.line(measured.toMap()));
              write();
            }
            Collections.reverse(shapes);
          }
        }
      }
    }
    environment = environment.finished((System.nanoTime() - began) * 1e-9);
    write();
    System.out.println(tables());
  }

  /** In place of a slower measurement of the same network, or after all. */
  private void keepFastest(Measurement measured) {
    for (int k = 0; k < all.size(); k++) {
      Measurement other = all.get(k);
      if (other.backend.equals(measured.backend)
          && other.curve == measured.curve
          && other.cost.shape().equals(measured.cost.shape())) {
        if (measured.cost.step() < other.cost.step()) {
          all.set(k, measured);
        }
        return;
      }
    }
    all.add(measured);
  }

  private static Cost measure(String name, CostShape shape, int threads, double seconds) {
    CostStep.Clock clock =
        threads == 1 && name.equals("java") ? CostStep.Clock.THREAD : CostStep.Clock.WALL;
    try (Backend backend = Machine.open(name, threads)) {
      return CostStep.measure(backend, shape, clock, seconds);
    }
  }

  private void write() throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("fits", fits());
    json.put("measurements", all.stream().map(Measurement::toMap).toList());
    AtomicFile.writeText(out.resolve("cost-curves.json"), Json.pretty(json));
    AtomicFile.writeText(out.resolve(Environment.FILE), environment.toJson());
    AtomicFile.writeText(out.resolve("cost-curves.md"), tables());
    chart("cost-time.svg", "time of a training step", Quantity::tickTime, Cost::step);
    chart("cost-memory.svg", "memory of a training", Quantity::bytes, Cost::peak);
  }

  private void chart(
      String file, String yName, DoubleFunction<String> yLabel, ToDoubleFunction<Cost> cost)
      throws IOException {
    String xName = "recurrent synapses";
    Chart chart = new Chart(yName + " over " + xName, xName, Quantity::tick, yName, yLabel);
    for (List<Measurement> curve : curves().values()) {
      List<Chart.Point> points =
          curve.stream()
              .map(Measurement::cost)
              .map(
                  c ->
                      new Chart.Point(
                          c.shape().synapses(),
                          cost.applyAsDouble(c),
                          c.shape() + ": " + yLabel.apply(cost.applyAsDouble(c))))
              .toList();
      chart.add(curve.get(0).name(), Chart.Style.LINE, points);
    }
    if (chart.places() > 1) {
      AtomicFile.writeText(out.resolve(file), chart.file(Report.styleSheet()));
    }
  }

  /** Measurements over the number of synapses, by name. */
  private Map<String, List<Measurement>> curves() {
    Map<String, List<Measurement>> curves = new LinkedHashMap<>();
    for (Measurement m : all) {
      if (m.curve == Curve.UNITS || m.curve == Curve.DENSITY) {
        curves.computeIfAbsent(m.name(), name -> new ArrayList<>()).add(m);
      }
    }
    return curves;
  }

  /** Of each cell and backend, over all its networks with the same number of samples and steps. */
  private List<Map<String, Object>> fits() {
    Map<String, List<Measurement>> groups = new LinkedHashMap<>();
    curves()
        .forEach(
            (name, curve) -> {
              Measurement m = curve.get(0);
              String key = m.cost.shape().cell() + ", " + m.backend;
              groups.computeIfAbsent(key, k -> new ArrayList<>()).addAll(curve);
            });
    List<Map<String, Object>> fits = new ArrayList<>();
    groups.forEach(
        (name, points) -> {
          fits.add(fit(name, "seconds", points, Cost::step));
          fits.add(fit(name, "bytes", points, Cost::peak));
        });
    return fits;
  }

  private static Map<String, Object> fit(
      String name, String of, List<Measurement> points, ToDoubleFunction<Cost> cost) {
    CostFit fit = CostFit.of(points.stream().map(m -> point(m, cost)).toList());
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("of", name);
    map.put("cost", of);
    map.put("bySynapse", fit.synapse());
    map.put("byUnit", fit.unit());
    map.put("constant", fit.fixed());
    map.put("largestRelativeError", fit.error());
    for (Curve curve : Curve.values()) {
      List<Measurement> on = points.stream().filter(m -> m.curve == curve).toList();
      if (on.size() > 2) {
        map.put("slope by " + curve.name().toLowerCase(Locale.ROOT), slope(on, cost, 0));
        map.put(
            "slope by " + curve.name().toLowerCase(Locale.ROOT) + ", other parts subtracted",
            slopeOfSynapses(fit, on, cost));
      }
    }
    return map;
  }

  private static CostFit.Point point(Measurement m, ToDoubleFunction<Cost> cost) {
    CostShape shape = m.cost.shape();
    return new CostFit.Point(shape.synapses(), shape.units(), cost.applyAsDouble(m.cost));
  }

  private static double slope(List<Measurement> on, ToDoubleFunction<Cost> cost, double fixed) {
    return CostFit.slope(
        on.stream().mapToDouble(m -> m.cost.shape().synapses()).toArray(),
        on.stream().mapToDouble(m -> cost.applyAsDouble(m.cost) - fixed).toArray());
  }

  /** Of points where the part of synapses is at least half of the cost. */
  private static double slopeOfSynapses(
      CostFit fit, List<Measurement> on, ToDoubleFunction<Cost> cost) {
    List<CostFit.Point> points =
        on.stream()
            .map(m -> point(m, cost))
            .filter(p -> fit.synapse() * p.synapses() >= fit.at(p) / 2)
            .toList();
    return CostFit.slope(
        points.stream().mapToDouble(CostFit.Point::synapses).toArray(),
        points.stream()
            .mapToDouble(p -> p.cost() - fit.unit() * p.units() - fit.fixed())
            .toArray());
  }

  private String tables() {
    StringBuilder text = new StringBuilder();
    Table points =
        new Table(
            "cell",
            "backend",
            "units>",
            "synapses>",
            "batch>",
            "steps>",
            "events of a unit>",
            "forward>",
            "backward>",
            "update>",
            "step>",
            "built in>",
            "planned>",
            "most held>");
    for (Measurement m : all) {
      CostShape shape = m.cost.shape();
      points.row(
          shape.cell().name(),
          m.backend,
          Integer.toString(shape.units()),
          Long.toString(shape.synapses()),
          Integer.toString(shape.batch()),
          Integer.toString(shape.steps()),
          Quantity.number(m.cost.events()),
          Quantity.time(m.cost.seconds().get("forward")),
          Quantity.time(m.cost.seconds().get("backward")),
          Quantity.time(m.cost.seconds().get("update")),
          Quantity.time(m.cost.step()),
          Quantity.time(m.cost.build()),
          Quantity.bytes((double) m.cost.plan().bytes()),
          Quantity.bytes((double) m.cost.peak()));
    }
    text.append(points.markdown()).append('\n');
    for (Map<String, Object> fit : fits()) {
      text.append("- ").append(Json.line(fit)).append('\n');
    }
    return text.toString();
  }
}
