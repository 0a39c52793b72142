package io.tacet.circuits;

import io.tacet.Backend;
import io.tacet.data.Connectome;
import io.tacet.data.SparseMatrix;
import io.tacet.eventprop.LifParameters;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.simulation.DelayedSynapses;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.PoissonInput;
import java.util.Arrays;

/**
 * A connectome as a network of leaky integrate-and-fire neurons, all alike and each with Poisson
 * input, to see activity spread over measured connections. Connectomes tell who connects to whom,
 * not how neurons work: time constants, delay and input are those of the arguments. Positive
 * weights excite and negative ones inhibit. Weights are scaled so that all excitatory synapses of a
 * neuron together, each active once at the same time, would depolarise it, on average over the
 * neurons that have any, by {@code gain} times the distance from rest to threshold.
 *
 * @param gain strength of the connections, at least 0
 * @param inputRate events per s that each neuron receives, at least 0
 * @param delay of all connections in ms, at least one step
 * @param seed of the input
 */
public record ConnectomeNetwork(double gain, double inputRate, double delay, long seed) {
  /** Length of a step in ms. */
  public static final double DT = 0.1;

  private static final double TAU_MEM = 10;
  private static final double TAU_SYN = 2;
  private static final double THRESHOLD = 15;
  private static final int REFRACTORY = 20;
  private static final int MOST_STEPS = 65535;

  /** Depolarisation by an event of the input, as part of that which it takes to spike. */
  private static final double INPUT_PSP = 0.1;

  public ConnectomeNetwork {
    boolean finite = gain < Double.POSITIVE_INFINITY && inputRate < Double.POSITIVE_INFINITY;
    if (!(gain >= 0 && inputRate >= 0) || !finite) {
      throw new IllegalArgumentException(
          "gain, inputRate: expected finite numbers of at least 0, got "
              + gain
              + " and "
              + inputRate
              + ".");
    }
    if (!(delay >= DT && delay <= DT * MOST_STEPS)) {
      throw new IllegalArgumentException(
          "delay: expected " + DT + " to " + DT * MOST_STEPS + " ms, got " + delay + ".");
    }
  }

  /** Maximum of the potential after an event that adds 1 to the current. */
  private static double peak() {
    double ratio = TAU_MEM / TAU_SYN;
    double time = Math.log(ratio) * TAU_MEM * TAU_SYN / (TAU_MEM - TAU_SYN);
    return TAU_SYN / (TAU_MEM - TAU_SYN) * (Math.exp(-time / TAU_MEM) - Math.exp(-time / TAU_SYN));
  }

  /** The synapses of a connectome. */
  public SynapseRows synapses(Connectome connectome) {
    SparseMatrix matrix = connectome.matrix();
    if (matrix.indices().length == 0) {
      throw new IllegalArgumentException(
          "connectome: expected at least one connection, got none between "
              + connectome.neurons()
              + " neurons.");
    }
    double scale = scale(matrix);
    float[] weights = new float[matrix.values().length];
    for (int s = 0; s < weights.length; s++) {
      weights[s] = (float) (scale * matrix.values()[s]);
    }
    short[] delays = new short[weights.length];
    Arrays.fill(delays, (short) Math.round(delay / DT));
    return new SynapseRows(matrix.offsets(), matrix.indices(), weights, delays);
  }

  private double scale(SparseMatrix matrix) {
    double[] sums = new double[matrix.columns()];
    for (int s = 0; s < matrix.values().length; s++) {
      sums[matrix.indices()[s]] += Math.max(0, matrix.values()[s]);
    }
    double mean = Arrays.stream(sums).filter(sum -> sum > 0).average().orElse(1);
    return gain * THRESHOLD / peak() / mean;
  }

  /** The network; the caller closes it. */
  public LifNetwork network(Backend backend, DType type, SynapseRows rows) {
    Resources made = new Resources();
    try {
      LifParameters lif =
          new LifParameters(
              made.own(shared(backend, type, TAU_MEM)),
              made.own(shared(backend, type, TAU_SYN)),
              made.own(shared(backend, type, THRESHOLD)),
              made.own(shared(backend, type, 0)),
              made.own(shared(backend, type, 0)));
      DelayedSynapses synapses = made.own(rows.on(backend, type));
      double[] means = new double[rows.neurons()];
      double[] weights = new double[rows.neurons()];
      Arrays.fill(means, inputRate * 1e-3 * DT);
      Arrays.fill(weights, INPUT_PSP * THRESHOLD / peak());
      PoissonInput input = made.own(PoissonInput.of(backend, type, means, weights, seed));
      return new LifNetwork(lif, REFRACTORY, DT, synapses, input);
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private static DeviceArray shared(Backend backend, DType type, double value) {
    return backend.allocate(type, 1).copyFrom(new double[] {value});
  }
}
