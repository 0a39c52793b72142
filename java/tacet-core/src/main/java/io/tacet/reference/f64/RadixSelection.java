package io.tacet.reference.f64;

import java.util.Arrays;

/** Finds the key of a rank among unsigned keys, a digit at a time, in time proportional to them. */
final class RadixSelection {
  private static final int DIGIT = 8;

  private final int[] counts = new int[1 << DIGIT];
  private long key;
  private long left;

  /**
   * Finds it.
   *
   * @param keys of which the first {@code count} have at most {@code bits} bits, a multiple of 8
   * @param rank how many keys are to belong to the smallest, at least 1
   */
  void find(long[] keys, int count, int bits, long rank) {
    key = 0;
    left = rank;
    for (int shift = bits - DIGIT; shift >= 0; shift -= DIGIT) {
      count(keys, count, shift, shift == bits - DIGIT);
      int digit = 0;
      while (left > counts[digit]) {
        left -= counts[digit++];
      }
      key = key << DIGIT | digit;
    }
  }

  /** How many keys that agree so far have each digit. */
  private void count(long[] keys, int count, int shift, boolean all) {
    Arrays.fill(counts, 0);
    int mask = counts.length - 1;
    for (int k = 0; k < count; k++) {
      if (all || keys[k] >>> (shift + DIGIT) == key) {
        counts[(int) (keys[k] >>> shift) & mask]++;
      }
    }
  }

  /** The key of that rank. */
  long key() {
    return key;
  }

  /** How many of its equals belong to the smallest. */
  long left() {
    return left;
  }
}
