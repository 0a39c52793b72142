import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.analysis.RocArea;
import io.tacet.dense.Activation;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Signal;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.systems.metacog.RingWorld;
import io.tacet.systems.metacog.ViewPairs;
import io.tacet.training.Smoothness;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.SplittableRandom;

/** A sparse and smooth code of stimuli on a ring; decisions and their confidence are read off it. */
public final class TrainCode {
  private static final int UNITS = 256;
  private static final int BINS = 8;
  private static final int TRIALS = 2000;
  private static final RingWorld WORLD = new RingWorld(0);
  private static final SplittableRandom RANDOM = new SplittableRandom(1);

  public static void main(String[] args) throws IOException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    Weights weights = Weights.normal(0, 0.125);
    try (Backend backend = Backends.open("auto");
        Network network =
            Network.on(backend)
                .sequence(RingWorld.CHANNELS)
                .dense(UNITS, Activation.RELU, Connection.dense(weights))
                .winners(16)
                .readout(RingWorld.CHANNELS)
                .build(0)) {
      Training.of(network)
          .optimizer(Adam.rate(2e-3))
          .batch(128)
          .epochs(epochs)
          // Layer 1 are the winners; the loss of 64 outputs is their mean.
          .regulariser(new Smoothness(1, 0.2 * 2 / RingWorld.CHANNELS))
          .run(new ViewPairs(WORLD, 4096, 0.2, 2), null);
      decide(network);
    }
  }

  private static void decide(Network network) {
    double[][] prototypes = new double[BINS][UNITS];
    double[] thetas = RANDOM.doubles(TRIALS, 0, 2 * Math.PI).toArray();
    double[] codes = codes(network, thetas, 0.2);
    for (int i = 0; i < TRIALS; i++) {
      for (int m = 0; m < UNITS; m++) {
        prototypes[bin(thetas[i])][m] += codes[i * UNITS + m];
      }
    }
    thetas = RANDOM.doubles(TRIALS, 0, 2 * Math.PI).toArray();
    codes = codes(network, thetas, 1.2);
    double[] confidence = new double[TRIALS];
    boolean[] correct = new boolean[TRIALS];
    double right = 0;
    for (int i = 0; i < TRIALS; i++) {
      double best = Double.NEGATIVE_INFINITY;
      double second = best;
      for (int bin = 0; bin < BINS; bin++) {
        double similarity = cosine(prototypes[bin], codes, i * UNITS);
        second = Math.max(second, Math.min(best, similarity));
        correct[i] = similarity > best ? bin == bin(thetas[i]) : correct[i];
        best = Math.max(best, similarity);
      }
      confidence[i] = best - second;
      right += correct[i] ? 1 : 0;
    }
    System.out.printf(
        "accuracy %.3f, area under the curve of confidence in right and wrong decisions %.3f%n",
        right / TRIALS, RocArea.of(confidence, correct));
  }

  private static int bin(double theta) {
    return (int) (theta / (2 * Math.PI) * BINS);
  }

  /** What the winners send. */
  private static double[] codes(Network network, double[] thetas, double noise) {
    float[] observed = new float[TRIALS * RingWorld.CHANNELS];
    for (int i = 0; i < TRIALS; i++) {
      WORLD.observe(WORLD.clean(thetas[i]), noise, RANDOM, observed, i);
    }
    try (Pass pass = new Pass(network, PassShape.steps(TRIALS, 1, null))) {
      pass.inputSteps().copyFrom(observed);
      pass.forward();
      return ((Signal.Steps) pass.output(1)).values().toDoubles();
    }
  }

  private static double cosine(double[] prototype, double[] codes, int from) {
    double dot = 0;
    double one = 0;
    double other = 0;
    for (int m = 0; m < UNITS; m++) {
      dot += prototype[m] * codes[from + m];
      one += prototype[m] * prototype[m];
      other += codes[from + m] * codes[from + m];
    }
    return dot / Math.max(Math.sqrt(one * other), 1e-12);
  }
}
