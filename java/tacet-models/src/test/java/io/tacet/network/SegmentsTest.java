package io.tacet.network;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.optim.Parameter;
import io.tacet.training.ActivityTarget;
import io.tacet.training.CrossEntropy;
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

/** Passes in segments have the gradients of passes over all steps. */
class SegmentsTest {
  private static final int STEPS = 12;
  private static final int BATCH = 3;
  private static final int CHANNELS = 4;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments network(String name, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layers);
  }

  static Stream<Arguments> networks() {
    Egru paper =
        Egru.defaults().thresholds(0.1).with(EgruOptions.defaults().variant(EgruVariant.PAPER));
    return Stream.of(
        network("a trace", b -> b.egru(6, Egru.defaults().thresholds(0.1)).readout(3)),
        network(
            "the last step", b -> b.egru(6, Egru.defaults().thresholds(0.1)).readoutOfLastStep(3)),
        network("two layers, the paper's", b -> b.egru(6, paper).egru(5, paper).readout(3)),
        network(
            "plain units",
            b -> b.rnn(6, Activation.TANH).rnn(5, Activation.TANH).readoutOfLastStep(3)),
        network(
            "a mixture",
            b ->
                b.dense(5, Activation.TANH)
                    .egru(6, Egru.defaults().thresholds(0.1))
                    .rnn(5, Activation.TANH)
                    .dense(4, Activation.TANH)
                    .readoutOfLastStep(3)));
  }

  private static NetworkSpec spec(UnaryOperator<NetworkBuilder> layers) {
    return layers.apply(NetworkSpec.builder().precision(DType.FLOAT64).sequence(CHANNELS)).spec();
  }

  private static List<double[]> gradients(Network network, int segment, Dropouts dropouts) {
    TrainingOptions options = new TrainingOptions(dropouts, TapeKind.FULL, segment);
    network.zeroGradients();
    try (Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, options))) {
      double loss = 0;
      // Twice, since a pass is used again.
      for (int k = 0; k < 2; k++) {
        SplittableRandom random = new SplittableRandom(5 + k);
        pass.inputSteps().copyFrom(random.doubles(STEPS * BATCH * CHANNELS, -2, 2).toArray());
        pass.label(random.ints(BATCH, 0, 3).toArray());
        pass.forward(11 + k);
        new CrossEntropy().evaluate(pass);
        new ActivityTarget(0.5, 0.05).apply(pass);
        pass.backward();
        loss += Arrays.stream(pass.losses().toDoubles()).sum();
      }
      double events =
          pass.counters().stream().flatMap(List::stream).mapToLong(EventCounter::total).sum();
      double possible =
          pass.counters().stream().flatMap(List::stream).mapToLong(EventCounter::possible).sum();
      List<double[]> all = new java.util.ArrayList<>();
      all.add(new double[] {loss, events, possible});
      for (Parameter p : network.parameters()) {
        all.add(p.gradient().toDoubles());
      }
      return all;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void segmentsGiveTheGradientOfTheWholeSequence(
      String name, UnaryOperator<NetworkBuilder> layers) {
    Dropouts dropouts = new Dropouts(0, 0.2, 0.2, 0.2, 0.2);
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec(layers), 3)) {
      List<double[]> whole = gradients(network, 0, dropouts);
      assertThat(whole.stream().skip(1).flatMapToDouble(Arrays::stream).anyMatch(g -> g != 0))
          .isTrue();
      for (int segment : new int[] {1, 3, 4, 6, 12}) {
        List<double[]> parts = gradients(network, segment, dropouts);
        for (int p = 0; p < whole.size(); p++) {
          assertClose(parts.get(p), whole.get(p), 1e-12);
        }
      }
    }
  }

  @Test
  void zoneoutDrawsOtherMasksInEverySegmentAndTheSameAgain() {
    Egru zoneout =
        Egru.defaults().thresholds(0.1).with(EgruOptions.defaults().withoutEvents().zoneout(0.3));
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec(b -> b.egru(4, zoneout).readout(3)), 3)) {
      // The recomputed forward pass has the masks of the first one: else the gradient is wrong.
      Parameter weights = network.parameters().get(0);
      double[] analytic = gradients(network, 3, Dropouts.OFF).get(1);
      double[] values = weights.value().toDoubles();
      for (int i = 0; i < values.length; i += 5) {
        double[] changed = values.clone();
        changed[i] = values[i] + 1e-6;
        weights.value().copyFrom(changed);
        double up = gradients(network, 3, Dropouts.OFF).get(0)[0];
        changed[i] = values[i] - 1e-6;
        weights.value().copyFrom(changed);
        double down = gradients(network, 3, Dropouts.OFF).get(0)[0];
        weights.value().copyFrom(values);
        // The loss is a mean over the batch.
        assertThat(analytic[i]).isCloseTo((up - down) / 2e-6 / BATCH, within(1e-7));
      }
    }
  }

  @Test
  void whatHasNoSegmentsIsRefused() {
    try (Backend java = Backends.open("java")) {
      refused(
          java, b -> b.egru(4).readout(3), 5, "segments: expected a length that divides the 12");
      refused(java, b -> b.egru(4).readoutOfEveryStep(3), 4, "that is read out once");
      refused(
          java, b -> b.egru(4, Egru.defaults().bothDirections()).readout(3), 4, "forward in time");
      refused(
          java,
          b -> b.egru(4, Egru.defaults().direction(Direction.BACKWARD)).readout(3),
          4,
          "forward in time");
    }
  }

  private static void refused(
      Backend java, UnaryOperator<NetworkBuilder> layers, int segment, String message) {
    TrainingOptions options = new TrainingOptions(Dropouts.OFF, TapeKind.FULL, segment);
    try (Network network = Network.build(java, spec(layers), 3)) {
      assertThatThrownBy(() -> new Pass(network, PassShape.steps(BATCH, STEPS, options)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(message);
    }
  }
}
