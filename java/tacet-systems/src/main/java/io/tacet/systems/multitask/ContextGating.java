package io.tacet.systems.multitask;

import io.tacet.Backend;
import io.tacet.analysis.Correlation;
import io.tacet.analysis.Rdm;
import io.tacet.data.ArraySequences;
import io.tacet.dense.Activation;
import io.tacet.network.Network;
import io.tacet.optim.Sgd;
import io.tacet.plasticity.Oja;
import io.tacet.systems.multitask.Blobs.Model;
import io.tacet.training.ExpectedReward;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The network of Flesch et al. (2023): 25 pixels and 2 contexts, 100 rectified units with fixed
 * biases, one output, trained on one stimulus after the other by gradient descent, each step
 * followed by one of Oja's rule.
 *
 * @param blocked whether task A comes first and B after it, else both in turn
 * @param episodes how often each stimulus comes in each task
 * @param contextScale of the context inputs
 * @param rate of gradient descent
 * @param rule null for none
 * @param centred whether the mean of the stream is subtracted from all inputs, and the second
 *     context input is 0 in task A where it comes first
 * @param sluggishness alpha: context inputs of the stream are an average, alpha of the present one
 *     and 1 - alpha of the average before; 1 for the present ones
 */
record ContextGating(
    boolean blocked,
    int episodes,
    double contextScale,
    double rate,
    Oja rule,
    boolean centred,
    double sluggishness) {
  static final int UNITS = 100;

  /** Context A's reward is the row. */
  private static final boolean COLUMNS_IN_A = false;

  private static final double INPUT_SCALE = 0.01;
  private static final double OUTPUT_SCALE = 0.1;
  private static final double BIAS = 0.1;

  /** Task A first, without a rule. */
  static final ContextGating BLOCKED_VANILLA = new ContextGating(true, 8, 2, 0.2, null, false, 1);

  /** Both in turn, without a rule. */
  static final ContextGating INTERLEAVED_VANILLA =
      new ContextGating(false, 8, 6, 0.09816, null, true, 1);

  /** Task A first, with the rule for all inputs. */
  static final ContextGating BLOCKED_OJA =
      new ContextGating(true, 8, 3, 0.090565, Oja.rate(0.00258386), true, 1);

  /** Both in turn, with the rule for all inputs. */
  static final ContextGating INTERLEAVED_OJA =
      new ContextGating(false, 8, 4, 0.0926363, Oja.rate(0.00032769), true, 1);

  /** Task A first, for long, with the rule for the context inputs only. */
  static final ContextGating BLOCKED_OJA_OF_CONTEXTS =
      new ContextGating(
          true, 200, 1, 0.03, Oja.rate(0.05).inputs(Blobs.COUNT, Blobs.CONTEXTS), true, 1);

  /** The same without the rule. */
  ContextGating withoutRule() {
    return new ContextGating(blocked, episodes, contextScale, rate, null, centred, sluggishness);
  }

  ContextGating withSluggishness(double alpha) {
    return new ContextGating(blocked, episodes, contextScale, rate, rule, centred, alpha);
  }

  /**
   * What a network has become, without noise or sluggishness.
   *
   * @param accuracyA of the 20 stimuli of task A with a reward
   * @param accuracyB of task B
   * @param incongruent of the stimuli of both to which the tasks ask for different answers
   * @param contextCorrelation of the weights of both context inputs
   * @param onlyA units active in context A only
   * @param onlyB units active in context B only
   * @param grid coefficient of the model in the regression of hidden distances
   * @param orthogonal of that model
   * @param diagonal of that model
   * @param distances of hidden activity
   */
  record Outcome(
      double accuracyA,
      double accuracyB,
      double incongruent,
      double contextCorrelation,
      int onlyA,
      int onlyB,
      double grid,
      double orthogonal,
      double diagonal,
      Rdm distances) {
    double accuracy() {
      return (accuracyA + accuracyB) / 2;
    }
  }

  /** Trains one network; everything random follows from the seed. */
  Outcome train(Backend backend, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Stream stream = new Stream(order(random));
    try (Network network = network(backend, random)) {
      int[] ends =
          blocked ? new int[] {stream.length() / 2, stream.length()} : new int[] {stream.length()};
      int from = 0;
      for (int to : ends) {
        train(network, stream.part(from, to));
        from = to;
      }
      return outcome(network, stream.test());
    }
  }

  private void train(Network network, ArraySequences part) throws IOException {
    Training training =
        Training.of(network)
            .loss(new ExpectedReward())
            .optimizer(Sgd.rate(rate))
            .batch(1)
            .inOrder()
            .epochs(1)
            .fixed("layer0.bias");
    if (rule != null) {
      training.plasticity(rule);
    }
    training.run(part, null);
  }

  private static Network network(Backend backend, RandomGenerator random) {
    Network network =
        Network.on(backend)
            .sequence(Blobs.INPUTS)
            .dense(UNITS, Activation.RELU)
            .readout(1)
            .build(0);
    RichLazy.set(network, "layer0.inputWeights", k -> INPUT_SCALE * random.nextGaussian());
    RichLazy.set(network, "layer0.bias", k -> BIAS);
    RichLazy.set(network, "readout.weights", k -> OUTPUT_SCALE * random.nextGaussian());
    return network;
  }

  /** Trials in the order of presentation: those of context A are below 25. */
  private int[] order(RandomGenerator random) {
    int[] order = new int[Blobs.CONTEXTS * Blobs.COUNT * episodes];
    int at = 0;
    for (int block = 0; block < (blocked ? Blobs.CONTEXTS : 1); block++) {
      for (int episode = 0; episode < episodes; episode++) {
        int first = block * Blobs.COUNT;
        int count = blocked ? Blobs.COUNT : Blobs.CONTEXTS * Blobs.COUNT;
        for (int k = 0; k < count; k++) {
          int other = random.nextInt(k + 1);
          order[at + k] = order[at + other];
          order[at + other] = first + k;
        }
        at += count;
      }
    }
    return order;
  }

  private static Outcome outcome(Network network, ArraySequences test) {
    int half = Blobs.COUNT;
    Hidden hidden = Hidden.of(network, test);
    Rdm distances = Rdm.euclidean(hidden.patterns());
    double[] betas =
        distances.regress(
            Model.GRID.rdm(COLUMNS_IN_A),
            Model.ORTHOGONAL.rdm(COLUMNS_IN_A),
            Model.DIAGONAL.rdm(COLUMNS_IN_A));
    double[] weights = network.arrays().get("layer0.inputWeights").toDoubles();
    int first = Blobs.COUNT * UNITS;
    return new Outcome(
        SignAccuracy.of(network, test, k -> k < half),
        SignAccuracy.of(network, test, k -> k >= half),
        SignAccuracy.of(network, test, k -> Blobs.isIncongruent(k % half)),
        Correlation.pearson(
            Arrays.copyOfRange(weights, first, first + UNITS),
            Arrays.copyOfRange(weights, first + UNITS, first + 2 * UNITS)),
        hidden.onlyIn(0),
        hidden.onlyIn(1),
        betas[0],
        betas[1],
        betas[2],
        distances);
  }

  /** The stimuli in the order of their presentation. */
  private final class Stream {
    private final int[] order;
    private final double[][] inputs;
    private final double[] mean = new double[Blobs.INPUTS];

    Stream(int[] order) {
      this.order = order;
      double[][] trials = trials();
      inputs = new double[order.length][];
      for (int t = 0; t < order.length; t++) {
        inputs[t] = trials[order[t]].clone();
        for (int c = Blobs.COUNT; c < Blobs.INPUTS && t > 0; c++) {
          inputs[t][c] = sluggishness * inputs[t][c] + (1 - sluggishness) * inputs[t - 1][c];
        }
        for (int i = 0; i < mean.length; i++) {
          mean[i] += (centred ? inputs[t][i] : 0) / order.length;
        }
      }
    }

    int length() {
      return order.length;
    }

    /** Presentations from .. to-1, with the rewards of a yes. */
    ArraySequences part(int from, int to) {
      return data(
          Arrays.copyOfRange(inputs, from, to),
          Arrays.copyOfRange(order, from, to),
          centred && blocked);
    }

    /** All trials in order, with the contexts as they are. */
    ArraySequences test() {
      int[] all = new int[Blobs.CONTEXTS * Blobs.COUNT];
      Arrays.setAll(all, k -> k);
      return data(trials(), all, false);
    }

    /**
     * @param onlyA whether the input of context B is 0 in context A
     */
    private ArraySequences data(double[][] rows, int[] trials, boolean onlyA) {
      float[] values = new float[rows.length * Blobs.INPUTS];
      float[] rewards = new float[rows.length];
      for (int t = 0; t < rows.length; t++) {
        for (int i = 0; i < Blobs.INPUTS; i++) {
          values[t * Blobs.INPUTS + i] = (float) (rows[t][i] - mean[i]);
        }
        int context = trials[t] / Blobs.COUNT;
        if (onlyA && context == 0) {
          values[t * Blobs.INPUTS + Blobs.COUNT + 1] = 0;
        }
        rewards[t] = Blobs.reward(context, trials[t] % Blobs.COUNT, COLUMNS_IN_A);
      }
      return ArraySequences.regression("blobs", values, 1, Blobs.INPUTS, rewards, 1);
    }

    private double[][] trials() {
      double[][] pixels = Blobs.pixels();
      double[][] trials = new double[Blobs.CONTEXTS * Blobs.COUNT][];
      for (int k = 0; k < trials.length; k++) {
        trials[k] = Arrays.copyOf(pixels[k % Blobs.COUNT], Blobs.INPUTS);
        trials[k][Blobs.COUNT + k / Blobs.COUNT] = contextScale;
      }
      return trials;
    }
  }
}
