package io.tacet.systems.multitask;

import io.tacet.Backend;
import io.tacet.analysis.PrincipalComponents;
import io.tacet.analysis.Rdm;
import io.tacet.data.ArraySequences;
import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.optim.Sgd;
import io.tacet.systems.multitask.Blobs.Model;
import io.tacet.training.MeanSquaredError;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * The network of Flesch et al. (2022): {@code h = relu(W_s x + W_c c + b_h), y = w_o h + b_o}, with
 * gradient descent on all 50 trials at once. The scale of the initial weights decides whether it
 * learns a rich representation, of what counts in a context, or a lazy one, of everything.
 *
 * @param stimulusScale deviation of the initial weights from pixels
 * @param contextScale deviation of those from contexts
 * @param density fraction of the synapses from pixels that there are, (0, 1]
 * @param updates of the training
 */
record RichLazy(double stimulusScale, double contextScale, double density, int updates) {
  static final int UNITS = 100;
  static final int UPDATES = 10_000;
  static final RichLazy RICH = new RichLazy(0.01, 0.5, 1, UPDATES);
  static final RichLazy LAZY = new RichLazy(3, 1.5, 1, UPDATES);

  /** Context A's reward is the column. */
  private static final boolean COLUMNS_IN_A = true;

  private static final double RATE = 5e-3;
  private static final double BIAS = 0.1;
  private static final double OUTPUT_SCALE = 0.01;
  private static final double VARIANCE_KEPT = 0.95;

  /** Of the test with noise. */
  private static final double NOISE = 0.05;

  private static final int NOISY_COPIES = 20;

  RichLazy withDensity(double value) {
    return new RichLazy(stimulusScale, contextScale, value, updates);
  }

  /**
   * What a network has become.
   *
   * @param accuracy of the 40 trials with a reward
   * @param noisyAccuracy the same with noise on pixels
   * @param updatesToAll updates until all were answered rightly; NaN if never
   * @param orthogonal coefficient of the model in the regression of hidden distances
   * @param grid of that model
   * @param parallel of that model
   * @param change length of the change of the weights from pixels over that of the weights
   * @param local units active in one context only
   * @param silent units never active
   * @param components that have 95 % of the variance of hidden activity
   * @param accuracies after each update
   * @param distances of hidden activity
   */
  record Outcome(
      double accuracy,
      double noisyAccuracy,
      double updatesToAll,
      double orthogonal,
      double grid,
      double parallel,
      double change,
      int local,
      int silent,
      int components,
      float[] accuracies,
      Rdm distances) {}

  /** Trains one network; everything random follows from the seed. */
  Outcome train(Backend backend, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    ArraySequences data = data(0, random);
    boolean[] mask = mask(random);
    try (Network network = network(backend, mask)) {
      double[] before = initialise(network, mask, random);
      SignAccuracy accuracy = new SignAccuracy(new MeanSquaredError());
      // The published loss is half the sum of the squares; the mean has 2 / 50 of its slope.
      double rate = RATE * data.size() / 2;
      Training.of(network)
          .loss(accuracy)
          .optimizer(Sgd.rate(rate))
          .batch(data.size())
          .inOrder()
          .epochs(updates)
          .run(data, null);
      return outcome(network, data, before, accuracy, random);
    }
  }

  private Outcome outcome(
      Network network,
      ArraySequences data,
      double[] before,
      SignAccuracy accuracy,
      RandomGenerator random) {
    Hidden hidden = Hidden.of(network, data);
    Rdm distances = Rdm.euclidean(hidden.patterns());
    double[] betas =
        distances.regress(
            Model.ORTHOGONAL.rdm(COLUMNS_IN_A),
            Model.GRID.rdm(COLUMNS_IN_A),
            Model.PARALLEL.rdm(COLUMNS_IN_A));
    double noisy = 0;
    for (int k = 0; k < NOISY_COPIES; k++) {
      noisy += SignAccuracy.of(network, data(NOISE, random)) / NOISY_COPIES;
    }
    return new Outcome(
        SignAccuracy.of(network, data),
        noisy,
        accuracy.updatesToAll(),
        betas[0],
        betas[1],
        betas[2],
        change(before, pixelWeights(network, before.length)),
        hidden.onlyIn(0) + hidden.onlyIn(1),
        hidden.silent(),
        PrincipalComponents.components(hidden.patterns(), VARIANCE_KEPT),
        accuracy.history(),
        distances);
  }

  /** Pixels and contexts are each divided by the norm of their matrix; targets are -reward. */
  private static ArraySequences data(double noise, RandomGenerator random) {
    double[][] pixels = Blobs.pixels();
    double squares = Arrays.stream(pixels).flatMapToDouble(Arrays::stream).map(v -> v * v).sum();
    int trials = Blobs.CONTEXTS * Blobs.COUNT;
    float[] values = new float[trials * Blobs.INPUTS];
    float[] targets = new float[trials];
    for (int k = 0; k < trials; k++) {
      int context = k / Blobs.COUNT;
      int stimulus = k % Blobs.COUNT;
      int at = k * Blobs.INPUTS;
      for (int p = 0; p < Blobs.COUNT; p++) {
        double value = pixels[stimulus][p] / Math.sqrt(Blobs.CONTEXTS * squares);
        values[at + p] = (float) (value + (noise > 0 ? noise * random.nextGaussian() : 0));
      }
      values[at + Blobs.COUNT + context] = (float) (1 / Math.sqrt(trials));
      targets[k] = -Blobs.reward(context, stimulus, COLUMNS_IN_A);
    }
    return ArraySequences.regression("blobs", values, 1, Blobs.INPUTS, targets, 1);
  }

  /** Which synapses there are, row after row; all of contexts. */
  private boolean[] mask(RandomGenerator random) {
    boolean[] mask = new boolean[Blobs.INPUTS * UNITS];
    for (int k = 0; k < mask.length; k++) {
      mask[k] = k >= Blobs.COUNT * UNITS || density == 1 || random.nextDouble() < density;
    }
    return mask;
  }

  private Network network(Backend backend, boolean[] mask) {
    Connection connection = Connection.dense();
    if (density < 1) {
      int[] offsets = new int[Blobs.INPUTS + 1];
      int[] indices = new int[mask.length];
      int count = 0;
      for (int k = 0; k < mask.length; k++) {
        if (mask[k]) {
          indices[count++] = k % UNITS;
        }
        offsets[k / UNITS + 1] = count;
      }
      connection = Connection.pattern(offsets, Arrays.copyOf(indices, count));
    }
    NetworkBuilder builder = Network.on(backend).sequence(Blobs.INPUTS);
    return builder.dense(UNITS, Activation.RELU, connection).readout(1).build(0);
  }

  /** Draws all parameters; returns the weights from pixels. */
  private double[] initialise(Network network, boolean[] mask, RandomGenerator random) {
    double[] weights = new double[mask.length];
    int count = 0;
    int pixels = 0;
    for (int k = 0; k < mask.length; k++) {
      boolean isPixel = k < Blobs.COUNT * UNITS;
      double weight = (isPixel ? stimulusScale : contextScale) * random.nextGaussian();
      if (mask[k]) {
        weights[count++] = weight;
        pixels += isPixel ? 1 : 0;
      }
    }
    set(network, "layer0.inputWeights", k -> weights[k]);
    set(network, "layer0.bias", k -> BIAS);
    set(network, "readout.weights", k -> OUTPUT_SCALE * random.nextGaussian());
    set(network, "readout.bias", k -> BIAS);
    return Arrays.copyOf(weights, pixels);
  }

  static void set(Network network, String name, IntToDoubleFunction values) {
    DeviceArray array = network.arrays().get(name);
    double[] all = new double[Math.toIntExact(array.length())];
    Arrays.setAll(all, values);
    array.copyFrom(all);
  }

  private static double[] pixelWeights(Network network, int count) {
    return Arrays.copyOf(network.arrays().get("layer0.inputWeights").toDoubles(), count);
  }

  private static double change(double[] before, double[] after) {
    double moved = 0;
    double length = 0;
    for (int k = 0; k < before.length; k++) {
      moved += (after[k] - before[k]) * (after[k] - before[k]);
      length += before[k] * before[k];
    }
    return Math.sqrt(moved / length);
  }
}
