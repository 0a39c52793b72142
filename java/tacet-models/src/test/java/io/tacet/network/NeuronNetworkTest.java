package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.data.YinYang;
import io.tacet.eventprop.Simulator;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.training.History;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers of hybrid neurons in networks. */
class NeuronNetworkTest {
  private static final Lif LIF = Lif.tau(20, 5);

  private static NetworkBuilder stacked(NetworkBuilder builder) {
    return builder
        .spikes(YinYang.SOURCES)
        .lif(8, LIF, Weights.normal(4, 0.5))
        .neuron(
            6,
            Neurons.adex().with("jump", 0.1).train("tauMem", "jump").tolerance(1e-7),
            Connection.dense(Weights.normal(2.5, 0.5)).delays(0, 2).trainDelays(),
            Connection.sparse(0.5, Weights.normal(0, 0.2)))
        .neuron(5, Neurons.refractory(1.5).train("refractory"), Weights.normal(2.5, 0.5))
        .lif(YinYang.CLASSES, LIF, Weights.normal(2, 0.2));
  }

  @Test
  void specificationsComeBackFromJson() throws JsonException {
    NetworkSpec spec = stacked(NetworkSpec.builder()).spec();
    assertThat(NetworkSpec.of(JsonObject.of(spec.toJson(), "test"))).isEqualTo(spec);
    assertThat(spec.toJson()).contains("\"dynamics\":\"adex\"", "\"tauAdaptation\":100.0");
  }

  @Test
  void partsOfASpecificationHaveUsualValues() throws JsonException {
    NetworkSpec usual =
        NetworkSpec.builder().spikes(5).neuron(3, Neurons.qif(), Weights.normal(1, 0.5)).spec();
    String written = usual.toJson();
    assertThat(NetworkSpec.of(JsonObject.of(written, "test"))).isEqualTo(usual);
    String shorter =
        written
            .replaceAll("\"parameters\":\\{[^}]*},", "")
            .replaceAll("\"train\":\\[],", "")
            .replaceAll("\"tolerance\":[^,]*,", "");
    assertThat(shorter.length()).isLessThan(written.length() - 50);
    assertThat(NetworkSpec.of(JsonObject.of(shorter, "test"))).isEqualTo(usual);
  }

  @Test
  void unknownDynamicsAndParametersAreNamedWithWhatThereIs() {
    assertThatThrownBy(() -> Neurons.dynamics("addex"))
        .hasMessageContaining("'addex'")
        .hasMessageContaining("adex");
    assertThatThrownBy(() -> Neurons.qif().with("tauMen", 3))
        .hasMessageContaining("tauMen")
        .hasMessageContaining("tauMem");
    assertThatThrownBy(() -> Neurons.qif().with("tauMem", -3)).hasMessageContaining("tauMem -3.0");
    assertThatThrownBy(() -> Neurons.qif().tolerance(0)).hasMessageContaining("no closed form");
    assertThatThrownBy(() -> Neurons.lif().with("threshold", Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theGridIsRefusedWhereThereIsNoClosedForm() {
    assertThatThrownBy(
            () ->
                NetworkSpec.builder()
                    .simulator(Simulator.grid(0.1))
                    .spikes(5)
                    .neuron(3, Neurons.qif(), Weights.normal(1, 0.1))
                    .spec())
        .hasMessageContaining("Simulator.exact()");
  }

  @Test
  @Thorough
  void stackedLayersTrainAndAreKeptInFiles(@TempDir Path folder) throws IOException {
    long open = Leaks.open();
    Path file = folder.resolve("model.tacet");
    try (Backend backend = Backends.open("java");
        Network network = stacked(Network.on(backend).precision(DType.FLOAT64)).build(1)) {
      History history = train(network, 2);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
      double[] tau = network.layers().get(1).arrays().value("layer1.tauMem").toDoubles();
      assertThat(tau).hasSize(6);
      assertThat(tau[0]).isNotEqualTo(20.0);
      network.save(file);
      try (Network read = Network.load(backend, file)) {
        assertThat(read.spec()).isEqualTo(network.spec());
        assertThat(read.layers().get(1).arrays().value("layer1.tauMem").toDoubles()).isEqualTo(tau);
      }
    }
    assertThat(Leaks.open()).isEqualTo(open);
  }

  private static History train(Network network, int epochs) throws IOException {
    return Training.of(network)
        .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
        .optimizer(Adam.rate(5e-3))
        .epochs(epochs)
        .batch(16)
        .run(YinYang.train().slice(0, 96), null);
  }

  static Stream<Arguments> members() {
    return Stream.of(Simulator.exact(), Simulator.grid(0.1))
        .flatMap(s -> Arrays.stream(Feature.values()).map(f -> Arguments.of(s, f)));
  }

  @ParameterizedTest
  @MethodSource("members")
  void everyMemberOfTheFamilyTrains(Simulator simulator, Feature feature) throws IOException {
    Neuron neuron = Neurons.integrateAndFire(feature);
    neuron = neuron.train(neuron.values().keySet().toArray(String[]::new));
    try (Backend backend = Backends.open("java");
        Network network =
            Network.on(backend)
                .simulator(simulator)
                .spikes(YinYang.SOURCES)
                .neuron(10, neuron, Weights.normal(1.8, 0.7))
                .lif(YinYang.CLASSES, LIF, Weights.normal(1.2, 0.1))
                .build(3)) {
      History history = train(network, 3);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
    }
  }

  @Test
  void aNeuronOfTheUserTrainsAndIsFoundByFiles() throws IOException {
    Neuron neuron = Neurons.of(Neurons.dynamics("cubic")).train("tau", "peak").tolerance(1e-7);
    NetworkSpec spec =
        NetworkSpec.builder()
            .spikes(YinYang.SOURCES)
            .neuron(6, neuron, Weights.normal(1.5, 0.3))
            .lif(YinYang.CLASSES, LIF, Weights.normal(2, 0.2))
            .spec();
    assertThat(NetworkSpec.of(JsonObject.of(spec.toJson(), "test"))).isEqualTo(spec);
    try (Backend backend = Backends.open("java");
        Network network = Network.build(backend, spec, 0)) {
      History history = train(network, 2);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
    }
  }

  static Stream<Simulator> simulators() {
    return Stream.of(Simulator.exact(), Simulator.grid(0.1));
  }

  @ParameterizedTest
  @MethodSource("simulators")
  void aLayerOfLifNeuronsTrainsLikeItsOwnCell(Simulator simulator) throws IOException {
    double[] losses = new double[2];
    for (int k = 0; k < 2; k++) {
      try (Backend backend = Backends.open("java")) {
        NetworkBuilder builder =
            Network.on(backend)
                .precision(DType.FLOAT64)
                .simulator(simulator)
                .spikes(YinYang.SOURCES);
        builder =
            k == 0
                ? builder.lif(10, LIF, Weights.normal(2, 0.7))
                : builder.neuron(10, Neurons.lif(), Weights.normal(2, 0.7));
        try (Network network =
            builder.lif(YinYang.CLASSES, LIF, Weights.normal(1.2, 0.1)).build(5)) {
          losses[k] = train(network, 2).last().trainLoss();
        }
      }
    }
    assertThat(losses[1]).isCloseTo(losses[0], within(1e-9));
  }
}
