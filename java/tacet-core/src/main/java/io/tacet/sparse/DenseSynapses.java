package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * All-to-all synapses.
 *
 * @param sources number of rows
 * @param targets number of columns
 * @param weights [sources][targets]; owned
 * @param delays owned, or null for none
 */
public record DenseSynapses(int sources, int targets, DeviceArray weights, Delays delays)
    implements Synapses {

  public DenseSynapses {
    if (weights.length() != (long) sources * targets || !weights.type().isFloating()) {
      throw new IllegalArgumentException(
          "weights: expected floating-point ["
              + sources
              + "]["
              + targets
              + "], got "
              + weights
              + ".");
    }
    if (delays != null) {
      delays.check(sources, weights.length());
    }
  }

  /**
   * From a Java array, without delays; the caller closes the result.
   *
   * @param type element type of the weights
   * @param weights [sources][targets], row-major
   */
  public static DenseSynapses of(
      Backend backend, DType type, int sources, int targets, double[] weights) {
    RowArrays.checkExtents(sources, targets);
    DeviceArray array = backend.allocate(type, sources, targets);
    try {
      return new DenseSynapses(sources, targets, array.copyFrom(weights), null);
    } catch (RuntimeException | Error e) {
      array.close();
      throw e;
    }
  }

  @Override
  public long count() {
    return weights.length();
  }

  @Override
  public void close() {
    weights.close();
    if (delays != null) {
      delays.values().close();
    }
  }
}
