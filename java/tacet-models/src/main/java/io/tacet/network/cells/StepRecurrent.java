package io.tacet.network.cells;

import io.tacet.memory.DeviceArray;
import io.tacet.network.AbsentGradients;
import io.tacet.network.Connection;
import io.tacet.network.LayerArrays;
import io.tacet.network.Numbers;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.Weights;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.SparsePattern;
import java.util.random.RandomGenerator;

/**
 * Recurrent weights of a layer on steps, the same for every cell: dense, or values on a pattern.
 * Its arrays are among those of the layer.
 */
final class StepRecurrent {
  private static final String WEIGHTS = ".recurrentWeights";
  private static final String OFFSETS = ".recurrentOffsets";
  private static final String INDICES = ".recurrentIndices";
  private static final String SIGNS = ".recurrentSigns";

  private final int units;
  private final int gates;
  private final DeviceArray weights;
  private final DeviceArray gradient;

  /** Null where weights are dense. */
  private final SparsePattern pattern;

  /** Null where nobody will want it. */
  private final AbsentGradients absent;

  private final long synapses;

  /**
   * Makes the arrays.
   *
   * @param name with which names of its arrays begin
   * @param gates of a unit
   */
  StepRecurrent(LayerArrays arrays, String name, int units, int gates, Connection connection) {
    this.units = units;
    this.gates = gates;
    if (connection.isDense()) {
      pattern = null;
      absent = null;
      weights = arrays.real(name + WEIGHTS, units, (long) gates * units);
    } else {
      int targets = connection.ownGates() ? gates * units : units;
      pattern =
          new SparsePattern(
                  units,
                  targets,
                  arrays.integer(name + OFFSETS),
                  arrays.indices(name + INDICES, targets))
              .validate();
      weights =
          connection.ownGates() || gates == 1
              ? arrays.real(name + WEIGHTS)
              : arrays.real(name + WEIGHTS, pattern.places(), gates);
      absent =
          rewired(name)
              .register(
                  arrays,
                  connection,
                  new Wiring(pattern, connection.ownGates() ? 1 : gates, false),
                  () ->
                      Specs.law(
                          connection.weightsOr(Weights.xavier()), connection, units, units, gates),
                  null);
    }
    gradient = arrays.train(name + WEIGHTS);
    synapses = weights.length() / (connection.ownGates() ? 1 : gates);
  }

  private static RewiredArrays rewired(String name) {
    return new RewiredArrays(name + INDICES, name + WEIGHTS, name + SIGNS, null);
  }

  /**
   * Refuses what has no kernel.
   *
   * @param layer what the user called
   */
  static void check(String layer, int units, Connection connection) {
    Specs.refuseDelays("recurrent", layer, connection);
    connection.connectivity().check("recurrent", units, units);
  }

  /** Multiplications of a step of a sample in which all units send. */
  static double multiplyAdds(int units, int gates, Connection connection) {
    return gates * connection.connectivity().synapses(units, units);
  }

  /**
   * Draws initial numbers.
   *
   * @param gates of a unit, which share a pattern unless the connection says otherwise
   */
  static void draw(
      Numbers into,
      String name,
      int units,
      int gates,
      Connection connection,
      RandomGenerator random) {
    int count;
    if (connection.isDense()) {
      count = Math.multiplyExact(units, Math.multiplyExact(gates, units));
    } else {
      boolean own = connection.ownGates();
      PatternDraw.Pattern pattern =
          PatternDraw.gates(connection.connectivity(), units, units, own ? gates : 1, own, random);
      into.put(name + OFFSETS, pattern.offsets());
      into.put(name + INDICES, pattern.indices());
      count = own ? pattern.count() : Math.multiplyExact(gates, pattern.count());
    }
    into.put(
        name + WEIGHTS,
        Specs.values(
            connection.weightsOr(Weights.xavier()),
            connection,
            units,
            units,
            gates,
            count,
            random));
    rewired(name).draw(into, connection, 1, connection.ownGates() ? 1 : gates);
  }

  /** The product of one step with a copy of the weights, of units without gates. */
  StepProduct product(int batch) {
    return pattern == null
        ? StepProduct.of(batch, weights.toFloats(), (int) weights.shape()[0])
        : StepProduct.of(batch, weights.toFloats(), pattern);
  }

  /** What there is, for those who know no cell. */
  RecurrentSynapses view() {
    return new RecurrentSynapses(units, gates, pattern, weights, gradient);
  }

  /** Number of synapses; those of gates that share a pattern count once. */
  long synapses() {
    return synapses;
  }

  /** The weights: [units][gates units], or of each synapse. */
  DeviceArray weights() {
    return weights;
  }

  /** Their gradient. */
  DeviceArray gradient() {
    return gradient;
  }

  /**
   * Where to show what the gradients of absent synapses are made of; null where nobody will want
   * it.
   */
  AbsentGradients absent() {
    return absent;
  }

  /** Which synapses there are; null for all. */
  SparsePattern pattern() {
    return pattern;
  }
}
