package io.tacet.dense;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.spi.DenseKernels;
import java.util.Objects;

/**
 * Dense operations on row-major arrays. An array of more than two dimensions counts as a matrix
 * whose columns are the last one. All floating-point arguments of a call have one type and one
 * backend, and results do not depend on the number of threads.
 *
 * <p>Operations with a number of {@code replicas} do the same for so many independent problems of
 * one shape, with the launches of one: the leading axis of every array counts them. Each result is
 * bit for bit that of the problem alone, but up to rounding where cuBLAS multiplies.
 */
public final class Dense {
  /** They are an axis of a grid on a GPU. */
  private static final int MOST_REPLICAS = 65535;

  private Dense() {}

  /** C = A B, or C += A B if {@code add}; A [m][k], B [k][n], C [m][n]. */
  public static void multiply(DeviceArray a, DeviceArray b, boolean add, DeviceArray c) {
    multiply(1, false, false, a, b, add, c);
  }

  /** The same of each of {@code replicas}. */
  public static void multiply(
      int replicas, DeviceArray a, DeviceArray b, boolean add, DeviceArray c) {
    multiply(replicas, false, false, a, b, add, c);
  }

  /** C = A B^T, or C += A B^T if {@code add}; A [m][k], B [n][k], C [m][n]. */
  public static void multiplyTransposed(DeviceArray a, DeviceArray b, boolean add, DeviceArray c) {
    multiply(1, false, true, a, b, add, c);
  }

  /** The same of each of {@code replicas}. */
  public static void multiplyTransposed(
      int replicas, DeviceArray a, DeviceArray b, boolean add, DeviceArray c) {
    multiply(replicas, false, true, a, b, add, c);
  }

  /** C = A^T B, or C += A^T B if {@code add}; A [k][m], B [k][n], C [m][n]. */
  public static void transposedMultiply(DeviceArray a, DeviceArray b, boolean add, DeviceArray c) {
    multiply(1, true, false, a, b, add, c);
  }

  /** The same of each of {@code replicas}. */
  public static void transposedMultiply(
      int replicas, DeviceArray a, DeviceArray b, boolean add, DeviceArray c) {
    multiply(replicas, true, false, a, b, add, c);
  }

  private static void multiply(
      int replicas,
      boolean transposeA,
      boolean transposeB,
      DeviceArray a,
      DeviceArray b,
      boolean add,
      DeviceArray c) {
    long ofA = rows("a", replicas, a);
    long ofB = rows("b", replicas, b);
    long m = transposeA ? columns(a) : ofA;
    long k = transposeA ? ofA : columns(a);
    long inner = transposeB ? columns(b) : ofB;
    long n = transposeB ? ofB : columns(b);
    Expect.like("b", b, a, b.length());
    if (inner != k) {
      throw new IllegalArgumentException(
          "b: expected an inner extent of " + k + " to go with " + a + ", got " + b + ".");
    }
    Expect.like("c", c, a, replicas * m * n);
    kernels(a)
        .multiply(
            replicas,
            transposeA,
            transposeB,
            Math.toIntExact(m),
            Math.toIntExact(n),
            Math.toIntExact(k),
            a,
            b,
            add ? 1 : 0,
            c);
  }

  /** Adds {@code row} [columns] to every row of {@code matrix}. */
  public static void addToRows(DeviceArray matrix, DeviceArray row) {
    addToRows(1, matrix, row);
  }

  /** The same of each of {@code replicas}. */
  public static void addToRows(int replicas, DeviceArray matrix, DeviceArray row) {
    rows("matrix", replicas, matrix);
    Expect.like("row", row, matrix, replicas * columns(matrix));
    kernels(matrix).addToRows(replicas, matrix, row);
  }

  /**
   * Multiplies every row of {@code matrix} by a factor of its own.
   *
   * @param factors one for each row; 0 makes the row 0, whatever is in it, so that a NaN goes
   */
  public static void scaleRows(DeviceArray matrix, DeviceArray factors) {
    floating("matrix", matrix);
    Expect.like("factors", factors, matrix, rows(matrix));
    kernels(matrix).scaleRows(matrix, factors);
  }

  /** Adds the sum of all rows of {@code matrix} to {@code sums} [columns]. */
  public static void addColumnSums(DeviceArray matrix, DeviceArray sums) {
    addColumnSums(1, matrix, sums);
  }

  /** The same of each of {@code replicas}. */
  public static void addColumnSums(int replicas, DeviceArray matrix, DeviceArray sums) {
    rows("matrix", replicas, matrix);
    Expect.like("sums", sums, matrix, replicas * columns(matrix));
    kernels(matrix).addColumnSums(replicas, matrix, sums);
  }

  /**
   * An embedding: row i of {@code out} becomes row {@code rows[i]} of {@code table}.
   *
   * @param rows INT32, below the number of rows of the table. The java backend refuses others;
   *     elsewhere, where to look would be to wait for the device, their rows of {@code out} are NaN
   * @throws IllegalArgumentException on the java backend for a row that the table does not have
   */
  public static void gatherRows(DeviceArray table, DeviceArray rows, DeviceArray out) {
    gatherRows(1, table, rows, out);
  }

  /**
   * The same of each of {@code replicas}.
   *
   * @param rows [replicas][...], those of a replica of its own table
   */
  public static void gatherRows(
      int replicas, DeviceArray table, DeviceArray rows, DeviceArray out) {
    checkRows(replicas, table, rows);
    Expect.like("out", out, table, rows.length() * columns(table));
    kernels(table).gatherRows(replicas, table, rows, out);
  }

  /**
   * Adjoint of {@link #gatherRows}: adds row i of {@code errors} to row {@code rows[i]}.
   *
   * @param rows those of the forward pass; errors of rows that the table does not have are left out
   */
  public static void scatterAddRows(DeviceArray errors, DeviceArray rows, DeviceArray table) {
    scatterAddRows(1, errors, rows, table);
  }

  /** The same of each of {@code replicas}. */
  public static void scatterAddRows(
      int replicas, DeviceArray errors, DeviceArray rows, DeviceArray table) {
    checkRows(replicas, table, rows);
    Expect.like("errors", errors, table, rows.length() * columns(table));
    kernels(table).scatterAddRows(replicas, errors, rows, table);
  }

  private static void checkRows(int replicas, DeviceArray table, DeviceArray rows) {
    rows("table", replicas, table);
    Expect.ints("rows", rows, table, rows.length());
    if (rows.length() % replicas != 0) {
      throw new IllegalArgumentException(
          "rows: expected as many for each of " + replicas + " replicas, got " + rows + ".");
    }
  }

  /**
   * Softmax cross-entropy of every row of logits [rows][classes].
   *
   * @param labels INT32 [rows], below the number of classes; a row whose label is below 0 does not
   *     count. The java backend refuses others; elsewhere loss and errors of their rows are NaN
   * @param scale factor of the errors, for instance one over the number of rows
   * @param losses [rows]: -log of the probability of the label, 0 where it does not count
   * @param predicted INT32 [rows], the class with the largest logit; null if not wanted
   * @param errors {@code scale (softmax - one-hot)}; may be {@code logits}; null if not wanted
   */
  public static void softmaxCrossEntropy(
      DeviceArray logits,
      DeviceArray labels,
      double scale,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray errors) {
    Expect.ints("labels", labels, logits, rows(logits));
    Expect.like("losses", losses, logits, rows(logits));
    if (predicted != null) {
      Expect.ints("predicted", predicted, logits, rows(logits));
    }
    if (errors != null) {
      Expect.like("errors", errors, logits, logits.length());
    }
    kernels(logits).softmaxCrossEntropy(logits, labels, scale, losses, predicted, errors);
  }

  /**
   * Inverted dropout: elements become 0 with probability p, the others are divided by 1 - p. The
   * same call with the same seed draws the same mask, so it is its own adjoint.
   *
   * @param p in [0, 1)
   * @param seed of the mask
   * @param group how many neighbours share a draw: 1 for single elements, the number of columns for
   *     whole rows
   * @param period after how many draws the mask repeats: batch x units gives every step of a
   *     [steps][batch][units] array the same mask (variational dropout, Gal and Ghahramani 2016)
   * @param target may be {@code source}
   */
  public static void dropout(
      DeviceArray source, double p, long seed, long group, long period, DeviceArray target) {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("p: expected [0, 1), got " + p + ".");
    }
    if (group < 1 || period < 1) {
      throw new IllegalArgumentException(
          "group, period: expected at least 1, got " + group + ", " + period + ".");
    }
    Expect.like("target", target, source, source.length());
    kernels(source).dropout(source, p, seed, group, period, target);
  }

  /** Replaces every element by its value under the activation; a NaN stays one. */
  public static void activate(DeviceArray array, Activation activation) {
    activate(array, activation, array);
  }

  /**
   * Values of an activation; those of {@link Activation#IDENTITY} are a copy.
   *
   * @param target may be {@code source}
   */
  public static void activate(DeviceArray source, Activation activation, DeviceArray target) {
    Objects.requireNonNull(activation, "activation");
    floating("source", source);
    Expect.like("target", target, source, source.length());
    if (activation != Activation.IDENTITY || target != source) {
      kernels(source).activate(source, activation, target);
    }
  }

  /**
   * Adjoint of {@link #activate}: multiplies every error by the slope.
   *
   * @param values what {@code activate} left, from which the slopes follow
   * @param errors dL/dvalue, replaced by dL/dx; another array than {@code values}
   */
  public static void activateBackward(
      DeviceArray values, DeviceArray errors, Activation activation) {
    Objects.requireNonNull(activation, "activation");
    floating("values", values);
    Expect.like("errors", errors, values, values.length());
    if (errors == values) {
      throw new IllegalArgumentException("errors: expected another array than values.");
    }
    if (activation != Activation.IDENTITY) {
      kernels(values).activateBackward(values, errors, activation);
    }
  }

  static void floating(String name, DeviceArray array) {
    if (!array.type().isFloating()) {
      throw new IllegalArgumentException(
          name + ": expected FLOAT32 or FLOAT64, got " + array + ".");
    }
  }

  private static DenseKernels kernels(DeviceArray array) {
    return array.backend().kernels().dense();
  }

  static long columns(DeviceArray array) {
    long[] shape = array.shape();
    return shape[shape.length - 1];
  }

  private static long rows(DeviceArray array) {
    return array.length() / columns(array);
  }

  /** Rows of each replica. */
  private static long rows(String name, int replicas, DeviceArray array) {
    long rows = rows(array);
    if (replicas < 1 || replicas > MOST_REPLICAS) {
      throw new IllegalArgumentException(
          "replicas: expected 1 to " + MOST_REPLICAS + ", got " + replicas + ".");
    }
    if (rows % replicas != 0) {
      throw new IllegalArgumentException(
          name
              + ": expected as many rows for each of "
              + replicas
              + " replicas, got "
              + array
              + ".");
    }
    return rows / replicas;
  }
}
