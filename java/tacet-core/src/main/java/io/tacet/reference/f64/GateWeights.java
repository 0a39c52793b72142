package io.tacet.reference.f64;

/**
 * Weights of gated units in the three products of a layer: dense, on a pattern that the gates
 * share, or on a pattern for each. Row j is what source j sends; columns are the units of gate z,
 * then of r, then of g, and a range of columns begins and ends with a gate. Thread-safe.
 */
abstract class GateWeights {
  /** out += sum over k in [first, last) of x[k] row index[k] over the columns [from, to). */
  abstract void add(int[] index, double[] x, int first, int last, int from, int to, double[] out);

  /**
   * The product with the transposed weights, for all samples: errors of what the sources sent are
   * added to where {@link EgruAdjointSample#received} says.
   *
   * @param from first column that takes part
   * @param to after the last one
   */
  abstract void addTransposed(EgruAdjointSample[] samples, int count, int from, int to);

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
