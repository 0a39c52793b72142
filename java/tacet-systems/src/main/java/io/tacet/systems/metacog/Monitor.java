package io.tacet.systems.metacog;

import io.tacet.Backend;
import io.tacet.data.ArraySequences;
import io.tacet.dense.Activation;
import io.tacet.network.Network;
import io.tacet.network.Prediction;
import io.tacet.optim.Adam;
import io.tacet.systems.metacog.Prototypes.Reading;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;

/**
 * Judges from what was read off a code whether it tracks the world now: a small network on peak,
 * margin, norm and active fraction, trained on decisions about real stimuli (true where correct)
 * and on imagery and noise (false). It sees readings and not the code, so that no gradient reaches
 * the encoder. Owns its network.
 */
public final class Monitor implements AutoCloseable {
  private static final int FEATURES = 4;
  private static final int HIDDEN = 8;
  private static final int EPOCHS = 20;

  private final Network network;
  private final double[] means;
  private final double[] deviations;

  private Monitor(Network network, double[] means, double[] deviations) {
    this.network = network;
    this.means = means;
    this.deviations = deviations;
  }

  /**
   * Trains a monitor; the caller closes it.
   *
   * @param tracks whether each reading is of a code that tracks the world
   * @throws IOException never, since no file is written
   */
  static Monitor train(Backend backend, Reading[] readings, boolean[] tracks, long seed)
      throws IOException {
    double[] means = new double[FEATURES];
    double[] deviations = new double[FEATURES];
    for (int f = 0; f < FEATURES; f++) {
      int feature = f;
      means[f] = Arrays.stream(readings).mapToDouble(r -> of(r)[feature]).average().orElse(0);
      double mean = means[f];
      double variance =
          Arrays.stream(readings)
              .mapToDouble(r -> (of(r)[feature] - mean) * (of(r)[feature] - mean))
              .average()
              .orElse(0);
      deviations[f] = variance > 0 ? Math.sqrt(variance) : 1;
    }
    Network network =
        Network.on(backend)
            .sequence(FEATURES)
            .dense(HIDDEN, Activation.TANH)
            .readout(2)
            .build(seed);
    Monitor monitor = new Monitor(network, means, deviations);
    try {
      Training.of(network)
          .optimizer(Adam.rate(1e-2))
          .batch(64)
          .epochs(EPOCHS)
          .seed(seed)
          .run(monitor.data(readings, tracks), null);
      return monitor;
    } catch (IOException | RuntimeException | Error e) {
      monitor.close();
      throw e;
    }
  }

  private static double[] of(Reading reading) {
    return new double[] {reading.peak(), reading.margin(), reading.norm(), reading.active()};
  }

  private ArraySequences data(Reading[] readings, boolean[] tracks) {
    float[] values = new float[readings.length * FEATURES];
    int[] labels = new int[readings.length];
    for (int i = 0; i < readings.length; i++) {
      double[] features = of(readings[i]);
      for (int f = 0; f < FEATURES; f++) {
        values[i * FEATURES + f] = (float) ((features[f] - means[f]) / deviations[f]);
      }
      labels[i] = tracks[i] ? 1 : 0;
    }
    return ArraySequences.of("readings", values, 1, FEATURES, labels, 2);
  }

  /** The probability that each reading is of a code that tracks the world. */
  public double[] judge(Reading[] readings) {
    Prediction said = network.predict(data(readings, new boolean[readings.length]));
    return Arrays.stream(said.scores())
        .mapToDouble(scores -> 1 / (1 + Math.exp(scores[0] - scores[1])))
        .toArray();
  }

  /** Makes it blind: all its weights become 0, and every probability one half. */
  void lesion() {
    network.arrays().values().forEach(array -> array.zero());
  }

  @Override
  public void close() {
    network.close();
  }
}
