package io.tacet.egru;

import io.tacet.memory.DeviceArray;

/**
 * What a sequence starts from. A view: it owns nothing.
 *
 * @param currents a = x W without bias, [steps][batch][3 units]
 * @param lengths INT32 [batch], how many steps each sample has, 0 .. steps; null if all have all.
 *     After its last step a sample is silent and its state stays
 * @param initial events and states before the first step; null for zeros
 * @param training whether zoneout draws masks; evaluation mixes
 * @param seed of the zoneout masks: the same seed draws the same masks on every backend
 */
public record EgruInputs(
    DeviceArray currents, DeviceArray lengths, EgruState initial, boolean training, long seed) {

  public EgruInputs {
    long[] shape = currents.shape();
    if (shape.length != 3 || shape[2] % 3 != 0 || !currents.type().isFloating()) {
      throw new IllegalArgumentException(
          "currents: expected floating-point [steps][batch][3 units], got " + currents + ".");
    }
  }

  /** All samples of full length, from zeros, no zoneout masks. */
  public static EgruInputs of(DeviceArray currents) {
    return new EgruInputs(currents, null, null, false, 0);
  }

  /** Number of steps T. */
  public int steps() {
    return (int) currents.shape()[0];
  }

  /** Number of samples N. */
  public int batch() {
    return (int) currents.shape()[1];
  }

  /** Number of units H. */
  public int units() {
    return (int) (currents.shape()[2] / 3);
  }
}
