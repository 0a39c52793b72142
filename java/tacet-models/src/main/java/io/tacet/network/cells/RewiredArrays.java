package io.tacet.network.cells;

import io.tacet.network.AbsentGradients;
import io.tacet.network.AbsentTiles;
import io.tacet.network.Connection;
import io.tacet.network.LayerArrays;
import io.tacet.network.Numbers;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.Rewiring;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * What synapses need in order to be rewired: places for those that may come, and signs for weights
 * that keep theirs.
 *
 * @param indices name of the array of targets
 * @param weights name of the weights
 * @param signs name of their signs
 * @param delays name of the delays; null where there are none
 */
record RewiredArrays(String indices, String weights, String signs, String delays) {

  /**
   * Adds room and signs to initial numbers; does nothing where synapses stay.
   *
   * @param copies how often a target is in the pattern
   * @param values weights of a synapse
   */
  void draw(Numbers into, Connection connection, int copies, int values) {
    Rewiring rewiring = connection.rewiring();
    if (rewiring == null) {
      return;
    }
    int[] targets = into.integer(indices);
    int synapses = targets.length / copies;
    int places = Math.toIntExact(synapses + rewiring.slack(synapses));
    into.put(indices, Arrays.copyOf(targets, Math.multiplyExact(copies, places)));
    into.put(weights, Arrays.copyOf(into.real(weights), Math.multiplyExact(values, places)));
    if (delays != null) {
      into.put(delays, Arrays.copyOf(into.real(delays), places));
    }
    if (rewiring.method() == Rewiring.Method.DEEP_R) {
      double[] kept = into.real(weights).clone();
      Arrays.setAll(kept, k -> kept[k] < 0 ? -1 : 1);
      into.put(signs, kept);
    }
  }

  /**
   * Tells the layer's arrays which of them are rewired; does nothing where synapses stay.
   *
   * @param first distribution of the first weights
   * @param tiles where the layer tries absent synapses; null where it shows gradients instead, or
   *     nobody will want it
   * @return where to show what gradients of absent synapses are made of; null where nobody will
   *     want it
   */
  AbsentGradients register(
      LayerArrays arrays,
      Connection connection,
      Wiring wiring,
      Supplier<WeightLaw> first,
      AbsentTiles tiles) {
    Rewiring rewiring = connection.rewiring();
    if (rewiring == null) {
      return null;
    }
    AbsentGradients absent = tiles == null && rewiring.searches() ? new AbsentGradients() : null;
    boolean signed = rewiring.method() == Rewiring.Method.DEEP_R;
    if (signed) {
      arrays.real(signs);
    }
    arrays.rewire(
        new RewiredSynapses(
            arrays,
            wiring,
            connection,
            first.get(),
            weights,
            signed ? signs : null,
            delays,
            absent,
            tiles));
    return absent;
  }
}
