package io.tacet.circuits;

import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Builds the rows of synapses of a circuit from its projections, in time proportional to the
 * synapses (but for a sort of those of a neuron in a population) and on all cores. The same seed
 * gives the same circuit on every machine and for any number of cores: each row has a random stream
 * of its own, and so has the choice of the sources of each projection.
 *
 * <p>Synapses of a pair that agree in their delay become one with the sum of their weights, which
 * has the same effect.
 */
public final class CircuitBuilder {
  /** A synapse being sorted is one number: target in its population, delay, bits of the weight. */
  private static final int TARGET_SHIFT = 43;

  private static final int DELAY_SHIFT = 32;
  private static final int LONGEST_DELAY = (1 << (TARGET_SHIFT - DELAY_SHIFT)) - 1;
  private static final int LARGEST_POPULATION = 1 << 20;

  /** Streams of rows are below this. */
  private static final long PROJECTION_STREAM = 1L << 32;

  private final int neurons;
  private final List<Projection> projections;
  private final double dt;
  private final long seed;

  /** [projections][neurons of the source]: synapses of each source. */
  private final int[][] counts;

  private final int[] offsets;
  private int[] targets;
  private float[] weights;
  private short[] delays;

  private CircuitBuilder(int neurons, List<Projection> projections, double dt, long seed) {
    this.neurons = neurons;
    this.projections = projections;
    this.dt = dt;
    this.seed = seed;
    counts = new int[projections.size()][];
    offsets = new int[neurons + 1];
  }

  /**
   * Draws the synapses of all projections.
   *
   * @param neurons number of neurons of the circuit
   * @param projections in the order of their target populations for each source
   * @param dt length of a step in ms
   * @param seed of the random numbers
   * @throws IllegalArgumentException if a population or the number of synapses is too large
   */
  public static SynapseRows build(int neurons, List<Projection> projections, double dt, long seed) {
    for (Projection projection : projections) {
      if (projection.target().size() > LARGEST_POPULATION) {
        throw new IllegalArgumentException(
            "projections: expected populations of at most "
                + LARGEST_POPULATION
                + " neurons, got "
                + projection.target()
                + ".");
      }
    }
    CircuitBuilder builder = new CircuitBuilder(neurons, projections, dt, seed);
    builder.countSynapses();
    int[] lengths = new int[neurons];
    IntStream.range(0, neurons).parallel().forEach(row -> lengths[row] = builder.fill(row));
    return builder.compacted(lengths);
  }

  private void countSynapses() {
    IntStream.range(0, counts.length)
        .parallel()
        .forEach(
            p -> {
              Projection projection = projections.get(p);
              int size = projection.source().size();
              PhiloxRandom random = new PhiloxRandom(seed, PROJECTION_STREAM + p);
              counts[p] = new int[size];
              for (long k = 0; k < projection.synapses(); k++) {
                counts[p][below(random, size)]++;
              }
            });
    long[] rows = new long[neurons];
    for (int p = 0; p < counts.length; p++) {
      for (int k = 0; k < counts[p].length; k++) {
        rows[projections.get(p).source().first() + k] += counts[p][k];
      }
    }
    long sum = 0;
    for (int i = 0; i < neurons; i++) {
      sum += rows[i];
      if (sum > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "projections: expected at most "
                + (Integer.MAX_VALUE - 8)
                + " synapses in all, got more; scale numbers of neurons or in-degrees down.");
      }
      offsets[i + 1] = (int) sum;
    }
    targets = new int[(int) sum];
    weights = new float[(int) sum];
    delays = new short[(int) sum];
  }

  /** Uniform from 0 to bound - 1, but for the bound's share of 2^32. */
  private static int below(PhiloxRandom random, int bound) {
    return (int) (((random.nextInt() & 0xffffffffL) * bound) >>> 32);
  }

  /** Draws, sorts and stores the synapses of a neuron and returns how many are left. */
  private int fill(int row) {
    PhiloxRandom random = new PhiloxRandom(seed, row);
    int at = offsets[row];
    long[] drawn = new long[0];
    for (int p = 0; p < counts.length; p++) {
      Projection projection = projections.get(p);
      Population source = projection.source();
      if (row < source.first() || row >= source.end()) {
        continue;
      }
      int count = counts[p][row - source.first()];
      if (drawn.length < count) {
        drawn = new long[count];
      }
      WeightLaw delayLaw =
          WeightLaw.normal(projection.delay() / dt, projection.delayDeviation() / dt);
      for (int k = 0; k < count; k++) {
        long target = below(random, projection.target().size());
        float weight = projection.weights().weight(random.nextInt());
        long delay = delay(delayLaw, random);
        drawn[k] =
            target << TARGET_SHIFT
                | delay << DELAY_SHIFT
                | (Float.floatToRawIntBits(weight) & 0xffffffffL);
      }
      Arrays.sort(drawn, 0, count);
      at = store(drawn, count, projection.target().first(), at);
    }
    return at - offsets[row];
  }

  /** At least one step; those below are drawn again. */
  private static int delay(WeightLaw law, PhiloxRandom random) {
    while (true) {
      int delay = Math.round(law.weight(random.nextInt()));
      if (delay >= 1) {
        return Math.min(delay, LONGEST_DELAY);
      }
    }
  }

  private int store(long[] drawn, int count, int first, int begin) {
    int at = begin;
    long before = -1;
    for (int k = 0; k < count; k++) {
      long key = drawn[k] >>> DELAY_SHIFT;
      float weight = Float.intBitsToFloat((int) drawn[k]);
      if (key == before) {
        weights[at - 1] += weight;
      } else {
        targets[at] = first + (int) (drawn[k] >>> TARGET_SHIFT);
        delays[at] = (short) (key & LONGEST_DELAY);
        weights[at++] = weight;
        before = key;
      }
    }
    return at;
  }

  /** Closes the gaps that merged synapses have left. */
  private SynapseRows compacted(int[] lengths) {
    int end = 0;
    for (int row = 0; row < neurons; row++) {
      int begin = offsets[row];
      if (end < begin) {
        System.arraycopy(targets, begin, targets, end, lengths[row]);
        System.arraycopy(weights, begin, weights, end, lengths[row]);
        System.arraycopy(delays, begin, delays, end, lengths[row]);
      }
      offsets[row] = end;
      end += lengths[row];
    }
    offsets[neurons] = end;
    if (end < targets.length) {
      // One after the other, so that no more than one array is there twice.
      targets = Arrays.copyOf(targets, end);
      weights = Arrays.copyOf(weights, end);
      delays = Arrays.copyOf(delays, end);
    }
    return new SynapseRows(offsets, targets, weights, delays);
  }
}
