package io.tacet.network;

import static io.tacet.network.RecurrentNetworks.build;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.optim.Parameter;
import io.tacet.training.ActivityL1;
import io.tacet.training.ActivityTarget;
import io.tacet.training.CrossEntropy;
import io.tacet.training.MeanSquaredError;
import io.tacet.training.Regulariser;
import io.tacet.training.Smoothness;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sequences of different lengths in one batch: each is what it is alone, values to the last bit and
 * gradients up to rounding, whose sums over steps have other groups.
 */
class LengthsTest {
  private static final int STEPS = 12;
  private static final int CHANNELS = 4;
  private static final int TOKENS = 7;
  private static final int[] LENGTHS = {5, 12, 1, 8};
  private static final int BATCH = LENGTHS.length;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments network(String name, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layers);
  }

  private static Egru events() {
    return Egru.defaults().thresholds(0.1);
  }

  private static Egru plain() {
    return Egru.defaults().with(EgruOptions.defaults().withoutEvents());
  }

  static Stream<Arguments> oneDirection() {
    Egru paper = events().variant(EgruVariant.PAPER);
    Connection sparse = Connection.sparse(0.6);
    return Stream.of(
        network("a trace", b -> b.sequence(CHANNELS).egru(6, events()).readout(TOKENS)),
        network(
            "the last step",
            b -> b.sequence(CHANNELS).egru(6, events()).gru(5).readoutOfLastStep(TOKENS)),
        network(
            "the paper's, with sparse weights",
            b ->
                b.sequence(CHANNELS).egru(6, paper, sparse, sparse).egru(5, paper).readout(TOKENS)),
        network(
            "plain units",
            b ->
                b.sequence(CHANNELS)
                    .rnn(6, Activation.TANH)
                    .rnn(5, Activation.IDENTITY)
                    .readoutOfLastStep(TOKENS)),
        network(
            "a mixture",
            b ->
                b.sequence(CHANNELS)
                    .dense(5, Activation.SIGMOID)
                    .egru(6, events())
                    .rnn(6, Activation.SIGMOID)
                    .dense(6, Activation.SIGMOID)
                    .winners(3)
                    .gainControl(0.5)
                    .readoutOfLastStep(TOKENS)));
  }

  static Stream<Arguments> networks() {
    Egru both = events().bothDirections();
    return Stream.concat(
        oneDirection(),
        Stream.of(
            network(
                "every step",
                b -> b.sequence(CHANNELS).rnn(6, Activation.TANH).readoutOfEveryStep(TOKENS)),
            network(
                "tokens", b -> b.tokens(TOKENS).embedding(5).egru(6, events()).nextToken(false)),
            network("tokens that select weights", b -> b.tokens(TOKENS).gru(5).nextToken(false)),
            network(
                "both directions",
                b -> b.sequence(CHANNELS).egru(6, both).egru(5, both).readout(TOKENS)),
            network(
                "both directions at the last step",
                b -> b.sequence(CHANNELS).egru(6, both).readoutOfLastStep(TOKENS)),
            network(
                "both directions at every step",
                b ->
                    b.sequence(CHANNELS)
                        .egru(6, both.variant(EgruVariant.PAPER))
                        .rnn(5, Activation.TANH)
                        .readoutOfEveryStep(TOKENS)),
            network(
                "backward in time",
                b ->
                    b.sequence(CHANNELS)
                        .dense(5, Activation.SIGMOID)
                        .egru(6, plain().direction(Direction.BACKWARD))
                        .readout(TOKENS))));
  }

  private static NetworkSpec spec(UnaryOperator<NetworkBuilder> layers, DType type) {
    return layers.apply(NetworkSpec.builder().precision(type)).spec();
  }

  private static final class Data {
    final double[][] inputs = new double[BATCH][];
    final int[][] tokens = new int[BATCH][];
    final int[][] labels = new int[BATCH][];

    Data(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int b = 0; b < BATCH; b++) {
        inputs[b] = random.doubles((long) STEPS * CHANNELS, -2, 2).toArray();
        tokens[b] = random.ints(STEPS, 0, TOKENS).toArray();
        labels[b] = random.ints(STEPS, 0, TOKENS).toArray();
      }
    }

    /** Some samples in a pass; what is beyond their ends is padding. */
    void load(Pass pass, double padding, int... samples) {
      int batch = samples.length;
      boolean everyStep = pass.network().spec().readsEveryStep();
      double[] values = new double[pass.steps() * batch * CHANNELS];
      int[] rows = new int[pass.steps() * batch];
      int[] classes = new int[everyStep ? rows.length : batch];
      for (int row = 0; row < rows.length; row++) {
        int sample = samples[row % batch];
        int t = row / batch;
        boolean within = t < LENGTHS[sample];
        for (int c = 0; c < CHANNELS; c++) {
          values[row * CHANNELS + c] = within ? inputs[sample][t * CHANNELS + c] : padding;
        }
        rows[row] = within ? tokens[sample][t] : TOKENS - 1;
        if (everyStep) {
          classes[row] = labels[sample][t];
        } else if (t == 0) {
          classes[row] = labels[sample][0];
        }
      }
      if (pass.inputTokens() == null) {
        pass.inputSteps().copyFrom(values);
      } else {
        pass.inputTokens().copyFrom(rows);
      }
      pass.label(classes);
    }
  }

  private static double[] gradients(Network network) {
    return network.parameters().stream()
        .map(Parameter::gradient)
        .map(DeviceArray::toDoubles)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  /** Values before a loss replaces them by their errors, and gradients. */
  private record Result(double[] values, double[] gradients) {}

  /** A pass forward and backward, with or without terms that regularise activity. */
  private static Result run(Pass pass, boolean regularised) {
    pass.network().zeroGradients();
    pass.forward(11);
    double[] values = pass.values().toDoubles();
    new CrossEntropy().evaluate(pass);
    if (regularised) {
      new ActivityTarget(0.5, 0.05).apply(pass);
      if (pass.network().spec().layers().size() > 1) {
        new ActivityL1(0, 0.1).apply(pass);
      }
    }
    pass.backward();
    return new Result(values, gradients(pass.network()));
  }

  private static Pass training(Network network, int batch, int steps) {
    return new Pass(network, PassShape.steps(batch, steps, TrainingOptions.PLAIN));
  }

  /** Rows of the values that are within a sample. */
  private static double[] valuesOf(Pass pass, double[] all, int place, int length) {
    int outputs = pass.network().spec().outputs();
    int rows = pass.network().spec().readsEveryStep() ? length : 1;
    double[] own = new double[rows * outputs];
    for (int t = 0; t < rows; t++) {
      System.arraycopy(all, (t * pass.batch() + place) * outputs, own, t * outputs, outputs);
    }
    return own;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void aSampleOfABatchIsWhatItIsAlone(String name, UnaryOperator<NetworkBuilder> layers) {
    for (DType type : new DType[] {DType.FLOAT64, DType.FLOAT32}) {
      double rounding = type == DType.FLOAT64 ? 1e-13 : 1e-6;
      Data data = new Data(5);
      try (Backend java = Backends.open("java");
          Network network = build(java, spec(layers, type));
          Pass together = training(network, BATCH, STEPS)) {
        boolean everyStep = network.spec().readsEveryStep();
        double weights = everyStep ? Arrays.stream(LENGTHS).sum() : BATCH;
        together.lengths(LENGTHS);
        // Twice, since a pass is used again.
        for (int k = 0; k < 2; k++) {
          data.load(together, Double.NaN, 0, 1, 2, 3);
          Result batch = run(together, false);
          double[] losses = together.losses().toDoubles();
          double[] sum = new double[batch.gradients.length];
          double loss = 0;
          for (int b = 0; b < BATCH; b++) {
            try (Pass alone = training(network, 1, LENGTHS[b]);
                Pass padded = training(network, 1, STEPS)) {
              data.load(alone, 0, b);
              Result own = run(alone, false);
              same(valuesOf(together, batch.values, b, LENGTHS[b]), own.values, 0);
              double weight = (everyStep ? LENGTHS[b] : 1) / weights;
              Arrays.setAll(sum, i -> sum[i] + weight * own.gradients[i]);
              loss += Arrays.stream(alone.losses().toDoubles()).sum();
              padded.lengths(new int[] {LENGTHS[b]});
              data.load(padded, Double.POSITIVE_INFINITY, b);
              Result longer = run(padded, false);
              same(valuesOf(padded, longer.values, 0, LENGTHS[b]), own.values, 0);
              same(longer.gradients, own.gradients, rounding);
              // With terms that are not 0 where there is nothing.
              data.load(alone, 0, b);
              double[] pushed = run(alone, true).gradients;
              data.load(padded, Double.NaN, b);
              same(run(padded, true).gradients, pushed, rounding);
            }
          }
          same(batch.gradients, sum, rounding);
          assertThat(Arrays.stream(sum).anyMatch(g -> g != 0)).isTrue();
          assertThat(Arrays.stream(losses).sum()).isCloseTo(loss, within(20 * rounding));
        }
      }
    }
  }

  private static void same(double[] found, double[] expected, double most) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("number %d", i).isCloseTo(expected[i], within(most));
    }
  }

  private static double loss(Pass pass, Data data) {
    data.load(pass, Double.NaN, 0, 1, 2, 3);
    pass.forward(11);
    new CrossEntropy().evaluate(pass);
    return Arrays.stream(pass.losses().toDoubles()).sum() / pass.rows();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("smooth")
  void gradientsAreDifferencesOfTheLoss(String name, UnaryOperator<NetworkBuilder> layers) {
    Data data = new Data(6);
    Dropouts dropouts = name.equals("tokens") ? Dropouts.OFF : new Dropouts(0, 0.2, 0.3, 0.2, 0.2);
    TrainingOptions options = new TrainingOptions(dropouts, TapeKind.FULL);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec(layers, DType.FLOAT64));
        Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, options))) {
      pass.lengths(LENGTHS);
      loss(pass, data);
      network.zeroGradients();
      pass.backward();
      for (Parameter p : network.parameters()) {
        double[] gradient = p.gradient().toDoubles();
        double[] values = p.value().toDoubles();
        for (int k = 0; k < values.length; k += 1 + values.length / 15) {
          double[] moved = values.clone();
          moved[k] = values[k] + 1e-5;
          p.value().copyFrom(moved);
          double above = loss(pass, data);
          moved[k] = values[k] - 1e-5;
          p.value().copyFrom(moved);
          double below = loss(pass, data);
          p.value().copyFrom(values);
          assertThat(gradient[k])
              .as(p.name() + "[" + k + "]")
              .isCloseTo((above - below) / 2e-5, within(1e-7));
        }
      }
    }
  }

  static Stream<Arguments> smooth() {
    Egru both = plain().bothDirections();
    return Stream.of(
        network(
            "both directions",
            b -> b.sequence(CHANNELS).egru(4, both).egru(3, both).readout(TOKENS)),
        network(
            "plain units below a trace",
            b ->
                b.sequence(CHANNELS)
                    .rnn(4, Activation.TANH)
                    .dense(4, Activation.SIGMOID)
                    .gru(3)
                    .readout(TOKENS)),
        network(
            "every step",
            b -> b.sequence(CHANNELS).gru(4).rnn(4, Activation.TANH).readoutOfEveryStep(TOKENS)),
        network("tokens", b -> b.tokens(TOKENS).embedding(4).gru(4).nextToken(true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oneDirection")
  void segmentsHaveTheGradientOfTheWhole(String name, UnaryOperator<NetworkBuilder> layers) {
    Data data = new Data(7);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec(layers, DType.FLOAT64));
        Pass whole = training(network, BATCH, STEPS)) {
      whole.lengths(LENGTHS);
      data.load(whole, Double.NaN, 0, 1, 2, 3);
      Result expected = run(whole, false);
      long possible = possible(whole);
      for (int segment : new int[] {1, 3, 4, 6}) {
        TrainingOptions options = new TrainingOptions(Dropouts.OFF, TapeKind.FULL, segment);
        try (Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, options))) {
          // Between passes over whole sequences, whose arrays are the same.
          data.load(pass, 0.5, 0, 1, 2, 3);
          Result before = run(pass, false);
          pass.lengths(LENGTHS);
          data.load(pass, Double.NaN, 0, 1, 2, 3);
          Result found = run(pass, false);
          same(found.values, expected.values, 1e-13);
          same(found.gradients, expected.gradients, 1e-12);
          assertThat(possible(pass)).isEqualTo(possible);
          pass.lengths(null);
          data.load(pass, 0.5, 0, 1, 2, 3);
          same(run(pass, false).gradients, before.gradients, 0);
        }
      }
    }
  }

  private static long possible(Pass pass) {
    return pass.counters().stream().flatMap(List::stream).mapToLong(EventCounter::possible).sum();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oneDirection")
  void theStateThatIsLeftIsThatOfTheLastStep(String name, UnaryOperator<NetworkBuilder> layers) {
    Data data = new Data(8);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec(layers, DType.FLOAT64));
        NetworkState together = network.state(BATCH);
        Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, null))) {
      pass.lengths(LENGTHS);
      data.load(pass, Double.NaN, 0, 1, 2, 3);
      pass.forward(0, together);
      together.advance();
      for (int b = 0; b < BATCH; b++) {
        int sample = b;
        try (NetworkState own = network.state(1);
            Pass alone = new Pass(network, PassShape.steps(1, LENGTHS[b], null))) {
          data.load(alone, 0, b);
          alone.forward(0, own);
          own.advance();
          own.carried()
              .forEach(
                  (array, state) -> {
                    double[] all = together.carried().get(array).toDoubles();
                    int units = all.length / BATCH;
                    same(
                        Arrays.copyOfRange(all, sample * units, (sample + 1) * units),
                        state.toDoubles(),
                        0);
                  });
        }
      }
    }
  }

  @Test
  void targetsAfterTheEndsDoNotCount() {
    Data data = new Data(9);
    NetworkSpec spec =
        spec(
            b -> b.sequence(CHANNELS).rnn(5, Activation.TANH).readoutOfEveryStep(2), DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass padded = training(network, 1, STEPS);
        Pass alone = training(network, 1, LENGTHS[0])) {
      float[] targets = new float[2 * STEPS];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = i < 2 * LENGTHS[0] ? i : Float.NaN;
      }
      double[][] gradients = new double[2][];
      double[] losses = new double[2];
      padded.lengths(new int[] {LENGTHS[0]});
      for (Pass pass : List.of(padded, alone)) {
        int k = pass == padded ? 0 : 1;
        network.zeroGradients();
        loadInputs(pass, data);
        pass.target(Arrays.copyOf(targets, 2 * pass.steps()));
        pass.forward();
        new MeanSquaredError().evaluate(pass);
        pass.backward();
        losses[k] = Arrays.stream(pass.losses().toDoubles()).sum() / pass.rows();
        gradients[k] = gradients(network);
      }
      assertThat(losses[0]).isEqualTo(losses[1]).isPositive();
      same(gradients[0], gradients[1], 1e-13);
    }
  }

  private static void loadInputs(Pass pass, Data data) {
    double[] values = new double[pass.steps() * CHANNELS];
    Arrays.fill(values, Double.NaN);
    System.arraycopy(data.inputs[0], 0, values, 0, LENGTHS[0] * CHANNELS);
    pass.inputSteps().copyFrom(values);
  }

  @Test
  void neighboursAreComparedWhereBothAre() {
    Data data = new Data(10);
    Regulariser smoothness = new Smoothness(0, 0.3);
    NetworkSpec spec =
        spec(
            b -> b.sequence(CHANNELS).dense(5, Activation.SIGMOID).gru(3).readout(TOKENS),
            DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass pass = training(network, 2, STEPS)) {
      pass.lengths(new int[] {LENGTHS[0], LENGTHS[1]});
      data.load(pass, Double.NaN, 0, 1);
      pass.label(new int[] {-1, -1});
      pass.forward();
      new CrossEntropy().evaluate(pass);
      smoothness.apply(pass);
      network.zeroGradients();
      pass.backward();
      double gradient = network.parameters().get(1).gradient().toDoubles()[0];
      DeviceArray bias = network.parameters().get(1).value();
      double[] values = bias.toDoubles();
      double[] moved = values.clone();
      double[] costs = new double[2];
      for (int k = 0; k < 2; k++) {
        moved[0] = values[0] + (k == 0 ? 1e-5 : -1e-5);
        bias.copyFrom(moved);
        data.load(pass, Double.NaN, 0, 1);
        pass.label(new int[] {-1, -1});
        pass.forward();
        double[] sent = pass.activity(0).values().toDoubles();
        for (int t = 0; t < LENGTHS[0]; t++) {
          for (int m = 0; m < 5; m++) {
            double apart = sent[10 * t + m] - sent[10 * t + 5 + m];
            costs[k] += 0.15 * apart * apart / (LENGTHS[0] + LENGTHS[1]);
          }
        }
      }
      assertThat(gradient).isNotZero().isCloseTo((costs[0] - costs[1]) / 2e-5, within(1e-9));
    }
  }

  @Test
  void activityAndSparsityAreOfTheStepsThatThereAre() {
    NetworkSpec spec = spec(b -> b.sequence(CHANNELS).egru(30, events()).readout(3), DType.FLOAT64);
    Data data = new Data(12);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass padded = training(network, 1, STEPS);
        Pass alone = training(network, 1, LENGTHS[0])) {
      padded.lengths(new int[] {LENGTHS[0]});
      data.load(padded, Double.NaN, 0);
      data.load(alone, 0, 0);
      run(padded, false);
      run(alone, false);
      assertThat(padded.backwardSparsity()).isPositive().isEqualTo(alone.backwardSparsity());
      double[] steps = padded.activityBySteps().get(0);
      assertThat(Arrays.copyOf(steps, LENGTHS[0])).containsExactly(alone.activityBySteps().get(0));
      assertThat(Arrays.stream(steps).skip(LENGTHS[0]).sum()).isZero();
    }
  }

  @Test
  void lengthsThatAreNoneAreRefused() {
    try (Backend java = Backends.open("java");
        Network network =
            build(java, spec(b -> b.sequence(CHANNELS).gru(3).readout(2), DType.FLOAT32));
        Network spiking =
            build(
                java,
                spec(
                    b -> b.duration(10).spikes(3).lif(2, Lif.tau(20, 5), Weights.normal(1, 1)),
                    DType.FLOAT32));
        Pass pass = training(network, 2, STEPS);
        Pass events = new Pass(spiking, PassShape.events(2, 4, null))) {
      refused(pass, "lengths: expected 2, one for each sample, got 1", 3);
      refused(pass, "lengths: expected 1 to 12, the steps of the pass, got 0 for sample 1", 3, 0);
      refused(pass, "lengths: expected 1 to 12, the steps of the pass, got 13 for sample 0", 13, 1);
      refused(events, "lengths: expected none for event times", 3, 3);
      assertThat(pass.lengths()).isNull();
    }
  }

  private static void refused(Pass pass, String message, int... lengths) {
    assertThatThrownBy(() -> pass.lengths(lengths))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
