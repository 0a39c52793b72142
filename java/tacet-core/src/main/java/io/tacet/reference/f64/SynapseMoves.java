package io.tacet.reference.f64;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.rewire.Companion;
import io.tacet.rewire.Permutation;
import io.tacet.rewire.Wiring;
import java.util.Arrays;
import java.util.List;

/**
 * Removes synapses from a pattern and adds others, in place: rows move towards the front when
 * synapses go and, the last row first, towards the end when others come, so that nothing is
 * overwritten before it has moved. See {@link io.tacet.spi.RewiringKernels#replace}.
 */
public final class SynapseMoves {
  private final int sources;
  private final int targets;
  private final int copies;
  private final int values;
  private final boolean repeated;
  private final int[] offsets;
  private final int[] wide;
  private final short[] narrow;
  private final short[] marks;
  private final List<Companion> companions;
  private final double[][] arrays;
  private final int[] words = new int[4];

  /**
   * @param marks of those to be removed
   */
  public SynapseMoves(Wiring wiring, List<Companion> companions, DeviceArray marks) {
    this.sources = wiring.sources();
    this.targets = wiring.targets();
    this.copies = wiring.copies();
    this.values = wiring.values();
    this.repeated = wiring.repeated();
    this.offsets = (int[]) wiring.pattern().rowOffsets().storage().heap();
    DeviceArray indices = wiring.pattern().indices();
    Object heap = indices.storage().heap();
    this.wide = indices.type() == DType.INT32 ? (int[]) heap : null;
    this.narrow = indices.type() == DType.INT32 ? null : (short[]) heap;
    this.marks = (short[]) marks.storage().heap();
    this.companions = companions;
    this.arrays = new double[companions.size()][];
    Arrays.setAll(arrays, c -> Real.array(companions.get(c).array()));
  }

  /** Does all of it. */
  public void replace(long grow, DeviceArray given, long seed, int step) {
    remove();
    Arrays.fill(marks, 0, offsets[sources] / copies, (short) 0);
    if (grow > 0) {
      int count = Math.toIntExact(grow);
      add(given == null ? drawn(count, seed, step) : pairs(given, count), seed, step);
    }
  }

  /** Pairs that were found, which ascend. */
  private long[] pairs(DeviceArray given, int count) {
    int[] ends = (int[]) given.storage().heap();
    long[] pairs = new long[count];
    Arrays.setAll(pairs, k -> (long) ends[k] * targets + ends[count + k]);
    return pairs;
  }

  private int target(int begin, int j) {
    int at = begin * copies + j;
    return wide != null ? wide[at] : narrow[at] & 0xffff;
  }

  private void remove() {
    int to = 0;
    int from = 0;
    for (int i = 0; i < sources; i++) {
      int end = offsets[i + 1] / copies;
      int kept = 0;
      for (int s = from; s < end; s++) {
        kept += marks[s] == 0 ? 1 : 0;
      }
      if (kept < end - from || to < from) {
        removeFrom(from, end - from, to, kept);
      }
      to += kept;
      from = end;
      offsets[i + 1] = to * copies;
    }
  }

  /** Moves what is kept of a row, copy by copy in the order of memory. */
  private void removeFrom(int from, int count, int to, int kept) {
    for (int g = 0; g < copies; g++) {
      int next = to * copies + g * kept;
      for (int j = 0; j < count; j++) {
        if (marks[from + j] == 0) {
          move(from * copies + g * count + j, next++);
        }
      }
    }
  }

  /** Moves an index with its values; these are several where copies are one. */
  private void move(int from, int to) {
    if (wide != null) {
      wide[to] = wide[from];
    } else {
      narrow[to] = narrow[from];
    }
    int each = repeated ? 1 : values;
    for (double[] array : arrays) {
      // Upwards or downwards makes no difference: groups of values overlap only as a whole.
      for (int g = 0; g < each; g++) {
        array[to * each + g] = array[from * each + g];
      }
    }
  }

  /** The pairs to be connected, as {@code source x targets + target}, ascending. */
  private long[] drawn(int count, long seed, int step) {
    long absent = (long) sources * targets - offsets[sources] / copies;
    Permutation permutation = new Permutation(absent, seed, step);
    long[] pairs = new long[count];
    for (int k = 0; k < count; k++) {
      pairs[k] = pair(permutation.at(k));
    }
    Arrays.sort(pairs);
    return pairs;
  }

  /** The absent pair of that rank. */
  private long pair(long rank) {
    int low = 0;
    int high = sources - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (absentBefore(middle) <= rank) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    int begin = offsets[low] / copies;
    long within = rank - absentBefore(low);
    // Each synapse in front of it moves the target of that rank by one.
    int from = 0;
    int to = offsets[low + 1] / copies - begin;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (target(begin, middle) - middle <= within) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return (long) low * targets + within + from;
  }

  private long absentBefore(int source) {
    return (long) source * targets - offsets[source] / copies;
  }

  private void add(long[] pairs, long seed, int step) {
    int unread = pairs.length;
    int end = offsets[sources] / copies;
    int to = end + unread;
    offsets[sources] = to * copies;
    for (int i = sources - 1; i >= 0; i--) {
      int begin = offsets[i] / copies;
      int last = unread;
      while (unread > 0 && pairs[unread - 1] >= (long) i * targets) {
        unread--;
      }
      int start = to - (end - begin) - (last - unread);
      if (start > begin || last > unread) {
        merge(i, begin, end - begin, start, Arrays.copyOfRange(pairs, unread, last));
        initialise(i, start, to - start, seed, step);
      }
      offsets[i] = start * copies;
      end = begin;
      to = start;
    }
  }

  /** Moves a row and puts new targets between, from its end. */
  private void merge(int source, int from, int count, int to, long[] pairs) {
    int length = count + pairs.length;
    for (int g = copies - 1; g >= 0; g--) {
      int old = count - 1;
      int added = pairs.length - 1;
      for (int j = length - 1; j >= 0; j--) {
        int at = to * copies + g * length + j;
        int fresh = added < 0 ? -1 : (int) (pairs[added] - (long) source * targets);
        boolean isNew = added >= 0 && (old < 0 || fresh > target(from, old));
        if (isNew) {
          put(at, g * targets + fresh);
          added--;
        } else {
          move(from * copies + g * count + old, at);
          old--;
        }
        if (g == 0) {
          marks[to + j] = (short) (isNew ? 1 : 0);
        }
      }
    }
  }

  private void put(int at, int target) {
    if (wide != null) {
      wide[at] = target;
    } else {
      narrow[at] = (short) target;
    }
  }

  /** Gives the new synapses of a row their first values. */
  private void initialise(int source, int begin, int count, long seed, int step) {
    int across = repeated ? count : 1;
    int along = repeated ? 1 : values;
    for (int j = 0; j < count; j++) {
      if (marks[begin + j] != 0) {
        for (int c = 0; c < arrays.length; c++) {
          Companion.draw(c, source, target(begin, j), step, seed, words);
          for (int g = 0; g < values; g++) {
            float first = companions.get(c).initial().weight(words[g]);
            arrays[c][begin * values + j * along + g * across] = first;
          }
        }
      }
    }
  }
}
