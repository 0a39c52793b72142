package io.tacet.network;

import java.util.random.RandomGenerator;

/** How the weights of a connection begin. */
@FunctionalInterface
public interface Weights {
  /**
   * One weight.
   *
   * @param random source of randomness
   * @param fanIn expected number of synapses that reach a target
   */
  double draw(RandomGenerator random, double fanIn);

  /** Normally distributed. */
  static Weights normal(double mean, double deviation) {
    return (random, fanIn) -> mean + deviation * random.nextGaussian();
  }

  /** Normally distributed with mean and deviation divided by the expected fan-in and its root. */
  static Weights normalByFanIn(double mean, double deviation) {
    return (random, fanIn) -> mean / fanIn + deviation / Math.sqrt(fanIn) * random.nextGaussian();
  }

  /** Uniform in [low, high). */
  static Weights uniform(double low, double high) {
    return (random, fanIn) -> low + (high - low) * random.nextDouble();
  }
}
