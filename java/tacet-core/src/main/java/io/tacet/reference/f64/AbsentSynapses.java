package io.tacet.reference.f64;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.Wiring;
import java.util.Arrays;

/**
 * Which absent synapses would have the largest gradients: bands of rows of the gradient are
 * computed one after the other by each thread, and what is larger than the last of those that are
 * kept is passed on. See {@link io.tacet.spi.RewiringKernels#findLargest}.
 */
public final class AbsentSynapses {
  /** Pairs that are passed on together. */
  private static final int BATCH = 1024;

  private static final long ZERO = Real.fallingKey(0);

  private final int sources;
  private final int targets;
  private final int copies;
  private final int[] offsets;
  private final int[] wide;
  private final short[] narrow;

  /** Null where no synapse is marked. */
  private final short[] marks;

  private final LargestPairs best;

  private AbsentSynapses(Wiring wiring, DeviceArray marks, LargestPairs best) {
    sources = wiring.sources();
    targets = wiring.targets();
    copies = wiring.copies();
    offsets = (int[]) wiring.pattern().rowOffsets().storage().heap();
    DeviceArray indices = wiring.pattern().indices();
    Object heap = indices.storage().heap();
    wide = indices.type() == DType.INT32 ? (int[]) heap : null;
    narrow = indices.type() == DType.INT32 ? null : (short[]) heap;
    this.marks = marks == null ? null : (short[]) marks.storage().heap();
    this.best = best;
  }

  /** Finds as many as there is room for in {@code found}. */
  public static void largest(
      Workers workers,
      Wiring wiring,
      DeviceArray marks,
      GradientFactors factors,
      DeviceArray found) {
    int[] ends = (int[]) found.storage().heap();
    int count = ends.length / 2;
    LargestPairs best = new LargestPairs(count);
    AbsentSynapses search = new AbsentSynapses(wiring, marks, best);
    Finder[] finders = new Finder[workers.count()];
    workers.run(
        (search.sources + GradientBand.ROWS - 1) / GradientBand.ROWS,
        (task, worker) -> {
          if (finders[worker] == null) {
            finders[worker] = search.new Finder(new GradientBand(wiring, factors));
          }
          finders[worker].run(task * GradientBand.ROWS);
        });
    long[] pairs = best.sorted();
    for (int k = 0; k < count; k++) {
      ends[k] = (int) (pairs[k] / search.targets);
      ends[count + k] = (int) (pairs[k] % search.targets);
    }
  }

  /** What a thread has of its own. */
  private final class Finder {
    private final GradientBand band;
    private final boolean[] present = new boolean[targets];
    private final long[] keys = new long[BATCH];
    private final long[] pairs = new long[BATCH];
    private int count;

    Finder(GradientBand band) {
      this.band = band;
    }

    void run(int first) {
      int last = Math.min(sources, first + GradientBand.ROWS);
      band.run(first, last);
      for (int i = first; i < last; i++) {
        // All of a silent source are equal: if the first is not among the best, none is.
        if (band.isActive(i - first) || best.limit().admits(ZERO, (long) i * targets)) {
          row(i, i - first);
        }
      }
      pass();
    }

    private void row(int source, int row) {
      Arrays.fill(present, false);
      int begin = offsets[source] / copies;
      int length = offsets[source + 1] / copies - begin;
      for (int j = 0; j < length; j++) {
        int at = begin * copies + j;
        present[wide != null ? wide[at] : narrow[at] & 0xffff] =
            marks == null || marks[begin + j] == 0;
      }
      double[] sizes = band.magnitudes(row);
      LargestPairs.Limit limit = best.limit();
      double least = Real.ofFallingKey(limit.key());
      long pair = (long) source * targets;
      for (int m = 0; m < targets; m++) {
        // Most are less, which this way round NaN is not.
        if (!(sizes[m] < least) && !present[m]) {
          long key = Real.fallingKey(sizes[m]);
          if (limit.admits(key, pair + m)) {
            keys[count] = key;
            pairs[count++] = pair + m;
          }
          if (count == BATCH) {
            pass();
            limit = best.limit();
            least = Real.ofFallingKey(limit.key());
          }
        }
      }
    }

    private void pass() {
      best.add(keys, pairs, count);
      count = 0;
    }
  }
}
