package io.tacet.systems.olfaction;

import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A mixture of odorants.
 *
 * @param odorants ascending and unique; not copied
 * @param concentrations of each, positive, in units in which a receptor of sensitivity 1 is half
 *     occupied by a concentration of 1; not copied
 */
public record Odor(int[] odorants, double[] concentrations) {

  public Odor {
    if (odorants.length != concentrations.length) {
      throw new IllegalArgumentException(
          "concentrations: expected "
              + odorants.length
              + ", one for each odorant, got "
              + concentrations.length
              + ".");
    }
    for (int k = 0; k < odorants.length; k++) {
      if (odorants[k] < 0 || (k > 0 && odorants[k] <= odorants[k - 1])) {
        throw new IllegalArgumentException(
            "odorants: expected ascending numbers from 0 on, got "
                + Arrays.toString(odorants)
                + ".");
      }
      if (!(concentrations[k] > 0 && concentrations[k] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "concentrations: expected positive numbers, got " + concentrations[k] + ".");
      }
    }
  }

  /**
   * Draws distinct odorants, each set with the same probability, and concentrations.
   *
   * @param odorants number of odorants to draw from
   * @param components number of odorants in the mixture, up to that
   * @param least smallest concentration, positive
   * @param most upper bound of the concentrations, which are uniform
   */
  public static Odor random(
      PhiloxRandom random, int odorants, int components, double least, double most) {
    if (components < 0 || components > odorants) {
      throw new IllegalArgumentException(
          "components: expected 0 to " + odorants + ", got " + components + ".");
    }
    BitSet drawn = new BitSet(odorants);
    while (drawn.cardinality() < components) {
      drawn.set((int) (random.nextDouble() * odorants));
    }
    double[] concentrations = new double[components];
    for (int k = 0; k < components; k++) {
      concentrations[k] = least + (most - least) * random.nextDouble();
    }
    return new Odor(drawn.stream().toArray(), concentrations);
  }

  /** Number of odorants in the mixture. */
  public int components() {
    return odorants.length;
  }
}
