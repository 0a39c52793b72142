package io.tacet.recurrent;

/**
 * Pulls the mean activity o of each layer towards a target: adds {@code weight (mean o - target)^2}
 * to the loss, whose gradient goes through the surrogate.
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

  /** Derivative of the term by one event, of which {@code possible} could have happened. */
  double slope(long events, long possible) {
    return 2 * weight * ((double) events / possible - target) / possible;
  }
}
