package io.tacet.reference.f64;

/**
 * Sums of weighted rows. Rows and sums are arrays of their own, indexed from the same place: this
 * is the form of loop that HotSpot turns into vector instructions (with offsets into one big array
 * it does not, at a fifth of the speed).
 */
final class RowSums {
  private RowSums() {}

  /**
   * How far to go in an ascending list of rows to have used those below a limit, but for up to
   * three that wait for a fourth: so all rows but the last are added four at a time, and the order
   * of a sum does not depend on the limits.
   *
   * @param from a multiple of four
   */
  static int fours(int[] index, int from, int count, int limit, int rows) {
    if (limit >= rows) {
      return count;
    }
    int k = from;
    while (k + 3 < count && index[k + 3] < limit) {
      k += 4;
    }
    return k;
  }

  /**
   * out += x0 a + x1 b + x2 c + x3 d over [from, to). Six rows or more would be too long a body for
   * HotSpot to unroll, and so to vectorise.
   */
  static void addFour(
      double[] a,
      double[] b,
      double[] c,
      double[] d,
      double x0,
      double x1,
      double x2,
      double x3,
      int from,
      int to,
      double[] out) {
    for (int m = from; m < to; m++) {
      out[m] += (x0 * a[m] + x1 * b[m]) + (x2 * c[m] + x3 * d[m]);
    }
  }

  /** out += x a over [from, to). */
  static void addOne(double[] a, double x, int from, int to, double[] out) {
    for (int m = from; m < to; m++) {
      out[m] += x * a[m];
    }
  }

  /** out += sum over k in [first, last) of x[k] rows[index[k]] over [from, to). */
  static void addListed(
      double[][] rows,
      int[] index,
      double[] x,
      int first,
      int last,
      int from,
      int to,
      double[] out) {
    int k = first;
    for (; k + 3 < last; k += 4) {
      addFour(
          rows[index[k]],
          rows[index[k + 1]],
          rows[index[k + 2]],
          rows[index[k + 3]],
          x[k],
          x[k + 1],
          x[k + 2],
          x[k + 3],
          from,
          to,
          out);
    }
    for (; k < last; k++) {
      addOne(rows[index[k]], x[k], from, to, out);
    }
  }

  /** out += sum over k in [first, last) of x[k] rows[k] over [from, to). */
  static void addAll(
      double[][] rows, double[] x, int first, int last, int from, int to, double[] out) {
    int k = first;
    for (; k + 3 < last; k += 4) {
      addFour(
          rows[k],
          rows[k + 1],
          rows[k + 2],
          rows[k + 3],
          x[k],
          x[k + 1],
          x[k + 2],
          x[k + 3],
          from,
          to,
          out);
    }
    for (; k < last; k++) {
      addOne(rows[k], x[k], from, to, out);
    }
  }

  /** Copies a flat row-major matrix into one array a row. */
  static void copyRows(double[] flat, double[][] out) {
    for (int i = 0; i < out.length; i++) {
      System.arraycopy(flat, i * out[i].length, out[i], 0, out[i].length);
    }
  }

  /** Copies a flat row-major matrix into one array a column. */
  static void copyColumns(double[] flat, double[][] out) {
    int columns = out.length;
    int rows = out[0].length;
    for (int i0 = 0; i0 < rows; i0 += 16) {
      int i1 = Math.min(rows, i0 + 16);
      for (int j = 0; j < columns; j++) {
        double[] column = out[j];
        for (int i = i0; i < i1; i++) {
          column[i] = flat[i * columns + j];
        }
      }
    }
  }
}
