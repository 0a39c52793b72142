package io.tacet.cuda.internal;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.Events;
import io.tacet.sparse.Synapses;
import io.tacet.spi.PropagationKernels.Plan;
import io.tacet.spi.PropagationKernels.Slots;

/**
 * Event propagation through one connectivity: the shape of the launches, where tiles begin within
 * rows, and scratch memory; one set without delays and one with, each created on first use.
 */
final class NativePlan implements Plan {
  private final long context;
  private final long stream;
  private final Synapses synapses;
  private final int batch;
  private final boolean deterministic;
  private Cut now;
  private Cut later;

  /** One partition of the work, and the words of {@code tacet_rows} that describe it. */
  private static final class Cut {
    final long[] rows;
    DeviceArray pivots;
    DeviceArray partials;

    Cut(long[] rows) {
      this.rows = rows;
    }

    void close() {
      if (pivots != null) {
        pivots.close();
      }
      if (partials != null) {
        partials.close();
      }
    }
  }

  NativePlan(long context, long stream, Synapses synapses, int batch, boolean deterministic) {
    this.context = context;
    this.stream = stream;
    this.synapses = synapses;
    this.batch = batch;
    this.deterministic = deterministic;
  }

  @Override
  public void forward(Events events, Slots target) {
    Calls.check(
        Tacet.tacet_propagate_forward(
            context,
            cut(target).rows,
            Words.lists(events),
            Words.slots(target),
            deterministic ? 1 : 0,
            stream));
  }

  @Override
  public void transposed(Events events, Slots adjoint, DeviceArray sums) {
    Calls.check(
        Tacet.tacet_propagate_transposed(
            context,
            cut(adjoint).rows,
            Words.lists(events),
            Words.slots(adjoint),
            sums.address(),
            stream));
  }

  @Override
  public void weightGradient(Events events, Slots adjoint, DeviceArray gradient) {
    Calls.check(
        Tacet.tacet_propagate_gradient(
            context,
            cut(adjoint).rows,
            Words.lists(events),
            Words.slots(adjoint),
            gradient.address(),
            stream));
  }

  @Override
  public void patternChanged() {
    for (Cut cut : new Cut[] {now, later}) {
      if (cut != null && cut.pivots != null) {
        findPivots(cut);
      }
    }
  }

  @Override
  public void close() {
    for (Cut cut : new Cut[] {now, later}) {
      if (cut != null) {
        cut.close();
      }
    }
  }

  private Cut cut(Slots slots) {
    if (slots.delays() == null) {
      now = now == null ? made(0) : now;
      return now;
    }
    later = later == null ? made(1) : later;
    return later;
  }

  private Cut made(int delayed) {
    long[] rows = Words.rows(synapses);
    long[] shape = new long[Tacet.TACET_SHAPE_WORDS];
    Calls.check(Tacet.tacet_propagate_shape(context, rows, batch, delayed, shape));
    System.arraycopy(shape, 0, rows, Words.ROWS_SHAPE, shape.length);
    Cut cut = new Cut(rows);
    long tiles = shape[1];
    long parts = shape[3];
    try {
      if (tiles > 1 && Words.hasIndices(synapses)) {
        long lists =
            synapses instanceof BlockSparseSynapses blocks
                ? blocks.blockOffsets().length() - 1
                : synapses.sources();
        cut.pivots = synapses.backend().allocate(DType.INT32, lists, tiles + 1);
        rows[Words.ROWS_PIVOTS] = cut.pivots.address();
        findPivots(cut);
      }
      if (parts > 1) {
        cut.partials = synapses.backend().allocate(DType.FLOAT32, parts, batch, synapses.targets());
        rows[Words.ROWS_PARTIALS] = cut.partials.address();
      }
    } catch (RuntimeException e) {
      cut.close();
      throw e;
    }
    return cut;
  }

  private void findPivots(Cut cut) {
    Calls.check(Tacet.tacet_propagate_pivots(context, cut.rows, stream));
  }
}
