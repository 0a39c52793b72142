import io.tacet.Backend;
import io.tacet.data.ArraySequences;
import io.tacet.dense.Activation;
import io.tacet.network.Network;
import io.tacet.optim.Sgd;
import io.tacet.plasticity.Oja;
import io.tacet.training.ExpectedReward;
import io.tacet.training.Replicas;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Networks that learn to judge a stimulus by its height and then, when the context is another one,
 * by its width: without Oja's rule they forget the first task (Flesch et al. 2023).
 */
public class LearnTwoTasks {
  private static final int INPUTS = 27;
  private static final double CONTEXT = 1;

  public static void main(String[] args) throws IOException {
    int networks = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    for (Oja rule : new Oja[] {Oja.rate(0), Oja.rate(0.05)}) {
      List<double[]> accuracies =
          Replicas.each("auto", networks, (backend, seed) -> learn(backend, seed, rule));
      System.out.printf(
          "Oja's rule with a rate of %.2f: accuracy %.1f %% in the first task, %.1f %% in the"
              + " second%n",
          rule.rate(),
          100 * accuracies.stream().mapToDouble(a -> a[0]).average().orElseThrow(),
          100 * accuracies.stream().mapToDouble(a -> a[1]).average().orElseThrow());
    }
  }

  /** Trains a network on one task after the other; its accuracy in both. */
  private static double[] learn(Backend backend, long seed, Oja rule) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    try (Network network =
        Network.on(backend)
            .sequence(INPUTS)
            .dense(100, Activation.RELU)
            .readout(1)
            .build(seed)) {
      draw(network, "layer0.inputWeights", 0.01, random);
      draw(network, "readout.weights", 0.1, random);
      double[] biases = new double[100];
      Arrays.fill(biases, 0.1);
      network.arrays().get("layer0.bias").copyFrom(biases);
      for (int task = 0; task < 2; task++) {
        Training.of(network)
            .loss(new ExpectedReward())
            .optimizer(Sgd.rate(0.03))
            .plasticity(rule.inputs(25, 2))
            .fixed("layer0.bias")
            .batch(1)
            .epochs(200)
            .seed(seed)
            .run(task(task, true), null);
      }
      return new double[] {
        accuracy(network, task(0, false)), accuracy(network, task(1, false))
      };
    }
  }

  private static void draw(
      Network network, String name, double deviation, RandomGenerator random) {
    double[] values = network.arrays().get(name).toDoubles();
    for (int k = 0; k < values.length; k++) {
      values[k] = deviation * random.nextGaussian();
    }
    network.arrays().get(name).copyFrom(values);
  }

  /**
   * 25 blobs on 5 x 5 pixels, with the reward of saying yes: their height or their width, from -2 to
   * 2. All inputs have a mean of 0 over both tasks; in training the first task does not know of the
   * second context.
   */
  private static ArraySequences task(int task, boolean training) {
    float[] inputs = new float[25 * INPUTS];
    float[] rewards = new float[25];
    for (int s = 0; s < 25; s++) {
      for (int p = 0; p < 25; p++) {
        double x = 0.2 + 0.15 * (s % 5) - 0.25 * (p % 5);
        double y = 0.2 + 0.15 * (s / 5) - 0.25 * (p / 5);
        inputs[s * INPUTS + p] = (float) Math.exp(-(x * x + y * y) / 0.16);
      }
      inputs[s * INPUTS + 25] = (float) (task == 0 ? CONTEXT / 2 : -CONTEXT / 2);
      inputs[s * INPUTS + 26] = task == 0 && training ? 0 : -inputs[s * INPUTS + 25];
      rewards[s] = task == 0 ? s / 5 - 2 : s % 5 - 2;
    }
    for (int p = 0; p < 25; p++) {
      float mean = 0;
      for (int s = 0; s < 25; s++) {
        mean += inputs[s * INPUTS + p] / 25;
      }
      for (int s = 0; s < 25; s++) {
        inputs[s * INPUTS + p] -= mean;
      }
    }
    return ArraySequences.regression("blobs", inputs, 1, INPUTS, rewards, 1);
  }

  /** Fraction of the answers that have the sign of their reward. */
  private static double accuracy(Network network, ArraySequences task) {
    double[][] values = network.predict(task).scores();
    float[] reward = new float[1];
    int right = 0;
    int asked = 0;
    for (int s = 0; s < values.length; s++) {
      task.fillTargets(s, reward, 1, 0);
      if (reward[0] != 0) {
        asked++;
        right += values[s][0] * reward[0] > 0 ? 1 : 0;
      }
    }
    return (double) right / asked;
  }
}
