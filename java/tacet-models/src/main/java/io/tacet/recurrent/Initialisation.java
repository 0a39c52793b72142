package io.tacet.recurrent;

import io.tacet.network.Numbers;
import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Initial parameters: Xavier-normal over the whole of each layer's [inputs][3 units] and [units][3
 * units], biases 0, thresholds as {@link ThresholdDraw} says, embeddings and read-out uniform.
 */
final class Initialisation {
  private static final double EMBEDDING_RANGE = 0.1;

  private final RecurrentSpec spec;
  private final long seed;
  private int streams;

  Initialisation(RecurrentSpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
  }

  Numbers draw() {
    Numbers numbers = new Numbers();
    if (spec.embedding() > 0) {
      numbers.put(
          RecurrentNetwork.EMBEDDING, uniform(spec.inputs() * spec.embedding(), EMBEDDING_RANGE));
    }
    List<String> strands = spec.strands();
    for (int s = 0; s < strands.size(); s++) {
      String prefix = strands.get(s) + ".";
      int units = spec.unitsOf(s);
      numbers.put(prefix + "inputWeights", xavier(spec.inputsOf(s / spec.directions()), 3 * units));
      numbers.put(prefix + "recurrentWeights", xavier(units, 3 * units));
      numbers.put(prefix + "inputBias", new double[3 * units]);
      numbers.put(prefix + "recurrentBias", new double[3 * units]);
      numbers.put(prefix + "thresholds", thresholds(units));
    }
    if (!spec.tied()) {
      numbers.put(
          RecurrentNetwork.READOUT,
          uniform(spec.outputs() * spec.top(), 1 / Math.sqrt(spec.top())));
    }
    numbers.put(RecurrentNetwork.READOUT_BIAS, new double[spec.outputs()]);
    return numbers;
  }

  private RandomGenerator stream() {
    return new PhiloxRandom(seed, streams++);
  }

  private double[] uniform(int length, double range) {
    RandomGenerator random = stream();
    double[] values = new double[length];
    Arrays.setAll(values, i -> range * (2 * random.nextDouble() - 1));
    return values;
  }

  private double[] xavier(int from, int to) {
    RandomGenerator random = stream();
    double deviation = Math.sqrt(2.0 / (from + to));
    double[] values = new double[Math.multiplyExact(from, to)];
    Arrays.setAll(values, i -> deviation * random.nextGaussian());
    return values;
  }

  private double[] thresholds(int units) {
    RandomGenerator random = stream();
    double[] values = new double[units];
    Arrays.setAll(values, i -> spec.thresholdDraw().draw(spec.thresholdMean(), random));
    return values;
  }
}
