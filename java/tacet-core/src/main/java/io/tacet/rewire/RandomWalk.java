package io.tacet.rewire;

/**
 * What DEEP R adds to an update of a magnitude (Bellec et al., "Deep rewiring", ICLR 2018,
 * algorithm 1): {@code theta -= drift; theta += noise nu} with nu standard normal.
 *
 * @param drift learning rate x L1 coefficient, at least 0
 * @param noise standard deviation, sqrt(2 x learning rate x temperature), at least 0
 */
public record RandomWalk(double drift, double noise) {
  public RandomWalk {
    if (!(drift >= 0 && drift < Double.POSITIVE_INFINITY)
        || !(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "drift, noise: expected finite numbers of at least 0, got "
              + drift
              + " and "
              + noise
              + ".");
    }
  }
}
