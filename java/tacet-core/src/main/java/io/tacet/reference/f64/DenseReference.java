package io.tacet.reference.f64;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Masks;
import io.tacet.reference.TiledProduct;
import io.tacet.reference.Workers;
import java.util.Arrays;

/** Dense operations, all cores; results do not depend on the thread count. */
public final class DenseReference {
  /** Rows of C of one task. */
  private static final int ROWS = 64;

  /** Columns of C of one task. */
  private static final int COLUMNS = 512;

  /** Rows of B that are unpacked at a time: with COLUMNS they stay in the first-level cache. */
  private static final int DEPTH = 8;

  private final Workers workers;
  private final TiledProduct library;
  private final double[][][] panels;
  private final double[][][] sums;
  private final double[][] factors;

  /**
   * @param library for products in single precision
   */
  public DenseReference(Workers workers, TiledProduct library) {
    this.workers = workers;
    this.library = library;
    panels = new double[workers.count()][][];
    sums = new double[workers.count()][][];
    factors = new double[workers.count()][];
  }

  /** See {@link io.tacet.spi.DenseKernels#multiply}. */
  public void multiply(
      int replicas,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      DeviceArray a,
      DeviceArray b,
      boolean add,
      DeviceArray c) {
    double[] left = Real.array(a);
    double[] right = Real.array(b);
    double[] sums = Real.array(c);
    for (int r = 0; r < replicas; r++) {
      multiply(
          transposeA, transposeB, m, n, k, left, r * m * k, right, r * k * n, add, sums, r * m * n);
    }
  }

  /** The same of matrices within arrays, B at the start of its own. */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      double[] a,
      int atA,
      double[] b,
      boolean add,
      double[] c,
      int atC) {
    multiply(transposeA, transposeB, m, n, k, a, atA, b, 0, add, c, atC);
  }

  /** The same of matrices that begin at these elements. */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      double[] a,
      int atA,
      double[] b,
      int atB,
      boolean add,
      double[] c,
      int atC) {
    if (library.multiply(transposeA, transposeB, m, n, k, a, atA, b, atB, add, c, atC)) {
      return;
    }
    int across = (n + COLUMNS - 1) / COLUMNS;
    int rows = rowsOfTask(m, n, k, across);
    int down = (m + rows - 1) / rows;
    workers.run(
        across * down,
        (task, worker) -> {
          int i0 = task / across * rows;
          int j0 = task % across * COLUMNS;
          int i1 = Math.min(m, i0 + rows);
          int width = Math.min(n, j0 + COLUMNS) - j0;
          if (panels[worker] == null) {
            panels[worker] = new double[DEPTH][COLUMNS];
            sums[worker] = new double[ROWS][COLUMNS];
            factors[worker] = new double[DEPTH];
          }
          double[][] panel = panels[worker];
          double[][] sum = sums[worker];
          double[] x = factors[worker];
          for (int i = i0; i < i1; i++) {
            if (add) {
              System.arraycopy(c, atC + i * n + j0, sum[i - i0], 0, width);
            } else {
              Arrays.fill(sum[i - i0], 0, width, 0);
            }
          }
          for (int k0 = 0; k0 < k; k0 += DEPTH) {
            int depth = Math.min(k, k0 + DEPTH) - k0;
            unpack(b, atB, transposeB, n, k, k0, depth, j0, width, panel);
            for (int i = i0; i < i1; i++) {
              for (int p = 0; p < depth; p++) {
                x[p] = transposeA ? a[atA + (k0 + p) * m + i] : a[atA + i * k + k0 + p];
              }
              RowSums.addAll(panel, x, 0, depth, 0, width, sum[i - i0]);
            }
          }
          for (int i = i0; i < i1; i++) {
            System.arraycopy(sum[i - i0], 0, c, atC + i * n + j0, width);
          }
        });
  }

  /** Fewer where there would be idle workers; sums do not depend on it. */
  private int rowsOfTask(int m, int n, int k, int across) {
    boolean large = (long) m * n * k >= 1 << 17;
    int fair = (m * across + workers.count() - 1) / workers.count();
    return large ? Math.max(8, Math.min(ROWS, fair)) : ROWS;
  }

  private static void unpack(
      double[] b,
      int atB,
      boolean transposed,
      int n,
      int k,
      int k0,
      int depth,
      int j0,
      int width,
      double[][] panel) {
    if (!transposed) {
      for (int p = 0; p < depth; p++) {
        System.arraycopy(b, atB + (k0 + p) * n + j0, panel[p], 0, width);
      }
      return;
    }
    for (int j = 0; j < width; j++) {
      int row = atB + (j0 + j) * k + k0;
      for (int p = 0; p < depth; p++) {
        panel[p][j] = b[row + p];
      }
    }
  }

  /** See {@link io.tacet.spi.DenseKernels#addToRows}. */
  public void addToRows(int replicas, DeviceArray matrix, DeviceArray row) {
    double[] a = Real.array(matrix);
    double[] x = Real.array(row);
    int columns = x.length / replicas;
    int rows = a.length / x.length;
    each(
        replicas * rows,
        columns,
        i -> {
          int at = i / rows * columns;
          for (int j = 0; j < columns; j++) {
            a[i * columns + j] += x[at + j];
          }
        });
  }

  /** See {@link io.tacet.spi.DenseKernels#scaleRows}. */
  public void scaleRows(DeviceArray matrix, DeviceArray factors) {
    double[] a = Real.array(matrix);
    double[] x = Real.array(factors);
    int columns = a.length / x.length;
    each(
        x.length,
        columns,
        i -> {
          for (int k = i * columns; k < (i + 1) * columns; k++) {
            a[k] = x[i] == 0 ? 0 : x[i] * a[k];
          }
        });
  }

  /** See {@link io.tacet.spi.DenseKernels#addColumnSums}. */
  public void addColumnSums(int replicas, DeviceArray matrix, DeviceArray sumArray) {
    double[] a = Real.array(matrix);
    double[] out = Real.array(sumArray);
    int columns = out.length / replicas;
    int block = a.length / replicas;
    double[] row = new double[columns];
    double[] sums = new double[columns];
    for (int r = 0; r < replicas; r++) {
      System.arraycopy(out, r * columns, sums, 0, columns);
      for (int i = r * block; i < (r + 1) * block; i += columns) {
        System.arraycopy(a, i, row, 0, columns);
        RowSums.addOne(row, 1, 0, columns, sums);
      }
      System.arraycopy(sums, 0, out, r * columns, columns);
    }
  }

  /** See {@link io.tacet.spi.DenseKernels#gatherRows}. */
  public void gatherRows(int replicas, DeviceArray table, DeviceArray rows, DeviceArray outArray) {
    double[] from = Real.array(table);
    double[] out = Real.array(outArray);
    int[] index = (int[]) rows.storage().heap();
    int columns = out.length / index.length;
    int block = index.length / replicas;
    int size = from.length / replicas;
    each(
        index.length,
        columns,
        i ->
            System.arraycopy(
                from, i / block * size + index[i] * columns, out, i * columns, columns));
  }

  /** See {@link io.tacet.spi.DenseKernels#scatterAddRows}. */
  public void scatterAddRows(
      int replicas, DeviceArray errors, DeviceArray rows, DeviceArray table) {
    double[] from = Real.array(errors);
    double[] out = Real.array(table);
    int[] index = (int[]) rows.storage().heap();
    int columns = from.length / index.length;
    int block = index.length / replicas;
    int size = out.length / replicas;
    for (int i = 0; i < index.length; i++) {
      int at = i / block * size + index[i] * columns;
      boolean there = index[i] >= 0 && index[i] < size / columns;
      for (int j = 0; there && j < columns; j++) {
        out[at + j] += from[i * columns + j];
      }
    }
  }

  /** See {@link io.tacet.spi.DenseKernels#softmaxCrossEntropy}. */
  public void softmaxCrossEntropy(
      DeviceArray logitArray,
      DeviceArray labelArray,
      double scale,
      DeviceArray lossArray,
      DeviceArray predictedArray,
      DeviceArray errorArray) {
    double[] logits = Real.array(logitArray);
    double[] losses = Real.array(lossArray);
    double[] errors = errorArray == null ? null : Real.array(errorArray);
    int[] labels = (int[]) labelArray.storage().heap();
    int[] predicted = predictedArray == null ? null : (int[]) predictedArray.storage().heap();
    int classes = logits.length / labels.length;
    each(
        labels.length,
        4 * classes,
        i -> {
          int at = i * classes;
          int best = 0;
          for (int j = 1; j < classes; j++) {
            best = logits[at + j] > logits[at + best] ? j : best;
          }
          if (predicted != null) {
            predicted[i] = best;
          }
          double top = logits[at + best];
          double sum = 0;
          for (int j = 0; j < classes; j++) {
            sum += Real.exp(logits[at + j] - top);
          }
          int label = labels[i];
          losses[i] = label < 0 ? 0 : Real.log(sum) - (logits[at + label] - top);
          if (errors != null) {
            double factor = label < 0 ? 0 : scale / sum;
            for (int j = 0; j < classes; j++) {
              errors[at + j] = factor * Real.exp(logits[at + j] - top);
            }
            if (label >= 0) {
              errors[at + label] -= scale;
            }
          }
        });
  }

  /** See {@link io.tacet.spi.DenseKernels#activate}. */
  public void activate(DeviceArray source, Activation activation, DeviceArray target) {
    double[] x = Real.array(source);
    double[] y = Real.array(target);
    inBlocks(x.length, (from, to) -> ActivationReference.apply(activation, x, y, from, to));
  }

  /** See {@link io.tacet.spi.DenseKernels#activateBackward}. */
  public void activateBackward(
      DeviceArray valueArray, DeviceArray errorArray, Activation activation) {
    double[] values = Real.array(valueArray);
    double[] errors = Real.array(errorArray);
    inBlocks(
        values.length,
        (from, to) -> ActivationReference.slopes(activation, values, errors, from, to));
  }

  private interface Range {
    void run(int from, int to);
  }

  private void inBlocks(int length, Range body) {
    int block = 1 << 14;
    workers.run(
        (length + block - 1) / block,
        (task, worker) -> body.run(task * block, Math.min(length, (task + 1) * block)));
  }

  /** See {@link io.tacet.spi.DenseKernels#dropout}. */
  public void dropout(
      DeviceArray sourceArray, Masks masks, long group, long period, DeviceArray targetArray) {
    double[] source = Real.array(sourceArray);
    double[] target = Real.array(targetArray);
    double factor = Real.of(1 / (1 - masks.p()));
    int block = 1 << 14;
    workers.run(
        (source.length + block - 1) / block,
        (task, worker) -> {
          Masks own = masks.copy();
          int end = Math.min(source.length, (task + 1) * block);
          for (int i = task * block; i < end; i++) {
            target[i] = own.drops(i / group % period, 0) ? 0 : factor * source[i];
          }
        });
  }

  private interface Row {
    void run(int row);
  }

  /** Runs all rows, in blocks large enough to be worth a task. */
  private void each(int rows, int work, Row body) {
    int block = Math.max(1, 16384 / Math.max(1, work));
    workers.run(
        (rows + block - 1) / block,
        (task, worker) -> {
          int end = Math.min(rows, (task + 1) * block);
          for (int i = task * block; i < end; i++) {
            body.run(i);
          }
        });
  }
}
