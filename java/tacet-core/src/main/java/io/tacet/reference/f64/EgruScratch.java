package io.tacet.reference.f64;

/**
 * Memory that passes over layers of one size share, as much as three times dense recurrent weights:
 * to make it anew in every pass would cost more than to fill it. Nothing in it outlives a pass.
 */
final class EgruScratch {
  final int units;

  /** As many as there are tasks of a gradient, made when they are needed. */
  private final EgruWeightGradient[] gradients;

  private EgruDenseGradient denseGradient;
  private double[][] rows;
  private double[][] columns;

  EgruScratch(int units, int tasks) {
    this.units = units;
    gradients = new EgruWeightGradient[tasks];
  }

  /** The recurrent weights as they are now, an array a row. */
  double[][] rows(double[] recurrent) {
    if (rows == null) {
      rows = new double[units][3 * units];
    }
    RowSums.copyRows(recurrent, rows);
    return rows;
  }

  /** The recurrent weights as they are now, an array a column. */
  double[][] columns(double[] recurrent) {
    if (columns == null) {
      columns = new double[3 * units][units];
    }
    RowSums.copyColumns(recurrent, columns);
    return columns;
  }

  /** Units that a task of the gradient has at most. */
  int gradientRows() {
    return (units + gradients.length - 1) / gradients.length;
  }

  /** Gradients of up to {@link #gradientRows} rows, for one task. */
  EgruWeightGradient gradient(int task) {
    if (gradients[task] == null) {
      gradients[task] = new EgruWeightGradient(units, gradientRows());
    }
    return gradients[task];
  }

  /** The gradient of dense weights as products in a library. */
  EgruDenseGradient denseGradient() {
    if (denseGradient == null) {
      denseGradient = new EgruDenseGradient(units);
    }
    return denseGradient;
  }
}
