package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.rewire.RandomWalk;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.Philox;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;

/** Which synapses are to be dropped; see {@link io.tacet.spi.RewiringKernels}. */
public final class SynapseMarks {
  private static final WeightLaw NORMAL = WeightLaw.normal(0, 1);

  /** Keeps these counters apart from those of other draws. */
  private static final int NOISE = 17;

  /** Sorts behind every magnitude, NaN included. */
  private static final long NEVER = 0xffff_ffffL;

  private SynapseMarks() {}

  /** The {@code count} smallest; see {@link io.tacet.spi.RewiringKernels#markSmallest}. */
  public static void smallest(
      Wiring wiring, DeviceArray values, long count, boolean onlyMarked, DeviceArray marks) {
    short[] marked = (short[]) marks.storage().heap();
    long[] keys = keys(wiring, Real.array(values), onlyMarked ? marked : null);
    Arrays.fill(marked, 0, keys.length, (short) 0);
    if (count == 0) {
      return;
    }
    RadixSelection selection = new RadixSelection();
    selection.find(keys, keys.length, Integer.SIZE, count);
    long left = selection.left();
    // Everything below the key of that rank, and of its equals the first ones.
    for (int s = 0; s < keys.length; s++) {
      int order = Long.compare(keys[s], selection.key());
      if (order < 0 || (order == 0 && left > 0)) {
        marked[s] = 1;
        left -= order == 0 ? 1 : 0;
      }
    }
  }

  /** Magnitudes as numbers that order like them. */
  private static long[] keys(Wiring wiring, double[] x, short[] only) {
    int[] offsets = (int[]) wiring.pattern().rowOffsets().storage().heap();
    int copies = wiring.copies();
    int values = wiring.values();
    long[] keys = new long[offsets[wiring.sources()] / copies];
    for (int i = 0; i < wiring.sources(); i++) {
      int begin = offsets[i] / copies;
      int count = offsets[i + 1] / copies - begin;
      int across = wiring.repeated() ? count : 1;
      int along = wiring.repeated() ? 1 : values;
      for (int j = 0; j < count; j++) {
        int at = begin * values + j * along;
        double sum = Math.abs(x[at]);
        for (int g = 1; g < values; g++) {
          sum += Math.abs(x[at + g * across]);
        }
        boolean counts = only == null || only[begin + j] != 0;
        keys[begin + j] = counts ? Real.orderBits(sum) : NEVER;
      }
    }
    return keys;
  }

  /** A step of the walk; see {@link io.tacet.spi.RewiringKernels#markCrossed}. */
  public static long crossed(
      Wiring wiring,
      DeviceArray weights,
      DeviceArray signs,
      RandomWalk walk,
      long seed,
      int step,
      DeviceArray marks) {
    int[] offsets = (int[]) wiring.pattern().rowOffsets().storage().heap();
    short[] marked = (short[]) marks.storage().heap();
    int copies = wiring.copies();
    int values = wiring.values();
    Walker walker = new Walker(Real.array(weights), Real.array(signs), walk, seed, step);
    long found = 0;
    for (int i = 0; i < wiring.sources(); i++) {
      int begin = offsets[i] / copies;
      int count = offsets[i + 1] / copies - begin;
      int across = wiring.repeated() ? count : 1;
      int along = wiring.repeated() ? 1 : values;
      for (int j = 0; j < count; j++) {
        boolean dormant =
            walker.move(begin * values + j * along, across, values, (long) (begin + j) * values);
        marked[begin + j] = (short) (dormant ? 1 : 0);
        found += marked[begin + j];
      }
    }
    return found;
  }

  /** Moves the values of synapses. */
  private static final class Walker {
    private final double[] weights;
    private final double[] signs;
    private final double drift;
    private final double noise;
    private final long seed;
    private final int step;
    private final int[] words = new int[4];
    private long block = -1;

    Walker(double[] weights, double[] signs, RandomWalk walk, long seed, int step) {
      this.weights = weights;
      this.signs = signs;
      this.drift = Real.of(walk.drift());
      this.noise = Real.of(walk.noise());
      this.seed = seed;
      this.step = step;
    }

    /** Moves one synapse; whether none of its values is left on its side, and one has crossed. */
    boolean move(int at, int across, int values, long draw) {
      boolean alive = false;
      boolean crossed = false;
      for (int g = 0; g < values; g++) {
        int k = at + g * across;
        double side = signs[k] < 0 ? -1 : 1;
        double moved = weights[k] - side * drift;
        if (noise > 0) {
          moved = Math.fma(noise, normal(draw + g), moved);
        }
        boolean beyond = side * moved < 0;
        crossed |= beyond;
        alive |= side * moved > 0;
        weights[k] = beyond ? 0 : moved;
      }
      return crossed && !alive;
    }

    private double normal(long e) {
      if (e >>> 2 != block) {
        block = e >>> 2;
        Philox.block((int) block, (int) (block >>> 32), step, NOISE, seed, words);
      }
      return NORMAL.weight(words[(int) e & 3]);
    }
  }
}
