package io.tacet.simulation;

import io.tacet.sparse.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A circuit simulated in the simplest way in double precision: every synapse keeps its own list of
 * arrivals, and probabilities of Poisson events are summed up for each draw.
 */
final class NaiveSimulation {
  private final Circuit circuit;
  private final List<List<Integer>> spikes = new ArrayList<>();
  final double[] v;
  final double[] i;
  private final int[] lastSpike;

  NaiveSimulation(Circuit circuit) {
    this.circuit = circuit;
    v = circuit.start.clone();
    i = new double[circuit.neurons];
    lastSpike = new int[circuit.neurons];
    Arrays.fill(lastSpike, -circuit.refractory - 1);
  }

  /** Simulates from step 0 and returns the neurons that spike in each step. */
  List<List<Integer>> run(int steps) {
    for (int step = 0; step < steps; step++) {
      double[] arriving = arriving(step);
      List<Integer> fired = new ArrayList<>();
      for (int k = 0; k < circuit.neurons; k++) {
        double tm = of(circuit.tauMem, k);
        double ts = of(circuit.tauSyn, k);
        boolean refractory = step <= lastSpike[k] + circuit.refractory;
        if (!refractory) {
          double alpha = Math.exp(-Circuit.DT / tm);
          double beta = Math.exp(-Circuit.DT / ts);
          double rest = of(circuit.bias, k);
          v[k] = rest + alpha * (v[k] - rest) + ts / (tm - ts) * (alpha - beta) * i[k];
        }
        i[k] = Math.exp(-Circuit.DT / ts) * i[k] + arriving[k];
        if (!refractory && v[k] >= of(circuit.threshold, k)) {
          fired.add(k);
          v[k] = of(circuit.reset, k);
          lastSpike[k] = step;
        }
      }
      spikes.add(fired);
    }
    return spikes;
  }

  private double[] arriving(int step) {
    double[] sums = new double[circuit.neurons];
    for (int past = 0; past < step; past++) {
      for (int source : spikes.get(past)) {
        for (int s = circuit.offsets[source]; s < circuit.offsets[source + 1]; s++) {
          if (past + circuit.delays[s] == step) {
            sums[circuit.targets[s]] += circuit.weights[s];
          }
        }
      }
    }
    for (int k = 0; circuit.poisson && k < circuit.neurons; k++) {
      sums[k] += circuit.inputWeights[k] * poisson(circuit.seed, step, k, circuit.means[k]);
    }
    return sums;
  }

  /** The random word of a neuron and a step: 8 and 24 bits of two blocks. */
  static int word(long seed, long step, int neuron) {
    int[] words = new int[4];
    int high = (int) (step >>> 32);
    Philox.block(neuron / 16, (int) step, high, 4, seed, words);
    int upper = words[neuron % 16 / 4] >>> (8 * (neuron % 4));
    Philox.block(neuron, (int) step, high, 5, seed, words);
    return (upper << 24) | (words[0] >>> 8);
  }

  /** The smallest number whose cumulative probability exceeds the random word. */
  static int poisson(long seed, long step, int neuron, double mean) {
    double u = Integer.toUnsignedLong(word(seed, step, neuron)) / 0x1p32;
    int k = 0;
    double probability = Math.exp(-mean);
    for (double below = probability;
        u >= below && (k < mean || probability > 1e-12);
        below += probability) {
      probability *= mean / ++k;
    }
    return k;
  }

  private static double of(double[] values, int k) {
    return values[values.length == 1 ? 0 : k];
  }
}
