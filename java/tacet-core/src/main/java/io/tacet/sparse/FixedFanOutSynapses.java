package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * Sparse rows of one length, without offsets: every source reaches {@code fanOut} targets,
 * ascending and unique within a row.
 *
 * @param sources number of rows
 * @param targets number of columns
 * @param fanOut synapses per row, at least 1 and at most {@code targets}
 * @param indices target of each synapse, INT32 or UINT16 [sources][fanOut]; owned
 * @param weights [sources][fanOut]; owned
 * @param delays owned, or null for none
 */
public record FixedFanOutSynapses(
    int sources, int targets, int fanOut, DeviceArray indices, DeviceArray weights, Delays delays)
    implements Synapses {

  public FixedFanOutSynapses {
    if (fanOut < 1 || fanOut > targets) {
      throw new IllegalArgumentException(
          "fanOut: expected 1 to " + targets + ", got " + fanOut + ".");
    }
    if (weights.length() != (long) sources * fanOut || !weights.type().isFloating()) {
      throw new IllegalArgumentException(
          "weights: expected floating-point ["
              + sources
              + "]["
              + fanOut
              + "], got "
              + weights
              + ".");
    }
    RowArrays.checkIndexType(indices, weights.length(), targets);
    if (delays != null) {
      delays.check(sources, weights.length());
    }
  }

  /**
   * From Java arrays, checked; no delays. Indices are stored as UINT16 if that suffices for all
   * targets. The caller closes the result.
   *
   * @param indices [sources][fanOut], ascending and unique in each row
   * @param weights [sources][fanOut]
   * @throws IllegalArgumentException if the arrays are anything else
   */
  public static FixedFanOutSynapses of(
      Backend backend,
      DType type,
      int sources,
      int targets,
      int fanOut,
      int[] indices,
      double[] weights) {
    RowArrays.checkExtents(sources, targets);
    if (indices.length != (long) sources * fanOut || weights.length != indices.length) {
      throw new IllegalArgumentException(
          "indices, weights: expected ["
              + sources
              + "]["
              + fanOut
              + "], got "
              + indices.length
              + " and "
              + weights.length
              + " values.");
    }
    for (int i = 0; i < sources; i++) {
      RowArrays.checkRow(indices, i * fanOut, (i + 1) * fanOut, targets, "indices", i);
    }
    return upload(backend, type, fanOut, new RowArrays(sources, targets, null, indices, weights));
  }

  /**
   * Rows of distinct targets drawn uniformly; the caller closes the result.
   *
   * @param weights distribution of the weights
   * @param seed the same seed gives the same network on every backend and machine
   */
  public static FixedFanOutSynapses random(
      Backend backend,
      DType type,
      int sources,
      int targets,
      int fanOut,
      WeightLaw weights,
      long seed) {
    return upload(
        backend, type, fanOut, RowArrays.randomFanOut(sources, targets, fanOut, weights, seed));
  }

  private static FixedFanOutSynapses upload(
      Backend backend, DType type, int fanOut, RowArrays rows) {
    Resources made = new Resources();
    try {
      return new FixedFanOutSynapses(
          rows.sources(),
          rows.targets(),
          fanOut,
          made.own(RowArrays.upload(backend, rows.indices(), rows.targets())),
          made.own(backend.allocate(type, rows.sources(), fanOut).copyFrom(rows.weights())),
          null);
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  @Override
  public long count() {
    return weights.length();
  }

  @Override
  public void close() {
    indices.close();
    weights.close();
    if (delays != null) {
      delays.values().close();
    }
  }
}
