package io.tacet.network.cells;

import io.tacet.network.Connectivity;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The synapses of a connection as compressed sparse rows, in time and memory proportional to them.
 */
public final class PatternDraw {
  /**
   * Up to so many pairs of source and target, each is decided by a number of its own: seeds give
   * the networks that they always gave. Beyond, whole stretches without a synapse are skipped.
   */
  static final long PAIRS = 1L << 22;

  private PatternDraw() {}

  /**
   * Compressed sparse rows.
   *
   * @param offsets where the synapses of each source begin, and the end
   * @param indices targets, ascending for each source
   */
  public record Pattern(int[] offsets, int[] indices) {
    /** Number of synapses. */
    public int count() {
      return indices.length;
    }

    /** The columns of several patterns of {@code to} targets each, side by side. */
    private static Pattern beside(Pattern[] all, int to) {
      int sources = all[0].offsets.length - 1;
      int count = 0;
      for (Pattern pattern : all) {
        count = Math.addExact(count, pattern.count());
      }
      int[] from = new int[sources + 1];
      int[] columns = new int[count];
      int at = 0;
      for (int i = 0; i < sources; i++) {
        for (int g = 0; g < all.length; g++) {
          for (int s = all[g].offsets[i]; s < all[g].offsets[i + 1]; s++) {
            columns[at++] = g * to + all[g].indices[s];
          }
        }
        from[i + 1] = at;
      }
      return new Pattern(from, columns);
    }

    /** Sources as targets and targets as sources. */
    private Pattern transposed(int to) {
      int[] from = new int[to + 1];
      for (int target : indices) {
        from[target + 1]++;
      }
      Arrays.parallelPrefix(from, Integer::sum);
      int[] next = from.clone();
      int[] sources = new int[indices.length];
      for (int i = 0; i + 1 < offsets.length; i++) {
        for (int s = offsets[i]; s < offsets[i + 1]; s++) {
          sources[next[indices[s]]++] = i;
        }
      }
      return new Pattern(from, sources);
    }
  }

  /**
   * Of anything but dense synapses.
   *
   * @param from number of sources
   * @param to number of targets
   * @throws IllegalArgumentException for dense synapses, those that do not fit the extents, and if
   *     none is drawn
   */
  public static Pattern of(Connectivity connectivity, int from, int to, RandomGenerator random) {
    connectivity.check("synapses", from, to);
    Pattern drawn = draw(connectivity, from, to, random);
    if (drawn.count() == 0) {
      throw new IllegalArgumentException(
          "density: expected at least one synapse between "
              + from
              + " and "
              + to
              + " neurons, drew none of "
              + connectivity
              + ".");
    }
    return drawn;
  }

  private static Pattern draw(Connectivity connectivity, int from, int to, RandomGenerator random) {
    if (connectivity instanceof Connectivity.Random each) {
      return random(from, to, each.density(), random);
    }
    if (connectivity instanceof Connectivity.FanOut fixed) {
      return fanOut(from, to, fixed.targets(), random);
    }
    if (connectivity instanceof Connectivity.FanIn fixed) {
      return fanOut(to, from, fixed.sources(), random).transposed(from);
    }
    if (connectivity instanceof Connectivity.Blocks blocks) {
      return blocks(from, to, blocks, random);
    }
    if (connectivity instanceof Connectivity.Given given) {
      if (given.targets() == null) {
        throw new IllegalArgumentException(
            "synapses: expected the rows of a pattern to draw a network, but a file without"
                + " parameters does not hold them. Load the model file that does, or build the"
                + " network in Java with Connection.pattern(rowOffsets, indices).");
      }
      return new Pattern(given.rows(), given.targets());
    }
    throw new IllegalArgumentException("synapses: expected sparse ones, got " + connectivity + ".");
  }

  /**
   * For each of several gates side by side: the same pattern, or each its own.
   *
   * @param to targets of a gate
   */
  static Pattern gates(
      Connectivity connectivity, int from, int to, int gates, boolean own, RandomGenerator random) {
    Pattern[] all = new Pattern[gates];
    for (int g = 0; g < gates; g++) {
      all[g] = g > 0 && !own ? all[0] : of(connectivity, from, to, random);
    }
    return gates == 1 ? all[0] : Pattern.beside(all, to);
  }

  /** Each synapse with a probability. */
  private static Pattern random(int from, int to, double density, RandomGenerator random) {
    long pairs = (long) from * to;
    boolean skips = pairs > PAIRS && density < 1;
    int[] offsets = new int[from + 1];
    int[] indices = new int[1024];
    int count = 0;
    int row = 0;
    for (long at = -1; ; ) {
      at = skips ? at + 1 + gap(density, random) : next(at, pairs, density, random);
      if (at >= pairs) {
        break;
      }
      for (; row < at / to; row++) {
        offsets[row + 1] = count;
      }
      if (count == indices.length) {
        indices = Arrays.copyOf(indices, Math.addExact(count, count / 2));
      }
      indices[count++] = (int) (at % to);
    }
    Arrays.fill(offsets, row + 1, from + 1, count);
    return new Pattern(offsets, Arrays.copyOf(indices, count));
  }

  /** The next pair that is drawn, after each of those before it was not. */
  private static long next(long at, long pairs, double density, RandomGenerator random) {
    long pair = at + 1;
    while (pair < pairs && !(random.nextDouble() < density)) {
      pair++;
    }
    return pair;
  }

  /** Pairs before the next synapse: geometrically distributed, the same on every machine. */
  private static long gap(double density, RandomGenerator random) {
    return (long) (StrictMath.log(1 - random.nextDouble()) / StrictMath.log1p(-density));
  }

  /** As many different targets for each source, in ascending order. */
  private static Pattern fanOut(int from, int to, int fanOut, RandomGenerator random) {
    int[] offsets = new int[from + 1];
    int[] indices = new int[Math.multiplyExact(from, fanOut)];
    int[] all = new int[to];
    Arrays.setAll(all, m -> m);
    for (int i = 0; i < from; i++) {
      for (int k = 0; k < fanOut; k++) {
        int other = k + random.nextInt(to - k);
        int swap = all[k];
        all[k] = all[other];
        all[other] = swap;
      }
      System.arraycopy(all, 0, indices, i * fanOut, fanOut);
      Arrays.sort(indices, i * fanOut, (i + 1) * fanOut);
      offsets[i + 1] = (i + 1) * fanOut;
    }
    return new Pattern(offsets, indices);
  }

  /** Blocks with a probability; those at the edges are cut. */
  private static Pattern blocks(int from, int to, Connectivity.Blocks law, RandomGenerator random) {
    int size = law.size();
    int rows = (from + size - 1) / size;
    int columns = (to + size - 1) / size;
    Pattern drawn = random(rows, columns, law.density(), random);
    int[] offsets = new int[from + 1];
    for (int i = 0; i < from; i++) {
      int width = 0;
      for (int b = drawn.offsets[i / size]; b < drawn.offsets[i / size + 1]; b++) {
        width += Math.min(size, to - drawn.indices[b] * size);
      }
      offsets[i + 1] = Math.addExact(offsets[i], width);
    }
    int[] indices = new int[offsets[from]];
    int count = 0;
    for (int i = 0; i < from; i++) {
      for (int b = drawn.offsets[i / size]; b < drawn.offsets[i / size + 1]; b++) {
        int first = drawn.indices[b] * size;
        for (int m = first; m < Math.min(to, first + size); m++) {
          indices[count++] = m;
        }
      }
    }
    return new Pattern(offsets, indices);
  }
}
