package io.tacet.recurrent;

/**
 * Pulls the activity of each unit towards a target: adds {@code weight mean_m (o_m - target)^2} to
 * the loss of each layer, with o_m the mean of the events of unit m over steps and samples. Its
 * gradient goes through the surrogate.
 *
 * @param weight lambda, at least 0; 0 is off
 * @param target mean number of events of a unit in a step, [0, 1]
 */
public record ActivityTarget(double weight, double target) {
  /** No regularisation. */
  public static final ActivityTarget OFF = new ActivityTarget(0, 0);

  public ActivityTarget {
    if (!(weight >= 0) || !(target >= 0 && target <= 1)) {
      throw new IllegalArgumentException(
          "weight, target: expected at least 0 and [0, 1], got " + weight + ", " + target + ".");
    }
  }

  /**
   * Derivative of the term by one event of a unit.
   *
   * @param events of that unit
   * @param possible how many it could have had: steps x samples
   * @param units of the layer
   */
  double slope(int events, long possible, int units) {
    return 2 * weight * ((double) events / possible - target) / possible / units;
  }
}
