package io.tacet.cuda.internal;

import io.tacet.cuda.PropagationPlan;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.Synapses;

/**
 * How the propagation of events through one connectivity is cut into launches: the words of {@code
 * tacet_rows} with the shape, and the arrays that go with it, which it owns.
 */
final class Cut implements AutoCloseable {
  private final long context;
  private final long stream;
  private final long[] rows;
  private final boolean pivots;
  private final Resources owned = new Resources();

  /**
   * @param delayed whether for events that arrive later
   * @param sums what sums in a fixed order are to be, where there are kernels for it
   */
  Cut(long context, long stream, Synapses synapses, int batch, boolean delayed, Sums sums) {
    this.context = context;
    this.stream = stream;
    rows = Words.rows(synapses);
    long[] shape = shape(context, rows, batch, delayed, sums);
    System.arraycopy(shape, 0, rows, Words.ROWS_SHAPE, Words.ROWS_PIVOTS - Words.ROWS_SHAPE);
    long tiles = shape[1];
    long parts = shape[3];
    pivots = tiles > 1 && Words.hasIndices(synapses);
    try {
      if (pivots) {
        long lists =
            synapses instanceof BlockSparseSynapses blocks
                ? blocks.blockOffsets().length() - 1
                : synapses.sources();
        rows[Words.ROWS_PIVOTS] = own(synapses, DType.INT32, lists, tiles + 1);
        findPivots();
      }
      if (parts > 1) {
        rows[Words.ROWS_PARTIALS] = own(synapses, DType.FLOAT32, parts, batch, synapses.targets());
      }
    } catch (RuntimeException | Error e) {
      owned.close();
      throw e;
    }
  }

  /** How events without delays are propagated, with sums in a fixed order. */
  static PropagationPlan plan(long context, Synapses synapses, int batch) {
    long[] shape = shape(context, Words.rows(synapses), batch, false, Sums.chosen());
    return new PropagationPlan(
        Sums.of(shape[5]).text(),
        (int) shape[1],
        (int) shape[0],
        (int) shape[3],
        (int) shape[2],
        Sums.reason(shape[6]));
  }

  private static long[] shape(long context, long[] rows, int batch, boolean delayed, Sums sums) {
    rows[Words.ROWS_SUMS] = sums.code();
    long[] shape = new long[Tacet.TACET_SHAPE_WORDS];
    Calls.check(Tacet.tacet_propagate_shape(context, rows, batch, delayed ? 1 : 0, shape));
    return shape;
  }

  private long own(Synapses synapses, DType type, long... shape) {
    DeviceArray array = owned.own(synapses.backend().allocate(type, shape));
    return array.address();
  }

  /** The words of {@code tacet_rows}. */
  long[] rows() {
    return rows;
  }

  /** Finds where tiles begin within rows; again when the pattern has changed. */
  void findPivots() {
    if (pivots) {
      Calls.check(Tacet.tacet_propagate_pivots(context, rows, stream));
    }
  }

  @Override
  public void close() {
    owned.close();
  }
}
