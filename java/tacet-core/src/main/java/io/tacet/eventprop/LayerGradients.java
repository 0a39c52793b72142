package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Gradients that a backward pass accumulates; null members are not computed. Each array has the
 * shape of its parameter, so a shared parameter gets the sum over neurons. Owns its arrays.
 *
 * @param variant gradients of what a {@link LifVariant} has, or null
 */
public record LayerGradients(
    DeviceArray inputWeights,
    DeviceArray inputDelays,
    DeviceArray recurrentWeights,
    DeviceArray recurrentDelays,
    DeviceArray tauMem,
    DeviceArray tauSyn,
    DeviceArray threshold,
    DeviceArray reset,
    DeviceArray bias,
    VariantGradients variant)
    implements AutoCloseable {

  /** Gradients of a layer of LIF neurons. */
  public LayerGradients(
      DeviceArray inputWeights,
      DeviceArray inputDelays,
      DeviceArray recurrentWeights,
      DeviceArray recurrentDelays,
      DeviceArray tauMem,
      DeviceArray tauSyn,
      DeviceArray threshold,
      DeviceArray reset,
      DeviceArray bias) {
    this(
        inputWeights,
        inputDelays,
        recurrentWeights,
        recurrentDelays,
        tauMem,
        tauSyn,
        threshold,
        reset,
        bias,
        null);
  }

  /** Gradients of weights only. */
  public static LayerGradients weights(DeviceArray input, DeviceArray recurrent) {
    return new LayerGradients(input, null, recurrent, null, null, null, null, null, null);
  }

  /** The members that are not null. */
  public List<DeviceArray> arrays() {
    List<DeviceArray> all = new ArrayList<>();
    for (DeviceArray a :
        new DeviceArray[] {
          inputWeights,
          inputDelays,
          recurrentWeights,
          recurrentDelays,
          tauMem,
          tauSyn,
          threshold,
          reset,
          bias
        }) {
      if (a != null) {
        all.add(a);
      }
    }
    if (variant != null) {
      all.addAll(variant.arrays());
    }
    return all;
  }

  /** Whether a requested gradient depends on the states between events, not only at spikes. */
  public boolean needsStates() {
    return tauMem != null || tauSyn != null || bias != null;
  }

  /** Sets all of them to 0. */
  public void zero() {
    arrays().forEach(DeviceArray::zero);
  }

  void check(LifLayer layer) {
    same("inputWeights", inputWeights, layer.input().weights());
    same(
        "inputDelays",
        inputDelays,
        layer.input().delays() == null ? null : layer.input().delays().values());
    boolean recurrent = layer.recurrent() != null;
    same("recurrentWeights", recurrentWeights, recurrent ? layer.recurrent().weights() : null);
    same(
        "recurrentDelays",
        recurrentDelays,
        recurrent && layer.recurrent().delays() != null
            ? layer.recurrent().delays().values()
            : null);
    same("tauMem", tauMem, layer.lif().tauMem());
    same("tauSyn", tauSyn, layer.lif().tauSyn());
    same("threshold", threshold, layer.lif().threshold());
    same("reset", reset, layer.lif().reset());
    same("bias", bias, layer.lif().bias());
    for (int i = 0; variant != null && i < LifVariant.NAMES.size(); i++) {
      DeviceArray parameter = layer.variant() == null ? null : layer.variant().parameters().get(i);
      same(LifVariant.NAMES.get(i), variant.parameters().get(i), parameter);
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
    if (gradient.length() != parameter.length()
        || gradient.type() != parameter.type()
        || !Objects.equals(gradient.backend(), parameter.backend())) {
      throw new IllegalArgumentException(
          name
              + ": expected an array like its parameter, "
              + parameter
              + ", got "
              + gradient
              + ".");
    }
  }

  @Override
  public void close() {
    arrays().forEach(DeviceArray::close);
  }
}
