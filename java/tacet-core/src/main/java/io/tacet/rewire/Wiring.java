package io.tacet.rewire;

import io.tacet.sparse.SparsePattern;

/**
 * Synapses as rewiring sees them: a pattern, and how many values belong to a synapse. The gates of
 * a recurrent unit share their synapses, which come and go together.
 *
 * @param pattern the synapses; a view, which owns nothing
 * @param values values of a synapse in each array that goes with the pattern, 1 to 4
 * @param repeated false: the values of a synapse are next to one another, [places][values]. True:
 *     the pattern holds the same targets once for each value, side by side in each row, value g of
 *     target m under {@code g targets() + m}, and one value of each
 */
public record Wiring(SparsePattern pattern, int values, boolean repeated) {
  /** Most values of a synapse. */
  public static final int MOST_VALUES = 4;

  public Wiring {
    if (values < 1 || values > MOST_VALUES) {
      throw new IllegalArgumentException(
          "values: expected 1 to " + MOST_VALUES + " of a synapse, got " + values + ".");
    }
    if (repeated && (pattern.targets() % values != 0 || pattern.places() % values != 0)) {
      throw new IllegalArgumentException(
          "pattern: expected targets and places to be multiples of "
              + values
              + ", since targets are repeated so often, got "
              + pattern.targets()
              + " and "
              + pattern.places()
              + ".");
    }
  }

  /** One value per synapse. */
  public static Wiring of(SparsePattern pattern) {
    return new Wiring(pattern, 1, false);
  }

  /** How often the pattern holds a synapse. */
  public int copies() {
    return repeated ? values : 1;
  }

  /** Number of rows. */
  public int sources() {
    return pattern.sources();
  }

  /** Number of different targets. */
  public int targets() {
    return pattern.targets() / copies();
  }

  /** Room for synapses. */
  public long places() {
    return pattern.places() / copies();
  }

  /** Pairs of a source and a target. */
  public long pairs() {
    return (long) sources() * targets();
  }

  /** Elements of an array that goes with the synapses. */
  public long length() {
    return places() * values;
  }
}
