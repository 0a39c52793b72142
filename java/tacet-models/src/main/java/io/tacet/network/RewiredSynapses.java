package io.tacet.network;

import io.tacet.rewire.Wiring;
import io.tacet.sparse.WeightLaw;

/**
 * Synapses of a layer that change while it trains, and the names of the arrays that go with them. A
 * view: it owns nothing.
 *
 * @param arrays those of the layer
 * @param wiring the synapses
 * @param connection how they begin and change
 * @param first distribution of the first weights
 * @param weights name of the weights
 * @param signs name of the signs that weights keep; null where they keep none
 * @param delays name of the delays; null for none
 * @param absent where the backward pass shows what gradients of absent synapses are made of; null
 *     where it does not, or nobody will want it
 * @param tiles where the backward pass tries absent synapses; null where it does not, or nobody
 *     will want it
 */
public record RewiredSynapses(
    LayerArrays arrays,
    Wiring wiring,
    Connection connection,
    WeightLaw first,
    String weights,
    String signs,
    String delays,
    AbsentGradients absent,
    AbsentTiles tiles) {

  /** Whether rewiring looks at the gradients of all absent synapses. */
  public boolean searches() {
    return connection.rewiring().searches();
  }

  /** Trained numbers in places that have no synapse. */
  long slack() {
    return emptyPlaces() * wiring.values() * (connection.learnedDelays() ? 2 : 1);
  }

  /** Places that have no synapse. */
  long emptyPlaces() {
    int[] offsets = wiring.pattern().rowOffsets().toInts();
    return wiring.places() - offsets[offsets.length - 1] / wiring.copies();
  }
}
