package io.tacet.reference.f64;

/** Each gate has a pattern of its own: rows over the columns of all gates, a weight for each. */
final class OwnGates extends SparseGates {
  private static final int GATES = 3;

  private final int units;

  /** In a tile for each gate. */
  private final IndexedRows rows;

  /**
   * @param units targets of a gate
   * @param indices int[] or short[], columns of all gates, ascending within a row
   * @param weights [places]
   */
  OwnGates(int units, int[] offsets, Object indices, double[] weights) {
    this.units = units;
    rows = new IndexedRows(GATES * units, GATES, offsets, indices, weights);
  }

  @Override
  void add(int j, double x, int from, int to, double[] out) {
    rows.add(j, from / units, to / units, x, out, 0);
  }

  @Override
  double dot(int j, int from, int to, double[] errors) {
    return rows.dot(j, from / units, to / units, errors, 0);
  }

  @Override
  void outer(int j, double x, double[] errors, int from, int to, double[] gradient) {
    rows.outer(j, from / units, to / units, x, errors, 0, gradient);
  }
}
