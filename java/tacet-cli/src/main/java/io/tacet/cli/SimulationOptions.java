package io.tacet.cli;

import io.tacet.circuits.CircuitRun;
import io.tacet.circuits.SynapseRows;
import io.tacet.report.Terminal;
import io.tacet.simulation.Simulation;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options of every simulation. */
final class SimulationOptions {
  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "model time that is recorded; default 1")
  double seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "MS",
      defaultValue = "100",
      description = "model time before that, in ms; default 100")
  double warmUp;

  @Option(names = "--seed", defaultValue = "1", description = "default 1")
  long seed;

  @Option(
      names = "--backend",
      defaultValue = "auto",
      description = "java, host, cuda or auto (default): cuda where there is a GPU, else java")
  String backend;

  @Option(names = "--out", description = "output folder; default out/simulate-NAME")
  Path out;

  @Option(names = "--json", description = "print one line of JSON, and nothing else")
  boolean json;

  /** The output folder. */
  Path out(String name) {
    return out == null ? Path.of("out", "simulate-" + name) : out;
  }

  /** Simulates; on a terminal, says how far it is. */
  CircuitRun run(Simulation simulation, SynapseRows rows) {
    boolean shown = !json && Terminal.present();
    double dt = simulation.network().dt();
    CircuitRun run =
        CircuitRun.of(
            simulation,
            rows,
            warmUp,
            seconds,
            steps -> {
              if (shown) {
                System.err.printf(
                    Locale.ROOT, "\r%.2f of %.2f s \u001b[K", steps * dt / 1000, seconds);
              }
            });
    if (shown) {
      System.err.print("\r\u001b[K");
    }
    return run;
  }
}
