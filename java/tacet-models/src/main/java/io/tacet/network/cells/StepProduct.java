package io.tacet.network.cells;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.SparsePattern;
import java.util.Arrays;

/**
 * Products of one step, sums += x W, over the inputs that are not 0 and, where W is sparse, over
 * its synapses. Each row of W is an array of its own, so that the loop over a dense one becomes
 * vector instructions.
 */
final class StepProduct {
  private final int batch;
  private final int columns;
  private final float[][] rows;

  /** Columns of the numbers of each row; null where W is dense. */
  private final int[][] targets;

  /** Sums of a sample, for the same reason. */
  private final float[] sums;

  private StepProduct(int batch, float[][] rows, int[][] targets, int columns) {
    this.batch = batch;
    this.columns = columns;
    this.rows = rows;
    this.targets = targets;
    this.sums = new float[columns];
  }

  /** W as it is, [from][to]. */
  static StepProduct of(int batch, float[] weights, int from) {
    int to = weights.length / from;
    float[][] rows = new float[from][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(weights, i * to, (i + 1) * to));
    return new StepProduct(batch, rows, null, to);
  }

  /**
   * W on a pattern.
   *
   * @param values of each place
   */
  static StepProduct of(int batch, float[] values, SparsePattern pattern) {
    int[] offsets = pattern.rowOffsets().toInts();
    int[] indices = pattern.indices().toInts();
    float[][] rows = new float[pattern.sources()][];
    int[][] targets = new int[pattern.sources()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, offsets[i], offsets[i + 1]);
      targets[i] = Arrays.copyOfRange(indices, offsets[i], offsets[i + 1]);
    }
    return new StepProduct(batch, rows, targets, pattern.targets());
  }

  /** The transpose of what is given, [to][from]. */
  static StepProduct transposed(int batch, DeviceArray weights) {
    int to = (int) weights.shape()[0];
    int from = (int) weights.shape()[1];
    float[] values = weights.toFloats();
    float[][] rows = new float[from][to];
    for (int m = 0; m < to; m++) {
      for (int i = 0; i < from; i++) {
        rows[i][m] = values[m * from + i];
      }
    }
    return new StepProduct(batch, rows, null, to);
  }

  /** An array for the result. */
  float[] results() {
    return new float[Math.multiplyExact(batch, columns)];
  }

  /**
   * Adds x W to a bias, or to what is there.
   *
   * @param x [batch][from]; another array than {@code into}
   * @param bias of each column; null for the values that {@code into} has
   * @param into [batch][to]
   */
  void add(float[] x, float[] bias, float[] into) {
    int from = rows.length;
    for (int n = 0; n < batch; n++) {
      if (bias == null) {
        System.arraycopy(into, n * columns, sums, 0, columns);
      } else {
        System.arraycopy(bias, 0, sums, 0, columns);
      }
      for (int i = 0; i < from; i++) {
        float factor = x[n * from + i];
        if (factor != 0 && targets == null) {
          addRow(factor, rows[i], sums);
        } else if (factor != 0) {
          addRow(factor, rows[i], targets[i], sums);
        }
      }
      System.arraycopy(sums, 0, into, n * columns, columns);
    }
  }

  private static void addRow(float factor, float[] row, float[] sums) {
    for (int m = 0; m < sums.length; m++) {
      sums[m] += factor * row[m];
    }
  }

  private static void addRow(float factor, float[] row, int[] targets, float[] sums) {
    for (int s = 0; s < row.length; s++) {
      sums[targets[s]] += factor * row[s];
    }
  }

  /** Replaces every value by that under the activation; a NaN stays one. */
  static void activate(Activation activation, float[] values) {
    for (int k = 0; k < values.length; k++) {
      float x = values[k];
      values[k] =
          switch (activation) {
            case IDENTITY -> x;
            case TANH -> (float) Math.tanh(x);
            case RELU -> x < 0 ? 0 : x;
            case SIGMOID -> (float) (1 / (1 + Math.exp(-x)));
          };
    }
  }
}
