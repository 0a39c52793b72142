package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.Synapses;

/**
 * Rows with a list of targets: CSR and fixed fan-out. Their most frequent use, events that arrive
 * at once, has a loop of its own here, for rows may be so short that loading a {@link RowPiece}
 * would take longer than adding it. Recurrent layers use single rows without pieces, too.
 */
final class IndexedRows extends RowSource {
  /** Rows that are prefetched at once, so that their cache misses overlap. */
  private static final int GROUP = 8;

  /**
   * Up to this many synapses, some MiB, rows need no prefetching: measured with rows of 41 to 164
   * synapses, it begins to pay between 0.7 and 2.7 million.
   */
  private static final int NEAR = 1 << 20;

  private final double[] weights;

  /** Where each tile of each row begins; the last tile of a row ends where the next row begins. */
  private final int[] bounds;

  private final int[] wide;
  private final short[] narrow;
  private final boolean near;

  IndexedRows(Synapses synapses, int tiles, int[] offsets, DeviceArray indices) {
    this(
        synapses.targets(),
        tiles,
        offsets,
        indices.storage().heap(),
        Real.array(synapses.weights()));
  }

  /** Rows of a pattern, a value for each place. */
  IndexedRows(SparsePattern pattern, int tiles, double[] values) {
    this(
        pattern.targets(),
        tiles,
        (int[]) pattern.rowOffsets().storage().heap(),
        pattern.indices().storage().heap(),
        values);
  }

  /**
   * @param indices int[] or short[], ascending within a row
   */
  IndexedRows(int targets, int tiles, int[] offsets, Object indices, double[] weights) {
    super(targets, tiles);
    this.weights = weights;
    wide = indices instanceof int[] all ? all : null;
    narrow = indices instanceof short[] all ? all : null;
    bounds = tiles == 1 ? offsets : bounds(offsets);
    near = weights.length <= NEAR;
  }

  private int[] bounds(int[] offsets) {
    int sources = offsets.length - 1;
    int[] found = new int[Math.addExact(Math.multiplyExact(sources, tiles), 1)];
    for (int source = 0; source < sources; source++) {
      int at = offsets[source];
      for (int tile = 0; tile < tiles; tile++) {
        int low = edge(tile);
        while (at < offsets[source + 1] && target(at) < low) {
          at++;
        }
        found[source * tiles + tile] = at;
      }
    }
    found[sources * tiles] = offsets[sources];
    return found;
  }

  private int target(int synapse) {
    return wide != null ? wide[synapse] : narrow[synapse] & 0xffff;
  }

  @Override
  void load(int source, int number, int fromTile, int toTile, RowPiece piece) {
    int begin = bounds[source * tiles + fromTile];
    int count = bounds[source * tiles + toTile] - begin;
    if (wide != null) {
      piece.indexed(weights, begin, count, wide, begin);
    } else {
      piece.indexed(weights, begin, count, narrow);
    }
  }

  /**
   * out[base + target] += value w over one tile of the rows of some events, in their order.
   *
   * @return nothing of use: it keeps the early reads from being optimised away
   */
  long add(StepEvents events, int first, int end, int tile, double[] out, int base) {
    int[] units = events.units;
    if (near) {
      for (int e = first; e < end; e++) {
        add(units[e] * tiles + tile, events.value(e), out, base);
      }
      return 0;
    }
    long fetched = 0;
    for (int e = first; e < end; e += GROUP) {
      int last = Math.min(e + GROUP, end);
      for (int k = e; k < last; k++) {
        fetched += fetch(units[k] * tiles + tile);
      }
      for (int k = e; k < last; k++) {
        add(units[k] * tiles + tile, events.value(k), out, base);
      }
    }
    return fetched;
  }

  private void add(int row, double value, double[] out, int base) {
    add(bounds[row], bounds[row + 1], value, out, base);
  }

  private void add(int begin, int end, double value, double[] out, int base) {
    if (narrow != null) {
      RowPiece.addNarrow(weights, narrow, begin, end, value, out, base);
    } else {
      RowPiece.addWide(weights, wide, begin, end, value, out, base);
    }
  }

  /** out[base + target] += value w over some tiles of a row. */
  void add(int source, int fromTile, int toTile, double value, double[] out, int base) {
    int first = source * tiles;
    add(bounds[first + fromTile], bounds[first + toTile], value, out, base);
  }

  /** The sum of w errors[base + target] over some tiles of a row, in the order of the row. */
  double dot(int source, int fromTile, int toTile, double[] errors, int base) {
    int begin = bounds[source * tiles + fromTile];
    int end = bounds[source * tiles + toTile];
    return narrow != null
        ? RowPiece.dotNarrow(weights, narrow, begin, end, errors, base)
        : RowPiece.dotWide(weights, wide, begin, end, errors, base);
  }

  /** gradient += value errors[base + target] over some tiles of a row, on its synapses. */
  void outer(
      int source,
      int fromTile,
      int toTile,
      double value,
      double[] errors,
      int base,
      double[] gradient) {
    int begin = bounds[source * tiles + fromTile];
    int end = bounds[source * tiles + toTile];
    if (narrow != null) {
      RowPiece.outerNarrow(narrow, begin, end, value, errors, base, gradient);
    } else {
      RowPiece.outerWide(wide, begin, end, value, errors, base, gradient);
    }
  }

  /** Reads one element of each cache line of a tile of a row. */
  private long fetch(int row) {
    int begin = bounds[row];
    int end = bounds[row + 1];
    long sum = 0;
    for (int s = begin; s < end; s += RowPiece.LINE) {
      sum += Real.orderBits(weights[s]);
    }
    if (narrow != null) {
      for (int s = begin; s < end; s += 2 * RowPiece.LINE) {
        sum += narrow[s];
      }
    } else {
      for (int s = begin; s < end; s += RowPiece.LINE) {
        sum += wide[s];
      }
    }
    return sum;
  }
}
