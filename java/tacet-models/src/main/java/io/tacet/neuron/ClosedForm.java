package io.tacet.neuron;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.LifVariant;
import io.tacet.eventprop.VariantGradients;
import io.tacet.memory.DeviceArray;
import io.tacet.neuron.IntegrateAndFire.Feature;
import java.util.List;

/**
 * Layers of {@link IntegrateAndFire} neurons as those of a {@link LifVariant}, which {@link
 * io.tacet.eventprop.ExactEventProp} solves in closed form on every backend.
 */
final class ClosedForm {
  private ClosedForm() {}

  static LifLayer layer(HybridLayer layer) {
    IntegrateAndFire neuron = (IntegrateAndFire) layer.neuron();
    List<DeviceArray> all = layer.parameters();
    LifParameters lif =
        new LifParameters(
            find(neuron, all, "tauMem"),
            find(neuron, all, "tauSyn"),
            find(neuron, all, "threshold"),
            find(neuron, all, "reset"),
            find(neuron, all, "bias"));
    LifVariant variant =
        new LifVariant(
            !neuron.features().contains(Feature.NON_LEAKY),
            neuron.features().contains(Feature.ALPHA_SYNAPSE),
            find(neuron, all, "refractory"),
            find(neuron, all, "tauInhibitory"),
            find(neuron, all, "tauThreshold"),
            find(neuron, all, "thresholdJump"),
            find(neuron, all, "tauAdaptation"),
            find(neuron, all, "adaptationJump"));
    return new LifLayer(layer.input(), layer.recurrent(), lif, variant, layer.duration())
        .leastSlope(layer.leastSlope());
  }

  static LayerGradients gradients(HybridLayer layer, HybridGradients wanted) {
    IntegrateAndFire neuron = (IntegrateAndFire) layer.neuron();
    List<DeviceArray> all = wanted.parameters();
    return new LayerGradients(
        wanted.inputWeights(),
        wanted.inputDelays(),
        wanted.recurrentWeights(),
        wanted.recurrentDelays(),
        find(neuron, all, "tauMem"),
        find(neuron, all, "tauSyn"),
        find(neuron, all, "threshold"),
        find(neuron, all, "reset"),
        find(neuron, all, "bias"),
        new VariantGradients(
            find(neuron, all, "refractory"),
            find(neuron, all, "tauInhibitory"),
            find(neuron, all, "tauThreshold"),
            find(neuron, all, "thresholdJump"),
            find(neuron, all, "tauAdaptation"),
            find(neuron, all, "adaptationJump")));
  }

  /** The array of a parameter; null where the neuron has none of that name. */
  private static DeviceArray find(IntegrateAndFire neuron, List<DeviceArray> all, String name) {
    List<NeuronParameter> parameters = neuron.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).name().equals(name)) {
        return all.get(i);
      }
    }
    return null;
  }
}
