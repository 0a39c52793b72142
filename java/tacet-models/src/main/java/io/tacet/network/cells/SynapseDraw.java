package io.tacet.network.cells;

import io.tacet.memory.DeviceArray;
import io.tacet.network.AbsentTiles;
import io.tacet.network.Connection;
import io.tacet.network.Connectivity;
import io.tacet.network.Connectivity.Kind;
import io.tacet.network.Draws;
import io.tacet.network.LayerArrays;
import io.tacet.network.Numbers;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.Synapses;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Synapses of a connection: initial numbers, and the view that operations take. */
final class SynapseDraw {
  private SynapseDraw() {}

  /**
   * Draws pattern, weights and delays.
   *
   * @param prefix of names
   */
  static void draw(
      Numbers into, String prefix, int from, int to, Connection connection, Draws draws) {
    RandomGenerator random = draws.split();
    int synapses;
    if (connection.isDense()) {
      synapses = Math.multiplyExact(from, to);
    } else {
      PatternDraw.Pattern pattern = PatternDraw.of(connection.connectivity(), from, to, random);
      if (connection.kind() != Kind.FIXED_FAN_OUT) {
        into.put(prefix + "offsets", pattern.offsets());
      }
      into.put(prefix + "indices", pattern.indices());
      synapses = pattern.count();
    }
    double fanIn = connection.connectivity().fanIn(from, to);
    into.put(prefix + "weights", connection.weights().draw(synapses, random, fanIn, to));
    if (connection.delayed()) {
      double range = connection.delayHigh() - connection.delayLow();
      double[] delays = new double[synapses];
      Arrays.setAll(delays, s -> connection.delayLow() + range * random.nextDouble());
      into.put(prefix + "delays", delays);
    }
    rewired(prefix, connection).draw(into, connection, 1, 1);
  }

  private static RewiredArrays rewired(String prefix, Connection connection) {
    return new RewiredArrays(
        prefix + "indices",
        prefix + "weights",
        prefix + "signs",
        connection.delayed() ? prefix + "delays" : null);
  }

  /** The operation's view, over arrays of the layer. */
  static Synapses view(LayerArrays arrays, String prefix, int from, int to, Connection connection) {
    DeviceArray weights =
        connection.isDense()
            ? arrays.real(prefix + "weights", from, to)
            : arrays.real(prefix + "weights");
    Delays delays =
        connection.delayed()
            ? new Delays(Delays.Kind.PER_SYNAPSE, arrays.real(prefix + "delays"))
            : null;
    if (connection.isDense()) {
      return new DenseSynapses(from, to, weights, delays);
    }
    if (connection.connectivity() instanceof Connectivity.FanOut fixed) {
      return new FixedFanOutSynapses(
          from, to, fixed.targets(), arrays.indices(prefix + "indices", to), weights, delays);
    }
    CsrSynapses synapses =
        new CsrSynapses(
                from,
                to,
                arrays.integer(prefix + "offsets"),
                arrays.indices(prefix + "indices", to),
                weights,
                delays)
            .validate();
    double fanIn = connection.connectivity().fanIn(from, to);
    boolean searched = connection.rewiring() != null && connection.rewiring().searches();
    rewired(prefix, connection)
        .register(
            arrays,
            connection,
            Wiring.of(SparsePattern.of(synapses)),
            () -> connection.weights().law(fanIn, to),
            searched ? new AbsentTiles(synapses) : null);
    return synapses;
  }
}
