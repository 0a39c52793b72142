package io.tacet.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruState;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gradients of whole networks, without events, where the loss is smooth. */
class UnrollTest {
  private static final int STEPS = 5;
  private static final int BATCH = 3;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static RecurrentSpec language(int embedding, boolean tied, Integer... units) {
    return new RecurrentSpec(
        7,
        true,
        embedding,
        List.of(units),
        7,
        tied,
        true,
        true,
        0.3,
        DType.FLOAT64,
        EgruOptions.defaults().withoutEvents().zoneout(0.2));
  }

  private static void load(Unroll pass, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    if (pass.tokens() != null) {
      pass.tokens().copyFrom(random.ints(STEPS * BATCH, 0, 7).toArray());
    } else {
      pass.inputs().copyFrom(random.doubles(pass.inputs().length(), -1, 1).toArray());
    }
    pass.labels().copyFrom(random.ints(pass.labels().length(), 0, 4).toArray());
  }

  private static double loss(Unroll pass, List<EgruState> initial) {
    load(pass, 5);
    pass.forward(initial, null, 11);
    pass.loss(1);
    return Arrays.stream(pass.losses().toDoubles()).sum();
  }

  private static void gradientsAreDifferencesOfTheLoss(RecurrentSpec spec, Dropouts dropouts) {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, spec, 3);
        EgruState state = EgruState.zeros(java, DType.FLOAT64, BATCH, spec.units().get(0));
        Unroll pass = Unroll.training(network, STEPS, BATCH, dropouts)) {
      double[] start = new SplittableRandom(2).doubles(state.y().length(), -1, 1).toArray();
      state.y().copyFrom(start);
      state.h().copyFrom(start);
      List<EgruState> initial = spec.layers() == 1 ? List.of(state) : null;
      loss(pass, initial);
      network.zeroGradients();
      pass.backward(ActivityTarget.OFF);
      for (Parameter p : network.parameters()) {
        double[] gradient = p.gradient().toDoubles();
        double[] values = p.value().toDoubles();
        for (int k = 0; k < values.length; k += 1 + values.length / 20) {
          double step = 1e-5;
          double[] moved = values.clone();
          moved[k] = values[k] + step;
          p.value().copyFrom(moved);
          double above = loss(pass, initial);
          moved[k] = values[k] - step;
          p.value().copyFrom(moved);
          double below = loss(pass, initial);
          p.value().copyFrom(values);
          assertThat(gradient[k])
              .as(p.name() + "[" + k + "]")
              .isCloseTo((above - below) / (2 * step), within(1e-6));
        }
      }
    }
  }

  @Test
  void gradientsOfTokensThatSelectInputWeightsAreExact() {
    gradientsAreDifferencesOfTheLoss(language(0, false, 6), new Dropouts(0.3, 0, 0, 0.3, 0.4));
  }

  @Test
  void gradientsOfTiedEmbeddingsUnderAllDropoutsAreExact() {
    gradientsAreDifferencesOfTheLoss(
        language(5, true, 6, 5), new Dropouts(0.3, 0.2, 0.3, 0.2, 0.4));
  }

  @Test
  void everyLayerIsToldTheActivityToExpect() {
    RecurrentSpec spec =
        new RecurrentSpec(
            7,
            true,
            0,
            List.of(6, 5),
            7,
            false,
            true,
            true,
            0.3,
            DType.FLOAT64,
            EgruOptions.defaults());
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, spec, 3);
        Unroll pass = Unroll.inference(network, STEPS, BATCH)) {
      assertThat(pass.operationInputs(0).activity()).isNaN();
      pass.expect(List.of(0.25, 0.5));
      assertThat(pass.operationInputs(0).activity()).isEqualTo(0.25);
      assertThat(pass.operationInputs(1).activity()).isEqualTo(0.5);
      pass.expect(List.of());
      assertThat(pass.operationInputs(1).activity()).isNaN();
    }
  }

  private static RecurrentSpec classifier(boolean bidirectional) {
    return new RecurrentSpec(
        3,
        false,
        0,
        List.of(4, 5),
        4,
        false,
        false,
        true,
        0.3,
        DType.FLOAT64,
        EgruOptions.defaults().withoutEvents().zoneout(0.2),
        bidirectional,
        ThresholdDraw.BETA);
  }

  @Test
  void gradientsOfSequencesReadOutAtTheirEndAreExact() {
    gradientsAreDifferencesOfTheLoss(classifier(false), new Dropouts(0, 0.3, 0.3, 0.2, 0.2));
  }

  @Test
  void droppedInputsAreSilentOverTheWholeSequence() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, classifier(false), 3);
        Unroll pass = Unroll.training(network, STEPS, BATCH, new Dropouts(0, 0.5, 0, 0, 0))) {
      load(pass, 5);
      double[] ones = new double[Math.toIntExact(pass.inputs().length())];
      Arrays.fill(ones, 1);
      pass.inputs().copyFrom(ones);
      pass.forward(null, null, 11);
      double[] masked = pass.inputs().toDoubles();
      int row = BATCH * 3;
      assertThat(Arrays.copyOf(masked, row)).contains(0.0, 2.0);
      for (int k = 0; k < masked.length; k++) {
        assertThat(masked[k]).isEqualTo(masked[k % row]).isIn(0.0, 2.0);
      }
    }
  }

  @Test
  void droppedWordsWithoutEmbeddingSelectNoInputWeights() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, language(0, false, 6), 3);
        Unroll whole = Unroll.training(network, STEPS, BATCH, Dropouts.OFF);
        Unroll part = Unroll.training(network, STEPS, BATCH, new Dropouts(0.5, 0, 0, 0, 0))) {
      int used = rowsWithGradient(network, whole);
      assertThat(rowsWithGradient(network, part)).isBetween(1, used - 1);
    }
  }

  private static int rowsWithGradient(RecurrentNetwork network, Unroll pass) {
    loss(pass, null);
    network.zeroGradients();
    pass.backward(ActivityTarget.OFF);
    double[] gradient = network.gradient(0, "inputWeights").toDoubles();
    int rows = 0;
    for (int token = 0; token < 7; token++) {
      double[] row = Arrays.copyOfRange(gradient, 18 * token, 18 * (token + 1));
      rows += Arrays.stream(row).anyMatch(g -> g != 0) ? 1 : 0;
    }
    return rows;
  }

  @Test
  void dropoutOfWhatANetworkDoesNotHaveIsRefused() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork dense = RecurrentNetwork.build(java, classifier(false), 3);
        RecurrentNetwork tokens = RecurrentNetwork.build(java, language(0, false, 6), 3)) {
      Dropouts words = new Dropouts(0.1, 0, 0, 0, 0);
      assertThatThrownBy(() -> Unroll.training(dense, STEPS, BATCH, words))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--drop-word", "got 0.1", "--drop-input");
      Dropouts inputs = new Dropouts(0, 0.2, 0, 0, 0);
      assertThatThrownBy(() -> Unroll.training(tokens, STEPS, BATCH, inputs))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--drop-input", "got 0.2", "--embedding");
    }
  }

  @Test
  void gradientsOfStackedBidirectionalLayersAreExact() {
    gradientsAreDifferencesOfTheLoss(classifier(true), new Dropouts(0, 0, 0.3, 0.2, 0.2));
  }

  @Test
  void bidirectionalLayersReadTheSequenceFromItsEndToo() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, classifier(true), 3);
        Unroll pass = Unroll.inference(network, STEPS, BATCH)) {
      assertThat(network.arrays().get("layer0.reverse.recurrentWeights").length())
          .isEqualTo(4 * 12);
      assertThat(network.arrays().get("layer1.inputWeights").length()).isEqualTo(8 * 15);
      // With the same weights in both directions, but for the order of the halves that they read, a
      // sequence turned round by hand makes the directions change their roles.
      for (String what :
          new String[] {
            "inputWeights", "recurrentWeights", "inputBias", "recurrentBias", "thresholds"
          }) {
        for (int layer = 0; layer < 2; layer++) {
          String name = "layer" + layer + ".";
          network
              .arrays()
              .get(name + "reverse." + what)
              .copyFrom(network.arrays().get(name + what).toDoubles());
        }
      }
      swapHalves(network, "layer1.inputWeights", 4, 15);
      load(pass, 5);
      pass.forward(null, null, 0);
      double[] ahead = pass.logits().toDoubles();
      double[] x = pass.inputs().toDoubles();
      double[] turned = new double[x.length];
      int row = BATCH * 3;
      for (int t = 0; t < STEPS; t++) {
        System.arraycopy(x, t * row, turned, (STEPS - 1 - t) * row, row);
      }
      pass.inputs().copyFrom(turned);
      double[] readout = network.arrays().get("readout.weights").toDoubles();
      double[] swapped = readout.clone();
      for (int k = 0; k < readout.length; k++) {
        swapped[k] = readout[k / 10 * 10 + (k + 5) % 10];
      }
      network.arrays().get("readout.weights").copyFrom(swapped);
      pass.forward(null, null, 0);
      assertThat(pass.logits().toDoubles()).containsExactly(ahead, within(1e-12));
      assertThat(ahead[0]).isNotEqualTo(ahead[4]);
    }
  }

  /** Exchanges the rows that read one direction of the layer below with those of the other. */
  private static void swapHalves(RecurrentNetwork network, String name, int units, int columns) {
    double[] values = network.arrays().get(name).toDoubles();
    double[] swapped = new double[values.length];
    int half = units * columns;
    System.arraycopy(values, half, swapped, 0, half);
    System.arraycopy(values, 0, swapped, half, half);
    network.arrays().get(name).copyFrom(swapped);
  }

  @Test
  void aNetworkOfTokensIsNotBidirectional() {
    assertThatThrownBy(
            () ->
                new RecurrentSpec(
                    7,
                    true,
                    0,
                    List.of(4),
                    7,
                    false,
                    true,
                    true,
                    0.3,
                    DType.FLOAT64,
                    EgruOptions.defaults(),
                    true,
                    ThresholdDraw.BETA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("bidirectional", "token");
  }

  @Test
  void bidirectionalNetworksReturnFromTheirFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("network.tacet");
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, classifier(true), 3)) {
      network.save(file);
      try (RecurrentNetwork back = RecurrentNetwork.load(java, file)) {
        assertThat(back.spec()).isEqualTo(network.spec());
        network
            .arrays()
            .forEach(
                (name, array) ->
                    assertThat(back.arrays().get(name).toDoubles())
                        .as(name)
                        .containsExactly(array.toDoubles()));
      }
    }
  }

  @Test
  void thresholdsHaveTheMeanThatWasAskedFor() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, language(0, false, 4000), 1)) {
      double[] thresholds = network.arrays().get("layer0.thresholds").toDoubles();
      // Beta(9/7, 3) has deviation 0.199.
      assertThat(Arrays.stream(thresholds).average().orElseThrow()).isCloseTo(0.3, within(0.01));
      assertThat(Arrays.stream(thresholds).map(t -> (t - 0.3) * (t - 0.3)).average().orElseThrow())
          .isCloseTo(0.0397, within(0.003));
    }
  }

  private static RecurrentSpec singlePrecision(ThresholdDraw draw, double mean, int units) {
    return new RecurrentSpec(
        3,
        false,
        0,
        List.of(units),
        4,
        false,
        false,
        true,
        mean,
        DType.FLOAT32,
        EgruOptions.defaults(),
        false,
        draw);
  }

  @Test
  void thresholdsMayBeTheSigmoidOfNormalNumbers() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network =
            RecurrentNetwork.build(java, singlePrecision(ThresholdDraw.SIGMOID, -1, 4000), 1)) {
      double[] logits =
          Arrays.stream(network.arrays().get("layer0.thresholds").toDoubles())
              .map(t -> Math.log(t / (1 - t)))
              .toArray();
      double mean = Arrays.stream(logits).average().orElseThrow();
      assertThat(mean).isCloseTo(-1, within(0.1));
      assertThat(Arrays.stream(logits).map(l -> (l - mean) * (l - mean)).average().orElseThrow())
          .isCloseTo(2, within(0.2));
    }
    assertThatThrownBy(() -> singlePrecision(ThresholdDraw.BETA, -1, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("thresholdMean", "(0, 1)", "-1");
  }

  @Test
  void smallerTapesGiveTheSameGradientsUpToTheirRounding() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network =
            RecurrentNetwork.build(java, singlePrecision(ThresholdDraw.BETA, 0.1, 32), 1)) {
      double[] exact = gradient(network, TapeKind.FULL, 20.2);
      double scale = Arrays.stream(exact).map(Math::abs).max().orElseThrow();
      assertThat(gradient(network, TapeKind.RECOMPUTE, 16.2))
          .containsExactly(exact, within(1e-6 * scale));
      assertThat(gradient(network, TapeKind.BFLOAT16, 12.2))
          .containsExactly(exact, within(0.02 * scale));
      assertThat(gradient(network, TapeKind.SMALLEST, 10.2))
          .containsExactly(exact, within(0.02 * scale));
    }
  }

  /** Gradient of the recurrent weights with a tape of at most so many bytes for each number. */
  private static double[] gradient(RecurrentNetwork network, TapeKind kind, double bytes) {
    try (Unroll pass = Unroll.training(network, STEPS, BATCH, Dropouts.OFF, kind)) {
      assertThat((double) pass.tape(0).bytes() / (STEPS * BATCH * 32)).isLessThan(bytes);
      loss(pass, null);
      network.zeroGradients();
      pass.backward(ActivityTarget.OFF);
      return network.gradient(0, "recurrentWeights").toDoubles();
    }
  }

  @Test
  void bfloat16TapesAreForSinglePrecision() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, classifier(false), 3)) {
      assertThatThrownBy(
              () -> Unroll.training(network, STEPS, BATCH, Dropouts.OFF, TapeKind.BFLOAT16))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tape", "RECOMPUTE", "BFLOAT16", "--precision single");
    }
  }

  @Test
  void theActivityOfStepsIsThatOfTheirEvents() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network =
            RecurrentNetwork.build(java, singlePrecision(ThresholdDraw.BETA, 0.1, 40), 1);
        Unroll pass = Unroll.training(network, STEPS, BATCH, Dropouts.OFF)) {
      loss(pass, null);
      double[] activity = pass.activityBySteps(0);
      assertThat(activity).hasSize(STEPS);
      assertThat(Arrays.stream(activity).sum() * BATCH * 40)
          .isCloseTo((double) pass.events(0), within(1e-9));
      // A sequence that ends earlier has the same events until then.
      try (Unroll first = Unroll.training(network, 1, BATCH, Dropouts.OFF)) {
        first.inputs().copyFrom(Arrays.copyOf(pass.inputs().toDoubles(), BATCH * 3));
        first.forward(null, null, 11);
        assertThat(first.events(0) / (BATCH * 40.0)).isCloseTo(activity[0], within(1e-12));
      }
    }
  }
}
