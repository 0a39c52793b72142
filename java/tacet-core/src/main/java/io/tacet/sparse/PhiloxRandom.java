package io.tacet.sparse;

import java.util.random.RandomGenerator;

/**
 * A sequential view of {@link Philox}: streams of the same seed and different stream numbers are
 * independent. The same on every machine and Java version. Not thread-safe.
 */
public final class PhiloxRandom implements RandomGenerator {
  /** Keeps these counters apart from those of procedural synapses, whose last word is 0. */
  private static final int DOMAIN = 1;

  private final long seed;
  private final long stream;
  private final int[] words = new int[4];
  private int block;
  private int used = 4;

  /**
   * @param seed the key
   * @param stream which of the 2^64 streams of that seed, for instance a row
   */
  public PhiloxRandom(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  @Override
  public int nextInt() {
    if (used == 4) {
      Philox.block(block++, (int) stream, (int) (stream >>> 32), DOMAIN, seed, words);
      used = 0;
    }
    return words[used++];
  }

  @Override
  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & 0xFFFFFFFFL);
  }
}
