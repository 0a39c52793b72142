package io.tacet.eventprop;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/** Reads the voltages of non-spiking leaky integrators and takes their gradients back to events. */
public final class Readouts {
  private Readouts() {}

  /**
   * Integrates the read-out of a batch.
   *
   * @param values written, [batch][neurons], unit of V (of V times ms for SUM)
   * @param moments written for MAX: time of the maximum in ms, [batch][neurons]; else may be null
   */
  public static void forward(
      ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray moments) {
    check(layer, input, values, moments);
    values
        .backend()
        .kernels()
        .eventProp()
        .readoutForward(layer, input, values, momentsOf(layer, moments));
  }

  /**
   * Adjoint of {@link #forward}: adds to the weight gradient and writes {@code input.errors()}
   * unless null.
   *
   * @param valueErrors dL/dvalue, [batch][neurons]
   * @param moments as the forward pass left them
   * @param weights gradient of the weights, like the weights; null if not wanted
   */
  public static void backward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray moments,
      DeviceArray weights) {
    check(layer, input, valueErrors, moments);
    checkWeights(layer, weights);
    valueErrors
        .backend()
        .kernels()
        .eventProp()
        .readoutBackward(layer, input, valueErrors, momentsOf(layer, moments), weights);
  }

  static void checkWeights(ReadoutLayer layer, DeviceArray weights) {
    if (weights != null && weights.length() != layer.input().count()) {
      throw new IllegalArgumentException(
          "weights: expected " + layer.input().count() + " elements, got " + weights + ".");
    }
  }

  static DeviceArray momentsOf(ReadoutLayer layer, DeviceArray moments) {
    return layer.reduction() == ReadoutLayer.Reduction.MAX ? moments : null;
  }

  static void check(ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray moments) {
    long expected = (long) input.batch() * layer.neurons();
    DType type = input.type();
    if (values.length() != expected || values.type() != type) {
      throw new IllegalArgumentException(
          "values: expected "
              + type
              + " ["
              + input.batch()
              + "]["
              + layer.neurons()
              + "], got "
              + values
              + ".");
    }
    if (layer.reduction() == ReadoutLayer.Reduction.MAX
        && (moments == null || moments.length() != expected)) {
      throw new IllegalArgumentException(
          "moments: a MAX read-out needs ["
              + input.batch()
              + "]["
              + layer.neurons()
              + "], got "
              + moments
              + ".");
    }
  }
}
