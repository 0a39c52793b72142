package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * Which synapses there are, as compressed sparse rows without weights: those of source {@code i}
 * are {@code rowOffsets[i] .. rowOffsets[i+1]-1}, and their targets ascend within a row and are
 * unique. Values of a pattern are arrays of their own, with one or several values of a synapse next
 * to one another. A view: it owns nothing.
 *
 * <p>There may be room for more synapses than there are: places from {@code rowOffsets[sources]} on
 * are slack. Operations neither read nor write values there.
 *
 * @param sources number of rows
 * @param targets number of columns
 * @param rowOffsets INT32 [sources + 1], from 0 to at most the number of places
 * @param indices target of each synapse, INT32 or UINT16 [places]
 */
public record SparsePattern(int sources, int targets, DeviceArray rowOffsets, DeviceArray indices) {

  public SparsePattern {
    RowArrays.checkExtents(sources, targets);
    if (rowOffsets.type() != DType.INT32 || rowOffsets.length() != sources + 1L) {
      throw new IllegalArgumentException(
          "rowOffsets: expected INT32 [" + (sources + 1L) + "], got " + rowOffsets + ".");
    }
    RowArrays.checkIndexType(indices, indices.length(), targets);
    if (indices.backend() != rowOffsets.backend()) {
      throw new IllegalArgumentException(
          "indices: expected an array on "
              + rowOffsets.backend().name()
              + " like the offsets, got "
              + indices
              + ".");
    }
  }

  /** The pattern of synapses; it stays theirs. */
  public static SparsePattern of(CsrSynapses synapses) {
    return new SparsePattern(
        synapses.sources(), synapses.targets(), synapses.rowOffsets(), synapses.indices());
  }

  /** Number of places for synapses, slack included. */
  public long places() {
    return indices.length();
  }

  /** Where the pattern is. */
  public Backend backend() {
    return rowOffsets.backend();
  }

  /**
   * Reads the pattern back and checks it, in time proportional to the synapses.
   *
   * @throws IllegalArgumentException if offsets descend or leave the places, or if a row is not
   *     ascending, unique and in range
   */
  public SparsePattern validate() {
    new RowArrays(sources, targets, rowOffsets.toInts(), indices.toInts(), null).checkWithSlack();
    return this;
  }
}
