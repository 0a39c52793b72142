package io.tacet.neuron;

import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Gradients that a backward pass accumulates; null members are not computed. Each array has the
 * shape of its parameter, so a shared parameter gets the sum over neurons. A view: it owns nothing.
 *
 * @param parameters one for each parameter of the neuron, in its order, or null for each that is
 *     not wanted
 */
public record HybridGradients(
    DeviceArray inputWeights,
    DeviceArray inputDelays,
    DeviceArray recurrentWeights,
    DeviceArray recurrentDelays,
    List<DeviceArray> parameters) {

  /** Copies the list, whose elements may be null. */
  public HybridGradients {
    parameters =
        Collections.unmodifiableList(Arrays.asList(parameters.toArray(DeviceArray[]::new)));
  }

  boolean wantsParameters() {
    return parameters.stream().anyMatch(Objects::nonNull);
  }

  void check(HybridLayer layer) {
    boolean loops = layer.recurrent() != null;
    same("inputWeights", inputWeights, layer.input().weights());
    same("recurrentWeights", recurrentWeights, loops ? layer.recurrent().weights() : null);
    boolean delays = layer.input().delays() != null;
    same("inputDelays", inputDelays, delays ? layer.input().delays().values() : null);
    boolean loopDelays = loops && layer.recurrent().delays() != null;
    same(
        "recurrentDelays",
        recurrentDelays,
        loopDelays ? layer.recurrent().delays().values() : null);
    List<NeuronParameter> names = layer.neuron().parameters();
    if (parameters.size() != names.size()) {
      throw new IllegalArgumentException(
          "parameters: expected "
              + names.size()
              + " arrays or nulls, one for each parameter of the neuron, got "
              + parameters.size()
              + ".");
    }
    for (int i = 0; i < names.size(); i++) {
      same(names.get(i).name(), parameters.get(i), layer.parameters().get(i));
    }
  }

  private static void same(String name, DeviceArray gradient, DeviceArray parameter) {
    if (gradient == null) {
      return;
    }
    if (parameter == null) {
      throw new IllegalArgumentException(
          name + ": a gradient was asked for, but the layer has no such parameter.");
    }
    if (gradient.length() != parameter.length() || gradient.type() != parameter.type()) {
      throw new IllegalArgumentException(
          name
              + ": expected an array like its parameter, "
              + parameter
              + ", got "
              + gradient
              + ".");
    }
  }
}
