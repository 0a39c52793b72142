package io.tacet.network;

import java.util.Arrays;

/**
 * Keeps the pairs of largest gradients of all that are added, of equal ones those with the lower
 * number, in any order of adding: a heap with the least of them on top.
 */
final class LargestGradients {
  /** What each of them takes. */
  static final int BYTES = Double.BYTES + Long.BYTES;

  private final double[] magnitudes;
  private final long[] pairs;
  private int size;

  /** Keeps so many, at least 1. */
  LargestGradients(int most) {
    magnitudes = new double[most];
    pairs = new long[most];
  }

  private static boolean isLess(double magnitude, long pair, double other, long otherPair) {
    int order = Double.compare(magnitude, other);
    return order < 0 || (order == 0 && pair > otherPair);
  }

  /** Whether one of magnitude 0 may be kept. */
  boolean admitsZero() {
    return size < pairs.length || magnitudes[0] == 0;
  }

  /**
   * Adds a pair that was not added before.
   *
   * @param magnitude at least 0; NaN counts as largest
   */
  void add(double magnitude, long pair) {
    if (size < pairs.length) {
      rise(size++, magnitude, pair);
    } else if (isLess(magnitudes[0], pairs[0], magnitude, pair)) {
      sink(magnitude, pair);
    }
  }

  private void put(int at, double magnitude, long pair) {
    magnitudes[at] = magnitude;
    pairs[at] = pair;
  }

  private void rise(int from, double magnitude, long pair) {
    int at = from;
    while (at > 0) {
      int above = (at - 1) / 2;
      if (!isLess(magnitude, pair, magnitudes[above], pairs[above])) {
        break;
      }
      put(at, magnitudes[above], pairs[above]);
      at = above;
    }
    put(at, magnitude, pair);
  }

  /** Puts it in the place of the least. */
  private void sink(double magnitude, long pair) {
    int at = 0;
    while (2 * at + 1 < size) {
      int below = 2 * at + 1;
      if (below + 1 < size
          && isLess(magnitudes[below + 1], pairs[below + 1], magnitudes[below], pairs[below])) {
        below++;
      }
      if (!isLess(magnitudes[below], pairs[below], magnitude, pair)) {
        break;
      }
      put(at, magnitudes[below], pairs[below]);
      at = below;
    }
    put(at, magnitude, pair);
  }

  /** The pairs that are kept, ascending. */
  long[] ascending() {
    long[] all = Arrays.copyOf(pairs, size);
    Arrays.sort(all);
    return all;
  }

  /** Their magnitudes, in the order of {@code ascending}. */
  double[] magnitudes(long[] ascending) {
    double[] all = new double[size];
    for (int k = 0; k < size; k++) {
      all[Arrays.binarySearch(ascending, pairs[k])] = magnitudes[k];
    }
    return all;
  }
}
