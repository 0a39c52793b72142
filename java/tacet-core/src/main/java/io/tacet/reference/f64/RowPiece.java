package io.tacet.reference.f64;

/**
 * A part of a row whose weights lie side by side: where they begin and which targets they reach.
 * Refilled for every event; one per worker and per row in flight.
 */
final class RowPiece {
  /** Reads one element per cache line. */
  private static final int LINE = 16;

  private double[] weights;

  /** First weight, which is also the first element of the gradient. */
  private int from;

  private int count;

  /** Targets from {@code targetFrom}, or null when they are contiguous from {@code targetFrom}. */
  private int[] targets;

  private int targetFrom;

  /** Own memory for targets that have to be computed. */
  private int[] scratch = new int[256];

  /** Keeps the reads of {@link #fetch} from being optimised away. */
  private long fetched;

  void contiguous(double[] weights, int from, int count, int firstTarget) {
    this.weights = weights;
    this.from = from;
    this.count = Math.max(0, count);
    this.targets = null;
    this.targetFrom = firstTarget;
  }

  void indexed(double[] weights, int from, int count, int[] targets, int targetFrom) {
    this.weights = weights;
    this.from = from;
    this.count = Math.max(0, count);
    this.targets = targets;
    this.targetFrom = targetFrom;
  }

  /** Targets are in {@link #scratch(int)}, from 0. */
  void indexedByScratch(double[] weights, int from, int count) {
    indexed(weights, from, count, scratch, 0);
  }

  int[] scratch(int count) {
    if (scratch.length < count) {
      scratch = new int[Math.max(count, 2 * scratch.length)];
    }
    return scratch;
  }

  /** Moves each target into the slot of its synapse's delay. */
  void delay(short[] steps, int slot, int slots, int stride) {
    int[] moved = scratch(count);
    for (int k = 0; k < count; k++) {
      int target = targets == null ? targetFrom + k : targets[targetFrom + k];
      moved[k] = (slot + Short.toUnsignedInt(steps[from + k])) % slots * stride + target;
    }
    targets = moved;
    targetFrom = 0;
  }

  /**
   * Asks for every cache line of the piece. Rows lie anywhere in memory and are too short for the
   * hardware to foresee them, so the misses of several rows are made to overlap.
   */
  void fetch() {
    long sum = fetched;
    for (int k = 0; k < count; k += LINE) {
      sum += Real.orderBits(weights[from + k]);
    }
    if (targets != null && targets != scratch) {
      for (int k = 0; k < count; k += LINE) {
        sum += targets[targetFrom + k];
      }
    }
    fetched = sum;
  }

  /** out[base + target] += x w for all targets. */
  void add(double x, double[] out, int base) {
    double[] w = weights;
    int f = from;
    int n = count;
    if (targets == null) {
      int o = base + targetFrom;
      for (int k = 0; k < n; k++) {
        out[o + k] += x * w[f + k];
      }
    } else {
      int[] at = targets;
      int a = targetFrom;
      for (int k = 0; k < n; k++) {
        out[base + at[a + k]] += x * w[f + k];
      }
    }
  }

  /** The sum of w adjoint[base + target], in an order that depends on the piece alone. */
  double dot(double[] adjoint, int base, double[] lanes) {
    if (targets == null) {
      return Dense.dot(weights, from, adjoint, base + targetFrom, count, lanes);
    }
    double[] w = weights;
    int[] at = targets;
    int a = targetFrom;
    int f = from;
    double s0 = 0.0;
    double s1 = 0.0;
    double s2 = 0.0;
    double s3 = 0.0;
    int k = 0;
    for (; k + 3 < count; k += 4) {
      s0 += w[f + k] * adjoint[base + at[a + k]];
      s1 += w[f + k + 1] * adjoint[base + at[a + k + 1]];
      s2 += w[f + k + 2] * adjoint[base + at[a + k + 2]];
      s3 += w[f + k + 3] * adjoint[base + at[a + k + 3]];
    }
    for (; k < count; k++) {
      s0 += w[f + k] * adjoint[base + at[a + k]];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** gradient += x adjoint[base + target], on the synapses of the piece. */
  void outer(double x, double[] adjoint, int base, double[] gradient) {
    int f = from;
    int n = count;
    if (targets == null) {
      int o = base + targetFrom;
      for (int k = 0; k < n; k++) {
        gradient[f + k] += x * adjoint[o + k];
      }
    } else {
      int[] at = targets;
      int a = targetFrom;
      for (int k = 0; k < n; k++) {
        gradient[f + k] += x * adjoint[base + at[a + k]];
      }
    }
  }
}
