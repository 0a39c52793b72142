package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
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
    XAVIER,
    /** Uniform within sqrt(6 / (rows + columns)) of 0 (Glorot and Bengio 2010). */
    XAVIER_UNIFORM,
    /** A matrix with orthonormal rows, or columns where these are fewer (Saxe et al. 2014). */
    ORTHOGONAL;

    private boolean hasNumbers() {
      return this != XAVIER && this != XAVIER_UNIFORM && this != ORTHOGONAL;
    }
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

  /** Uniform within sqrt(6 / (rows + columns)) of 0, of the matrix. */
  public static Weights xavierUniform() {
    return new Weights(Law.XAVIER_UNIFORM, 0, 0);
  }

  /**
   * Orthonormal rows, or columns where these are fewer, drawn uniformly among all such matrices; of
   * dense synapses only. The gates of a cell are the columns of one matrix.
   */
  public static Weights orthogonal() {
    return new Weights(Law.ORTHOGONAL, 0, 0);
  }

  /** Whether all weights of a matrix are drawn together, so that every synapse has to be there. */
  public boolean needsDense() {
    return law == Law.ORTHOGONAL;
  }

  /**
   * The weights of a connection.
   *
   * @param count how many
   * @param random source of randomness
   * @param fanIn expected number of synapses that reach a target, rows of a dense matrix
   * @param fanOut number of columns of the matrix that a source reaches
   */
  public double[] draw(int count, RandomGenerator random, double fanIn, double fanOut) {
    if (law == Law.ORTHOGONAL) {
      int rows = (int) fanIn;
      return OrthogonalDraw.matrix(rows, count / rows, random);
    }
    double[] values = new double[count];
    Arrays.setAll(values, i -> one(random, fanIn, fanOut));
    return values;
  }

  private double one(RandomGenerator random, double fanIn, double fanOut) {
    return switch (law) {
      case NORMAL -> a + b * random.nextGaussian();
      case NORMAL_BY_FAN_IN -> a / fanIn + b / Math.sqrt(fanIn) * random.nextGaussian();
      case UNIFORM -> a + (b - a) * random.nextDouble();
      case XAVIER -> Math.sqrt(2.0 / (fanIn + fanOut)) * random.nextGaussian();
      case XAVIER_UNIFORM -> Math.sqrt(6.0 / (fanIn + fanOut)) * (2 * random.nextDouble() - 1);
      case ORTHOGONAL -> throw together();
    };
  }

  /**
   * The same distribution for counter-based random numbers, in single precision.
   *
   * @throws IllegalStateException if {@link #needsDense}
   */
  public WeightLaw law(double fanIn, double fanOut) {
    return switch (law) {
      case NORMAL -> WeightLaw.normal(a, b);
      case NORMAL_BY_FAN_IN -> WeightLaw.normal(a / fanIn, b / Math.sqrt(fanIn));
      case UNIFORM -> WeightLaw.uniform(a, b);
      case XAVIER -> WeightLaw.normal(0, Math.sqrt(2.0 / (fanIn + fanOut)));
      case XAVIER_UNIFORM -> {
        double most = Math.sqrt(6.0 / (fanIn + fanOut));
        yield WeightLaw.uniform(-most, most);
      }
      case ORTHOGONAL -> throw together();
    };
  }

  private static IllegalStateException together() {
    return new IllegalStateException("Orthogonal weights are drawn all together.");
  }

  /** As the JSON of a specification has it. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("law", law);
    if (law.hasNumbers()) {
      map.put(law == Law.UNIFORM ? "low" : "mean", a);
      map.put(law == Law.UNIFORM ? "high" : "deviation", b);
    }
    return map;
  }

  /** Reads what {@link #toMap} wrote. */
  public static Weights of(JsonObject json) throws JsonException {
    Law law = json.choice("law", Law.class);
    switch (law) {
      case XAVIER, XAVIER_UNIFORM, ORTHOGONAL -> {
        json.only("law");
        return new Weights(law, 0, 0);
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
