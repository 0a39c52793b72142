package io.tacet.data;

import java.util.random.RandomGenerator;

/**
 * MT19937, seeded by init_genrand, with the 53-bit doubles, masked integers and polar normal
 * numbers of NumPy's RandomState, so that data sets and networks published from Python are
 * reproduced: all but the normal numbers bit for bit, these up to the rounding of the logarithm.
 * (Matsumoto and Nishimura 1998; initialisation of 2002.) Not thread-safe. For numbers of one's
 * own, {@link io.tacet.sparse.PhiloxRandom} has independent streams.
 */
public final class MersenneTwister implements RandomGenerator {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int next = N;

  /** The second number of a pair of normal ones; NaN if there is none. */
  private double normal = Double.NaN;

  /**
   * The state of {@code RandomState(seed)}.
   *
   * @param seed as 32 bits without a sign
   */
  public MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** The next 32 random bits. */
  @Override
  public int nextInt() {
    if (next == N) {
      twist();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** Two words, the first above. */
  @Override
  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & 0xffffffffL);
  }

  /** Uniform in [0, 1) with 53 bits. */
  @Override
  public double nextDouble() {
    int high = nextInt() >>> 5;
    int low = nextInt() >>> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /** Uniform in [0, bound), by rejection under the smallest mask of ones that covers bound - 1. */
  @Override
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound: expected at least 1, got " + bound + ".");
    }
    int mask = bound == 1 ? 0 : -1 >>> Integer.numberOfLeadingZeros(bound - 1);
    int value = nextInt() & mask;
    while (value >= bound) {
      value = nextInt() & mask;
    }
    return value;
  }

  /** Normal with mean 0 and deviation 1, by the polar method (Marsaglia and Bray 1964). */
  @Override
  public double nextGaussian() {
    if (!Double.isNaN(normal)) {
      double second = normal;
      normal = Double.NaN;
      return second;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * nextDouble() - 1;
      y = 2 * nextDouble() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = Math.sqrt(-2 * Math.log(square) / square);
    normal = factor * x;
    return factor * y;
  }

  private void twist() {
    for (int i = 0; i < N; i++) {
      int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
      int bit = (y & 1) == 0 ? 0 : 0x9908b0df;
      state[i] = state[(i + M) % N] ^ (y >>> 1) ^ bit;
    }
    next = 0;
  }
}
