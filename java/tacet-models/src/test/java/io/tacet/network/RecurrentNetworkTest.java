package io.tacet.network;

import static io.tacet.Close.assertClose;
import static io.tacet.network.RecurrentNetworks.BATCH;
import static io.tacet.network.RecurrentNetworks.CHANNELS;
import static io.tacet.network.RecurrentNetworks.STEPS;
import static io.tacet.network.RecurrentNetworks.array;
import static io.tacet.network.RecurrentNetworks.build;
import static io.tacet.network.RecurrentNetworks.classifier;
import static io.tacet.network.RecurrentNetworks.inference;
import static io.tacet.network.RecurrentNetworks.language;
import static io.tacet.network.RecurrentNetworks.load;
import static io.tacet.network.RecurrentNetworks.singlePrecision;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recurrent networks: both directions, thresholds, files. */
class RecurrentNetworkTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void bidirectionalLayersReadTheSequenceFromItsEndToo() {
    try (Backend java = Backends.open("java");
        Network network = build(java, classifier(true));
        Pass pass = inference(network)) {
      assertThat(array(network, "layer0.reverse.recurrentWeights")).hasSize(4 * 12);
      assertThat(array(network, "layer1.inputWeights")).hasSize(8 * 15);
      // With the same weights in both directions, but for the order of the halves that they read, a
      // sequence turned round by hand makes the directions change their roles.
      copyDirections(network);
      swapHalves(network, "layer1.inputWeights", 4, 15);
      load(pass, 5);
      pass.forward(0);
      double[] ahead = pass.values().toDoubles();
      double[] x = pass.inputSteps().toDoubles();
      double[] turned = new double[x.length];
      int row = BATCH * CHANNELS;
      for (int t = 0; t < STEPS; t++) {
        System.arraycopy(x, t * row, turned, (STEPS - 1 - t) * row, row);
      }
      pass.inputSteps().copyFrom(turned);
      double[] readout = array(network, "readout.weights");
      double[] swapped = readout.clone();
      for (int k = 0; k < readout.length; k++) {
        swapped[k] = readout[k / 10 * 10 + (k + 5) % 10];
      }
      network.arrays().get("readout.weights").copyFrom(swapped);
      pass.forward(0);
      assertClose(pass.values().toDoubles(), ahead, 1e-12);
      assertThat(ahead[0]).isNotEqualTo(ahead[4]);
    }
  }

  private static void copyDirections(Network network) {
    for (String what :
        new String[] {
          "inputWeights", "recurrentWeights", "inputBias", "recurrentBias", "thresholds"
        }) {
      for (int layer = 0; layer < 2; layer++) {
        String name = "layer" + layer + ".";
        network.arrays().get(name + "reverse." + what).copyFrom(array(network, name + what));
      }
    }
  }

  /** Exchanges the rows that read one direction of the layer below with those of the other. */
  private static void swapHalves(Network network, String name, int units, int columns) {
    double[] values = array(network, name);
    double[] swapped = new double[values.length];
    int half = units * columns;
    System.arraycopy(values, half, swapped, 0, half);
    System.arraycopy(values, 0, swapped, half, half);
    network.arrays().get(name).copyFrom(swapped);
  }

  @Test
  void aLayerBackwardInTimeIsOneForwardOverTheReversedSequence() {
    int steps = 7;
    int batch = 2;
    double[] x = new SplittableRandom(4).doubles(3L * steps * batch, -1, 1).toArray();
    double[] reversed = new double[x.length];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(x, t * batch * 3, reversed, (steps - 1 - t) * batch * 3, batch * 3);
    }
    try (Backend java = Backends.open("java")) {
      for (EgruVariant variant : EgruVariant.values()) {
        double[] ahead = values(java, Direction.FORWARD, variant, reversed, steps, batch);
        double[] back = values(java, Direction.BACKWARD, variant, x, steps, batch);
        int row = batch * 5;
        for (int t = 0; t < steps; t++) {
          assertThat(Arrays.copyOfRange(back, t * row, (t + 1) * row))
              .isEqualTo(Arrays.copyOfRange(ahead, (steps - 1 - t) * row, (steps - t) * row));
        }
      }
    }
  }

  /** What a layer sends at every step. */
  private static double[] values(
      Backend java, Direction direction, EgruVariant variant, double[] x, int steps, int batch) {
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .sequence(3)
            .egru(5, Egru.defaults().variant(variant).direction(direction))
            .readoutOfEveryStep(2)
            .spec();
    try (Network network = Network.build(java, spec, 8);
        Pass pass = new Pass(network, PassShape.steps(batch, steps, null))) {
      pass.inputSteps().copyFrom(x);
      pass.forward();
      return ((Signal.Steps) pass.output(0)).values().toDoubles();
    }
  }

  @Test
  void aNetworkOfTokensIsNotReversed() {
    NetworkBuilder builder =
        NetworkSpec.builder()
            .tokens(7)
            .egru(4, Egru.defaults().direction(Direction.BACKWARD))
            .nextToken(false);
    assertThatThrownBy(builder::spec)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("reversed", "token");
  }

  @Test
  void aNetworkOfTokensIsNotBidirectional() {
    NetworkBuilder builder =
        NetworkSpec.builder().tokens(7).egru(4, Egru.defaults().bothDirections()).nextToken(false);
    assertThatThrownBy(builder::spec)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("bidirectional", "token");
  }

  @Test
  void aTiedReadoutNeedsATableOfItsShape() {
    int[][] units = {{5}, {5}, {6, 5}};
    int[] columns = {0, 6, 6};
    for (int k = 0; k < units.length; k++) {
      int at = k;
      assertThatThrownBy(() -> language(columns[at], true, units[at]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tied", "embedding of 5 columns");
    }
  }

  @Test
  void bidirectionalNetworksReturnFromTheirFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("network.tacet");
    try (Backend java = Backends.open("java");
        Network network = build(java, classifier(true))) {
      network.save(file);
      try (Network back = Network.load(java, file)) {
        assertThat(back.spec()).isEqualTo(network.spec());
        network
            .arrays()
            .forEach(
                (name, values) ->
                    assertThat(array(back, name)).as(name).isEqualTo(values.toDoubles()));
      }
    }
  }

  @Test
  void thresholdsHaveTheMeanThatWasAskedFor() {
    try (Backend java = Backends.open("java");
        Network network = build(java, language(0, false, 1500))) {
      double[] thresholds = array(network, "layer0.thresholds");
      // Beta(9/7, 3) has deviation 0.199.
      assertThat(Arrays.stream(thresholds).average().orElseThrow()).isCloseTo(0.3, within(0.02));
      assertThat(Arrays.stream(thresholds).map(t -> (t - 0.3) * (t - 0.3)).average().orElseThrow())
          .isCloseTo(0.0397, within(0.005));
    }
  }

  @Test
  void thresholdsMayBeTheSigmoidOfNormalNumbers() {
    try (Backend java = Backends.open("java");
        Network network = build(java, singlePrecision(ThresholdDraw.SIGMOID, -1, 1500))) {
      double[] logits =
          Arrays.stream(array(network, "layer0.thresholds"))
              .map(t -> Math.log(t / (1 - t)))
              .toArray();
      double mean = Arrays.stream(logits).average().orElseThrow();
      assertThat(mean).isCloseTo(-1, within(0.15));
      assertThat(Arrays.stream(logits).map(l -> (l - mean) * (l - mean)).average().orElseThrow())
          .isCloseTo(2, within(0.3));
    }
    assertThatThrownBy(() -> singlePrecision(ThresholdDraw.BETA, -1, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("thresholdMean", "(0, 1)", "-1");
  }
}
