package io.tacet.nir;

import io.tacet.Backend;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;

/**
 * Networks of graphs, and graphs of networks.
 *
 * <p>A graph is a network if its neurons are a stack: each node of neurons is reached from one
 * other, or the input, and from itself. Nodes in a cycle, such as excitatory and inhibitory
 * neurons, are one layer, their neurons one after the other in alphabetical order of the nodes.
 * What lies between is linear and becomes synapses: {@link NirKind#LINEAR}, {@link NirKind#AFFINE},
 * {@link NirKind#SCALE}, {@link NirKind#FLATTEN}, {@link NirKind#DELAY}, convolutions and pools,
 * the latter as sparse synapses whose weights train one by one. {@link NirKind#CUBA_LIF} is our
 * layer exactly. {@link NirKind#LI} that does nothing but drive neurons is their synaptic current;
 * two in a row, or one in front of {@link NirKind#CUBA_LIF}, are alpha synapses, and {@link
 * NirKind#IF} behind a current has no leak. {@link NirKind#LIF} and {@link NirKind#IF} jump at
 * spikes; they are simulated on a grid, where each layer answers a step after what reached it.
 * {@link NirKind#CUBA_LI}, {@link NirKind#LI} and {@link NirKind#I} are read-outs on top. A graph
 * without neurons is a dense layer on steps.
 */
public final class NirNetworks {
  /** Key of the settings in the metadata of graphs that were written here. */
  static final String SETTINGS = "tacet";

  private NirNetworks() {}

  /**
   * The network of a graph; the caller closes it.
   *
   * @throws IllegalArgumentException if no network of Tacet computes it, or settings that it needs
   *     are missing; the message names the node
   */
  public static Network network(Backend backend, NirGraph graph, NirSettings settings) {
    return new NetworkDraft(graph, settings).on(backend);
  }

  /** The same with the settings that the graph was written with, or the defaults. */
  public static Network network(Backend backend, NirGraph graph) {
    return network(backend, graph, settings(graph));
  }

  /**
   * The graph of a network of spiking layers: a {@link NirKind#CUBA_LIF} for each, with {@link
   * NirKind#LI} in front for alpha synapses or, without leak, {@link NirKind#IF} behind those; a
   * {@link NirKind#CUBA_LI} for a read-out of voltages, {@link NirKind#LINEAR} and {@link
   * NirKind#DELAY} for synapses. NIR knows no synapse that is not there: those are 0.
   *
   * @param pulse area of a spike in ms; see {@link NirSettings#pulse()}
   * @throws IllegalArgumentException if NIR has no node for a layer, or delays are neither those of
   *     sources nor of targets; the message names the layer
   */
  public static NirGraph graph(Network network, double pulse) {
    return new GraphDraft(network, NirSettings.defaults().pulse(pulse).pulse()).graph();
  }

  /** The same with the usual pulse. */
  public static NirGraph graph(Network network) {
    return graph(network, NirSettings.defaults().pulse());
  }

  /**
   * The settings that a graph was written with.
   *
   * @return the defaults where it was not written here
   * @throws IllegalArgumentException if they were changed to what they cannot be
   */
  public static NirSettings settings(NirGraph graph) {
    if (!(graph.metadata().get(SETTINGS) instanceof NirValue.Text text)) {
      return NirSettings.defaults();
    }
    try {
      return NirSettings.defaults().with(JsonObject.of(text.text(), SETTINGS));
    } catch (JsonException e) {
      throw new NirProblem(
          "metadata '" + SETTINGS + "': " + e.getMessage(), "Leave it out, or correct it.");
    }
  }
}
