package io.tacet.reference.f64;

/** Dot products of parts of larger arrays. */
final class DotProduct {
  /** Separate partial sums. */
  static final int LANES = 128;

  private DotProduct() {}

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
