package io.tacet.systems.metacog;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Signal;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.ActivityL1;
import io.tacet.training.MeanSquaredError;
import io.tacet.training.Smoothness;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;

/**
 * An encoder h = kWTA(relu(W x + b)) of 256 units with a linear decoder, trained to remove noise:
 * it minimises {@code |V h + c - x_clean|^2 / 2 + l1 |h|_1 + smooth / 2 |h(theta) - h(theta +
 * d)|^2}, averaged over views. Its first weights are normal with a standard deviation of 1 / 8: how
 * much a sparse and smooth code gains in metacognitive sensitivity depends on their scale. Owns its
 * network.
 */
public final class Code implements AutoCloseable {
  /** Units of the code. */
  public static final int UNITS = 256;

  /** Noise of the observations it is trained on. */
  public static final double SIGMA = 0.2;

  private static final int PAIRS_OF_A_BATCH = 128;
  private static final int UPDATES = 3000;

  /** Batches of different pairs, which are gone through several times. */
  private static final int BATCHES = 300;

  private static final int ENCODED_AT_ONCE = 512;

  /**
   * What a code is trained for.
   *
   * @param name what reports call it
   * @param winners units of a stimulus that stay active; 0 for all
   * @param l1 strength of the sparsity of activity
   * @param smooth strength of the smoothness
   */
  public record Kind(String name, int winners, double l1, double smooth) {
    /** All units, no smoothness. */
    public static final Kind DENSE = new Kind("dense", 0, 0, 0);

    /** All units. */
    public static final Kind SMOOTH = new Kind("smooth", 0, 0, 0.5);

    /** Sixteen units. */
    public static final Kind SPARSE_SMOOTH = new Kind("winners16-smooth", 16, 0, 0.2);

    /** Thirty-two units. */
    public static final Kind WIDER_SMOOTH = new Kind("winners32-smooth", 32, 0, 0.5);

    /** Number of the layer whose activity is the code. */
    int layer() {
      return winners == 0 ? 0 : 1;
    }
  }

  private final Kind kind;
  private final Network network;
  private final double[] decoder;
  private final double[] offsets;

  private Code(Kind kind, Network network) {
    this.kind = kind;
    this.network = network;
    decoder = network.arrays().get("readout.weights").toDoubles();
    offsets = network.arrays().get("readout.bias").toDoubles();
  }

  /** The pairs that codes of a world are trained on. */
  static ViewPairs pairs(RingWorld world, long seed) {
    return new ViewPairs(world, BATCHES * PAIRS_OF_A_BATCH, SIGMA, seed);
  }

  /**
   * Trains a code; the caller closes it.
   *
   * @param views pairs of views of neighbouring stimuli
   * @throws IOException never, since no file is written
   */
  static Code train(Backend backend, Kind kind, ViewPairs views, long seed) throws IOException {
    Weights initial = Weights.normal(0, 1 / Math.sqrt(RingWorld.CHANNELS));
    NetworkBuilder builder =
        Network.on(backend)
            .sequence(RingWorld.CHANNELS)
            .dense(UNITS, Activation.RELU, Connection.dense(initial));
    if (kind.winners > 0) {
      builder.winners(kind.winners);
    }
    Network network = builder.readout(RingWorld.CHANNELS).build(seed);
    // The loss of the library is the mean over the outputs of the squared difference.
    double scale = 2.0 / RingWorld.CHANNELS;
    try {
      Training.of(network)
          .loss(new MeanSquaredError())
          .optimizer(Adam.rate(2e-3))
          .batch(2 * PAIRS_OF_A_BATCH)
          .epochs(UPDATES / BATCHES)
          .seed(seed)
          .regulariser(new ActivityL1(kind.layer(), scale * kind.l1))
          .regulariser(new Smoothness(kind.layer(), scale * kind.smooth))
          .run(views, null);
      return new Code(kind, network);
    } catch (IOException | RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  /** What it was trained for. */
  public Kind kind() {
    return kind;
  }

  /**
   * Codes of observations.
   *
   * @param observations [n][64]
   * @return [n][256]
   */
  public double[][] encode(float[] observations) {
    int count = observations.length / RingWorld.CHANNELS;
    double[][] codes = new double[count][];
    int most = Math.min(ENCODED_AT_ONCE, count);
    try (Pass pass = new Pass(network, PassShape.steps(most, 1, null))) {
      for (int from = 0; from < count; from += most) {
        int to = Math.min(count, from + most);
        float[] part =
            Arrays.copyOfRange(
                observations, from * RingWorld.CHANNELS, (from + most) * RingWorld.CHANNELS);
        pass.inputSteps().copyFrom(part);
        pass.forward();
        double[] h = ((Signal.Steps) pass.output(kind.layer())).values().toDoubles();
        for (int i = from; i < to; i++) {
          codes[i] = Arrays.copyOfRange(h, (i - from) * UNITS, (i - from + 1) * UNITS);
        }
      }
    }
    return codes;
  }

  /** The stimulus that a code stands for, [64]. */
  public double[] decode(double[] code) {
    double[] x = offsets.clone();
    for (int c = 0; c < x.length; c++) {
      for (int m = 0; m < UNITS; m++) {
        x[c] += decoder[c * UNITS + m] * code[m];
      }
    }
    return x;
  }

  @Override
  public void close() {
    network.close();
  }
}
