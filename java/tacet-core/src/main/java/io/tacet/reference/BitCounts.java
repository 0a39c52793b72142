package io.tacet.reference;

import java.util.Arrays;

/**
 * How often each bit of some words is set in rows, for many rows: binary digit p of the count of a
 * bit is that bit of plane p, so that all bits of a word are counted by a few operations. Four rows
 * cost three carry-save adders (Harley and Seal).
 */
final class BitCounts {
  private static final int DIGITS = 31;
  private static final int[] BITS = new int[32];

  static {
    Arrays.setAll(BITS, j -> 1 << j);
  }

  private final int[][] planes;
  private final int[] carry;
  private final int words;
  private int used;

  /**
   * Counts of 0.
   *
   * @param words of a part of a row
   */
  BitCounts(int words) {
    this.words = words;
    planes = new int[DIGITS][words];
    carry = new int[words];
  }

  /** Counts the words from four places of an array on. */
  void addFour(int[] bits, int a, int b, int c, int d) {
    int[] ones = planes[0];
    int[] twos = planes[1];
    for (int w = 0; w < words; w++) {
      int one = ones[w];
      int two = twos[w];
      int x = bits[a + w];
      int y = bits[b + w];
      int first = (one & x) | (one & y) | (x & y);
      one ^= x ^ y;
      x = bits[c + w];
      y = bits[d + w];
      int second = (one & x) | (one & y) | (x & y);
      ones[w] = one ^ x ^ y;
      carry[w] = (two & first) | (two & second) | (first & second);
      twos[w] = two ^ first ^ second;
    }
    used = Math.max(used, 2);
    carry(2);
  }

  /** Counts the words from one place of an array on. */
  void addOne(int[] bits, int from) {
    System.arraycopy(bits, from, carry, 0, words);
    carry(0);
  }

  /** Adds the carries to a digit and those behind it. */
  private void carry(int first) {
    for (int p = first; p < DIGITS; p++) {
      int[] plane = planes[p];
      int any = 0;
      for (int w = 0; w < words; w++) {
        any |= carry[w];
      }
      if (any == 0) {
        return;
      }
      used = Math.max(used, p + 1);
      for (int w = 0; w < words; w++) {
        int both = plane[w] & carry[w];
        plane[w] ^= carry[w];
        carry[w] = both;
      }
    }
  }

  /**
   * Adds the counts of the first {@code bits} bits to numbers from a place on, and forgets them.
   */
  void moveTo(int[] counts, int from, int bits) {
    for (int p = 0; p < used; p++) {
      int[] plane = planes[p];
      for (int w = 0; w < words; w++) {
        int word = plane[w];
        int at = from + 32 * w;
        int last = Math.min(32, bits - 32 * w);
        for (int j = 0; j < last; j++) {
          // The sign of a negated bit: shifts by j would not become vector instructions.
          counts[at + j] += (-(word & BITS[j]) >>> 31) << p;
        }
      }
      Arrays.fill(plane, 0);
    }
    used = 0;
  }
}
