package io.tacet.reference.f64;

import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.ProceduralSynapses;
import io.tacet.sparse.Synapses;
import java.util.Arrays;

/**
 * Where the rows of a connectivity come from: one subclass per format. Targets are divided into
 * tiles, so that several threads can share a row. Thread-safe.
 */
abstract class RowSource {
  final int targets;
  final int tiles;

  RowSource(int targets, int tiles) {
    this.targets = targets;
    this.tiles = tiles;
  }

  static RowSource of(Synapses synapses, int tiles) {
    if (synapses instanceof DenseSynapses dense) {
      return new DenseRows(dense, tiles);
    }
    if (synapses instanceof CsrSynapses csr) {
      int[] offsets = (int[]) csr.rowOffsets().storage().heap();
      return new IndexedRows(csr, tiles, offsets, csr.indices());
    }
    if (synapses instanceof FixedFanOutSynapses fixed) {
      int[] offsets = new int[fixed.sources() + 1];
      Arrays.setAll(offsets, source -> source * fixed.fanOut());
      return new IndexedRows(fixed, tiles, offsets, fixed.indices());
    }
    if (synapses instanceof BlockSparseSynapses blocks) {
      return new BlockRows(blocks, tiles);
    }
    return new ProceduralRows((ProceduralSynapses) synapses, tiles);
  }

  /** Number of pieces of a row. */
  int pieces(int source) {
    return 1;
  }

  /** First target of a tile. */
  int edge(int tile) {
    return (int) ((long) tile * targets / tiles);
  }

  /** Loads the part of a piece that reaches tiles {@code fromTile .. toTile-1}. */
  abstract void load(int source, int number, int fromTile, int toTile, RowPiece piece);

  private static final class DenseRows extends RowSource {
    private final double[] weights;

    DenseRows(DenseSynapses synapses, int tiles) {
      super(synapses.targets(), tiles);
      weights = Real.array(synapses.weights());
    }

    @Override
    void load(int source, int number, int fromTile, int toTile, RowPiece piece) {
      int low = edge(fromTile);
      piece.contiguous(weights, source * targets + low, edge(toTile) - low, low);
    }
  }

  private static final class BlockRows extends RowSource {
    private final double[] weights;
    private final int[] offsets;
    private final int[] columns;
    private final int size;

    BlockRows(BlockSparseSynapses synapses, int tiles) {
      super(synapses.targets(), tiles);
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
    void load(int source, int number, int fromTile, int toTile, RowPiece piece) {
      int low = edge(fromTile);
      int high = edge(toTile);
      int block = offsets[source / size] + number;
      int first = columns[block] * size;
      int from = Math.max(first, low);
      int row = (block * size + source % size) * size;
      piece.contiguous(weights, row + from - first, Math.min(first + size, high) - from, from);
    }
  }

  private static final class ProceduralRows extends RowSource {
    private final ProceduralSynapses synapses;

    ProceduralRows(ProceduralSynapses synapses, int tiles) {
      super(synapses.targets(), tiles);
      this.synapses = synapses;
    }

    @Override
    void load(int source, int number, int fromTile, int toTile, RowPiece piece) {
      int low = edge(fromTile);
      int high = edge(toTile);
      // Strata that may reach into low .. high-1; the outermost two can miss it.
      long stratum = synapses.stratum();
      int from = (int) Math.max(0, ((long) low << 32) / stratum - 1);
      int to = (int) Math.min(synapses.fanOut(), ((long) high << 32) / stratum + 1);
      int[] indices = piece.scratch(to - from);
      float[] drawn = piece.drawn(to - from);
      synapses.row(source, from, to, indices, drawn);
      double[] weights = piece.computed(to - from);
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
