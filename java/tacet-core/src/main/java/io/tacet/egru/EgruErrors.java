package io.tacet.egru;

import io.tacet.memory.DeviceArray;

/**
 * Derivatives of a loss with respect to the outputs of a forward pass; null members are zero. A
 * view: it owns nothing. As in {@link EgruOutputs}, rows of 2 units hold both directions, and each
 * reads its half.
 *
 * @param y dL/dy, [steps][batch][units] or [steps][batch][2 units]
 * @param trace dL/dtrace after each sample's last step, [batch][units] or [batch][2 units]
 * @param last dL/d(y, h) of each sample's last step
 * @param rate dL/do, [units], the same for every step and sample, through the surrogate: the
 *     gradient of a regulariser of the mean event rate
 */
public record EgruErrors(DeviceArray y, DeviceArray trace, EgruState last, DeviceArray rate) {

  /** Derivatives by the events only. */
  public static EgruErrors of(DeviceArray y) {
    return new EgruErrors(y, null, null, null);
  }
}
