package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * Compressed sparse rows: the synapses of source {@code i} are {@code rowOffsets[i] ..
 * rowOffsets[i+1]-1}; targets ascend within a row and are unique. As in a {@link SparsePattern},
 * places behind the last row are slack.
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
    RowArrays.checkIndexType(indices, weights.length(), targets);
    if (!weights.type().isFloating()) {
      throw new IllegalArgumentException("weights: expected floating point, got " + weights + ".");
    }
    if (delays != null) {
      delays.check(sources, weights.length());
    }
  }

  /**
   * Checks a pattern; {@link #of} does so, too.
   *
   * @throws IllegalArgumentException unless it is one
   */
  public static void checkPattern(int sources, int targets, int[] rowOffsets, int[] indices) {
    new RowArrays(sources, targets, rowOffsets, indices, null).check();
  }

  /**
   * From Java arrays, checked; no delays. Indices are stored as UINT16 where that reaches all
   * targets. The caller closes the result, as that of all methods here.
   *
   * @param type element type of the weights
   * @param rowOffsets [sources + 1], from 0 to the number of synapses
   * @param indices targets, ascending and unique in each row
   * @param weights one per synapse
   * @throws IllegalArgumentException if the arrays are anything else
   */
  public static CsrSynapses of(
      Backend backend,
      DType type,
      int sources,
      int targets,
      int[] rowOffsets,
      int[] indices,
      double[] weights) {
    return upload(
        backend, type, new RowArrays(sources, targets, rowOffsets, indices, weights).check());
  }

  /**
   * From triples (source, target, weight) in any order; a pair may appear once.
   *
   * @param rows source of each triple
   * @param columns target of each triple
   */
  public static CsrSynapses ofTriples(
      Backend backend,
      DType type,
      int sources,
      int targets,
      int[] rows,
      int[] columns,
      double[] values) {
    return upload(backend, type, RowArrays.ofTriples(sources, targets, rows, columns, values));
  }

  /**
   * The elements of a matrix that are not 0.
   *
   * @param dense [sources][targets], row-major
   */
  public static CsrSynapses ofDense(
      Backend backend, DType type, int sources, int targets, double[] dense) {
    return upload(backend, type, RowArrays.ofDense(sources, targets, dense));
  }

  /**
   * Connects each pair with the same probability, independently.
   *
   * @param density the probability, in (0, 1]
   * @param weights distribution of the weights
   * @param seed the same seed gives the same network on every backend and machine
   */
  public static CsrSynapses random(
      Backend backend,
      DType type,
      int sources,
      int targets,
      double density,
      WeightLaw weights,
      long seed) {
    return upload(backend, type, RowArrays.random(sources, targets, density, weights, seed));
  }

  static CsrSynapses upload(Backend backend, DType type, RowArrays rows) {
    Resources made = new Resources();
    try {
      return new CsrSynapses(
          rows.sources(),
          rows.targets(),
          made.own(backend.of(rows.offsets())),
          made.own(RowArrays.upload(backend, rows.indices(), rows.targets())),
          made.own(backend.allocate(type, rows.indices().length).copyFrom(rows.weights())),
          null);
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  /**
   * Reads the pattern back and checks it, in time proportional to the synapses.
   *
   * @throws IllegalArgumentException if offsets descend or a row is not ascending, unique and in
   *     range
   */
  public CsrSynapses validate() {
    SparsePattern.of(this).validate();
    return this;
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
