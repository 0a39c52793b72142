package io.tacet.reference.f64;

import io.tacet.spi.VectorLoops;

/**
 * The gates share a pattern: a target is read once for the three weights of a synapse. The sums of
 * a target lie side by side, [units][4] of which three are used, so that a synapse reaches one
 * place in memory, as wide as a vector register, and not three.
 */
final class SharedGates extends SparseGates {
  private static final int GATES = 3;

  /** Places of a target in sums. */
  private static final int WIDTH = 4;

  private final int units;

  private final int[] offsets;

  /** Targets, with 32 or with 16 bits; the other is null. */
  private final int[] wide;

  private final short[] narrow;

  /** [places][3]. */
  private final double[] weights;

  /** Null for plain ones. */
  private final VectorLoops loops;

  /**
   * @param units targets
   * @param indices int[] or short[]
   * @param weights [places][3]
   * @param loops in vector instructions, null for plain ones
   */
  SharedGates(int units, int[] offsets, Object indices, double[] weights, VectorLoops loops) {
    this.units = units;
    this.offsets = offsets;
    wide = indices instanceof int[] all ? all : null;
    narrow = indices instanceof short[] all ? all : null;
    this.weights = weights;
    this.loops = loops;
  }

  private static int target(short[] narrow, int[] wide, int k) {
    return narrow != null ? narrow[k] & 0xffff : wide[k];
  }

  @Override
  int places(int units) {
    return WIDTH * units;
  }

  @Override
  void put(double[] values, int gate, double[] sums) {
    for (int m = 0; m < values.length; m++) {
      sums[WIDTH * m + gate] = values[m];
    }
  }

  @Override
  void take(double[] sums, int gate, double[] values) {
    for (int m = 0; m < values.length; m++) {
      values[m] = sums[WIDTH * m + gate];
    }
  }

  @Override
  void add(int j, double x, int from, int to, double[] out) {
    if (to - from == GATES * units) {
      addAll(j, x, out);
      return;
    }
    for (int gate = from / units; gate < to / units; gate++) {
      addOne(weights, narrow, wide, offsets[j], offsets[j + 1], x, gate, out);
    }
  }

  private void addAll(int j, double x, double[] out) {
    if (loops != null) {
      loops.addGates(weights, narrow, wide, offsets[j], offsets[j + 1], x, out);
    } else {
      addAll(weights, narrow, wide, offsets[j], offsets[j + 1], x, out);
    }
  }

  private static void addAll(
      double[] w, short[] narrow, int[] wide, int begin, int end, double x, double[] out) {
    for (int k = begin; k < end; k++) {
      int m = WIDTH * target(narrow, wide, k);
      out[m] += x * w[3 * k];
      out[m + 1] += x * w[3 * k + 1];
      out[m + 2] += x * w[3 * k + 2];
    }
  }

  private static void addOne(
      double[] w,
      short[] narrow,
      int[] wide,
      int begin,
      int end,
      double x,
      int gate,
      double[] out) {
    for (int k = begin; k < end; k++) {
      out[WIDTH * target(narrow, wide, k) + gate] += x * w[3 * k + gate];
    }
  }

  @Override
  double dot(int j, int from, int to, double[] errors) {
    if (to - from == GATES * units) {
      return dotAll(weights, narrow, wide, offsets[j], offsets[j + 1], errors);
    }
    double sum = 0.0;
    for (int gate = from / units; gate < to / units; gate++) {
      sum += dotOne(weights, narrow, wide, offsets[j], offsets[j + 1], gate, errors);
    }
    return sum;
  }

  private static double dotAll(
      double[] w, short[] narrow, int[] wide, int begin, int end, double[] errors) {
    double z = 0.0;
    double r = 0.0;
    double g = 0.0;
    for (int k = begin; k < end; k++) {
      int m = WIDTH * target(narrow, wide, k);
      z += w[3 * k] * errors[m];
      r += w[3 * k + 1] * errors[m + 1];
      g += w[3 * k + 2] * errors[m + 2];
    }
    return (z + r) + g;
  }

  private static double dotOne(
      double[] w, short[] narrow, int[] wide, int begin, int end, int gate, double[] errors) {
    double sum = 0.0;
    for (int k = begin; k < end; k++) {
      sum += w[3 * k + gate] * errors[WIDTH * target(narrow, wide, k) + gate];
    }
    return sum;
  }

  @Override
  void outer(int j, double x, double[] errors, int from, int to, double[] gradient) {
    if (to - from == GATES * units) {
      outerAll(narrow, wide, offsets[j], offsets[j + 1], x, errors, gradient);
      return;
    }
    for (int gate = from / units; gate < to / units; gate++) {
      outerOne(narrow, wide, offsets[j], offsets[j + 1], x, gate, errors, gradient);
    }
  }

  private static void outerAll(
      short[] narrow,
      int[] wide,
      int begin,
      int end,
      double x,
      double[] errors,
      double[] gradient) {
    for (int k = begin; k < end; k++) {
      int m = WIDTH * target(narrow, wide, k);
      gradient[3 * k] += x * errors[m];
      gradient[3 * k + 1] += x * errors[m + 1];
      gradient[3 * k + 2] += x * errors[m + 2];
    }
  }

  private static void outerOne(
      short[] narrow,
      int[] wide,
      int begin,
      int end,
      double x,
      int gate,
      double[] errors,
      double[] gradient) {
    for (int k = begin; k < end; k++) {
      gradient[3 * k + gate] += x * errors[WIDTH * target(narrow, wide, k) + gate];
    }
  }
}
