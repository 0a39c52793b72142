package io.tacet.data;

/**
 * MT19937, seeded by init_genrand, with the 53-bit doubles and masked integers of NumPy's
 * RandomState, so that data sets published from Python are reproduced bit for bit. (Matsumoto and
 * Nishimura 1998; initialisation of 2002.)
 */
final class MersenneTwister {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int next = N;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** The next 32 random bits. */
  int nextInt32() {
    if (next == N) {
      twist();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** Uniform in [0, 1) with 53 bits. */
  double nextDouble() {
    int high = nextInt32() >>> 5;
    int low = nextInt32() >>> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /** Uniform in [0, bound), by rejection under the smallest mask of ones that covers bound - 1. */
  int nextInt(int bound) {
    int mask = bound == 1 ? 0 : -1 >>> Integer.numberOfLeadingZeros(bound - 1);
    int value = nextInt32() & mask;
    while (value >= bound) {
      value = nextInt32() & mask;
    }
    return value;
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
