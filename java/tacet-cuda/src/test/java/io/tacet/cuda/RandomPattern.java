package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.SparsePattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A random sparse pattern of recurrent weights as plain Java arrays, and where its values are in a
 * dense matrix whose weights without a synapse are 0. Its second row is full, every seventh is
 * empty.
 */
final class RandomPattern {
  final int units;
  final int targets;

  /** Values of a synapse. */
  final int each;

  final boolean narrow;
  final int slack;
  private final int[] offsets;
  private final int[] indices;

  /** Of each value. */
  private final int[] positions;

  RandomPattern(
      long seed, int units, int targets, int each, double density, boolean narrow, int slack) {
    this.units = units;
    this.targets = targets;
    this.each = each;
    this.narrow = narrow;
    this.slack = slack;
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> kept = new ArrayList<>();
    List<Integer> dense = new ArrayList<>();
    offsets = new int[units + 1];
    for (int j = 0; j < units; j++) {
      for (int m = 0; m < targets; m++) {
        if (j == 1 || (j % 7 != 3 && random.nextDouble() < density)) {
          kept.add(m);
          for (int gate = 0; gate < each; gate++) {
            dense.add((j * each + gate) * targets + m);
          }
        }
      }
      offsets[j + 1] = kept.size();
    }
    indices = kept.stream().mapToInt(m -> m).toArray();
    positions = dense.stream().mapToInt(at -> at).toArray();
  }

  /** Sets weights without a synapse to 0. */
  void mask(double[] dense) {
    double[] values = stored(dense);
    Arrays.fill(dense, 0);
    for (int k = 0; k < values.length; k++) {
      dense[positions[k]] = values[k];
    }
  }

  /** Values of a dense matrix in the order of the synapses. */
  double[] stored(double[] dense) {
    return Arrays.stream(positions).mapToDouble(at -> dense[at]).toArray();
  }

  /** As many as there are places; those of the slack are NaN. */
  DeviceArray values(Backend backend, Resources own, double[] dense) {
    double[] values = Arrays.copyOf(stored(dense), (indices.length + slack) * each);
    Arrays.fill(values, positions.length, values.length, Double.NaN);
    return own.own(backend.allocate(DType.FLOAT32, values.length).copyFrom(values));
  }

  /** A gradient as values of the synapses; fails if it has changed the slack, which is NaN. */
  double[] gradient(DeviceArray gradient) {
    double[] all = gradient.toDoubles();
    if (!IntStream.range(positions.length, all.length).allMatch(k -> Double.isNaN(all[k]))) {
      throw new AssertionError("the gradient of the slack has changed");
    }
    return Arrays.copyOf(all, positions.length);
  }

  SparsePattern on(Backend backend, Resources own) {
    int[] all = Arrays.copyOf(indices, indices.length + slack);
    Arrays.fill(all, indices.length, all.length, narrow ? 65535 : Integer.MAX_VALUE);
    DeviceArray targetsOfSynapses;
    if (narrow) {
      short[] shorts = new short[all.length];
      for (int k = 0; k < all.length; k++) {
        shorts[k] = (short) all[k];
      }
      targetsOfSynapses = backend.of(shorts);
    } else {
      targetsOfSynapses = backend.of(all);
    }
    return new SparsePattern(
        units, targets, own.own(backend.of(offsets)), own.own(targetsOfSynapses));
  }
}
