package io.tacet.reference.f64;

/** Loops over contiguous rows, written so that HotSpot turns them into vector instructions. */
final class Dense {
  /** Partial sums of a dot product; an inner loop of this length vectorises. */
  static final int LANES = 128;

  private Dense() {}

  /** out[o + m] += sum of four rows, in one pass over the targets. */
  static void addFour(
      double[] w, int[] rows, double[] x, int from, int to, double[] out, int base) {
    int r0 = rows[0];
    int r1 = rows[1];
    int r2 = rows[2];
    int r3 = rows[3];
    double x0 = x[0];
    double x1 = x[1];
    double x2 = x[2];
    double x3 = x[3];
    for (int m = from; m < to; m++) {
      out[base + m] += (x0 * w[r0 + m] + x1 * w[r1 + m]) + (x2 * w[r2 + m] + x3 * w[r3 + m]);
    }
  }

  static void addOne(double[] w, int row, double x, int from, int to, double[] out, int base) {
    for (int m = from; m < to; m++) {
      out[base + m] += x * w[row + m];
    }
  }

  /**
   * Dot product of n elements. The language fixes the order of a sum, so it is kept in {@link
   * #LANES} separate ones.
   */
  static double dot(double[] a, int aFrom, double[] b, int bFrom, int n, double[] lanes) {
    int whole = n - n % LANES;
    double sum = 0.0;
    if (whole > 0) {
      for (int j = 0; j < LANES; j++) {
        lanes[j] = a[aFrom + j] * b[bFrom + j];
      }
      for (int k = LANES; k < whole; k += LANES) {
        int ak = aFrom + k;
        int bk = bFrom + k;
        for (int j = 0; j < LANES; j++) {
          lanes[j] += a[ak + j] * b[bk + j];
        }
      }
      for (int half = LANES / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) {
          lanes[j] += lanes[j + half];
        }
      }
      sum = lanes[0];
    }
    double s0 = 0.0;
    double s1 = 0.0;
    int k = whole;
    for (; k + 1 < n; k += 2) {
      s0 += a[aFrom + k] * b[bFrom + k];
      s1 += a[aFrom + k + 1] * b[bFrom + k + 1];
    }
    if (k < n) {
      s0 += a[aFrom + k] * b[bFrom + k];
    }
    return sum + (s0 + s1);
  }
}
