package io.tacet.reference.f64;

import io.tacet.egru.EgruLayer;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.Synapses;
import io.tacet.spi.VectorLoops;
import java.util.Arrays;

/**
 * Copies of the weights that reach some of the units of a layer, whose columns they are then. Loops
 * are those in vector instructions, null for plain ones.
 */
final class GateParts {
  private static final int GATES = 3;

  private GateParts() {}

  /** Of the recurrent weights of a layer. */
  static GateWeights recurrent(EgruLayer layer, int first, int width, VectorLoops loops) {
    double[] weights = Real.array(layer.recurrent());
    SparsePattern pattern = layer.pattern();
    int units = layer.units();
    if (pattern == null) {
      return dense(weights, units, units, first, width);
    }
    int[] offsets = (int[]) pattern.rowOffsets().storage().heap();
    return layer.gatesPerSynapse() == GATES
        ? shared(offsets, pattern.indices(), weights, units, first, width, loops)
        : own(offsets, pattern.indices(), weights, units, first, width);
  }

  /** Of input weights to the gates of all units. */
  static GateWeights input(Synapses synapses, int units, int first, int width, VectorLoops loops) {
    double[] weights = Real.array(synapses.weights());
    if (synapses instanceof CsrSynapses csr) {
      int[] offsets = (int[]) csr.rowOffsets().storage().heap();
      return sharedByGates(offsets, csr.indices(), units)
          ? sharedInput(offsets, csr.indices(), weights, first, width, loops)
          : own(offsets, csr.indices(), weights, units, first, width);
    }
    return dense(weights, synapses.sources(), units, first, width);
  }

  /**
   * Of dense weights.
   *
   * @param weights [rows][3 units]
   */
  private static GateWeights dense(double[] weights, int rows, int units, int first, int width) {
    double[][] out = new double[rows][GATES * width];
    for (int i = 0; i < rows; i++) {
      for (int gate = 0; gate < GATES; gate++) {
        System.arraycopy(weights, (GATES * i + gate) * units + first, out[i], gate * width, width);
      }
    }
    return new DenseGates(out, null, null);
  }

  /**
   * Of weights on a pattern that the gates share.
   *
   * @param weights [places][3]
   */
  private static GateWeights shared(
      int[] offsets,
      DeviceArray indices,
      double[] weights,
      int units,
      int first,
      int width,
      VectorLoops loops) {
    int[] kept = places(offsets, indices, units, first, width);
    int[] targets = new int[kept.length];
    double[] values = new double[GATES * kept.length];
    for (int k = 0; k < kept.length; k++) {
      targets[k] = target(indices, kept[k]) - first;
      System.arraycopy(weights, GATES * kept[k], values, GATES * k, GATES);
    }
    return new SharedGates(width, starts(offsets, kept), stored(targets, width), values, loops);
  }

  /**
   * Of weights on patterns of the gates, side by side.
   *
   * @param weights [places]
   */
  private static GateWeights own(
      int[] offsets, DeviceArray indices, double[] weights, int units, int first, int width) {
    int[] kept = places(offsets, indices, units, first, width);
    int[] targets = new int[kept.length];
    double[] values = new double[kept.length];
    for (int k = 0; k < kept.length; k++) {
      int column = target(indices, kept[k]);
      targets[k] = column / units * width + column % units - first;
      values[k] = weights[kept[k]];
    }
    return new OwnGates(width, starts(offsets, kept), stored(targets, GATES * width), values);
  }

  /** Whether each row has the same units in each gate. */
  private static boolean sharedByGates(int[] offsets, DeviceArray indices, int units) {
    for (int i = 0; i + 1 < offsets.length; i++) {
      int count = offsets[i + 1] - offsets[i];
      int own = count / GATES;
      for (int k = 0; k < count; k++) {
        int unit = own == 0 ? 0 : target(indices, offsets[i] + k % own);
        if (count % GATES != 0 || target(indices, offsets[i] + k) != k / own * units + unit) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Of input weights whose rows have the same units in each gate.
   *
   * @param weights [places], a gate of a row after another
   */
  private static GateWeights sharedInput(
      int[] offsets,
      DeviceArray indices,
      double[] weights,
      int first,
      int width,
      VectorLoops loops) {
    int[] starts = new int[offsets.length];
    int[] targets = new int[weights.length / GATES];
    double[] values = new double[weights.length];
    int count = 0;
    for (int i = 0; i + 1 < offsets.length; i++) {
      int own = (offsets[i + 1] - offsets[i]) / GATES;
      for (int k = offsets[i]; k < offsets[i] + own; k++) {
        int unit = target(indices, k) - first;
        if (unit >= 0 && unit < width) {
          for (int gate = 0; gate < GATES; gate++) {
            values[GATES * count + gate] = weights[k + gate * own];
          }
          targets[count++] = unit;
        }
      }
      starts[i + 1] = count;
    }
    return new SharedGates(
        width,
        starts,
        stored(Arrays.copyOf(targets, count), width),
        Arrays.copyOf(values, GATES * count),
        loops);
  }

  private static int target(DeviceArray indices, int place) {
    Object heap = indices.storage().heap();
    return indices.type() == DType.INT32 ? ((int[]) heap)[place] : ((short[]) heap)[place] & 0xffff;
  }

  /** Places of the pattern whose targets are among the units, in their order. */
  private static int[] places(int[] offsets, DeviceArray indices, int units, int first, int width) {
    int[] found = new int[offsets[offsets.length - 1]];
    int count = 0;
    for (int k = 0; k < found.length; k++) {
      int unit = target(indices, k) % units;
      found[count] = k;
      count += unit >= first && unit < first + width ? 1 : 0;
    }
    return Arrays.copyOf(found, count);
  }

  /** Where rows begin among the places that were kept. */
  private static int[] starts(int[] offsets, int[] kept) {
    int[] starts = new int[offsets.length];
    int k = 0;
    for (int i = 0; i < starts.length; i++) {
      while (k < kept.length && kept[k] < offsets[i]) {
        k++;
      }
      starts[i] = k;
    }
    return starts;
  }

  /** In 16 bits where they suffice. */
  private static Object stored(int[] targets, int count) {
    if (count > 65536) {
      return targets;
    }
    short[] narrow = new short[targets.length];
    for (int k = 0; k < narrow.length; k++) {
      narrow[k] = (short) targets[k];
    }
    return narrow;
  }
}
