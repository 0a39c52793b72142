package io.tacet.rewire;

import io.tacet.sparse.Philox;

/**
 * A pseudo-random permutation of 0 to count - 1, evaluated element by element: its first k values
 * are k different numbers without a table and without repetition, in any order of evaluation. A
 * balanced Feistel network with rounds of {@link Philox}, which permutes the next power of 4; what
 * falls outside is permuted again until it falls inside (cycle walking: Black and Rogaway, "Ciphers
 * with arbitrary finite domains", 2002). The kernels hold the same function.
 */
public final class Permutation {
  private static final int ROUNDS = 6;

  /** Keeps these counters apart from those of other draws. */
  private static final int DOMAIN = 16;

  /** Small domains are poorly mixed by so few rounds; this many bits for each half are not. */
  private static final int LEAST_BITS = 4;

  private final long count;
  private final long seed;
  private final int step;
  private final int bits;
  private final int[] words = new int[4];

  /**
   * @param count length, at least 1 and at most 2^62
   * @param seed key
   * @param step which of the permutations of that key
   */
  public Permutation(long count, long seed, int step) {
    this.count = count;
    this.seed = seed;
    this.step = step;
    this.bits = halfBits(count);
  }

  /** Bits of each half of the domain that is permuted. */
  static int halfBits(long count) {
    int whole = Long.SIZE - Long.numberOfLeadingZeros(count - 1);
    return Math.max(LEAST_BITS, (whole + 1) / 2);
  }

  /** Where {@code index}, from 0 to count - 1, is sent. */
  public long at(long index) {
    long x = index;
    do {
      x = once(x);
    } while (x >= count);
    return x;
  }

  private long once(long x) {
    int mask = (int) ((1L << bits) - 1);
    int left = (int) (x >>> bits);
    int right = (int) x & mask;
    for (int round = 0; round < ROUNDS; round++) {
      Philox.block(right, round, step, DOMAIN, seed, words);
      int next = left ^ (words[0] & mask);
      left = right;
      right = next;
    }
    return ((left & 0xFFFFFFFFL) << bits) | (right & 0xFFFFFFFFL);
  }
}
