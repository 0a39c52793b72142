package io.tacet.nir;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.Connectivity;
import java.util.Arrays;
import java.util.Map;

/** The synapses of a layer, one by one. */
final class SynapseMatrix {
  private final int sources;
  private final int targets;
  private final int[] from;
  private final int[] to;
  private final double[] weights;
  private final double[] delays;

  SynapseMatrix(
      Map<String, DeviceArray> arrays,
      String prefix,
      Connection connection,
      int sources,
      int targets) {
    this.sources = sources;
    this.targets = targets;
    weights = arrays.get(prefix + "weights").toDoubles();
    delays = connection.delayed() ? arrays.get(prefix + "delays").toDoubles() : null;
    if (connection.isDense()) {
      from = new int[weights.length];
      to = new int[weights.length];
      Arrays.setAll(from, k -> k / targets);
      Arrays.setAll(to, k -> k % targets);
    } else {
      int[] indices = arrays.get(prefix + "indices").toInts();
      if (connection.connectivity() instanceof Connectivity.FanOut fixed) {
        from = new int[indices.length];
        Arrays.setAll(from, k -> k / fixed.targets());
        to = indices;
      } else {
        // Behind the last row may be places for synapses that are yet to come.
        int[] offsets = arrays.get(prefix + "offsets").toInts();
        from = rows(offsets);
        to = Arrays.copyOf(indices, from.length);
      }
    }
  }

  private static int[] rows(int[] offsets) {
    int[] rows = new int[offsets[offsets.length - 1]];
    for (int row = 0; row + 1 < offsets.length; row++) {
      Arrays.fill(rows, offsets[row], offsets[row + 1], row);
    }
    return rows;
  }

  /** As a matrix [targets][sources], 0 where there is no synapse. */
  double[] weights() {
    double[] matrix = new double[Math.multiplyExact(targets, sources)];
    for (int k = 0; k < from.length; k++) {
      matrix[to[k] * sources + from[k]] = weights[k];
    }
    return matrix;
  }

  /** In ms, where all synapses of a source have the same; else null. */
  double[] delaysBySource() {
    return delaysBy(from, sources);
  }

  /** In ms, where all synapses of a target have the same; else null. */
  double[] delaysByTarget() {
    return delaysBy(to, targets);
  }

  private double[] delaysBy(int[] ends, int count) {
    double[] common = new double[count];
    boolean[] known = new boolean[count];
    for (int k = 0; k < ends.length; k++) {
      int end = ends[k];
      if (known[end] && common[end] != delays[k]) {
        return null;
      }
      known[end] = true;
      common[end] = delays[k];
    }
    return common;
  }
}
