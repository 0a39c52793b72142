package io.tacet.network.cells;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.Draws;
import io.tacet.network.LayerArrays;
import io.tacet.network.Numbers;
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
    switch (connection.kind()) {
      case CSR -> {
        Pattern pattern = pattern(from, to, connection.density(), random);
        into.put(prefix + "offsets", pattern.offsets());
        into.put(prefix + "indices", pattern.indices());
        synapses = pattern.indices().length;
      }
      case FIXED_FAN_OUT -> synapses = targets(into, prefix, from, to, connection.fanOut(), random);
      default -> synapses = Math.multiplyExact(from, to);
    }
    double fanIn = (double) synapses / to;
    double[] weights = new double[synapses];
    double expected =
        connection.kind() == Connection.Kind.CSR ? from * connection.density() : fanIn;
    for (int s = 0; s < synapses; s++) {
      weights[s] = connection.weights().draw(random, expected, to);
    }
    into.put(prefix + "weights", weights);
    if (connection.delayed()) {
      double range = connection.delayHigh() - connection.delayLow();
      double[] delays = new double[synapses];
      Arrays.setAll(delays, s -> connection.delayLow() + range * random.nextDouble());
      into.put(prefix + "delays", delays);
    }
    rewired(prefix, connection).draw(into, connection, 1);
  }

  private static RewiredArrays rewired(String prefix, Connection connection) {
    return new RewiredArrays(
        prefix + "indices",
        prefix + "weights",
        prefix + "signs",
        connection.delayed() ? prefix + "delays" : null);
  }

  /**
   * A pattern as CSR has it.
   *
   * @param offsets where the synapses of each source begin, and the end
   * @param indices targets
   */
  record Pattern(int[] offsets, int[] indices) {
    /** The same targets again in each of several groups of {@code to}, side by side. */
    Pattern repeated(int groups, int to) {
      int[] from = new int[offsets.length];
      int[] all = new int[Math.multiplyExact(groups, indices.length)];
      int count = 0;
      for (int i = 0; i + 1 < offsets.length; i++) {
        for (int g = 0; g < groups; g++) {
          for (int s = offsets[i]; s < offsets[i + 1]; s++) {
            all[count++] = g * to + indices[s];
          }
        }
        from[i + 1] = count;
      }
      return new Pattern(from, all);
    }
  }

  /** Each synapse with a probability. */
  static Pattern pattern(int from, int to, double density, RandomGenerator random) {
    int[] offsets = new int[from + 1];
    int[] indices = new int[1024];
    int count = 0;
    for (int i = 0; i < from; i++) {
      for (int m = 0; m < to; m++) {
        if (random.nextDouble() < density) {
          if (count == indices.length) {
            indices = Arrays.copyOf(indices, 2 * count);
          }
          indices[count++] = m;
        }
      }
      offsets[i + 1] = count;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "density: expected at least one synapse between "
              + from
              + " and "
              + to
              + " neurons, drew none at "
              + density
              + ".");
    }
    return new Pattern(offsets, Arrays.copyOf(indices, count));
  }

  /** As many different targets for each source, in ascending order. */
  private static int targets(
      Numbers into, String prefix, int from, int to, int fanOut, RandomGenerator random) {
    int[] indices = new int[Math.multiplyExact(from, fanOut)];
    int[] all = new int[to];
    Arrays.setAll(all, m -> m);
    for (int i = 0; i < from; i++) {
      for (int k = 0; k < fanOut; k++) {
        int other = k + random.nextInt(to - k);
        int swap = all[k];
        all[k] = all[other];
        all[other] = swap;
      }
      System.arraycopy(all, 0, indices, i * fanOut, fanOut);
      Arrays.sort(indices, i * fanOut, (i + 1) * fanOut);
    }
    into.put(prefix + "indices", indices);
    return indices.length;
  }

  /** The operation's view, over arrays of the layer. */
  static Synapses view(LayerArrays arrays, String prefix, int from, int to, Connection connection) {
    DeviceArray weights =
        connection.kind() == Connection.Kind.DENSE
            ? arrays.real(prefix + "weights", from, to)
            : arrays.real(prefix + "weights");
    Delays delays =
        connection.delayed()
            ? new Delays(Delays.Kind.PER_SYNAPSE, arrays.real(prefix + "delays"))
            : null;
    return switch (connection.kind()) {
      case DENSE -> new DenseSynapses(from, to, weights, delays);
      case CSR -> {
        CsrSynapses synapses =
            new CsrSynapses(
                from,
                to,
                arrays.integer(prefix + "offsets"),
                arrays.integer(prefix + "indices"),
                weights,
                delays);
        rewired(prefix, connection)
            .register(arrays, connection, SparsePattern.of(synapses).validate(), 1, null);
        yield synapses;
      }
      case FIXED_FAN_OUT ->
          new FixedFanOutSynapses(
              from, to, connection.fanOut(), arrays.integer(prefix + "indices"), weights, delays);
    };
  }
}
