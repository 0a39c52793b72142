package io.tacet.optim;

import io.tacet.memory.DeviceArray;

/**
 * A trained parameter. A view: it owns neither array.
 *
 * @param name unique within a network, such as {@code layer1.weights}
 * @param value updated in place
 * @param gradient of the loss, same shape
 * @param low values are clamped to at least this after each update; -infinity for no bound
 * @param high values are clamped to at most this; infinity for no bound
 * @param rateScale factor on the learning rate, for parameters whose units differ from those of the
 *     weights
 * @param decays whether weight decay applies
 */
public record Parameter(
    String name,
    DeviceArray value,
    DeviceArray gradient,
    double low,
    double high,
    double rateScale,
    boolean decays) {

  /** An unbounded weight. */
  public static Parameter weights(String name, DeviceArray value, DeviceArray gradient) {
    return new Parameter(
        name, value, gradient, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 1, true);
  }

  /** A bounded parameter without weight decay. */
  public static Parameter bounded(
      String name,
      DeviceArray value,
      DeviceArray gradient,
      double low,
      double high,
      double rateScale) {
    return new Parameter(name, value, gradient, low, high, rateScale, false);
  }
}
