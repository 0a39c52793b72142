package io.tacet.reference.f64;

/**
 * Walks over the rows of some events, a few pieces at a time, whose cache misses overlap. One per
 * worker.
 *
 * <pre>{@code
 * group.begin(rows, addresses, events, sample, first, end, 0, rows.tiles, null);
 * while (group.next()) {
 *   for (int k = 0; k < group.count; k++) {
 *     ... group.pieces[k], the event group.events[k], values from group.bases[k]
 *   }
 * }
 * }</pre>
 */
final class RowGroup {
  /** Some hundred cache lines in flight, more than any processor takes. */
  private static final int SIZE = 8;

  final RowPiece[] pieces = new RowPiece[SIZE];
  final int[] events = new int[SIZE];
  final int[] bases = new int[SIZE];
  int count;

  private RowSource rows;
  private Addresses at;
  private StepEvents list;
  private int sampleBase;
  private int event;
  private int piece;
  private int end;
  private int fromTile;
  private int toTile;
  private double[] gradient;

  RowGroup() {
    for (int k = 0; k < SIZE; k++) {
      pieces[k] = new RowPiece();
    }
  }

  /**
   * @param first first event
   * @param end after the last event
   * @param fromTile first tile of targets wanted
   * @param toTile after the last tile
   * @param gradient what is read beside the targets if not the weights, or null
   */
  void begin(
      RowSource rows,
      Addresses at,
      StepEvents list,
      int sample,
      int first,
      int end,
      int fromTile,
      int toTile,
      double[] gradient) {
    this.rows = rows;
    this.at = at;
    this.list = list;
    this.sampleBase = sample * rows.targets;
    this.event = first;
    this.piece = 0;
    this.end = end;
    this.fromTile = fromTile;
    this.toTile = toTile;
    this.gradient = gradient;
  }

  /** Takes the next pieces, in order; false if there are none. */
  boolean next() {
    int k = 0;
    while (k < SIZE && event < end) {
      int source = list.units[event];
      int base = at.base(source) + sampleBase;
      int last = Math.min(rows.pieces(source), piece + SIZE - k);
      for (; piece < last; piece++, k++) {
        rows.load(source, piece, fromTile, toTile, pieces[k]);
        at.delay(pieces[k]);
        events[k] = event;
        bases[k] = base;
      }
      if (piece == rows.pieces(source)) {
        event++;
        piece = 0;
      }
    }
    for (int j = 0; j < k; j++) {
      pieces[j].fetch(gradient);
    }
    count = k;
    return k > 0;
  }
}
