package io.tacet.simulation;

import io.tacet.Backend;
import io.tacet.eventprop.LifParameters;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/** A small random network as Java arrays, in which pairs may have several synapses. */
final class Circuit {
  static final double DT = 0.1;

  final int neurons;
  final int[] offsets;
  final int[] targets;
  final float[] weights;
  final short[] delays;
  final double[] tauMem;
  final double[] tauSyn;
  final double[] threshold;
  final double[] reset;
  final double[] bias;
  final double[] means;
  final double[] inputWeights;
  final double[] start;
  int refractory = 20;
  long seed = 99;
  boolean poisson = true;

  /**
   * @param perNeuron whether each neuron has time constants of its own
   */
  Circuit(int neurons, int fanOut, int longest, boolean perNeuron, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    this.neurons = neurons;
    offsets = new int[neurons + 1];
    int[] target = new int[neurons * fanOut];
    float[] weight = new float[neurons * fanOut];
    short[] delay = new short[neurons * fanOut];
    int count = 0;
    for (int i = 0; i < neurons; i++) {
      TreeMap<Long, Float> row = new TreeMap<>();
      for (int k = random.nextInt(fanOut + 1); k > 0; k--) {
        // Few targets at a time, so that some pairs have several synapses.
        long to = random.nextInt(Math.min(neurons, 3 * fanOut));
        to = (to + i * 7L) % neurons;
        row.put(
            (to << 16) | (1 + random.nextInt(longest)),
            (float) (i % 5 == 0 ? -4 * random.nextDouble() : 1.5 * random.nextDouble()));
      }
      for (var synapse : row.entrySet()) {
        target[count] = (int) (synapse.getKey() >> 16);
        delay[count] = (short) (synapse.getKey() & 0xffff);
        weight[count++] = synapse.getValue();
      }
      offsets[i + 1] = count;
    }
    targets = Arrays.copyOf(target, count);
    weights = Arrays.copyOf(weight, count);
    delays = Arrays.copyOf(delay, count);
    tauMem = filled(perNeuron ? neurons : 1, () -> 8 + 4 * random.nextDouble());
    tauSyn = filled(perNeuron ? neurons : 1, () -> 0.4 + 0.3 * random.nextDouble());
    threshold = filled(perNeuron ? neurons : 1, () -> 14 + 2 * random.nextDouble());
    reset = filled(1, () -> 0.5);
    bias = filled(neurons, () -> 4 * random.nextDouble());
    means = filled(neurons, () -> random.nextInt(4) * 0.75);
    inputWeights = filled(neurons, () -> 2 + random.nextDouble());
    start = filled(neurons, () -> 10 * random.nextDouble());
  }

  private static double[] filled(int count, DoubleSupplier value) {
    double[] values = new double[count];
    Arrays.setAll(values, k -> value.getAsDouble());
    return values;
  }

  LifNetwork network(Backend backend, DType type, Resources open) {
    Resources made = new Resources();
    try {
      LifParameters lif =
          new LifParameters(
              made.own(array(backend, type, tauMem)),
              made.own(array(backend, type, tauSyn)),
              made.own(array(backend, type, threshold)),
              made.own(array(backend, type, reset)),
              made.own(array(backend, type, bias)));
      DelayedSynapses synapses =
          made.own(DelayedSynapses.of(backend, type, offsets, targets, weights, delays));
      PoissonInput input =
          poisson ? made.own(PoissonInput.of(backend, type, means, inputWeights, seed)) : null;
      return open.own(new LifNetwork(lif, refractory, DT, synapses, input));
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** A simulation that starts from random potentials. */
  Simulation simulation(Backend backend, DType type, Resources open) {
    Simulation simulation = open.own(new Simulation(network(backend, type, open)));
    simulation.potentials().copyFrom(start);
    return simulation;
  }

  private static DeviceArray array(Backend backend, DType type, double[] values) {
    return backend.allocate(type, values.length).copyFrom(values);
  }
}
