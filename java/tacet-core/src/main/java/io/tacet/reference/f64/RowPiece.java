package io.tacet.reference.f64;

/**
 * A part of a row whose weights lie side by side: where they begin and which targets they reach.
 * Refilled for every event; one per worker and place in a {@link RowGroup}.
 */
final class RowPiece {
  /** Reads one element per cache line. */
  static final int LINE = 16;

  private double[] weights;

  /** First weight, which is also the first element of the gradient. */
  private int from;

  private int count;

  /**
   * Targets, beginning with element {@code targetFrom}, in one of the two; if both are null, they
   * are contiguous from {@code targetFrom}.
   */
  private int[] wide;

  private short[] narrow;
  private int targetFrom;

  /** Own memory for targets and weights that have to be computed. */
  private int[] scratch = new int[256];

  private float[] drawn = new float[0];
  private double[] computed = new double[0];

  /** Keeps the reads of {@link #fetch} from being optimised away. */
  private long fetched;

  /** Targets side by side. */
  void contiguous(double[] weights, int from, int count, int firstTarget) {
    set(weights, from, count, firstTarget, null, null);
  }

  /** Targets from a list with 32 bits each. */
  void indexed(double[] weights, int from, int count, int[] targets, int targetFrom) {
    set(weights, from, count, targetFrom, targets, null);
  }

  /** Targets from a list with 16 bits each, parallel to the weights. */
  void indexed(double[] weights, int from, int count, short[] targets) {
    set(weights, from, count, from, null, targets);
  }

  private void set(
      double[] weights, int from, int count, int targetFrom, int[] wide, short[] narrow) {
    this.weights = weights;
    this.from = from;
    this.count = Math.max(0, count);
    this.targetFrom = targetFrom;
    this.wide = wide;
    this.narrow = narrow;
  }

  int[] scratch(int count) {
    if (scratch.length < count) {
      scratch = new int[Math.max(count, 2 * scratch.length)];
    }
    return scratch;
  }

  /** Memory for weights as they are drawn. */
  float[] drawn(int count) {
    if (drawn.length < count) {
      drawn = new float[Math.max(count, 2 * drawn.length)];
    }
    return drawn;
  }

  /** Memory for weights that are in no array of their synapses. */
  double[] computed(int count) {
    if (computed.length < count) {
      computed = new double[Math.max(count, 2 * computed.length)];
    }
    return computed;
  }

  /** Moves each target into the slot of its synapse's delay. */
  void delay(short[] steps, int slot, int slots, int stride) {
    int[] moved = scratch(count);
    for (int k = 0; k < count; k++) {
      int at = targetFrom + k;
      int target = wide != null ? wide[at] : narrow != null ? narrow[at] & 0xffff : at;
      moved[k] = (slot + Short.toUnsignedInt(steps[from + k])) % slots * stride + target;
    }
    indexed(weights, from, count, moved, 0);
  }

  /**
   * Asks for every cache line of the piece. Rows lie anywhere in memory and are too short for the
   * hardware to foresee them, so the misses of a whole group are made to overlap.
   *
   * @param gradient array beside the targets if not the weights, or null
   */
  void fetch(double[] gradient) {
    double[] values = gradient == null ? weights : gradient;
    long sum = fetched;
    for (int k = 0; k < count; k += LINE) {
      sum += Real.orderBits(values[from + k]);
    }
    if (narrow != null) {
      for (int k = 0; k < count; k += 2 * LINE) {
        sum += narrow[targetFrom + k];
      }
    } else if (wide != null && wide != scratch) {
      for (int k = 0; k < count; k += LINE) {
        sum += wide[targetFrom + k];
      }
    }
    fetched = sum;
  }

  /** out[base + target] += x w for all targets. */
  void add(double x, double[] out, int base) {
    double[] w = weights;
    int f = from;
    int a = targetFrom;
    int n = count;
    if (narrow != null) {
      addNarrow(w, narrow, f, f + n, x, out, base);
    } else if (wide != null) {
      int[] at = wide;
      for (int k = 0; k < n; k++) {
        out[base + at[a + k]] += x * w[f + k];
      }
    } else {
      int o = base + a;
      for (int k = 0; k < n; k++) {
        out[o + k] += x * w[f + k];
      }
    }
  }

  /** The time of all sparse nets at batch 1 goes here, so that even adding 0 is left out. */
  static void addNarrow(
      double[] w, short[] at, int begin, int end, double x, double[] out, int base) {
    if (base == 0) {
      for (int k = begin; k < end; k++) {
        out[at[k] & 0xffff] += x * w[k];
      }
    } else {
      for (int k = begin; k < end; k++) {
        out[base + (at[k] & 0xffff)] += x * w[k];
      }
    }
  }

  /** out[base + at[k]] += x w[k] for k in [begin, end). */
  static void addWide(double[] w, int[] at, int begin, int end, double x, double[] out, int base) {
    for (int k = begin; k < end; k++) {
      out[base + at[k]] += x * w[k];
    }
  }

  /** The sum of w adjoint[base + target], in an order that depends on the piece alone. */
  double dot(double[] adjoint, int base, double[] lanes) {
    if (narrow != null) {
      return dotNarrow(weights, narrow, from, from + count, adjoint, base);
    }
    if (wide == null) {
      return DotProduct.dot(weights, from, adjoint, base + targetFrom, count, lanes);
    }
    double[] w = weights;
    int[] at = wide;
    int f = from;
    int a = targetFrom;
    int n = count;
    double even = 0.0;
    double odd = 0.0;
    int k = 0;
    for (; k + 1 < n; k += 2) {
      even += w[f + k] * adjoint[base + at[a + k]];
      odd += w[f + k + 1] * adjoint[base + at[a + k + 1]];
    }
    if (k < n) {
      even += w[f + k] * adjoint[base + at[a + k]];
    }
    return even + odd;
  }

  static double dotNarrow(double[] w, short[] at, int begin, int end, double[] adjoint, int base) {
    double s0 = 0.0;
    double s1 = 0.0;
    double s2 = 0.0;
    double s3 = 0.0;
    int k = begin;
    for (; k + 3 < end; k += 4) {
      s0 += w[k] * adjoint[base + (at[k] & 0xffff)];
      s1 += w[k + 1] * adjoint[base + (at[k + 1] & 0xffff)];
      s2 += w[k + 2] * adjoint[base + (at[k + 2] & 0xffff)];
      s3 += w[k + 3] * adjoint[base + (at[k + 3] & 0xffff)];
    }
    for (; k < end; k++) {
      s0 += w[k] * adjoint[base + (at[k] & 0xffff)];
    }
    return (s0 + s1) + (s2 + s3);
  }

  static double dotWide(double[] w, int[] at, int begin, int end, double[] adjoint, int base) {
    double s0 = 0.0;
    double s1 = 0.0;
    double s2 = 0.0;
    double s3 = 0.0;
    int k = begin;
    for (; k + 3 < end; k += 4) {
      s0 += w[k] * adjoint[base + at[k]];
      s1 += w[k + 1] * adjoint[base + at[k + 1]];
      s2 += w[k + 2] * adjoint[base + at[k + 2]];
      s3 += w[k + 3] * adjoint[base + at[k + 3]];
    }
    for (; k < end; k++) {
      s0 += w[k] * adjoint[base + at[k]];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** gradient += x adjoint[base + target], on the synapses of the piece. */
  void outer(double x, double[] adjoint, int base, double[] gradient) {
    int f = from;
    int a = targetFrom;
    int n = count;
    if (narrow != null) {
      outerNarrow(narrow, f, f + n, x, adjoint, base, gradient);
    } else if (wide != null) {
      int[] at = wide;
      for (int k = 0; k < n; k++) {
        gradient[f + k] += x * adjoint[base + at[a + k]];
      }
    } else {
      int o = base + a;
      for (int k = 0; k < n; k++) {
        gradient[f + k] += x * adjoint[o + k];
      }
    }
  }

  static void outerNarrow(
      short[] at, int begin, int end, double x, double[] adjoint, int base, double[] gradient) {
    for (int k = begin; k < end; k++) {
      gradient[k] += x * adjoint[base + (at[k] & 0xffff)];
    }
  }

  static void outerWide(
      int[] at, int begin, int end, double x, double[] adjoint, int base, double[] gradient) {
    for (int k = begin; k < end; k++) {
      gradient[k] += x * adjoint[base + at[k]];
    }
  }
}
