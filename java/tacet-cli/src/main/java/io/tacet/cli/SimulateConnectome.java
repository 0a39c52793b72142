package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.circuits.Activity;
import io.tacet.circuits.CircuitRun;
import io.tacet.circuits.ConnectomeNetwork;
import io.tacet.circuits.Population;
import io.tacet.circuits.SynapseRows;
import io.tacet.data.Connectome;
import io.tacet.files.Json;
import io.tacet.memory.DType;
import io.tacet.report.OutputFolder;
import io.tacet.report.PopulationRaster;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet simulate connectome FILE}. */
@Command(
    name = "connectome",
    mixinStandardHelpOptions = true,
    header = "A measured network of spiking neurons with Poisson input.",
    description = {
      "FILE is an edge list (columns pre, post and weight, or names like these), an adjacency matrix"
          + " with names (.csv), or a Matrix Market file (.mtx).",
      ""
    })
final class SimulateConnectome implements Callable<Integer> {
  private static final double RASTER_MS = 500;

  @Parameters(paramLabel = "FILE", description = "the connectome")
  private Path file;

  @Option(
      names = "--gain",
      defaultValue = "0.5",
      description =
          "how far all excitatory synapses of a neuron together take it to its threshold, on"
              + " average; default 0.5")
  private double gain;

  @Option(
      names = "--input-rate",
      paramLabel = "HZ",
      defaultValue = "400",
      description = "Poisson events per s and neuron, a tenth of the way to threshold each; 400")
  private double inputRate;

  @Option(
      names = "--delay",
      paramLabel = "MS",
      defaultValue = "1.5",
      description = "of all connections; default 1.5")
  private double delay;

  @Mixin private SimulationOptions options;

  @Override
  public Integer call() throws IOException {
    ConnectomeNetwork model = new ConnectomeNetwork(gain, inputRate, delay, options.seed);
    Connectome connectome = Connectome.read(file);
    SynapseRows rows = model.synapses(connectome);
    OutputFolder out = OutputFolder.create(options.out("connectome"));
    try (Backend backend = Backends.open(options.backend);
        LifNetwork network = model.network(backend, DType.FLOAT32, rows);
        Simulation simulation = new Simulation(network)) {
      CircuitRun run = options.run(simulation, rows);
      report(backend, rows, run, out);
    }
    return 0;
  }

  private void report(Backend backend, SynapseRows rows, CircuitRun run, OutputFolder out)
      throws IOException {
    Population all = new Population("all", 0, rows.neurons());
    Activity activity = run.activity(all);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("circuit", file.getFileName().toString());
    result.put("backend", backend.name());
    result.put("neurons", rows.neurons());
    result.put("synapses", rows.count());
    result.put("gain", gain);
    result.put("inputRate", inputRate);
    result.put("delayMs", delay);
    result.put("seed", options.seed);
    result.put("modelSeconds", run.modelSeconds());
    result.put("wallSeconds", run.wallSeconds());
    result.put("realTimeFactor", run.realTimeFactor());
    result.put("spikes", run.spikes().count());
    result.put("rate", activity.rate());
    result.put("irregularity", activity.irregularity());
    result.put("correlation", activity.correlation());
    out.writeJson("simulation.json", result);
    double end = run.modelSeconds() * 1000;
    out.write(
        "raster.png",
        new PopulationRaster(
            file.getFileName().toString(),
            List.of(all),
            run.spikes(),
            run.dt(),
            Math.max(0, end - RASTER_MS),
            end));
    if (options.json) {
      System.out.println(Json.line(result));
    } else {
      System.out.printf(
          Locale.ROOT,
          "%,d neurons and %,d connections on %s: %.2f spikes/s per neuron, irregularity %.2f,"
              + " correlation %.4f.%n"
              + "%.2f s of model time in %.2f s: real-time factor %.3f.%n"
              + "Raster and figures: %s%n",
          rows.neurons(),
          rows.count(),
          backend.name(),
          activity.rate(),
          activity.irregularity(),
          activity.correlation(),
          run.modelSeconds(),
          run.wallSeconds(),
          run.realTimeFactor(),
          out.path());
    }
  }
}
