package io.tacet.eventprop;

/**
 * The grid 0, dt, 2 dt, ... on which {@link GridEventProp} simulates. Steps are computed in double
 * precision whatever the precision of the times, so all backends round in the same way.
 *
 * @param dt length of a step in ms, positive
 */
public record TimeGrid(double dt) {
  public TimeGrid {
    if (!(dt > 0) || Double.isInfinite(dt)) {
      throw new IllegalArgumentException("dt: expected a positive number of ms, got " + dt + ".");
    }
  }

  /** The step nearest to a time or a delay in ms; a tie goes to the even step. */
  public int step(double time) {
    return (int) Math.rint(time / dt);
  }

  /** Time of a step in ms. */
  public double time(int step) {
    return step * dt;
  }

  /**
   * Number of steps of a simulation, {@code duration / dt} rounded.
   *
   * @throws IllegalArgumentException if that is less than 1 or more than 2^24, where single
   *     precision can no longer distinguish neighbouring steps
   */
  public int steps(double duration) {
    double steps = Math.rint(duration / dt);
    if (!(steps >= 1 && steps <= 1 << 24)) {
      throw new IllegalArgumentException(
          "dt: expected between 1 and "
              + (1 << 24)
              + " steps in a duration of "
              + duration
              + " ms, got a step of "
              + dt
              + " ms.");
    }
    return (int) steps;
  }
}
