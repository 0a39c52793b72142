package io.tacet.reference.f64;

import io.tacet.reference.Workers;
import io.tacet.rnn.RnnLayer;

/**
 * Recurrent weights of a plain recurrent layer in the three products of its passes, dense or on a
 * pattern. Arrays are flat, with {@code units} elements of each sample from an element on.
 */
abstract class RnnWeights {
  static RnnWeights of(
      RnnLayer layer, int replica, int batch, Workers workers, DenseReference dense) {
    double[] weights = Real.array(layer.recurrent());
    return layer.pattern() == null
        ? new Dense(weights, replica, layer.units(), batch, dense)
        : new Sparse(layer, weights, batch, workers);
  }

  /** out += x R, for each sample. */
  abstract void add(double[] x, int from, double[] out, int at);

  /** out += errors R^T, for each sample; in place of it unless {@code add}. */
  abstract void addTransposed(double[] errors, int from, boolean add, double[] out, int at);

  /** gradient += x^T errors over so many rows of units. */
  abstract void addGradient(
      int rows, double[] x, int fromX, double[] errors, int from, double[] gradient);

  private static final class Dense extends RnnWeights {
    private final double[] weights;

    /** First of those of the replica, in the arrays of weights and of their gradient. */
    private final int first;

    private final int units;
    private final int batch;
    private final DenseReference dense;

    Dense(double[] weights, int replica, int units, int batch, DenseReference dense) {
      this.weights = weights;
      this.first = replica * units * units;
      this.units = units;
      this.batch = batch;
      this.dense = dense;
    }

    @Override
    void add(double[] x, int from, double[] out, int at) {
      dense.multiply(false, false, batch, units, units, x, from, weights, first, true, out, at);
    }

    @Override
    void addTransposed(double[] errors, int from, boolean add, double[] out, int at) {
      dense.multiply(false, true, batch, units, units, errors, from, weights, first, add, out, at);
    }

    @Override
    void addGradient(
        int rows, double[] x, int fromX, double[] errors, int from, double[] gradient) {
      dense.multiply(
          true, false, units, units, rows, x, fromX, errors, from, true, gradient, first);
    }
  }

  /** A task owns what it writes, and each sum has an order that the pattern alone decides. */
  private static final class Sparse extends RnnWeights {
    /** Targets are not divided further than this. */
    private static final int SMALLEST_TILE = 512;

    /** Rows of errors that are used for all sources before the next ones are. */
    private static final int BLOCK = 16;

    private final int units;
    private final int batch;
    private final int tiles;
    private final IndexedRows rows;
    private final Workers workers;

    Sparse(RnnLayer layer, double[] weights, int batch, Workers workers) {
      this.units = layer.units();
      this.batch = batch;
      this.workers = workers;
      int wanted = (workers.count() + batch - 1) / batch;
      tiles = Math.max(1, Math.min(wanted, units / SMALLEST_TILE));
      rows = new IndexedRows(layer.pattern(), tiles, weights);
    }

    @Override
    void add(double[] x, int from, double[] out, int at) {
      workers.run(
          batch * tiles,
          (task, worker) -> {
            int sample = task / tiles * units;
            int tile = task % tiles;
            for (int j = 0; j < units; j++) {
              double value = x[from + sample + j];
              if (value != 0) {
                rows.add(j, tile, tile + 1, value, out, at + sample);
              }
            }
          });
    }

    @Override
    void addTransposed(double[] errors, int from, boolean add, double[] out, int at) {
      workers.run(
          batch * tiles,
          (task, worker) -> {
            int sample = task / tiles * units;
            int end = rows.edge(task % tiles + 1);
            for (int j = rows.edge(task % tiles); j < end; j++) {
              double sum = rows.dot(j, 0, tiles, errors, from + sample);
              out[at + sample + j] = add ? out[at + sample + j] + sum : sum;
            }
          });
    }

    @Override
    void addGradient(
        int count, double[] x, int fromX, double[] errors, int from, double[] gradient) {
      int tasks = Math.min(units, workers.count());
      workers.run(
          tasks,
          (task, worker) -> {
            int first = (int) ((long) units * task / tasks);
            int last = (int) ((long) units * (task + 1) / tasks);
            for (int block = 0; block < count; block += BLOCK) {
              int end = Math.min(count, block + BLOCK);
              for (int j = first; j < last; j++) {
                addRow(j, block, end, x, fromX, errors, from, gradient);
              }
            }
          });
    }

    private void addRow(
        int j,
        int block,
        int end,
        double[] x,
        int fromX,
        double[] errors,
        int from,
        double[] gradient) {
      for (int row = block; row < end; row++) {
        double value = x[fromX + row * units + j];
        if (value != 0) {
          rows.outer(j, 0, tiles, value, errors, from + row * units, gradient);
        }
      }
    }
  }
}
