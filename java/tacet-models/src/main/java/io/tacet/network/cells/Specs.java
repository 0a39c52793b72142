package io.tacet.network.cells;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Connection;
import io.tacet.network.Weights;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** What specifications share: checks, and initial weights. */
final class Specs {
  private Specs() {}

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected a positive number, got " + value + ".");
    }
    return value;
  }

  /** Refuses keys that a cell does not have. */
  static void only(JsonObject json, String... keys) throws JsonException {
    String[] all = Arrays.copyOf(keys, keys.length + 1);
    all[keys.length] = "cell";
    json.only(all);
  }

  /**
   * Refuses delays.
   *
   * @param name of the connection
   * @param layer what the user called
   */
  static void refuseDelays(String name, String layer, Connection connection) {
    if (connection.delayed()) {
      throw new IllegalArgumentException(
          name
              + ": expected synapses without delays for "
              + layer
              + ", which has no kernel for them, got "
              + connection.toMap()
              + ". Layers of .lif(...) take delays.");
    }
  }

  /** Refuses patterns for each gate of a cell that has no gates. */
  static void refuseGates(String name, String layer, Connection connection) {
    if (connection.ownGates()) {
      throw new IllegalArgumentException(
          name + ": expected no separateGates for " + layer + ", which has no gates.");
    }
  }

  /**
   * Initial weights.
   *
   * @param from sources
   * @param units targets of a gate
   * @param count how many weights
   */
  static double[] values(
      Weights weights,
      Connection connection,
      int from,
      int units,
      int gates,
      int count,
      RandomGenerator random) {
    double fanIn = connection.connectivity().fanIn(from, units);
    double fanOut = gates * connection.connectivity().synapses(from, units) / from;
    return weights.draw(count, random, fanIn, fanOut);
  }

  /** Their distribution; the arguments are those of {@link #values}. */
  static WeightLaw law(Weights weights, Connection connection, int from, int units, int gates) {
    return weights.law(
        connection.connectivity().fanIn(from, units),
        gates * connection.connectivity().synapses(from, units) / from);
  }

  /** Initial weights [from][to]. */
  static double[] matrix(Weights weights, int from, int to, RandomGenerator random) {
    return weights.draw(Math.multiplyExact(from, to), random, from, to);
  }
}
