package io.tacet.network;

/**
 * Which simulator runs a network.
 *
 * @param kind exact or grid
 * @param dt step of the grid in ms; 0 for exact
 */
public record Simulator(Kind kind, double dt) {
  /** The two simulators. */
  public enum Kind {
    /** Event-driven in continuous time, with exact gradients. */
    EXACT,
    /** Fixed steps, for large networks; gradients are exact up to an error of order dt. */
    GRID
  }

  public Simulator {
    if (kind == Kind.GRID && !(dt > 0)) {
      throw new IllegalArgumentException("dt: expected a positive step in ms, got " + dt + ".");
    }
  }

  /** The event-driven simulator. */
  public static Simulator exact() {
    return new Simulator(Kind.EXACT, 0);
  }

  /** The simulator with steps of dt ms. */
  public static Simulator grid(double dt) {
    return new Simulator(Kind.GRID, dt);
  }
}
