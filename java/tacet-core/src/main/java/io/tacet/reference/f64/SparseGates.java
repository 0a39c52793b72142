package io.tacet.reference.f64;

/** Weights on a pattern, of which only the rows that something depends on are walked. */
abstract class SparseGates extends GateWeights {
  /** Rows that are used for all samples before the next ones are. */
  private static final int BLOCK = 64;

  /** The same where events are added: their rows are short. */
  private static final int ROWS = 256;

  @Override
  int block() {
    return ROWS;
  }

  @Override
  void add(int[] index, double[] x, int first, int last, int from, int to, double[] out) {
    for (int k = first; k < last; k++) {
      add(index[k], x[k], from, to, out);
    }
  }

  @Override
  void addTransposed(int worker, EgruAdjointSample[] samples, int count, int from, int to) {
    for (int s = 0; s < count; s++) {
      samples[s].at = 0;
    }
    boolean left = true;
    for (int end = BLOCK; left; end += BLOCK) {
      left = false;
      for (int s = 0; s < count; s++) {
        EgruAdjointSample sample = samples[s];
        if (sample.live) {
          int k = sample.at;
          for (; k < sample.needed && sample.sources[k] < end; k++) {
            int j = sample.sources[k];
            sample.received[j] += dot(j, from, to, sample.sums);
          }
          sample.at = k;
          left |= k < sample.needed;
        }
      }
    }
  }

  @Override
  void addGradient(
      int j,
      double[][] errors,
      int[] pairs,
      double[] x,
      int count,
      int from,
      int to,
      double[] gradient) {
    for (int k = 0; k < count; k++) {
      outer(j, x[k], errors[pairs[k]], from, to, gradient);
    }
  }

  /** out += x row j over the columns [from, to). */
  abstract void add(int j, double x, int from, int to, double[] out);

  /** Row j times errors over the columns [from, to), in the order of the row. */
  abstract double dot(int j, int from, int to, double[] errors);

  /** gradient of row j += x errors over the columns [from, to). */
  abstract void outer(int j, double x, double[] errors, int from, int to, double[] gradient);
}
