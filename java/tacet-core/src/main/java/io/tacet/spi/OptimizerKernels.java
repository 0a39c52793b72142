package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import java.util.List;

/** Kernels of {@code io.tacet.optim}: one call updates one parameter array in place. */
public interface OptimizerKernels {

  /**
   * Adam (Kingma and Ba 2015) with optional decoupled weight decay (Loshchilov and Hutter 2019).
   *
   * @param m first moment, same shape as the parameter
   * @param v second moment, same shape as the parameter
   * @param step 1 for the first update
   */
  void adam(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray m,
      DeviceArray v,
      AdamStep settings,
      int step);

  /** Gradient descent with momentum; {@code velocity} is null when the momentum is 0. */
  void sgd(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray velocity,
      double rate,
      double momentum,
      double decay);

  /** Clamps every element into [low, high]. */
  void clamp(DeviceArray parameter, double low, double high);

  /**
   * Sum of the squares of all elements of arrays, in a fixed order within each and then from array
   * to array; waits for the device once.
   */
  double sumOfSquares(List<DeviceArray> arrays);

  /** Multiplies every element by {@code factor}. */
  void scale(DeviceArray array, double factor);

  /**
   * Constants of one Adam update.
   *
   * @param rate learning rate of this step
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param decay decoupled weight decay, 0 for Adam
   * @param clip each element of the gradient is first brought into [-clip, clip]; infinity for none
   */
  record AdamStep(
      double rate, double beta1, double beta2, double epsilon, double decay, double clip) {}
}
