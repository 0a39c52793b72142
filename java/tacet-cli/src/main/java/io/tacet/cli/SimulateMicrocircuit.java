package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.circuits.Activity;
import io.tacet.circuits.CircuitRun;
import io.tacet.circuits.Microcircuit;
import io.tacet.circuits.Population;
import io.tacet.circuits.SynapseRows;
import io.tacet.files.Json;
import io.tacet.memory.DType;
import io.tacet.report.OutputFolder;
import io.tacet.report.PopulationRaster;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tacet simulate microcircuit}. */
@Command(
    name = "microcircuit",
    mixinStandardHelpOptions = true,
    header = "The cortical microcircuit of Potjans and Diesmann (2014).",
    description = {
      "77,169 neurons and 0.3 billion synapses at full scale; results beside published ones. Full"
          + " scale needs 8 GB of memory, TACET_JAVA_OPTS=-Xmx12g on the java backend.",
      ""
    })
final class SimulateMicrocircuit implements Callable<Integer> {
  private static final double RASTER_MS = 500;

  /** Down to this, rates are within a few per cent of those of the full circuit. */
  private static final double LEAST_IN_DEGREES = 0.5;

  /** Input in place of that of neurons outside the circuit. */
  enum Input {
    POISSON,
    DC
  }

  @Option(
      names = "--scale",
      defaultValue = "0.1",
      description = "factor of the numbers of neurons, up to 1; default 0.1")
  private double scale;

  @Option(
      names = "--in-degree-scale",
      description =
          "factor of the synapses per neuron, up to 1; default: that of the neurons, and at least"
              + " 0.5, since fewer and larger ones lower the rates")
  private Double inDegreeScale;

  @Option(
      names = "--input",
      defaultValue = "poisson",
      description = "poisson (default): spikes from outside; dc: the equal constant current")
  private Input input;

  @Mixin private SimulationOptions options;

  @Override
  public Integer call() throws IOException {
    Microcircuit circuit =
        new Microcircuit(
            scale,
            inDegreeScale == null ? Math.max(scale, LEAST_IN_DEGREES) : inDegreeScale,
            input == Input.POISSON,
            options.seed);
    OutputFolder out = OutputFolder.create(options.out("microcircuit"));
    try (Backend backend = Backends.open(options.backend)) {
      long begin = System.nanoTime();
      SynapseRows rows = circuit.synapses();
      double drawn = (System.nanoTime() - begin) * 1e-9;
      try (LifNetwork network = circuit.network(backend, DType.FLOAT32, rows);
          Simulation simulation = new Simulation(network)) {
        simulation.potentials().copyFrom(circuit.startPotentials());
        double built = (System.nanoTime() - begin) * 1e-9;
        CircuitRun run = options.run(simulation, rows);
        report(circuit, backend, rows, new double[] {drawn, built}, run, out);
      }
    }
    return 0;
  }

  private void report(
      Microcircuit circuit,
      Backend backend,
      SynapseRows rows,
      double[] build,
      CircuitRun run,
      OutputFolder out)
      throws IOException {
    List<Population> populations = circuit.populations();
    List<Map<String, Object>> table = new ArrayList<>();
    for (int p = 0; p < populations.size(); p++) {
      Activity activity = run.activity(populations.get(p));
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", populations.get(p).name());
      row.put("neurons", populations.get(p).size());
      row.put("rate", activity.rate());
      row.put("publishedRate", Microcircuit.publishedRate(p));
      row.put("irregularity", activity.irregularity());
      row.put("correlation", activity.correlation());
      table.add(row);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("circuit", "microcircuit");
    result.put("backend", backend.name());
    result.put("device", backend.description());
    result.put("scale", circuit.scale());
    result.put("inDegreeScale", circuit.inDegreeScale());
    result.put("input", input.name().toLowerCase(Locale.ROOT));
    result.put("seed", circuit.seed());
    result.put("neurons", rows.neurons());
    result.put("synapses", rows.count());
    result.put("warmUpMs", options.warmUp);
    result.put("modelSeconds", run.modelSeconds());
    result.put("drawSeconds", build[0]);
    result.put("buildSeconds", build[1]);
    result.put("wallSeconds", run.wallSeconds());
    result.put("realTimeFactor", run.realTimeFactor());
    result.put("spikes", run.spikes().count());
    result.put("synapticEventsPerSecond", run.synapticEvents() / run.wallSeconds());
    result.put("populations", table);
    out.writeJson("simulation.json", result);
    double end = run.modelSeconds() * 1000;
    out.write(
        "raster.png",
        new PopulationRaster(
            "Cortical microcircuit, scale " + circuit.scale(),
            populations,
            run.spikes(),
            run.dt(),
            Math.max(0, end - RASTER_MS),
            end));
    if (options.json) {
      System.out.println(Json.line(result));
    } else {
      print(table, backend, rows, build[1], run, out);
    }
  }

  private static void print(
      List<Map<String, Object>> table,
      Backend backend,
      SynapseRows rows,
      double buildSeconds,
      CircuitRun run,
      OutputFolder out) {
    System.out.printf(
        Locale.ROOT,
        "%,d neurons and %,d synapses, built in %.2f s, on %s (%s).%n%n",
        rows.neurons(),
        rows.count(),
        buildSeconds,
        backend.name(),
        backend.description());
    System.out.println("population  neurons    rate (1/s)   published   irregularity  correlation");
    for (Map<String, Object> row : table) {
      System.out.printf(
          Locale.ROOT, "%-10s %8d %12.3f %12.3f %13.3f %12.4f%n", row.values().toArray());
    }
    System.out.printf(
        Locale.ROOT,
        "%n%.2f s of model time in %.2f s: real-time factor %.3f, %.3g synaptic events/s.%n"
            + "Published at full scale: GeNN 0.27 and NEST GPU 0.39 on an RTX 4090.%n"
            + "Raster and figures: %s%n",
        run.modelSeconds(),
        run.wallSeconds(),
        run.realTimeFactor(),
        run.synapticEvents() / run.wallSeconds(),
        out.path());
  }
}
