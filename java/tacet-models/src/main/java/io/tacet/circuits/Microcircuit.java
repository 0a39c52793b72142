package io.tacet.circuits;

import io.tacet.Backend;
import io.tacet.eventprop.LifParameters;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.simulation.DelayedSynapses;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.PoissonInput;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.WeightLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cortical microcircuit of Potjans and Diesmann, "The cell-type specific cortical microcircuit:
 * relating structure and activity in a full-scale spiking network model" (Cerebral Cortex 24,
 * 2014): 77,169 neurons in eight populations and 0.3 billion synapses under 1 mm^2 of early sensory
 * cortex, the field's common benchmark of simulators.
 *
 * <p>Numbers of neurons and in-degrees scale independently. Where in-degrees are scaled by k,
 * weights are divided by sqrt(k), which keeps the variance of the input, and a constant current
 * replaces the part of its mean that is lost, computed from the rates of the full circuit (van
 * Albada, Helias and Diesmann, PLoS Comput Biol 11, 2015).
 *
 * <p>Voltages and currents of the network are in mV, voltages relative to the resting potential and
 * currents as the depolarisation that they would reach: tau_m / C_m times those in pA.
 *
 * @param scale factor of the numbers of neurons, in (0, 1]
 * @param inDegreeScale factor of the in-degrees, in (0, 1]
 * @param poisson whether background input is Poisson spikes; else it is the equal constant current
 * @param seed of connections, initial potentials and input
 */
public record Microcircuit(double scale, double inDegreeScale, boolean poisson, long seed) {
  /** Names of the populations: layer, and excitatory or inhibitory. */
  public static final List<String> NAMES =
      List.of("2/3E", "2/3I", "4E", "4I", "5E", "5I", "6E", "6I");

  private static final double[] FULL_RATES = {
    0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829
  };

  /** Length of a step in ms. */
  public static final double DT = 0.1;

  private static final int[] SIZES = {20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948};

  /** Connection probabilities, [target][source]. */
  private static final double[][] PROBABILITIES = {
    {0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0},
    {0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0},
    {0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0},
    {0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0},
    {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0},
    {0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0},
    {0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252},
    {0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443}
  };

  private static final double[] EXTERNAL_INPUTS = {1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100};
  private static final double EXTERNAL_RATE = 8;
  private static final double[] START_MEANS = {
    -68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43
  };
  private static final double[] START_DEVIATIONS = {5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48};
  private static final double CAPACITANCE_PF = 250;
  private static final double TAU_MEM = 10;
  private static final double TAU_SYN = 0.5;
  private static final double REST = -65;
  private static final double THRESHOLD = -50;
  private static final double REFRACTORY_MS = 2;
  private static final double PSP = 0.15;
  private static final double INHIBITION = -4;
  private static final double WEIGHT_DEVIATION = 0.1;
  private static final double EXCITATORY_DELAY = 1.5;
  private static final double INHIBITORY_DELAY = 0.75;
  private static final double DELAY_DEVIATION = 0.5;
  private static final double PER_MS = 1e-3;

  /** Streams of random numbers beyond those of rows and projections. */
  private static final long START_STREAM = 1L << 33;

  public Microcircuit {
    if (!(scale > 0 && scale <= 1) || !(inDegreeScale > 0 && inDegreeScale <= 1)) {
      throw new IllegalArgumentException(
          "scale, inDegreeScale: expected numbers in (0, 1], got "
              + scale
              + " and "
              + inDegreeScale
              + ".");
    }
  }

  /** Mean rate of a population of the full circuit in spikes/s, from one run with NEST. */
  public static double publishedRate(int population) {
    return FULL_RATES[population];
  }

  /** The populations, in the order of their neurons. */
  public List<Population> populations() {
    List<Population> populations = new ArrayList<>();
    int first = 0;
    for (int p = 0; p < SIZES.length; p++) {
      int size = (int) Math.max(1, Math.round(SIZES[p] * scale));
      populations.add(new Population(NAMES.get(p), first, size));
      first += size;
    }
    return populations;
  }

  /** Mean in-degree of the full circuit. */
  private static double fullInDegree(int target, int source) {
    double pairs = (double) SIZES[target] * SIZES[source];
    return Math.log1p(-PROBABILITIES[target][source]) / Math.log1p(-1 / pairs) / SIZES[target];
  }

  /** Mean weight in the full circuit, in mV. */
  private static double fullWeight(int target, int source) {
    double psp = PSP * (source % 2 == 1 ? INHIBITION : target == 0 && source == 2 ? 2 : 1);
    return psp * currentPerPsp();
  }

  /** Current, in mV, that begins a post-synaptic potential with a maximum of 1 mV. */
  static double currentPerPsp() {
    double ratio = TAU_MEM / TAU_SYN;
    double peak =
        TAU_SYN
            / (TAU_SYN - TAU_MEM)
            * (Math.pow(ratio, TAU_MEM / (TAU_SYN - TAU_MEM))
                - Math.pow(ratio, TAU_SYN / (TAU_SYN - TAU_MEM)));
    return 1 / peak;
  }

  /** Current in pA that is one mV of depolarisation. */
  static double picoamperePerMillivolt() {
    return CAPACITANCE_PF / TAU_MEM;
  }

  /** The connections; those of a source in the order of their targets. */
  public List<Projection> projections() {
    List<Population> populations = populations();
    List<Projection> projections = new ArrayList<>();
    for (int source = 0; source < SIZES.length; source++) {
      for (int target = 0; target < SIZES.length; target++) {
        double inDegree = fullInDegree(target, source) * inDegreeScale;
        double weight = fullWeight(target, source) / Math.sqrt(inDegreeScale);
        double delay = source % 2 == 0 ? EXCITATORY_DELAY : INHIBITORY_DELAY;
        projections.add(
            new Projection(
                populations.get(source),
                populations.get(target),
                Math.round(inDegree * populations.get(target).size()),
                WeightLaw.normal(weight, WEIGHT_DEVIATION * Math.abs(weight)),
                delay,
                DELAY_DEVIATION * delay));
      }
    }
    return projections;
  }

  /** Draws the synapses. */
  public SynapseRows synapses() {
    List<Population> populations = populations();
    int neurons = populations.get(populations.size() - 1).end();
    return CircuitBuilder.build(neurons, projections(), DT, seed);
  }

  /** The network; the caller closes it. */
  public LifNetwork network(Backend backend, DType type, SynapseRows rows) {
    Resources made = new Resources();
    try {
      LifParameters lif =
          new LifParameters(
              made.own(array(backend, type, TAU_MEM)),
              made.own(array(backend, type, TAU_SYN)),
              made.own(array(backend, type, THRESHOLD - REST)),
              made.own(array(backend, type, 0)),
              made.own(array(backend, type, perNeuron(constantCurrents()))));
      DelayedSynapses synapses = made.own(rows.on(backend, type));
      PoissonInput input = poisson ? made.own(poissonInput(backend, type)) : null;
      return new LifNetwork(lif, (int) Math.round(REFRACTORY_MS / DT), DT, synapses, input);
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private static DeviceArray array(Backend backend, DType type, double... values) {
    return backend.allocate(type, values.length).copyFrom(values);
  }

  private PoissonInput poissonInput(Backend backend, DType type) {
    double[] means = new double[SIZES.length];
    double[] weights = new double[SIZES.length];
    for (int p = 0; p < means.length; p++) {
      means[p] = EXTERNAL_INPUTS[p] * inDegreeScale * EXTERNAL_RATE * PER_MS * DT;
      weights[p] = PSP * currentPerPsp() / Math.sqrt(inDegreeScale);
    }
    return PoissonInput.of(backend, type, perNeuron(means), perNeuron(weights), seed);
  }

  /** What replaces input that is missing, by population, in mV. */
  double[] constantCurrents() {
    double[] currents = new double[SIZES.length];
    double missing = 1 - Math.sqrt(inDegreeScale);
    for (int target = 0; target < currents.length; target++) {
      double recurrent = 0;
      for (int source = 0; source < SIZES.length; source++) {
        recurrent += fullInDegree(target, source) * fullWeight(target, source) * FULL_RATES[source];
      }
      double external = EXTERNAL_INPUTS[target] * EXTERNAL_RATE * PSP * currentPerPsp();
      currents[target] =
          PER_MS * TAU_SYN * (missing * recurrent + (poisson ? missing : 1) * external);
    }
    return currents;
  }

  private double[] perNeuron(double[] perPopulation) {
    List<Population> populations = populations();
    double[] values = new double[populations.get(populations.size() - 1).end()];
    for (int p = 0; p < perPopulation.length; p++) {
      Arrays.fill(values, populations.get(p).first(), populations.get(p).end(), perPopulation[p]);
    }
    return values;
  }

  /** Normally distributed potentials to start from, relative to rest in mV. */
  public double[] startPotentials() {
    double[] means = perNeuron(START_MEANS);
    double[] deviations = perNeuron(START_DEVIATIONS);
    PhiloxRandom random = new PhiloxRandom(seed, START_STREAM);
    WeightLaw normal = WeightLaw.normal(0, 1);
    for (int n = 0; n < means.length; n++) {
      means[n] += deviations[n] * normal.weight(random.nextInt()) - REST;
    }
    return means;
  }
}
