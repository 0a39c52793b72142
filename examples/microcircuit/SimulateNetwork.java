import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.circuits.Activity;
import io.tacet.circuits.CircuitBuilder;
import io.tacet.circuits.CircuitRun;
import io.tacet.circuits.Population;
import io.tacet.circuits.Projection;
import io.tacet.circuits.SynapseRows;
import io.tacet.eventprop.LifParameters;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.PoissonInput;
import io.tacet.simulation.Simulation;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
import java.util.List;

/**
 * A network of your own: 4000 excitatory and 1000 inhibitory neurons, each with input from a tenth of
 * them and from outside (after Brunel 2000).
 */
public final class SimulateNetwork {
  private static final double DT = 0.1;

  public static void main(String[] args) {
    Population excitatory = new Population("excitatory", 0, 4000);
    Population inhibitory = new Population("inhibitory", 4000, 1000);
    SynapseRows rows =
        CircuitBuilder.build(
            5000,
            List.of(
                projection(excitatory, excitatory, 400, 1.5),
                projection(excitatory, inhibitory, 400, 1.5),
                projection(inhibitory, excitatory, 100, -7.5),
                projection(inhibitory, inhibitory, 100, -7.5)),
            DT,
            1);
    try (Backend backend = Backends.open("auto");
        LifNetwork network = network(backend, rows);
        Simulation simulation = new Simulation(network)) {
      CircuitRun run = CircuitRun.of(simulation, rows, 100, 1, steps -> {});
      for (Population population : List.of(excitatory, inhibitory)) {
        Activity activity = run.activity(population);
        System.out.printf(
            "%s: %.1f spikes/s, irregularity %.2f%n",
            population.name(), activity.rate(), activity.irregularity());
      }
      System.out.printf("real-time factor %.2f%n", run.realTimeFactor());
    }
  }

  private static Projection projection(Population from, Population to, int inputs, double weight) {
    WeightLaw weights = WeightLaw.normal(weight, 0.1 * Math.abs(weight));
    return new Projection(from, to, (long) inputs * to.size(), weights, 1.5, 0.5);
  }

  /** Neurons with tau_m 20 ms, tau_s 1 ms, a threshold of 15 mV and 8000 events/s from outside. */
  private static LifNetwork network(Backend backend, SynapseRows rows) {
    double[] means = new double[rows.neurons()];
    double[] weights = new double[rows.neurons()];
    Arrays.fill(means, 8 * DT);
    Arrays.fill(weights, 2);
    return new LifNetwork(
        new LifParameters(
            one(backend, 20), one(backend, 1), one(backend, 15), one(backend, 0), one(backend, 0)),
        20,
        DT,
        rows.on(backend, DType.FLOAT32),
        PoissonInput.of(backend, DType.FLOAT32, means, weights, 1));
  }

  private static DeviceArray one(Backend backend, double value) {
    return backend.of(new float[] {(float) value});
  }
}
