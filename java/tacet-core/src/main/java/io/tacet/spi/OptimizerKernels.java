package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import java.util.List;

/**
 * Kernels of {@code io.tacet.optim}: one call changes any number of arrays of one backend and of
 * any lengths in place, so that a GPU needs one launch for all parameters of a network.
 */
public interface OptimizerKernels {

  /**
   * Adam (Kingma and Ba 2015) with optional decoupled weight decay (Loshchilov and Hutter 2019).
   *
   * @param updates with both moments
   * @param factor on all learning rates
   * @param step 1 for the first update
   */
  void adam(List<Update> updates, AdamSettings settings, double factor, int step);

  /**
   * Gradient descent with momentum.
   *
   * @param updates with the velocity as first moment; null when the momentum is 0
   * @param factor on all learning rates
   */
  void sgd(List<Update> updates, double momentum, double factor);

  /**
   * Sum of the squares of all elements of arrays, in a fixed order within each and then from array
   * to array; waits for the device once.
   */
  double sumOfSquares(List<DeviceArray> arrays);

  /**
   * Scales arrays by one factor so that the root of {@link #sumOfSquares} is at most {@code most};
   * a sum that is not a number changes nothing. Does not wait for the device.
   */
  void clipNorm(List<DeviceArray> arrays, double most);

  /** Multiplies every element by {@code factor}. */
  void scale(DeviceArray array, double factor);

  /** Sets every element of floating-point arrays to 0. */
  void zero(List<DeviceArray> arrays);

  /**
   * A parameter to be updated. A view: it owns nothing.
   *
   * @param first first moment, or velocity; like the parameter, null for none
   * @param second second moment, likewise
   * @param rate learning rate
   * @param decay weight decay, 0 for none
   * @param low elements are brought to at least this after an update; a NaN stays one
   * @param high and to at most this
   * @param clears whether the gradient is set to 0 afterwards
   */
  record Update(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray first,
      DeviceArray second,
      double rate,
      double decay,
      double low,
      double high,
      boolean clears) {

    /** An update that leaves the gradient as it is. */
    public Update(
        DeviceArray parameter,
        DeviceArray gradient,
        DeviceArray first,
        DeviceArray second,
        double rate,
        double decay,
        double low,
        double high) {
      this(parameter, gradient, first, second, rate, decay, low, high, false);
    }

    /** The same with another learning rate. */
    public Update withRate(double other) {
      return new Update(parameter, gradient, first, second, other, decay, low, high, clears);
    }

    /** The same, which sets the gradient to 0 afterwards. */
    public Update clearing() {
      return new Update(parameter, gradient, first, second, rate, decay, low, high, true);
    }

    /** Whether elements are bounded at all. */
    public boolean isBounded() {
      return low > Double.NEGATIVE_INFINITY || high < Double.POSITIVE_INFINITY;
    }
  }

  /**
   * Constants of Adam that all parameters share.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param clip each element of the gradient is first brought into [-clip, clip]; infinity for none
   */
  record AdamSettings(double beta1, double beta2, double epsilon, double clip) {}
}
