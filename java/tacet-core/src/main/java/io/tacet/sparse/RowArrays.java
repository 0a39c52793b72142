package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Sparse rows as Java arrays, in which connectivities are built and checked before they are copied
 * to a backend.
 *
 * @param offsets [sources + 1]
 * @param indices target of each synapse, ascending and unique within a row
 * @param weights of each synapse
 */
record RowArrays(int sources, int targets, int[] offsets, int[] indices, double[] weights) {

  /** Throws an IllegalArgumentException unless the arrays are sparse rows. */
  RowArrays check() {
    checkExtents(sources, targets);
    checkOffsets(offsets, sources, indices.length, "rowOffsets");
    return checkRows();
  }

  /** The same where there may be more indices than synapses: what follows the last row is slack. */
  RowArrays checkWithSlack() {
    checkExtents(sources, targets);
    int end = offsets.length == 0 ? 0 : Math.min(offsets[offsets.length - 1], indices.length);
    checkOffsets(offsets, sources, end, "rowOffsets");
    return checkRows();
  }

  private RowArrays checkRows() {
    if (weights != null && weights.length != indices.length) {
      throw new IllegalArgumentException(
          "weights: expected " + indices.length + " like the indices, got " + weights.length + ".");
    }
    for (int i = 0; i < sources; i++) {
      checkRow(indices, offsets[i], offsets[i + 1], targets, "indices", i);
    }
    return this;
  }

  static void checkExtents(int sources, int targets) {
    if (sources < 1 || targets < 1) {
      throw new IllegalArgumentException(
          "sources, targets: expected at least 1, got " + sources + " and " + targets + ".");
    }
  }

  static void checkOffsets(int[] offsets, int rows, int count, String name) {
    if (offsets.length != rows + 1 || offsets[0] != 0 || offsets[rows] != count) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + (rows + 1)
              + " values from 0 to "
              + count
              + ", got "
              + offsets.length
              + " values"
              + (offsets.length == 0
                  ? "."
                  : " from " + offsets[0] + " to " + offsets[offsets.length - 1] + "."));
    }
    for (int i = 0; i < rows; i++) {
      if (offsets[i + 1] < offsets[i]) {
        throw new IllegalArgumentException(
            name
                + ": expected values that do not descend, got "
                + offsets[i]
                + " then "
                + offsets[i + 1]
                + " at row "
                + i
                + ".");
      }
    }
  }

  static void checkRow(int[] indices, int begin, int end, int targets, String name, int row) {
    int previous = -1;
    for (int s = begin; s < end; s++) {
      if (indices[s] < 0 || indices[s] >= targets) {
        throw new IllegalArgumentException(
            name
                + ": expected 0 to "
                + (targets - 1)
                + ", got "
                + indices[s]
                + " in row "
                + row
                + ".");
      }
      if (indices[s] <= previous) {
        throw new IllegalArgumentException(
            name
                + ": expected ascending, unique targets, got "
                + indices[s]
                + " after "
                + previous
                + " in row "
                + row
                + ".");
      }
      previous = indices[s];
    }
  }

  /** From triples in any order. */
  static RowArrays ofTriples(int sources, int targets, int[] rows, int[] columns, double[] values) {
    if (columns.length != rows.length || values.length != rows.length) {
      throw new IllegalArgumentException(
          "rows, columns, values: expected equal lengths, got "
              + rows.length
              + ", "
              + columns.length
              + " and "
              + values.length
              + ".");
    }
    int[] offsets = new int[sources + 1];
    for (int row : rows) {
      if (row < 0 || row >= sources) {
        throw new IllegalArgumentException(
            "rows: expected 0 to " + (sources - 1) + ", got " + row + ".");
      }
      offsets[row + 1]++;
    }
    for (int i = 0; i < sources; i++) {
      offsets[i + 1] += offsets[i];
    }
    // Column and position of each entry in one sortable number.
    long[] entries = new long[rows.length];
    int[] next = offsets.clone();
    for (int k = 0; k < rows.length; k++) {
      entries[next[rows[k]]++] = ((long) columns[k] << 32) | k;
    }
    int[] indices = new int[rows.length];
    double[] weights = new double[rows.length];
    for (int i = 0; i < sources; i++) {
      Arrays.sort(entries, offsets[i], offsets[i + 1]);
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        indices[s] = (int) (entries[s] >> 32);
        weights[s] = values[(int) entries[s]];
      }
    }
    return new RowArrays(sources, targets, offsets, indices, weights).check();
  }

  /** The nonzero elements of a dense matrix [sources][targets]. */
  static RowArrays ofDense(int sources, int targets, double[] dense) {
    checkExtents(sources, targets);
    if (dense.length != (long) sources * targets) {
      throw new IllegalArgumentException(
          "dense: expected [" + sources + "][" + targets + "], got " + dense.length + " values.");
    }
    int count = 0;
    for (double w : dense) {
      count += w != 0 ? 1 : 0;
    }
    int[] offsets = new int[sources + 1];
    int[] indices = new int[count];
    double[] weights = new double[count];
    int s = 0;
    for (int k = 0; k < dense.length; k++) {
      if (dense[k] != 0) {
        indices[s] = k % targets;
        weights[s++] = dense[k];
      }
      offsets[k / targets + 1] = s;
    }
    return new RowArrays(sources, targets, offsets, indices, weights);
  }

  /** Each pair is connected independently with the same probability. */
  static RowArrays random(int sources, int targets, double density, WeightLaw law, long seed) {
    checkExtents(sources, targets);
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException(
          "density: expected a number in (0, 1], got " + density + ".");
    }
    int[] offsets = new int[sources + 1];
    int[] indices = new int[(int) Math.min(1 << 20, (long) sources * targets)];
    int count = 0;
    for (int i = 0; i < sources; i++) {
      PhiloxRandom random = new PhiloxRandom(seed, i);
      for (long m = skip(random, density); m < targets; m += 1 + skip(random, density)) {
        if (count == indices.length) {
          indices = Arrays.copyOf(indices, Math.addExact(count, count / 2 + 16));
        }
        indices[count++] = (int) m;
      }
      offsets[i + 1] = count;
    }
    return new RowArrays(sources, targets, offsets, Arrays.copyOf(indices, count), null)
        .withWeights(law, seed);
  }

  /** Unconnected targets before the next connected one: geometrically distributed. */
  private static long skip(PhiloxRandom random, double density) {
    if (density == 1) {
      return 0;
    }
    // StrictMath, so that a seed means the same network on every machine.
    return (long) (StrictMath.log(1 - random.nextDouble()) / StrictMath.log1p(-density));
  }

  /** Rows of {@code fanOut} distinct targets, uniform among all such rows. */
  static RowArrays randomFanOut(int sources, int targets, int fanOut, WeightLaw law, long seed) {
    checkExtents(sources, targets);
    if (fanOut < 1 || fanOut > targets) {
      throw new IllegalArgumentException(
          "fanOut: expected 1 to " + targets + ", got " + fanOut + ".");
    }
    int[] offsets = new int[sources + 1];
    int[] indices = new int[Math.multiplyExact(sources, fanOut)];
    BitSet row = new BitSet(targets);
    for (int i = 0; i < sources; i++) {
      PhiloxRandom random = new PhiloxRandom(seed, i);
      row.clear();
      // Floyd's algorithm: one draw per member of the sample.
      for (int top = targets - fanOut; top < targets; top++) {
        int pick = random.nextInt(top + 1);
        row.set(row.get(pick) ? top : pick);
      }
      int s = offsets[i];
      for (int m = row.nextSetBit(0); m >= 0; m = row.nextSetBit(m + 1)) {
        indices[s++] = m;
      }
      offsets[i + 1] = s;
    }
    return new RowArrays(sources, targets, offsets, indices, null).withWeights(law, seed);
  }

  private RowArrays withWeights(WeightLaw law, long seed) {
    return new RowArrays(
        sources, targets, offsets, indices, weights(law, seed, sources, indices.length));
  }

  /**
   * Weights drawn from a separate random stream, so that the pattern does not depend on the
   * distribution.
   */
  static double[] weights(WeightLaw law, long seed, int sources, int count) {
    PhiloxRandom random = new PhiloxRandom(seed, (long) sources + 1);
    double[] drawn = new double[count];
    for (int s = 0; s < count; s++) {
      drawn[s] = law.weight(random.nextInt());
    }
    return drawn;
  }

  /** The indices on a backend, as UINT16 if that suffices for all targets. */
  static DeviceArray upload(Backend backend, int[] indices, int targets) {
    DType type = targets > 65536 ? DType.INT32 : DType.UINT16;
    return backend.allocate(type, indices.length).copyFrom(indices);
  }

  static void checkIndexType(DeviceArray indices, long expected, int targets) {
    if (indices.length() != expected
        || (indices.type() != DType.INT32 && indices.type() != DType.UINT16)) {
      throw new IllegalArgumentException(
          "indices: expected INT32 or UINT16 [" + expected + "], got " + indices + ".");
    }
    if (indices.type() == DType.UINT16 && targets > 65536) {
      throw new IllegalArgumentException(
          "indices: UINT16 reaches 65536 targets, got " + targets + "; use INT32.");
    }
  }
}
