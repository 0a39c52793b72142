package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.GridKernels;

/**
 * {@link Readouts} on a time grid: integrals over time are sums over steps, maxima are taken over
 * steps. Gradients of the weights are exact for those sums; errors of input times are those of the
 * continuous equations, off by O(dt).
 */
public final class GridReadouts {
  private GridReadouts() {}

  /**
   * Integrates the read-out of a batch; see {@link Readouts#forward}.
   *
   * @param dt step in ms; the duration and the input times are rounded to steps
   */
  public static void forward(
      ReadoutLayer layer, double dt, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    Readouts.check(layer, input, values, peakTimes);
    Readouts.checkInput(layer, input);
    kernels(layer)
        .readoutForward(
            layer, new TimeGrid(dt), input, values, Readouts.peakTimesOf(layer, peakTimes));
  }

  /** Adjoint of {@link #forward}; see {@link Readouts#backward}. */
  public static void backward(
      ReadoutLayer layer,
      double dt,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    Readouts.check(layer, input, valueErrors, peakTimes);
    Readouts.checkWeights(layer, input, weights);
    kernels(layer)
        .readoutBackward(
            layer,
            new TimeGrid(dt),
            input,
            valueErrors,
            Readouts.peakTimesOf(layer, peakTimes),
            weights);
  }

  /**
   * Cross-entropy of the softmax of V at every step, averaged over time, and its gradients in one
   * pass: {@code L = 1/(B T) sum over samples of the integral of -log p_label(t)}. The reduction of
   * the layer is ignored.
   *
   * @param labels INT32 [batch], 0 .. outputs-1
   * @param losses written, [batch], not divided by the batch
   * @param predicted written, INT32 [batch]: the largest mean probability
   * @param weights weight gradient, accumulated, shaped like the weights; null to skip it. {@code
   *     input.errors()} is written unless null
   */
  public static void crossEntropyOverTime(
      ReadoutLayer layer,
      double dt,
      Spikes input,
      DeviceArray labels,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray weights) {
    crossEntropyOverTime(layer, dt, input, labels, null, losses, predicted, weights);
  }

  /**
   * As above, without waiting for the device.
   *
   * @param known what {@code labels} holds; null to read it
   */
  public static void crossEntropyOverTime(
      ReadoutLayer layer,
      double dt,
      Spikes input,
      DeviceArray labels,
      int[] known,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray weights) {
    Losses.check(input.times(), input.batch(), layer.neurons(), labels, known, losses, predicted);
    Readouts.checkWeights(layer, input, weights);
    Readouts.checkInput(layer, input);
    kernels(layer)
        .crossEntropyOverTime(layer, new TimeGrid(dt), input, labels, losses, predicted, weights);
  }

  private static GridKernels kernels(ReadoutLayer layer) {
    return layer.input().backend().kernels().grid();
  }
}
