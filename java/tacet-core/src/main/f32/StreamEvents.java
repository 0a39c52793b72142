package io.tacet.reference.f32;

/** The rows that take part in a product, for some samples: ascending indices and factors. */
final class StreamEvents {
  final int[][] index;
  final float[][] values;
  final int[] counts;

  private final int size;

  StreamEvents(int samples, int size) {
    this.size = size;
    index = new int[samples][size];
    values = new float[samples][size];
    counts = new int[samples];
  }

  /** Rows there are. */
  int size() {
    return size;
  }

  /**
   * Those that are not zero.
   *
   * @param s where they go
   * @param x a sample of which begins at from
   */
  void list(int s, float[] x, int from) {
    int[] found = index[s];
    float[] value = values[s];
    int count = 0;
    for (int m = 0, at = from; m < size; m++, at++) {
      found[count] = m;
      value[count] = x[at];
      // 1 unless it is 0 or -0, without a branch: which are active cannot be predicted.
      int bits = Float.floatToRawIntBits(x[at]) << 1;
      count += (bits | -bits) >>> 31;
    }
    counts[s] = count;
  }

  /**
   * What another list has, each times the reset gate of its unit.
   *
   * @param resets those of the sample begin at from
   */
  void gate(int s, StreamEvents sent, float[] resets, int from) {
    counts[s] = sent.counts[s];
    for (int k = 0; k < counts[s]; k++) {
      int j = sent.index[s][k];
      index[s][k] = j;
      values[s][k] = resets[from + j] * sent.values[s][k];
    }
  }
}
