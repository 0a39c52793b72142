package io.tacet.network;

import io.tacet.sparse.PhiloxRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random numbers of initial parameters, the same on every backend. Layers ask in their order; the
 * two kinds of generators do not disturb each other.
 */
public final class Draws {
  private final long seed;
  private final SplittableRandom root;
  private int streams;

  Draws(long seed) {
    this.seed = seed;
    this.root = new SplittableRandom(seed);
  }

  /** The next generator of synapses between spiking layers. */
  public RandomGenerator split() {
    return root.split();
  }

  /** The next counter-based generator. */
  public RandomGenerator stream() {
    return new PhiloxRandom(seed, streams++);
  }
}
