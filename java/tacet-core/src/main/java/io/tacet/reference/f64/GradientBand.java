package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import io.tacet.memory.DeviceArray;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.Wiring;
import java.util.Arrays;

/**
 * Rows of a gradient from the factors it is made of. Only pairs of step and sample in which a
 * source sent something count, and sums go from the first to the last by fused multiplications and
 * additions. One instance per thread.
 */
final class GradientBand {
  /** Most rows at a time. */
  static final int ROWS = 64;

  /** Pairs whose errors are copied together: rows of their own become vector instructions. */
  private static final int CHUNK = 64;

  private final int sources;
  private final int targets;
  private final int values;
  private final int columns;
  private final int pairs;
  private final int parts;
  private final int lag;
  private final double[] sent;

  /** Null for zeros. */
  private final double[] first;

  private final double[] errors;
  private final double[][] copied;
  private final double[][] sums;
  private final double[] magnitudes;

  /** For each row, the pairs of a chunk in which its source sent something, and what. */
  private final int[][] index = new int[ROWS][CHUNK];

  private final double[][] sentBy = new double[ROWS][CHUNK];
  private final int[] counts = new int[ROWS];
  private final boolean[] needed = new boolean[CHUNK];
  private final boolean[] active = new boolean[ROWS];

  GradientBand(Wiring wiring, GradientFactors factors) {
    sources = wiring.sources();
    targets = wiring.targets();
    values = wiring.values();
    columns = values * targets;
    pairs = factors.pairs(wiring);
    parts = factors.parts(wiring);
    lag = factors.lag();
    sent = Real.array(factors.sent());
    DeviceArray before = factors.first();
    first = before == null ? null : Real.array(before);
    errors = Real.array(factors.errors());
    copied = new double[Math.min(CHUNK, pairs)][columns];
    sums = new double[Math.min(ROWS, sources)][columns];
    magnitudes = new double[targets];
  }

  /** Computes the rows of sources from .. to-1. */
  void run(int from, int to) {
    Arrays.fill(active, false);
    for (int row = 0; row < to - from; row++) {
      Arrays.fill(sums[row], 0);
    }
    int width = columns / parts;
    for (int start = 0; start < pairs; start += CHUNK) {
      InterruptedPassException.check();
      int length = Math.min(CHUNK, pairs - start);
      for (int part = 0; part < parts; part++) {
        if (collect(from, to, start, length, part)) {
          copy(start, length, part * width, width);
          for (int row = 0; row < to - from; row++) {
            add(row, part * width, (part + 1) * width);
          }
        }
      }
    }
  }

  /** Notes who sent something in pairs of a chunk; whether anybody did. */
  private boolean collect(int from, int to, int start, int length, int part) {
    Arrays.fill(counts, 0);
    boolean any = false;
    for (int p = 0; p < length; p++) {
      double[] array = start + p < lag ? first : sent;
      int pair = start + p < lag ? start + p : start + p - lag;
      needed[p] = false;
      for (int i = from; array != null && i < to; i++) {
        double x = array[(pair * parts + part) * sources + i];
        if (x != 0) {
          int row = i - from;
          index[row][counts[row]] = p;
          sentBy[row][counts[row]++] = x;
          needed[p] = true;
          active[row] = true;
        }
      }
      any |= needed[p];
    }
    return any;
  }

  private void copy(int start, int length, int column, int width) {
    for (int p = 0; p < length; p++) {
      if (needed[p]) {
        System.arraycopy(errors, (start + p) * columns + column, copied[p], column, width);
      }
    }
  }

  private void add(int row, int from, int to) {
    int[] at = index[row];
    double[] x = sentBy[row];
    double[] out = sums[row];
    int k = 0;
    for (; k + 3 < counts[row]; k += 4) {
      addFour(
          copied[at[k]],
          copied[at[k + 1]],
          copied[at[k + 2]],
          copied[at[k + 3]],
          x[k],
          x[k + 1],
          x[k + 2],
          x[k + 3],
          from,
          to,
          out);
    }
    for (; k < counts[row]; k++) {
      addOne(copied[at[k]], x[k], from, to, out);
    }
  }

  private static void addFour(
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
      double two = Math.fma(x1, b[m], Math.fma(x0, a[m], out[m]));
      out[m] = Math.fma(x3, d[m], Math.fma(x2, c[m], two));
    }
  }

  private static void addOne(double[] a, double x, int from, int to, double[] out) {
    for (int m = from; m < to; m++) {
      out[m] = Math.fma(x, a[m], out[m]);
    }
  }

  /** Whether the source of a row sent anything; otherwise its row is 0. */
  boolean isActive(int row) {
    return active[row];
  }

  /** The sums of the absolute gradients of all targets; valid until the next call. */
  double[] magnitudes(int row) {
    double[] own = sums[row];
    for (int m = 0; m < targets; m++) {
      magnitudes[m] = Math.abs(own[m]);
    }
    for (int g = 1; g < values; g++) {
      for (int m = 0; m < targets; m++) {
        magnitudes[m] += Math.abs(own[g * targets + m]);
      }
    }
    return magnitudes;
  }
}
