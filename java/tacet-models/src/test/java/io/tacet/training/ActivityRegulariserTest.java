package io.tacet.training;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.network.cells.GainControlCell;
import io.tacet.optim.Parameter;
import java.util.ArrayList;
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

/** Terms of the activity of a layer, and layers of competing units, against differences. */
class ActivityRegulariserTest {
  private static final int STEPS = 3;
  private static final int BATCH = 4;
  private static final int CHANNELS = 5;
  private static final double L1 = 0.3;
  private static final double SMOOTH = 0.7;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments of(String name, int layer, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layer, layers);
  }

  static Stream<Arguments> networks() {
    GainControlCell.Spec gain = new GainControlCell.Spec(0.4, true);
    return Stream.of(
        of("dense", 0, on -> on.dense(7, Activation.TANH)),
        of("winners", 1, on -> on.dense(9, Activation.RELU).winners(3)),
        of("below winners", 0, on -> on.dense(9, Activation.RELU).winners(3)),
        of("gain control", 1, on -> on.dense(9, Activation.TANH).layer(gain)),
        of("both", 2, on -> on.rnn(9, Activation.TANH).layer(gain).winners(4)),
        of("rnn", 0, on -> on.rnn(6, Activation.TANH)),
        of("gru", 0, on -> on.gru(6)),
        of("gru below dense", 0, on -> on.gru(6).dense(5, Activation.TANH)));
  }

  private static double[] numbers(int length, long seed) {
    return new SplittableRandom(seed).doubles(length, -1, 1).toArray();
  }

  private static NetworkBuilder on(Backend backend) {
    return Network.on(backend).precision(DType.FLOAT64).sequence(CHANNELS);
  }

  private static Pass pass(Network network) {
    return new Pass(network, PassShape.steps(BATCH, STEPS, TrainingOptions.PLAIN));
  }

  /** Loss and both terms, from their definitions. */
  private static double loss(Pass pass, int layer) {
    forward(pass);
    double[] h = pass.activity(layer).values().toDoubles();
    int units = pass.activity(layer).units();
    double rows = (double) h.length / units;
    double sum = Arrays.stream(pass.losses().toDoubles()).average().orElseThrow();
    for (int k = 0; k < h.length; k++) {
      sum += L1 * Math.abs(h[k]) / rows;
      boolean first = k / units % 2 == 0;
      sum += first ? SMOOTH / 2 * Math.pow(h[k] - h[k + units], 2) / rows : 0;
    }
    return sum;
  }

  private static void forward(Pass pass) {
    pass.inputSteps().copyFrom(numbers(STEPS * BATCH * CHANNELS, 1));
    float[] targets = new float[Math.toIntExact(pass.losses().length()) * 2];
    Arrays.fill(targets, 0.25f);
    pass.target(targets);
    pass.forward();
    new MeanSquaredError().evaluate(pass);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void gradientsAreThoseOfTheLossWithItsTerms(
      String name, int layer, UnaryOperator<NetworkBuilder> layers) {
    try (Backend java = Backends.open("java");
        Network network = layers.apply(on(java)).readout(2).build(3);
        Pass pass = pass(network)) {
      network.zeroGradients();
      forward(pass);
      new ActivityL1(layer, L1).apply(pass);
      new Smoothness(layer, SMOOTH).apply(pass);
      pass.backward();
      for (Parameter parameter : network.parameters()) {
        double[] found = parameter.gradient().toDoubles();
        double[] values = parameter.value().toDoubles();
        for (int k = 0; k < values.length; k += Math.max(1, values.length / 7)) {
          double[] moved = values.clone();
          moved[k] = values[k] + 1e-6;
          parameter.value().copyFrom(moved);
          double above = loss(pass, layer);
          moved[k] = values[k] - 1e-6;
          parameter.value().copyFrom(moved);
          double slope = (above - loss(pass, layer)) / 2e-6;
          parameter.value().copyFrom(values);
          assertThat(found[k]).as("%s %d", parameter.name(), k).isCloseTo(slope, within(1e-7));
        }
      }
    }
  }

  static Stream<Arguments> ends() {
    Egru egru = Egru.defaults().thresholds(0.05);
    return Stream.of(
        of("trace", 0, on -> on.egru(8, egru).readout(8)),
        of("both directions", 0, on -> on.egru(4, egru.bothDirections()).readout(8)),
        of("every step", 0, on -> on.egru(8, egru).readoutOfEveryStep(8)),
        of("rnn", 0, on -> on.rnn(8, Activation.TANH).readoutOfEveryStep(8)));
  }

  /** The read-out hands its errors on as they are, so that they can be pushed instead. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("ends")
  void aPushIsAnErrorFromAbove(String name, int layer, UnaryOperator<NetworkBuilder> layers) {
    try (Backend java = Backends.open("java");
        Network network = layers.apply(on(java)).build(3);
        Pass pass = pass(network)) {
      double[] identity = new double[64];
      for (int k = 0; k < 64; k += 9) {
        identity[k] = 1;
      }
      network.arrays().get("readout.weights").copyFrom(identity);
      List<double[]> gradients = new ArrayList<>();
      for (boolean pushes : new boolean[] {false, true}) {
        network.zeroGradients();
        pass.inputSteps().copyFrom(numbers(STEPS * BATCH * CHANNELS, 1));
        pass.forward();
        double[] errors = numbers(Math.toIntExact(pass.values().length()), 2);
        double[] half = Arrays.stream(errors).map(e -> pushes ? e / 4 : e).toArray();
        pass.valueErrors().copyFrom(half);
        if (pushes) {
          double[] rest = Arrays.stream(errors).map(e -> 3 * e / 8).toArray();
          pass.activity(layer).push(rest);
          pass.activity(layer).push(rest);
        }
        pass.backward();
        gradients.add(
            network.parameters().stream()
                .filter(p -> !p.name().startsWith("readout"))
                .flatMapToDouble(p -> Arrays.stream(p.gradient().toDoubles()))
                .toArray());
      }
      assertClose(gradients.get(1), gradients.get(0), 1e-12);
      assertThat(gradients.get(0)).isNotEqualTo(new double[gradients.get(0).length]);
    }
  }

  @Test
  void whatHasNoActivityIsNamed() {
    try (Backend java = Backends.open("java");
        Network network = on(java).dense(3, Activation.RELU).readout(2).build(1);
        Pass pass = pass(network);
        Pass odd = new Pass(network, PassShape.steps(3, STEPS, TrainingOptions.PLAIN));
        Network spiking =
            Network.on(java)
                .spikes(2)
                .lif(3, Lif.tau(20, 5), Connection.dense(Weights.normal(1, 1)))
                .lif(2, Lif.tau(20, 5), Weights.normal(1, 1))
                .build(1);
        Pass events = new Pass(spiking, PassShape.events(1, 1, TrainingOptions.PLAIN))) {
      forward(pass);
      assertThatThrownBy(() -> new ActivityL1(1, 1).apply(pass))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer: expected 0 to 0");
      assertThatThrownBy(() -> pass.activity(0).push(new double[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("derivatives: expected 36 numbers");
      assertThatThrownBy(() -> new Smoothness(0, 1).apply(odd))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("batch: expected an even number");
      events.inputSpikes().counts().zero();
      events.forward();
      assertThatThrownBy(() -> new ActivityL1(0, 1).apply(events))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("sends event times");
      assertThatThrownBy(() -> new Smoothness(0, -1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("strength");
    }
  }
}
