package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * Reads out the voltages of non-spiking leaky integrators and propagates their gradients back to
 * events.
 */
public final class Readouts {
  private Readouts() {}

  /**
   * Integrates the read-out of a batch. Input that is not the output of a layer is read and
   * checked, which waits for the device.
   *
   * @throws IllegalArgumentException if the input is invalid, see {@link Spikes#check}
   * @param values written, [batch][neurons], unit of V (of V times ms for SUM)
   * @param peakTimes written for MAX: time of the maximum in ms, [batch][neurons]; else may be null
   */
  public static void forward(
      ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    check(layer, input, values, peakTimes);
    checkInput(layer, input);
    values
        .backend()
        .kernels()
        .eventProp()
        .readoutForward(layer, input, values, peakTimesOf(layer, peakTimes));
  }

  /**
   * Adjoint of {@link #forward}: adds to the weight gradient and writes {@code input.errors()}
   * unless null.
   *
   * @param valueErrors dL/dvalue, [batch][neurons]
   * @param peakTimes as the forward pass left them
   * @param weights gradient of the weights, shaped like them; null to skip it
   */
  public static void backward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    check(layer, input, valueErrors, peakTimes);
    checkWeights(layer, input, weights);
    valueErrors
        .backend()
        .kernels()
        .eventProp()
        .readoutBackward(layer, input, valueErrors, peakTimesOf(layer, peakTimes), weights);
  }

  /**
   * Checks events that were not written by a layer; those of a layer were checked after its pass.
   */
  static void checkInput(ReadoutLayer layer, Spikes input) {
    if (input.slopes() == null && input.times().storage().heap() == null) {
      // The java backend looks while it reads them anyway.
      input.check(layer.input().sources());
    }
  }

  static void checkWeights(ReadoutLayer layer, Spikes input, DeviceArray weights) {
    Expect.like("input", input.times(), layer.tauMem(), input.times().length());
    Expect.likeOrNull("weights", weights, input.times(), layer.input().count());
  }

  static DeviceArray peakTimesOf(ReadoutLayer layer, DeviceArray peakTimes) {
    return layer.reduction() == ReadoutLayer.Reduction.MAX ? peakTimes : null;
  }

  static void check(ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    long expected = (long) input.batch() * layer.neurons();
    Expect.like("input", input.times(), layer.tauMem(), input.times().length());
    Expect.like("values", values, input.times(), expected);
    if (layer.reduction() == ReadoutLayer.Reduction.MAX) {
      Expect.like("peakTimes", peakTimes, input.times(), expected);
    }
  }
}
