package io.tacet.dense;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * Gain control by feedforward inhibition: the excitation of a whole row raises the threshold of
 * each of its units, y = relu(x - g mean_j relu(x_j)). An array of more than two dimensions counts
 * as a matrix whose columns are the last one.
 */
public final class GainControl {
  private GainControl() {}

  /**
   * Controls every row.
   *
   * @param values x [rows][units]
   * @param gain g, one element of the same type; below 0 the row excites itself
   * @param controlled y [rows][units]; may be {@code values}, but {@link #backward} needs them. A
   *     NaN makes its whole row NaN
   */
  public static void apply(DeviceArray values, DeviceArray gain, DeviceArray controlled) {
    Dense.floating("values", values);
    Expect.like("gain", gain, values, 1);
    Expect.like("controlled", controlled, values, values.length());
    values.backend().kernels().dense().controlGain(values, gain, controlled);
  }

  /**
   * Adjoint of {@link #apply}, exact also through the mean: with n units and E the sum of the
   * errors e of units with y above 0, dL/dx_j = e_j [y_j > 0] - g E / n [x_j > 0], and dL/dg = -
   * sum over rows of E mean_j relu(x_j).
   *
   * @param values x, those of the forward pass
   * @param errors e = dL/dy [rows][units], replaced by dL/dx; another array than {@code values}
   * @param gainGradient one element, to which dL/dg is added; null if not wanted
   */
  public static void backward(
      DeviceArray values, DeviceArray gain, DeviceArray errors, DeviceArray gainGradient) {
    Dense.floating("values", values);
    Expect.like("gain", gain, values, 1);
    Expect.like("errors", errors, values, values.length());
    if (errors == values) {
      throw new IllegalArgumentException("errors: expected another array than values.");
    }
    Expect.likeOrNull("gainGradient", gainGradient, values, 1);
    values.backend().kernels().dense().controlGainBackward(values, gain, errors, gainGradient);
  }
}
