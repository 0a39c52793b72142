package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.sparse.WeightLaw;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How the weights of a connection begin.
 *
 * @param law distribution
 * @param a mean, or lower end of a uniform distribution
 * @param b deviation, or upper end
 */
public record Weights(Law law, double a, double b) {
  /** Distributions of initial weights. */
  public enum Law {
    /** Normal with mean a and deviation b. */
    NORMAL,
    /** Normal with mean a / n and deviation b / sqrt n, n the expected fan-in. */
    NORMAL_BY_FAN_IN,
    /** Uniform in [a, b). */
    UNIFORM,
    /** Normal with mean 0 and deviation sqrt(2 / (rows + columns)) (Glorot and Bengio 2010). */
    XAVIER
  }

  public Weights {
    if (!Double.isFinite(a) || !Double.isFinite(b)) {
      throw new IllegalArgumentException(
          "weights: expected finite numbers, got " + a + " and " + b + ".");
    }
  }

  /** Normally distributed. */
  public static Weights normal(double mean, double deviation) {
    return new Weights(Law.NORMAL, mean, deviation);
  }

  /** Normally distributed with mean and deviation divided by the expected fan-in and its root. */
  public static Weights normalByFanIn(double mean, double deviation) {
    return new Weights(Law.NORMAL_BY_FAN_IN, mean, deviation);
  }

  /** Uniform in [low, high). */
  public static Weights uniform(double low, double high) {
    return new Weights(Law.UNIFORM, low, high);
  }

  /** Normally distributed with deviation sqrt(2 / (rows + columns)) of the matrix. */
  public static Weights xavier() {
    return new Weights(Law.XAVIER, 0, 0);
  }

  /**
   * One weight.
   *
   * @param random source of randomness
   * @param fanIn expected number of synapses that reach a target
   * @param fanOut number of columns of the matrix that a source reaches
   */
  public double draw(RandomGenerator random, double fanIn, double fanOut) {
    return switch (law) {
      case NORMAL -> a + b * random.nextGaussian();
      case NORMAL_BY_FAN_IN -> a / fanIn + b / Math.sqrt(fanIn) * random.nextGaussian();
      case UNIFORM -> a + (b - a) * random.nextDouble();
      case XAVIER -> Math.sqrt(2.0 / (fanIn + fanOut)) * random.nextGaussian();
    };
  }

  /** The same distribution for counter-based random numbers, in single precision. */
  public WeightLaw law(double fanIn, double fanOut) {
    return switch (law) {
      case NORMAL -> WeightLaw.normal(a, b);
      case NORMAL_BY_FAN_IN -> WeightLaw.normal(a / fanIn, b / Math.sqrt(fanIn));
      case UNIFORM -> WeightLaw.uniform(a, b);
      case XAVIER -> WeightLaw.normal(0, Math.sqrt(2.0 / (fanIn + fanOut)));
    };
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("law", law);
    if (law != Law.XAVIER) {
      map.put(law == Law.UNIFORM ? "low" : "mean", a);
      map.put(law == Law.UNIFORM ? "high" : "deviation", b);
    }
    return map;
  }

  static Weights of(JsonObject json) throws JsonException {
    Law law = json.choice("law", Law.class);
    switch (law) {
      case XAVIER -> {
        json.only("law");
        return xavier();
      }
      case UNIFORM -> {
        json.only("law", "low", "high");
        return uniform(json.real("low"), json.real("high"));
      }
      default -> {
        json.only("law", "mean", "deviation");
        return new Weights(law, json.real("mean"), json.real("deviation"));
      }
    }
  }
}
