package io.tacet.network.cells;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Connection;
import io.tacet.network.Weights;
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
   * Refuses synapses for which a layer has no kernel.
   *
   * @param layers what the user called
   */
  static void requireDense(String name, String layers, Connection connection) {
    if (connection.kind() != Connection.Kind.DENSE || connection.delayed()) {
      throw new IllegalArgumentException(
          name
              + ": expected dense synapses without delays for "
              + layers
              + ", which has no kernel for others yet, got "
              + connection.toMap()
              + ". Layers of .lif(...) take CSR, fixed fan-out and delays.");
    }
  }

  /** Initial weights [from][to]. */
  static double[] matrix(Weights weights, int from, int to, RandomGenerator random) {
    double[] values = new double[Math.multiplyExact(from, to)];
    Arrays.setAll(values, i -> weights.draw(random, from, to));
    return values;
  }
}
