package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The term of mean potentials against differences, and what it does to neurons that are silent. */
class VoltageRegulariserTest {
  private static final VoltageRegulariser TERM = new VoltageRegulariser(1.5, 0.3);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static Stream<Arguments> layers() {
    Weights weights = Weights.normal(7, 1);
    Connection dense = Connection.dense(weights);
    Connection within = Connection.dense(Weights.normal(-1, 0.5));
    return Stream.of(
        of("lif", on -> on.lif(4, Lif.tau(20, 5), weights)),
        of("lif with recurrence", on -> on.lif(4, Lif.tau(20, 5), dense, within)),
        of("alif", on -> on.neuron(4, Neurons.alif(), weights)),
        of("qif", on -> on.neuron(4, Neurons.qif().tolerance(1e-12), weights)));
  }

  private static Arguments of(String name, UnaryOperator<NetworkBuilder> hidden) {
    return Arguments.of(name, hidden);
  }

  private static NetworkBuilder on(Backend backend) {
    return Network.on(backend).precision(DType.FLOAT64).duration(40).spikes(2);
  }

  private static void forward(Pass pass) {
    pass.inputSpikes().set(new double[][] {{1, 4}, {2, 3.5}}, new int[][] {{0, 1}, {1, 0}});
    pass.forward();
  }

  /** The term, from its definition. */
  private static double term(Pass pass) {
    forward(pass);
    return Arrays.stream(pass.potentialMeters().get(0).overBatch())
        .map(mean -> TERM.weight() / 2 * (mean - TERM.target()) * (mean - TERM.target()))
        .sum();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void itsGradientIsThatOfDifferences(String name, UnaryOperator<NetworkBuilder> hidden) {
    try (Backend java = Backends.open("java");
        Network network =
            hidden.apply(on(java)).lif(2, Lif.tau(20, 5), Weights.normal(1, 0.1)).build(5);
        Pass pass = new Pass(network, PassShape.events(2, 2, TrainingOptions.PLAIN))) {
      network.zeroGradients();
      forward(pass);
      assertThat(pass.spikes(0).largestCount()).isPositive();
      TERM.apply(pass);
      pass.outputSpikes().errors().zero();
      pass.backward();
      double[] gradient = network.parameters().get(0).gradient().toDoubles();
      DeviceArray weights = network.arrays().get("layer0.weights");
      double[] values = weights.toDoubles();
      for (int k = 0; k < values.length; k++) {
        double was = values[k];
        values[k] = was + 1e-5;
        weights.copyFrom(values);
        double above = term(pass);
        values[k] = was - 1e-5;
        weights.copyFrom(values);
        double below = term(pass);
        values[k] = was;
        weights.copyFrom(values);
        assertThat(gradient[k]).as("weight %d", k).isCloseTo((above - below) / 2e-5, within(1e-8));
      }
    }
  }

  static Stream<Simulator> simulators() {
    return Stream.of(Simulator.exact(), Simulator.grid(0.25));
  }

  @ParameterizedTest
  @MethodSource("simulators")
  void neuronsThatAreSilentComeBackByItAndNotByTheRegulariserOfRates(Simulator simulator)
      throws IOException {
    SpikeDataset data = YinYang.train().slice(0, 64);
    assertThat(activity(simulator, data, new RateRegulariser(5, 1))).isZero();
    assertThat(activity(simulator, data, new VoltageRegulariser(5, 1))).isPositive();
  }

  private static double activity(Simulator simulator, SpikeDataset data, Regulariser term)
      throws IOException {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .simulator(simulator)
                .spikes(YinYang.SOURCES)
                .lif(10, Lif.tau(20, 5), Weights.normal(0.3, 0.1))
                .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(1, 0.1))
                .build(1)) {
      return Training.of(network)
          .epochs(40)
          .optimizer(Adam.rate(0.02))
          .regulariser(term)
          .run(data, null)
          .last()
          .activity();
    }
  }

  @Test
  void layersOnStepsAreRefused() {
    try (Backend java = Backends.open("java");
        Network network = Network.on(java).sequence(2).egru(3).readout(2).build(1);
        Pass pass = new Pass(network, PassShape.steps(2, 3, TrainingOptions.PLAIN))) {
      pass.inputSteps().zero();
      pass.forward();
      assertThatThrownBy(() -> TERM.apply(pass))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Use ActivityTarget (--activity-weight)");
    }
  }

  @Test
  void numbersThatMakeNoTermAreRefused() {
    for (double[] wrong :
        new double[][] {{-1, 0}, {Double.NaN, 0}, {Double.POSITIVE_INFINITY, 0}, {1, Double.NaN}}) {
      assertThatThrownBy(() -> new VoltageRegulariser(wrong[0], wrong[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("weight, target: expected finite numbers");
    }
  }
}
