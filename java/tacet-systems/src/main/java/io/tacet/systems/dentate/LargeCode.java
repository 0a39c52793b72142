package io.tacet.systems.dentate;

import io.tacet.Backend;
import io.tacet.dense.Winners;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Connectivity;
import io.tacet.network.cells.PatternDraw;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Pattern separation at scale: 1000 cells of the entorhinal cortex, a tenth of them active, excite
 * 20,000 granule cells, each by 60 synapses with log-normal weights. The granule cells with the
 * largest sums, a given fraction of all, are the answer: {@link Winners} stands for the inhibition
 * of the circuit, and no cell is simulated.
 */
final class LargeCode {
  static final List<Double> OVERLAPS = List.of(.9, .8, .5, .3);
  static final List<Double> FRACTIONS = List.of(.02, .1, .3);

  private static final int INPUTS = 1000;
  private static final int ACTIVE = 100;
  private static final int CELLS = 20_000;
  private static final int FAN_IN = 60;

  private LargeCode() {}

  /**
   * The mean fraction of the answer to a pattern that is in the answer to another one, too, [input
   * overlaps][fractions that answer].
   *
   * @param pairs of patterns for each overlap
   */
  static double[][] overlaps(Backend backend, int pairs, long seed) {
    int[][] inputs = inputs(pairs, new PhiloxRandom(seed, 0));
    double[][] overlaps = new double[OVERLAPS.size()][FRACTIONS.size()];
    try (Resources owned = new Resources()) {
      DeviceArray sums = owned.own(backend.allocate(DType.FLOAT32, inputs.length, CELLS));
      addSums(backend, inputs, new PhiloxRandom(seed, 1), sums);
      DeviceArray kept = owned.own(backend.allocate(DType.FLOAT32, inputs.length, CELLS));
      int words = Events.words(CELLS);
      DeviceArray marks = owned.own(backend.allocate(DType.INT32, inputs.length, words));
      for (int f = 0; f < FRACTIONS.size(); f++) {
        int winners = (int) Math.round(FRACTIONS.get(f) * CELLS);
        Winners.keep(sums, winners, kept, marks);
        int[] bits = marks.toInts();
        for (int pair = 0; pair < inputs.length / 2; pair++) {
          overlaps[pair / pairs][f] +=
              common(bits, 2 * pair * words, words) / ((double) winners * pairs);
        }
      }
    }
    return overlaps;
  }

  /** Number of bits that are set in a row of bits and in the next one. */
  private static int common(int[] bits, int from, int words) {
    int common = 0;
    for (int w = from; w < from + words; w++) {
      common += Integer.bitCount(bits[w] & bits[w + words]);
    }
    return common;
  }

  /** Active inputs of pairs of patterns, one after the other. */
  private static int[][] inputs(int pairs, RandomGenerator random) {
    int[][] inputs = new int[2 * pairs * OVERLAPS.size()][];
    for (int k = 0; k < inputs.length; k += 2) {
      int shared = (int) Math.round(OVERLAPS.get(k / (2 * pairs)) * ACTIVE);
      int[] order = shuffled(random);
      inputs[k] = IntStream.range(0, ACTIVE).map(i -> order[i]).sorted().toArray();
      int first = ACTIVE - shared;
      inputs[k + 1] = IntStream.range(first, first + ACTIVE).map(i -> order[i]).sorted().toArray();
    }
    return inputs;
  }

  private static int[] shuffled(RandomGenerator random) {
    int[] order = IntStream.range(0, INPUTS).toArray();
    for (int i = INPUTS - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[other];
      order[other] = swap;
    }
    return order;
  }

  /** Adds the excitation of all granule cells, [patterns][cells]. */
  private static void addSums(
      Backend backend, int[][] inputs, RandomGenerator random, DeviceArray sums) {
    PatternDraw.Pattern pattern =
        PatternDraw.of(new Connectivity.FanIn(FAN_IN), INPUTS, CELLS, random);
    double[] weights = new double[pattern.count()];
    Arrays.setAll(weights, s -> Math.exp(random.nextGaussian()));
    try (Resources owned = new Resources()) {
      CsrSynapses synapses =
          owned.own(
              CsrSynapses.of(
                  backend,
                  DType.FLOAT32,
                  INPUTS,
                  CELLS,
                  pattern.offsets(),
                  pattern.indices(),
                  weights));
      EventPropagation propagation = owned.own(EventPropagation.of(synapses, inputs.length));
      propagation.forward(
          owned.own(Events.binary(backend, inputs.length, INPUTS)).set(inputs), sums);
    }
  }
}
