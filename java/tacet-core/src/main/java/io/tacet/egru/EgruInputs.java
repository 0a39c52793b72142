package io.tacet.egru;

import io.tacet.memory.DeviceArray;

/**
 * Inputs of a pass over sequences. A view: it owns nothing.
 *
 * @param currents a = x W without bias, [steps][batch][3 units]
 * @param lengths INT32 [batch], number of steps of each sample, 0 .. steps; null if all have full
 *     length. After its last step a sample is silent and its state is constant
 * @param initial events and states before the first step; null for zeros
 * @param training whether zoneout draws masks; evaluation uses the expected mixture
 * @param seed of the zoneout masks: the same seed draws the same masks on every backend
 * @param reversed whether to run backward in time: each sample begins at its own last step and ends
 *     at its first. Arrays remain in time order; "before the first step" and "after the last" then
 *     refer to the order of computation
 * @param activity expected fraction of units with an event in a step, 0 .. 1, such as that of the
 *     last pass over similar sequences, from {@link EgruOutputs#counts}. NaN if unknown. It only
 *     affects the choice of {@link EgruEngine#AUTO}
 */
public record EgruInputs(
    DeviceArray currents,
    DeviceArray lengths,
    EgruState initial,
    boolean training,
    long seed,
    boolean reversed,
    double activity) {

  public EgruInputs {
    if (activity < 0 || activity > 1) {
      throw new IllegalArgumentException(
          "activity: expected [0, 1], or NaN if not known, got " + activity + ".");
    }
    long[] shape = currents.shape();
    if (shape.length != 3 || shape[2] % 3 != 0 || !currents.type().isFloating()) {
      throw new IllegalArgumentException(
          "currents: expected floating-point [steps][batch][3 units], got " + currents + ".");
    }
  }

  /** Forward in time, at an unknown activity. */
  public EgruInputs(
      DeviceArray currents, DeviceArray lengths, EgruState initial, boolean training, long seed) {
    this(currents, lengths, initial, training, seed, false, Double.NaN);
  }

  /** All samples of full length, from zeros, no zoneout masks. */
  public static EgruInputs of(DeviceArray currents) {
    return new EgruInputs(currents, null, null, false, 0);
  }

  /** The same backward in time. */
  public EgruInputs backwardInTime() {
    return new EgruInputs(currents, lengths, initial, training, seed, true, activity);
  }

  /** The same with a known activity. */
  public EgruInputs activity(double activity) {
    return new EgruInputs(currents, lengths, initial, training, seed, reversed, activity);
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

  /**
   * Offset of the units of this direction in rows with room for one direction or for both.
   *
   * @param columns of a row: H, or 2 H
   */
  public int firstColumn(int columns) {
    return reversed ? columns - units() : 0;
  }
}
