package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A random pattern of synapses with an empty row, a full row and places to spare at the end, and
 * the dense matrix that is the same.
 *
 * @param offsets [sources + 1]
 * @param indices targets, and targets out of range in the places to spare
 */
public record RandomPattern(int sources, int targets, int[] offsets, int[] indices) {
  private static final int SPARE = 3;

  /**
   * Draws one.
   *
   * @param density probability of a synapse in the other rows
   */
  public static RandomPattern of(RandomGenerator random, int sources, int targets, double density) {
    int[] offsets = new int[sources + 1];
    int[] indices = new int[sources * targets + SPARE];
    int count = 0;
    for (int i = 0; i < sources; i++) {
      double all = i == sources / 2 ? 0 : i == sources - 1 ? 1 : density;
      for (int m = 0; m < targets; m++) {
        if (random.nextDouble() < all) {
          indices[count++] = m;
        }
      }
      offsets[i + 1] = count;
    }
    Arrays.fill(indices, count, count + SPARE, targets);
    return new RandomPattern(sources, targets, offsets, Arrays.copyOf(indices, count + SPARE));
  }

  /** Number of synapses. */
  public int count() {
    return offsets[sources];
  }

  /** The pattern on a backend, its indices in 16 or 32 bits. */
  public SparsePattern upload(Backend backend, Resources owner, DType type) {
    DeviceArray array =
        type == DType.INT32
            ? backend.of(indices)
            : RowArrays.upload(backend, indices, Math.min(targets, 65536));
    return new SparsePattern(sources, targets, owner.own(backend.of(offsets)), owner.own(array));
  }

  /**
   * The values of a dense matrix that are on the pattern.
   *
   * @param dense [sources][each][targets]
   * @param each values of a synapse
   * @param spare what is in the places to spare
   */
  public double[] values(double[] dense, int each, double spare) {
    double[] values = new double[each * indices.length];
    Arrays.fill(values, spare);
    for (int i = 0; i < sources; i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        for (int g = 0; g < each; g++) {
          values[each * s + g] = dense[(i * each + g) * targets + indices[s]];
        }
      }
    }
    return values;
  }

  /** Sets the elements of a dense matrix [sources][each][targets] to 0 that are not on it. */
  public void mask(double[] dense, int each) {
    double[] kept = new double[dense.length];
    for (int i = 0; i < sources; i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        for (int g = 0; g < each; g++) {
          int at = (i * each + g) * targets + indices[s];
          kept[at] = dense[at];
        }
      }
    }
    System.arraycopy(kept, 0, dense, 0, dense.length);
  }
}
