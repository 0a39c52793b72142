package io.tacet.reference.f64;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.ProceduralSynapses;
import io.tacet.sparse.Synapses;
import java.util.Arrays;

/** Where the rows of a connectivity come from: one subclass per format. Thread-safe. */
abstract class RowSource {
  final int targets;

  private RowSource(int targets) {
    this.targets = targets;
  }

  static RowSource of(Synapses synapses) {
    if (synapses instanceof DenseSynapses dense) {
      return new DenseRows(dense);
    }
    if (synapses instanceof CsrSynapses csr) {
      int[] offsets = (int[]) csr.rowOffsets().storage().heap();
      return new IndexedRows(csr, offsets, 0, csr.indices());
    }
    if (synapses instanceof FixedFanOutSynapses fixed) {
      return new IndexedRows(fixed, null, fixed.fanOut(), fixed.indices());
    }
    if (synapses instanceof BlockSparseSynapses blocks) {
      return new BlockRows(blocks);
    }
    return new ProceduralRows((ProceduralSynapses) synapses);
  }

  /** Number of pieces of a row. */
  int pieces(int source) {
    return 1;
  }

  /** Loads the part of a piece that reaches targets {@code low .. high-1}. */
  abstract void load(int source, int number, int low, int high, RowPiece piece);

  private static final class DenseRows extends RowSource {
    private final double[] weights;

    DenseRows(DenseSynapses synapses) {
      super(synapses.targets());
      weights = Real.array(synapses.weights());
    }

    @Override
    void load(int source, int number, int low, int high, RowPiece piece) {
      piece.contiguous(weights, source * targets + low, high - low, low);
    }
  }

  /** Rows with a list of targets, of any length or all of one. */
  private static final class IndexedRows extends RowSource {
    private final double[] weights;
    private final int[] offsets;
    private final int fanOut;
    private final int[] wide;
    private final short[] narrow;

    IndexedRows(Synapses synapses, int[] offsets, int fanOut, DeviceArray indices) {
      super(synapses.targets());
      weights = Real.array(synapses.weights());
      this.offsets = offsets;
      this.fanOut = fanOut;
      Object heap = indices.storage().heap();
      wide = indices.type() == DType.INT32 ? (int[]) heap : null;
      narrow = indices.type() == DType.INT32 ? null : (short[]) heap;
    }

    @Override
    void load(int source, int number, int low, int high, RowPiece piece) {
      int rowBegin = offsets == null ? source * fanOut : offsets[source];
      int rowEnd = offsets == null ? rowBegin + fanOut : offsets[source + 1];
      int begin = low == 0 ? rowBegin : search(rowBegin, rowEnd, low);
      int end = high == targets ? rowEnd : search(begin, rowEnd, high);
      if (wide != null) {
        piece.indexed(weights, begin, end - begin, wide, begin);
      } else {
        piece.indexed(weights, begin, end - begin, narrow);
      }
    }

    /** First synapse of begin .. end-1 whose target is at least {@code target}. */
    private int search(int begin, int end, int target) {
      if (wide != null) {
        int found = Arrays.binarySearch(wide, begin, end, target);
        return found < 0 ? -found - 1 : found;
      }
      int from = begin;
      int to = end;
      while (from < to) {
        int middle = (from + to) >>> 1;
        if ((narrow[middle] & 0xffff) < target) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }
  }

  private static final class BlockRows extends RowSource {
    private final double[] weights;
    private final int[] offsets;
    private final int[] columns;
    private final int size;

    BlockRows(BlockSparseSynapses synapses) {
      super(synapses.targets());
      weights = Real.array(synapses.weights());
      offsets = (int[]) synapses.blockOffsets().storage().heap();
      columns = (int[]) synapses.blockIndices().storage().heap();
      size = synapses.blockSize();
    }

    @Override
    int pieces(int source) {
      return offsets[source / size + 1] - offsets[source / size];
    }

    @Override
    void load(int source, int number, int low, int high, RowPiece piece) {
      int block = offsets[source / size] + number;
      int first = columns[block] * size;
      int from = Math.max(first, low);
      int row = (block * size + source % size) * size;
      piece.contiguous(weights, row + from - first, Math.min(first + size, high) - from, from);
    }
  }

  private static final class ProceduralRows extends RowSource {
    private final ProceduralSynapses synapses;

    ProceduralRows(ProceduralSynapses synapses) {
      super(synapses.targets());
      this.synapses = synapses;
    }

    @Override
    void load(int source, int number, int low, int high, RowPiece piece) {
      // Strata that may reach into low .. high-1; the outermost two can miss it.
      long stratum = synapses.stratum();
      int from = (int) Math.max(0, ((long) low << 32) / stratum - 1);
      int to = (int) Math.min(synapses.fanOut(), ((long) high << 32) / stratum + 1);
      int[] indices = piece.scratch(to - from);
      float[] drawn = new float[to - from];
      synapses.row(source, from, to, indices, drawn);
      double[] weights = new double[to - from];
      int kept = 0;
      for (int k = 0; k < to - from; k++) {
        if (indices[k] >= low && indices[k] < high) {
          indices[kept] = indices[k];
          weights[kept++] = drawn[k];
        }
      }
      piece.indexed(weights, 0, kept, indices, 0);
    }
  }
}
