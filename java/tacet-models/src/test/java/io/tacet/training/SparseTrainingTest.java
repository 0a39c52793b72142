package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of sparse recurrent synapses of every kind train, and continue from their files. */
class SparseTrainingTest {
  private static final SpikeDataset SEQUENCES = Sequences.generate("train", 240, 1);
  private static final SpikeDataset POINTS = YinYang.train().slice(0, 240);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static NetworkBuilder steps() {
    return NetworkSpec.builder().duration(40).spikes(Sequences.SOURCES).bin(12);
  }

  private static NetworkSpec spiking(Connection input, Connection recurrent, Simulator simulator) {
    return NetworkSpec.builder()
        .simulator(simulator)
        .spikes(YinYang.SOURCES)
        .lif(30, Lif.tau(20, 5), input, recurrent)
        .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(1.8, 0.5))
        .spec();
  }

  static Stream<Arguments> networks() {
    Egru egru = Egru.defaults().thresholds(0.1);
    Connection dense = Connection.dense();
    int out = Sequences.CLASSES;
    Weights in = Weights.normal(2.5, 0.8);
    Weights within = Weights.normal(0, 0.3);
    int[][] ring = new int[30][];
    for (int i = 0; i < ring.length; i++) {
      ring[i] = new int[] {i, (i + 7) % 30};
    }
    Connection given = Connection.edges(30, ring, within);
    Connection blocks = Connection.blocks(0.4, 5, within).delays(0, 2);
    return Stream.of(
        Arguments.of("egru", steps().egru(24, egru, dense, Connection.sparse(0.2)).readout(out)),
        Arguments.of(
            "egru, own gates",
            steps()
                .egru(24, egru, Connection.fanIn(2), Connection.fanIn(5).separateGates())
                .readout(out)),
        Arguments.of(
            "gru", steps().gru(24, Connection.blocks(0.8, 4), Connection.fanOut(6)).readout(out)),
        Arguments.of(
            "rnn", steps().rnn(24, Activation.TANH, dense, Connection.blocks(0.4, 4)).readout(out)),
        Arguments.of("lif, exact", spiking(Connection.fanIn(4, in), given, Simulator.exact())),
        Arguments.of("lif, grid", spiking(Connection.fanIn(4, in), given, Simulator.grid(0.5))),
        Arguments.of(
            "lif, blocks, exact", spiking(Connection.dense(in), blocks, Simulator.exact())),
        Arguments.of(
            "lif, blocks, grid", spiking(Connection.dense(in), blocks, Simulator.grid(0.5))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void theLossFallsAndATrainingContinuesBitForBit(
      String name, Object described, @TempDir Path folder) throws IOException {
    NetworkSpec spec =
        described instanceof NetworkBuilder builder ? builder.spec() : (NetworkSpec) described;
    SpikeDataset data = name.startsWith("lif") ? POINTS : SEQUENCES;
    Path checkpoint = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network whole = Network.build(java, spec, 1);
        Network part = Network.build(java, spec, 1)) {
      History history = training(whole).epochs(4).run(data, null);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
      training(part).epochs(2).checkpoint(checkpoint).run(data, null);
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network rest = Network.read(java, saved, checkpoint, null)) {
        assertThat(rest.spec()).isEqualTo(spec);
        training(rest).epochs(4).resume(saved).run(data, null);
        same(rest, whole);
      }
      Path file = folder.resolve("model.tacet");
      whole.save(file);
      try (Network loaded = Network.load(java, file)) {
        same(loaded, whole);
        loaded.load(whole.weights());
        assertThat(loaded.predict(data).scores()).isDeepEqualTo(whole.predict(data).scores());
      }
    }
  }

  private static Training training(Network network) {
    return Training.of(network).optimizer(Adam.rate(5e-3)).batch(24).seed(3);
  }

  private static void same(Network found, Network expected) {
    assertThat(found.arrays().keySet()).isEqualTo(expected.arrays().keySet());
    expected
        .arrays()
        .forEach(
            (name, array) -> {
              if (array.type().isFloating()) {
                assertThat(found.arrays().get(name).toDoubles())
                    .as(name)
                    .isEqualTo(array.toDoubles());
              } else {
                assertThat(found.arrays().get(name).toInts()).as(name).isEqualTo(array.toInts());
              }
            });
  }

  @Test
  void dropConnectLeavesOutSynapsesOfThePattern() throws IOException {
    NetworkSpec spec =
        steps()
            .egru(24, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.3))
            .readout(Sequences.CLASSES)
            .spec();
    Dropouts half = new Dropouts(0, 0, 0, 0, 0.5);
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 1)) {
      History history = training(network).dropouts(half).epochs(6).run(SEQUENCES, null);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
    }
  }

  @Test
  void indicesHaveSixteenBitsWhereTheySuffice() {
    NetworkSpec spec =
        steps().rnn(8, Activation.TANH, Connection.fanIn(2), Connection.fanIn(2)).spec();
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 1)) {
      for (String name : new String[] {"layer0.inputIndices", "layer0.recurrentIndices"}) {
        assertThat(network.arrays().get(name).type()).isEqualTo(DType.UINT16);
      }
    }
  }
}
