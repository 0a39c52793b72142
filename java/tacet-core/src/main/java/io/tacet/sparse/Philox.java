package io.tacet.sparse;

/**
 * Philox4x32-10, a counter-based random number generator (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011): 128 random bits as a pure function of a 128-bit counter and a
 * 64-bit key. The kernels hold the same function, so random draws do not depend on the backend, on
 * their order or on the number of threads.
 */
public final class Philox {
  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long WORD = 0xFFFFFFFFL;

  private Philox() {}

  /**
   * Writes four random words.
   *
   * @param key its low word is the first key word
   * @param out at least 4 elements
   */
  public static void block(int c0, int c1, int c2, int c3, long key, int[] out) {
    int x0 = c0;
    int x1 = c1;
    int x2 = c2;
    int x3 = c3;
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = MULTIPLIER_0 * (x0 & WORD);
      long p1 = MULTIPLIER_1 * (x2 & WORD);
      x0 = (int) (p1 >>> 32) ^ x1 ^ k0;
      x2 = (int) (p0 >>> 32) ^ x3 ^ k1;
      x1 = (int) p1;
      x3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
  }
}
