package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Weights;
import io.tacet.network.cells.GainControlCell;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.training.CrossEntropy;
import io.tacet.training.CrossEntropyOverTime;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.Loss;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/** Whole trainings on kernels, with checkpoints, beside the same on the java backend. */
class NativeTrainingTest {
  private static final SpikeDataset TRAIN = YinYang.train().slice(0, 96);
  private static final SpikeDataset TEST = YinYang.test().slice(0, 32);

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** What is trained: spikes in continuous time, recurrent layers on a grid, or cells on steps. */
  enum Kind {
    EXACT,
    VARIANT,
    GRID_VARIANT,
    GRID,
    STEPS;

    Loss loss() {
      return switch (this) {
        case EXACT, VARIANT, GRID_VARIANT -> TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels();
        case GRID -> new CrossEntropyOverTime();
        case STEPS -> new CrossEntropy();
      };
    }

    Network on(Backend backend) {
      Lif lif = Lif.tau(20, 5);
      Weights weights = Weights.normal(1.5, 0.78);
      NetworkBuilder network = Network.on(backend).spikes(YinYang.SOURCES).duration(40);
      switch (this) {
        case EXACT ->
            network.lif(16, lif, weights).lif(YinYang.CLASSES, lif, Weights.normal(2.5, 0.5));
        case VARIANT, GRID_VARIANT -> {
          Neuron neuron =
              Neurons.integrateAndFire(Feature.REFRACTORY, Feature.ADAPTIVE_THRESHOLD)
                  .train("refractory", "thresholdJump");
          network
              .simulator(this == VARIANT ? Simulator.exact() : Simulator.grid(0.125))
              .neuron(
                  16,
                  neuron,
                  Connection.dense(weights).delays(0, 3).trainDelays(),
                  Connection.sparse(0.3, Weights.normal(0, 0.5)).delays(1, 4).trainDelays())
              .lif(YinYang.CLASSES, lif, Weights.normal(2.5, 0.5));
        }
        case GRID -> {
          Connection recurrent =
              Connection.sparse(0.3, Weights.normal(0, 0.5)).delays(1, 4).trainDelays();
          network
              .simulator(Simulator.grid(0.5))
              .lif(16, lif, Connection.dense(weights), recurrent)
              .readout(YinYang.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MEAN);
        }
        case STEPS -> {
          Connection sparse = Connection.sparse(0.5);
          Egru egru = Egru.defaults().thresholds(0.1);
          network
              .bin(8)
              .egru(40, egru, Connection.dense(), Connection.dense())
              .egru(16, egru, sparse, Connection.dense())
              .rnn(12, Activation.TANH, sparse, Connection.dense())
              .dense(10, Activation.RELU, sparse)
              .layer(new GainControlCell.Spec(0.5, true))
              .winners(6)
              .readout(YinYang.CLASSES);
        }
      }
      return network.build(2);
    }

    Training training(Network network) {
      return Training.of(network).loss(loss()).optimizer(Adam.rate(1e-2)).batch(32).seed(4);
    }
  }

  /** Skips the test where there is no such backend, unless it has to be there. */
  static Backend open(String name) {
    try {
      return Backends.open(name);
    } catch (BackendUnavailableException e) {
      if ("cuda".equals(System.getProperty("tacet.require"))) {
        throw e;
      }
      throw new TestAbortedException(e.getMessage(), e);
    }
  }

  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .filter(e -> e.getValue().type().isFloating())
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  @ParameterizedTest
  @CsvSource({
    "host,EXACT",
    "host,VARIANT",
    "host,GRID_VARIANT",
    "host,GRID",
    "host,STEPS",
    "cuda,EXACT",
    "cuda,VARIANT",
    "cuda,GRID_VARIANT",
    "cuda,GRID",
    "cuda,STEPS"
  })
  void aTrainingContinuesBitForBitAndFollowsTheJavaBackend(String name, Kind kind)
      throws IOException {
    Path checkpoint = folder.resolve("checkpoint.tacet");
    try (Backend backend = open(name)) {
      Map<String, double[]> whole;
      History uninterrupted;
      try (Network network = kind.on(backend)) {
        uninterrupted = kind.training(network).epochs(2).run(TRAIN, TEST);
        whole = numbers(network);
      }
      try (Network network = kind.on(backend)) {
        kind.training(network).epochs(1).checkpoint(checkpoint).run(TRAIN, TEST);
      }
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network network = Network.read(backend, saved, checkpoint, null)) {
        History history = kind.training(network).epochs(2).resume(saved).run(TRAIN, TEST);
        assertThat(history.last().testLoss()).isEqualTo(uninterrupted.last().testLoss());
        numbers(network).forEach((k, v) -> assertThat(v).as(k).isEqualTo(whole.get(k)));
      }
      try (Backend java = Backends.open("java");
          Network network = kind.on(java)) {
        EpochResult expected = kind.training(network).epochs(1).run(TRAIN, TEST).last();
        EpochResult first = uninterrupted.epochs().get(0);
        assertThat(first.trainLoss()).isCloseTo(expected.trainLoss(), within(1e-2));
        assertThat(first.activity()).isCloseTo(expected.activity(), within(1e-2));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "cuda"})
  void neuronsWithoutAClosedFormAreRefused(String name) {
    try (Backend backend = open(name)) {
      NetworkBuilder network =
          Network.on(backend)
              .spikes(YinYang.SOURCES)
              .neuron(4, Neurons.qif(), Weights.normal(1, 1))
              .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(1, 1));
      assertThatThrownBy(() -> network.build(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected java for qif with a tolerance of 1.0E-9")
          .hasMessageContaining("got " + name);
    }
  }
}
