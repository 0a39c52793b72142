package io.tacet.reference.f64;

import io.tacet.reference.TiledProduct;

/** Every source reaches every unit. */
final class DenseGates extends GateWeights {
  /** Rows of a block. */
  private static final int ROWS = 64;

  /** Columns that are used for all samples before the next ones are. */
  private static final int BLOCK = 8;

  private final double[][] rows;
  private final double[][] columns;
  private final TiledProduct.Kept kept;

  /**
   * @param rows the weights, an array a row; null if not needed
   * @param columns the weights, an array a column; null if not needed
   * @param kept the weights in a library, instead of the columns; null for none
   */
  DenseGates(double[][] rows, double[][] columns, TiledProduct.Kept kept) {
    this.rows = rows;
    this.columns = columns;
    this.kept = kept;
  }

  @Override
  int block() {
    return ROWS;
  }

  @Override
  void add(int[] index, double[] x, int first, int last, int from, int to, double[] out) {
    RowSums.addListed(rows, index, x, first, last, from, to, out);
  }

  /**
   * A block at a time for all samples. Units that nothing depends on take part: to leave them out,
   * R has to be walked by rows, and HotSpot does not turn a sum along a row into vector
   * instructions. A row then costs four times its share here, so that would pay from a backward
   * sparsity of three quarters on, which layers rarely have.
   */
  @Override
  void addTransposed(int worker, EgruAdjointSample[] samples, int count, int from, int to) {
    if (kept != null) {
      double[][] errors = new double[count][];
      double[][] received = new double[count][];
      int live = 0;
      for (int s = 0; s < count; s++) {
        if (samples[s].live) {
          errors[live] = samples[s].sums;
          received[live++] = samples[s].received;
        }
      }
      kept.addProducts(worker, from, to, errors, live, received);
      return;
    }
    for (int block = from; block < to; block += BLOCK) {
      int end = Math.min(to, block + BLOCK);
      for (int s = 0; s < count; s++) {
        EgruAdjointSample sample = samples[s];
        if (sample.live) {
          double[] out = sample.received;
          RowSums.addAll(columns, sample.sums, block, end, 0, out.length, out);
        }
      }
    }
  }

  @Override
  void addGradient(
      int j,
      double[][] errors,
      int[] pairs,
      double[] x,
      int count,
      int from,
      int to,
      double[] gradient) {
    RowSums.addListed(errors, pairs, x, 0, count, from, to, gradient);
  }
}
