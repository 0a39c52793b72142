package io.tacet.sparse;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * Compressed sparse rows: the synapses of source {@code i} are {@code rowOffsets[i] ..
 * rowOffsets[i+1]-1}; targets ascend within a row and are unique.
 *
 * @param sources number of rows
 * @param targets number of columns
 * @param rowOffsets INT32 [sources + 1]; owned
 * @param indices target of each synapse, INT32 or UINT16 [count]; owned
 * @param weights [count]; owned
 * @param delays owned, or null for none
 */
public record CsrSynapses(
    int sources,
    int targets,
    DeviceArray rowOffsets,
    DeviceArray indices,
    DeviceArray weights,
    Delays delays)
    implements Synapses {

  public CsrSynapses {
    if (rowOffsets.type() != DType.INT32 || rowOffsets.length() != sources + 1L) {
      throw new IllegalArgumentException(
          "rowOffsets: expected INT32 [" + (sources + 1L) + "], got " + rowOffsets + ".");
    }
    if (indices.length() != weights.length()
        || (indices.type() != DType.INT32 && indices.type() != DType.UINT16)) {
      throw new IllegalArgumentException(
          "indices: expected INT32 or UINT16 [" + weights.length() + "], got " + indices + ".");
    }
    if (indices.type() == DType.UINT16 && targets > 65536) {
      throw new IllegalArgumentException(
          "indices: UINT16 reaches 65536 targets, got " + targets + "; use INT32.");
    }
    if (!weights.type().isFloating()) {
      throw new IllegalArgumentException("weights: expected floating point, got " + weights + ".");
    }
    if (delays != null) {
      delays.check(sources, weights.length());
    }
  }

  @Override
  public long count() {
    return weights.length();
  }

  @Override
  public void close() {
    rowOffsets.close();
    indices.close();
    weights.close();
    if (delays != null) {
      delays.values().close();
    }
  }
}
