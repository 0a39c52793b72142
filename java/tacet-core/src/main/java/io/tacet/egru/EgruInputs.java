package io.tacet.egru;

import io.tacet.memory.DeviceArray;

/**
 * Inputs of a pass over sequences. A view: it owns nothing. Those of replicas, see {@link
 * EgruLayer}, have a leading axis for them in every array.
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
 *     affects the choice of {@link EgruEngine#AUTO}, one for all replicas, and whether it pays that
 *     a pass rounds the weights where rounded ones are asked for
 * @param seeds of the replicas, INT32 [replicas][2]: the lower and the upper half of each seed;
 *     null if all have {@code seed}
 */
public record EgruInputs(
    DeviceArray currents,
    DeviceArray lengths,
    EgruState initial,
    boolean training,
    long seed,
    boolean reversed,
    double activity,
    DeviceArray seeds) {

  public EgruInputs {
    if (activity < 0 || activity > 1) {
      throw new IllegalArgumentException(
          "activity: expected [0, 1], or NaN if not known, got " + activity + ".");
    }
    long[] shape = currents.shape();
    boolean fits = shape.length == 3 || shape.length == 4;
    if (!fits || shape[shape.length - 1] % 3 != 0 || !currents.type().isFloating()) {
      throw new IllegalArgumentException(
          "currents: expected floating-point [steps][batch][3 units] or"
              + " [replicas][steps][batch][3 units], got "
              + currents
              + ".");
    }
  }

  /** Of one replica, or of several with one seed. */
  public EgruInputs(
      DeviceArray currents,
      DeviceArray lengths,
      EgruState initial,
      boolean training,
      long seed,
      boolean reversed,
      double activity) {
    this(currents, lengths, initial, training, seed, reversed, activity, null);
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
    return new EgruInputs(currents, lengths, initial, training, seed, true, activity, seeds);
  }

  /** The same with a known activity. */
  public EgruInputs activity(double activity) {
    return new EgruInputs(currents, lengths, initial, training, seed, reversed, activity, seeds);
  }

  /** Number of steps T. */
  public int steps() {
    return extent(3);
  }

  /** Number of samples N. */
  public int batch() {
    return extent(2);
  }

  /** Number of units H. */
  public int units() {
    return extent(1) / 3;
  }

  /** Number of sequences of one shape; 1 unless the arrays have an axis for them. */
  public int replicas() {
    return currents.shape().length == 4 ? extent(4) : 1;
  }

  /** An extent by its place from the last, which is 1. */
  private int extent(int place) {
    long[] shape = currents.shape();
    return (int) shape[shape.length - place];
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
