package io.tacet.network;

/**
 * How a layer is reached from another one, or from itself.
 *
 * @param weights initial weights
 * @param density probability of a synapse, in (0, 1]; 1 is stored dense, less as CSR
 * @param delayLow smallest initial delay in ms
 * @param delayHigh largest initial delay in ms; with trainable delays or a positive value there is
 *     a delay per synapse
 * @param learnedDelays whether delays train
 */
public record Connection(
    Weights weights, double density, double delayLow, double delayHigh, boolean learnedDelays) {

  public Connection {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException("density: expected (0, 1], got " + density + ".");
    }
    if (!(delayLow >= 0 && delayHigh >= delayLow)) {
      throw new IllegalArgumentException(
          "delays: expected 0 <= low <= high in ms, got " + delayLow + " and " + delayHigh + ".");
    }
  }

  /** Every source to every target, without delays. */
  public static Connection dense(Weights weights) {
    return new Connection(weights, 1, 0, 0, false);
  }

  /** Each possible synapse with this probability, without delays. */
  public static Connection sparse(double density, Weights weights) {
    return new Connection(weights, density, 0, 0, false);
  }

  /** A delay per synapse, uniform in [low, high] ms. */
  public Connection delays(double low, double high) {
    return new Connection(weights, density, low, high, learnedDelays);
  }

  /** Delays train, from 0 ms unless {@link #delays} says otherwise. */
  public Connection trainDelays() {
    return new Connection(weights, density, delayLow, delayHigh, true);
  }

  boolean delayed() {
    return learnedDelays || delayHigh > 0;
  }
}
