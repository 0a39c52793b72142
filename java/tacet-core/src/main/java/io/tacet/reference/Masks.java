package io.tacet.reference;

import io.tacet.sparse.Philox;

/** Random masks, identical to those of the kernels: a pure function of a seed and a position. */
public final class Masks {
  /** Fourth counter word of zoneout masks, which use the step as their second. */
  public static final int ZONEOUT = 2;

  /** Fourth counter word of dropout masks. */
  public static final int DROPOUT = 3;

  private final long seed;
  private final int domain;
  private final double p;
  private final int[] words = new int[4];
  private long block = -1;
  private int step;

  /**
   * @param p probability that an element is dropped
   */
  public Masks(long seed, int domain, double p) {
    this.seed = seed;
    this.domain = domain;
    this.p = p;
  }

  /** The same masks, for use by another thread. */
  public Masks copy() {
    return new Masks(seed, domain, p);
  }

  /** Probability that an element is dropped. */
  public double p() {
    return p;
  }

  /**
   * Whether element e is dropped.
   *
   * @param step second counter word of zoneout masks; dropout masks pass 0
   */
  public boolean drops(long e, int step) {
    long wanted = e >>> 2;
    if (wanted != block || step != this.step) {
      block = wanted;
      this.step = step;
      int second = domain == ZONEOUT ? step : (int) (wanted >>> 32);
      Philox.block((int) wanted, second, 0, domain, seed, words);
    }
    return (words[(int) (e & 3)] >>> 8) * 0x1p-24 < p;
  }
}
