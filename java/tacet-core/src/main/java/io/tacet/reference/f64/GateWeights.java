package io.tacet.reference.f64;

/**
 * Weights of gated units in the three products of a layer: dense, on a pattern that the gates
 * share, or on a pattern for each. Row j is what source j sends; columns are the units of gate z,
 * then of r, then of g, and a range of columns begins and ends with a gate. How the columns lie in
 * sums is up to the weights, see {@link #put}. Thread-safe.
 */
abstract class GateWeights {
  /** Length of the sums of some units. */
  int places(int units) {
    return 3 * units;
  }

  /** Writes numbers of all units, for a gate, into sums that these weights add to or read. */
  void put(double[] values, int gate, double[] sums) {
    System.arraycopy(values, 0, sums, gate * values.length, values.length);
  }

  /** Reads those of a gate back. */
  void take(double[] sums, int gate, double[] values) {
    System.arraycopy(sums, gate * values.length, values, 0, values.length);
  }

  /**
   * Rows that are used for all samples before the next ones are: so many that they stay in a cache,
   * a multiple of four.
   */
  abstract int block();

  /** out += sum over k in [first, last) of x[k] row index[k] over the columns [from, to). */
  abstract void add(int[] index, double[] x, int first, int last, int from, int to, double[] out);

  /**
   * The product with the transposed weights, for all samples: errors of what the sources sent are
   * added to where {@link EgruAdjointSample#received} says.
   *
   * @param worker number of the thread that calls
   * @param from first column that takes part
   * @param to after the last one
   */
  abstract void addTransposed(int worker, EgruAdjointSample[] samples, int count, int from, int to);

  /**
   * Row j of the gradient over the columns [from, to): the sum over k below count of x[k] times
   * errors[pairs[k]].
   *
   * @param gradient the row where weights are dense, else the whole gradient; added to
   */
  abstract void addGradient(
      int j,
      double[][] errors,
      int[] pairs,
      double[] x,
      int count,
      int from,
      int to,
      double[] gradient);
}
