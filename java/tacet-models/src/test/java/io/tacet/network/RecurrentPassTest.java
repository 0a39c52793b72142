package io.tacet.network;

import static io.tacet.Close.assertClose;
import static io.tacet.network.RecurrentNetworks.BATCH;
import static io.tacet.network.RecurrentNetworks.CHANNELS;
import static io.tacet.network.RecurrentNetworks.STEPS;
import static io.tacet.network.RecurrentNetworks.TOKENS;
import static io.tacet.network.RecurrentNetworks.build;
import static io.tacet.network.RecurrentNetworks.classifier;
import static io.tacet.network.RecurrentNetworks.gradientsAreDifferencesOfTheLoss;
import static io.tacet.network.RecurrentNetworks.inference;
import static io.tacet.network.RecurrentNetworks.language;
import static io.tacet.network.RecurrentNetworks.load;
import static io.tacet.network.RecurrentNetworks.loss;
import static io.tacet.network.RecurrentNetworks.singlePrecision;
import static io.tacet.network.RecurrentNetworks.training;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.cells.EgruCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Passes over steps: gradients of whole networks, dropout, tapes and counted events. */
class RecurrentPassTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
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
  void gradientsOfSequencesReadOutAtTheirEndAreExact() {
    gradientsAreDifferencesOfTheLoss(classifier(false), new Dropouts(0, 0.3, 0.3, 0.2, 0.2));
  }

  @Test
  void gradientsOfStackedBidirectionalLayersAreExact() {
    gradientsAreDifferencesOfTheLoss(classifier(true), new Dropouts(0, 0, 0.3, 0.2, 0.2));
  }

  @Test
  void gradientsOfAGruBelowLayersReadOutAtEveryStepAreExact() {
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .sequence(CHANNELS)
            .gru(4)
            .gru(3)
            .readoutOfEveryStep(4)
            .spec();
    gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0.2, 0.3, 0.2, 0.2));
  }

  @Test
  void gradientsOfPlainAndDenseLayersReadOutAtTheirEndAreExact() {
    for (Activation activation : Activation.values()) {
      NetworkSpec spec =
          NetworkSpec.builder()
              .precision(DType.FLOAT64)
              .sequence(CHANNELS)
              .rnn(4, activation)
              .dense(5, activation)
              .rnn(4, Activation.TANH)
              .readout(4)
              .spec();
      gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0.2, 0.3, 0.2, 0.2));
    }
  }

  @Test
  void gradientsOfGatedAndPlainLayersUnderEachOtherAreExact() {
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .sequence(CHANNELS)
            .dense(4, Activation.IDENTITY)
            .gru(3)
            .rnn(4, Activation.SIGMOID)
            .gru(3)
            .readoutOfLastStep(4)
            .spec();
    gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0.2, 0.3, 0.2, 0.2));
  }

  @Test
  void gradientsOfPlainLayersReadOutAtEveryStepAreExact() {
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .tokens(TOKENS)
            .embedding(5)
            .rnn(5, Activation.TANH)
            .nextToken(true)
            .spec();
    gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0.3, 0.2, 0, 0.2, 0.4));
  }

  @Test
  void gradientsOfLayersThatGoBackwardInTimeAreExact() {
    Egru back =
        Egru.defaults().with(EgruOptions.defaults().withoutEvents()).direction(Direction.BACKWARD);
    for (EgruVariant variant : EgruVariant.values()) {
      NetworkSpec spec =
          NetworkSpec.builder()
              .precision(DType.FLOAT64)
              .sequence(CHANNELS)
              .egru(4, back.variant(variant))
              .egru(5, back.variant(variant).direction(Direction.FORWARD))
              .egru(
                  3, back.variant(variant).zoneout(0.2), Connection.sparse(0.6), Connection.dense())
              .readout(4)
              .spec();
      gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0.2, 0.3, 0.2, 0.2));
    }
  }

  @Test
  void plainLayersCarryTheirStateFromChunkToChunk() {
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .sequence(CHANNELS)
            .rnn(6, Activation.TANH)
            .rnn(5, Activation.SIGMOID)
            .readoutOfEveryStep(4)
            .spec();
    int half = STEPS / 2;
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        NetworkState state = network.state(BATCH);
        Pass whole = inference(network);
        Pass first = new Pass(network, PassShape.steps(BATCH, half, null));
        Pass second = new Pass(network, PassShape.steps(BATCH, STEPS - half, null))) {
      load(whole, 5);
      whole.forward();
      double[] inputs = whole.inputSteps().toDoubles();
      int cut = half * BATCH * CHANNELS;
      first.inputSteps().copyFrom(Arrays.copyOf(inputs, cut));
      first.forward(0, state);
      state.advance();
      second.inputSteps().copyFrom(Arrays.copyOfRange(inputs, cut, inputs.length));
      second.forward(0, state);
      double[] all = whole.values().toDoubles();
      double[] later = Arrays.copyOfRange(all, half * BATCH * 4, all.length);
      assertClose(first.values().toDoubles(), Arrays.copyOf(all, half * BATCH * 4), 1e-12);
      assertClose(second.values().toDoubles(), later, 1e-12);
    }
  }

  @Test
  void everyLayerIsToldTheActivityToExpect() {
    List<Double> told = new ArrayList<>();
    NetworkSpec spec =
        new NetworkSpec(
            new InputSpec.Tokens(TOKENS),
            DType.FLOAT64,
            List.of(
                listening(egru(6), told),
                listening(egru(5), told),
                new LinearReadout.Spec(TOKENS, Reads.EVERY_STEP, false)));
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass pass = inference(network)) {
      assertThat(told).isEmpty();
      pass.expect(List.of(0.25, 0.5));
      pass.expect(List.of());
      assertThat(told).containsExactly(0.25, 0.5, Double.NaN, Double.NaN);
    }
  }

  private static LayerSpec egru(int units) {
    return new EgruCell.Spec(units, Egru.defaults(), Connection.dense(), Connection.dense());
  }

  /** The same layer, of which it is written down what activity its passes are told to expect. */
  private static LayerSpec listening(LayerSpec spec, List<Double> told) {
    return watched(
        LayerSpec.class,
        spec,
        "create",
        layer ->
            watched(
                Layer.class,
                (Layer) layer,
                "room",
                pass ->
                    Proxy.newProxyInstance(
                        LayerPass.class.getClassLoader(),
                        new Class<?>[] {LayerPass.class},
                        (proxy, method, arguments) -> {
                          if (method.getName().equals("expect")) {
                            told.add((Double) arguments[0]);
                          }
                          return call(method, pass, arguments);
                        })));
  }

  private static <T> T watched(
      Class<T> type, T real, String method, java.util.function.UnaryOperator<Object> result) {
    InvocationHandler handler =
        (proxy, called, arguments) -> {
          Object value = call(called, real, arguments);
          if (value == real) {
            return proxy;
          }
          return called.getName().equals(method) ? result.apply(value) : value;
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(java.lang.reflect.Method method, Object real, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void droppedInputsAreSilentOverTheWholeSequence() {
    try (Backend java = Backends.open("java");
        Network network = build(java, classifier(false));
        Pass pass = training(network, new Dropouts(0, 0.5, 0, 0, 0))) {
      load(pass, 5);
      double[] ones = new double[Math.toIntExact(pass.inputSteps().length())];
      Arrays.fill(ones, 1);
      pass.inputSteps().copyFrom(ones);
      pass.forward(11);
      double[] masked = pass.inputSteps().toDoubles();
      int row = BATCH * CHANNELS;
      assertThat(Arrays.copyOf(masked, row)).contains(0.0, 2.0);
      for (int k = 0; k < masked.length; k++) {
        assertThat(masked[k]).isEqualTo(masked[k % row]).isIn(0.0, 2.0);
      }
    }
  }

  @Test
  void droppedWordsWithoutEmbeddingSelectNoInputWeights() {
    try (Backend java = Backends.open("java");
        Network network = build(java, language(0, false, 6));
        Pass whole = training(network, Dropouts.OFF);
        Pass part = training(network, new Dropouts(0.5, 0, 0, 0, 0))) {
      int used = rowsWithGradient(whole);
      assertThat(rowsWithGradient(part)).isBetween(1, used - 1);
    }
  }

  private static int rowsWithGradient(Pass pass) {
    double[] gradient = RecurrentNetworks.gradient(pass, "layer0.inputWeights");
    int rows = 0;
    for (int token = 0; token < TOKENS; token++) {
      double[] row = Arrays.copyOfRange(gradient, 18 * token, 18 * (token + 1));
      rows += Arrays.stream(row).anyMatch(g -> g != 0) ? 1 : 0;
    }
    return rows;
  }

  @Test
  void dropoutOfWhatANetworkDoesNotHaveIsRefused() {
    try (Backend java = Backends.open("java");
        Network dense = build(java, classifier(false));
        Network tokens = build(java, language(0, false, 6))) {
      assertThatThrownBy(() -> training(dense, new Dropouts(0.1, 0, 0, 0, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--drop-word", "got 0.1", "--drop-input");
      assertThatThrownBy(() -> training(tokens, new Dropouts(0, 0.2, 0, 0, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--drop-input", "got 0.2", "--embedding");
    }
  }

  @Test
  void smallerTapesGiveTheSameGradientsUpToTheirRounding() {
    try (Backend java = Backends.open("java");
        Network network = build(java, singlePrecision(ThresholdDraw.BETA, 0.1, 32))) {
      double[] exact = gradientWith(network, TapeKind.FULL, 20.2);
      double scale = Arrays.stream(exact).map(Math::abs).max().orElseThrow();
      assertClose(gradientWith(network, TapeKind.RECOMPUTE, 16.2), exact, 1e-6 * scale);
      assertClose(gradientWith(network, TapeKind.BFLOAT16, 12.2), exact, 0.02 * scale);
      assertClose(gradientWith(network, TapeKind.SMALLEST, 10.2), exact, 0.02 * scale);
    }
  }

  /** Gradient of the recurrent weights with a tape of at most so many bytes for each number. */
  private static double[] gradientWith(Network network, TapeKind kind, double bytes) {
    try (EgruTape tape = kind.room(network.backend(), DType.FLOAT32, STEPS, BATCH, 32)) {
      assertThat((double) tape.bytes() / (STEPS * BATCH * 32)).isLessThan(bytes);
    }
    try (Pass pass = training(network, Dropouts.OFF, kind)) {
      return RecurrentNetworks.gradient(pass, "layer0.recurrentWeights");
    }
  }

  @Test
  void bfloat16TapesAreForSinglePrecision() {
    try (Backend java = Backends.open("java");
        Network network = build(java, classifier(false))) {
      assertThatThrownBy(() -> training(network, Dropouts.OFF, TapeKind.BFLOAT16))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tape", "RECOMPUTE", "BFLOAT16", "--precision single");
    }
  }

  @Test
  void theActivityOfStepsIsThatOfTheirEvents() {
    PassShape oneStep = PassShape.steps(BATCH, 1, TrainingOptions.PLAIN);
    try (Backend java = Backends.open("java");
        Network network = build(java, singlePrecision(ThresholdDraw.BETA, 0.1, 40));
        Pass pass = training(network, Dropouts.OFF);
        Pass first = new Pass(network, oneStep)) {
      loss(pass, null);
      double[] activity = pass.activityBySteps().get(0);
      assertThat(activity).hasSize(STEPS);
      assertThat(Arrays.stream(activity).sum() * BATCH * 40)
          .isPositive()
          .isCloseTo(events(pass), within(1e-9));
      // A sequence that ends earlier has the same events until then.
      double[] inputs = pass.inputSteps().toDoubles();
      first.inputSteps().copyFrom(Arrays.copyOf(inputs, BATCH * CHANNELS));
      first.forward(11);
      assertThat(events(first) / (BATCH * 40.0)).isCloseTo(activity[0], within(1e-12));
    }
  }

  private static double events(Pass pass) {
    return pass.counters().get(0).stream().mapToLong(EventCounter::total).sum();
  }
}
