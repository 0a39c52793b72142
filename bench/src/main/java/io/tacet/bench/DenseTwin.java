package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;

/**
 * Values on a sparse pattern as those of a dense matrix that is 0 elsewhere, to compare the
 * operations of one with those of the other.
 */
final class DenseTwin {
  private final int sources;
  private final int columns;

  /** Of each value: its place in the dense matrix. */
  private final int[] positions;

  /**
   * @param each values of a synapse; the column of value g is g targets + its target
   */
  DenseTwin(SparsePattern pattern, int each) {
    sources = pattern.sources();
    columns = Math.multiplyExact(each, pattern.targets());
    Math.multiplyExact(sources, columns);
    int[] offsets = pattern.rowOffsets().toInts();
    int[] targets = targets(pattern.indices());
    positions = new int[each * offsets[sources]];
    for (int j = 0; j < sources; j++) {
      for (int s = offsets[j]; s < offsets[j + 1]; s++) {
        for (int g = 0; g < each; g++) {
          positions[each * s + g] = j * columns + g * pattern.targets() + targets[s];
        }
      }
    }
  }

  private static int[] targets(DeviceArray indices) {
    if (indices.type() == DType.INT32) {
      return indices.toInts();
    }
    short[] narrow = indices.toShorts();
    int[] targets = new int[narrow.length];
    for (int s = 0; s < narrow.length; s++) {
      targets[s] = Short.toUnsignedInt(narrow[s]);
    }
    return targets;
  }

  /** Connects each pair of units with the same probability; whoever gets the synapses owns them. */
  static CsrSynapses random(Backend backend, int units, double density) {
    WeightLaw law = WeightLaw.normal(0, 1);
    return CsrSynapses.random(backend, DType.FLOAT32, units, units, density, law, 1);
  }

  /** The dense matrix, on a backend. */
  DeviceArray dense(Backend backend, DType type, DeviceArray values) {
    double[] dense = new double[sources * columns];
    double[] some = values.toDoubles();
    for (int k = 0; k < positions.length; k++) {
      dense[positions[k]] = some[k];
    }
    return backend.allocate(type, sources, columns).copyFrom(dense);
  }

  /** Those of the synapses of a dense matrix, in their order. */
  double[] stored(double[] dense) {
    double[] values = new double[positions.length];
    for (int k = 0; k < values.length; k++) {
      values[k] = dense[positions[k]];
    }
    return values;
  }
}
