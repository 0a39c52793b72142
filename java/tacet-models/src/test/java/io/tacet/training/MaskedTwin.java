package io.tacet.training;

import io.tacet.Backend;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.optim.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The dense twin of a sparse network: the same numbers, zeros where there is no synapse, and
 * gradients of zero there. What sparse training is compared with.
 */
final class MaskedTwin implements Regulariser, AutoCloseable {
  private final Network twin;

  /** Where each weight of the sparse network is in the array of that name of the twin. */
  private final Map<String, int[]> places = new LinkedHashMap<>();

  /**
   * @param sparse stays the caller's
   * @param spec the same layers with dense synapses
   */
  MaskedTwin(Backend backend, Network sparse, NetworkSpec spec) {
    twin = Network.build(backend, spec, 1);
    twin.arrays()
        .forEach(
            (name, array) -> {
              DeviceArray of = sparse.arrays().get(name);
              if (of.length() == array.length()) {
                array.copyFrom(of.toDoubles());
              } else {
                places.put(name, places(sparse, name, (int) array.length()));
                array.copyFrom(scattered(name, of.toDoubles(), (int) array.length()));
              }
            });
  }

  /** Of one weight for each synapse, or of three gates that share a pattern. */
  private static int[] places(Network sparse, String name, int length) {
    int[] offsets = ints(sparse, name.replace("weights", "offsets").replace("Weights", "Offsets"));
    int[] targets = ints(sparse, name.replace("weights", "indices").replace("Weights", "Indices"));
    int gates = (int) sparse.arrays().get(name).length() / targets.length;
    int columns = length / (offsets.length - 1);
    int[] places = new int[gates * targets.length];
    for (int i = 0; i + 1 < offsets.length; i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        for (int g = 0; g < gates; g++) {
          places[gates * s + g] = i * columns + g * (columns / gates) + targets[s];
        }
      }
    }
    return places;
  }

  private static int[] ints(Network network, String name) {
    return network.arrays().get(name).toInts();
  }

  private double[] scattered(String name, double[] values, int length) {
    double[] all = new double[length];
    int[] to = places.get(name);
    for (int k = 0; k < to.length; k++) {
      all[to[k]] = values[k];
    }
    return all;
  }

  /** The twin; training it needs this among the regularisers. */
  Network network() {
    return twin;
  }

  /** Numbers of the twin, or of its gradient, in the order of the sparse network. */
  double[] gathered(String name, double[] all) {
    int[] from = places.get(name);
    return from == null ? all : Arrays.stream(from).mapToDouble(place -> all[place]).toArray();
  }

  /** Names of weights that are sparse. */
  Map<String, int[]> sparse() {
    return places;
  }

  @Override
  public void applyToGradients(Pass pass) {
    for (Parameter p : twin.parameters()) {
      if (places.containsKey(p.name())) {
        double[] all = p.gradient().toDoubles();
        p.gradient().copyFrom(scattered(p.name(), gathered(p.name(), all), all.length));
      }
    }
  }

  @Override
  public void close() {
    twin.close();
  }
}
