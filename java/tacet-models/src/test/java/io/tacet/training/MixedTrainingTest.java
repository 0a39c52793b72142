package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.BinnedSpikes;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.EventCounter;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that join what used to be apart: event times as steps, other synapses, other cells. */
class MixedTrainingTest {
  private static final SpikeDataset TRAIN = Sequences.generate("train", 600, 1);
  private static final SpikeDataset TEST = Sequences.generate("test", 200, 2);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static NetworkBuilder binned(Backend backend) {
    return Network.on(backend).duration(40).spikes(Sequences.SOURCES).bin(20);
  }

  private static Training training(Network network) {
    return Training.of(network).optimizer(Adam.rate(1e-2)).epochs(8).seed(3);
  }

  @Test
  void eventTimesCountedInStepsAreLearnedByEventGatedUnits() throws IOException {
    try (Backend java = Backends.open("java");
        Network network =
            binned(java)
                .egru(32, Egru.defaults().thresholds(0.1))
                .readout(Sequences.CLASSES)
                .build(1)) {
      History history = training(network).run(TRAIN, TEST);
      assertThat(history.testAccuracy()).isGreaterThan(0.6);
      assertThat(history.last().activity()).isBetween(0.001, 0.999);
      Evaluation test = Evaluation.of(network, new CrossEntropy(), TEST);
      assertThat(test.accuracy()).isEqualTo(history.testAccuracy());
      assertThat(test.predicted()).hasSize(TEST.size());
      assertThat(Evaluation.of(network, new CrossEntropy(), new BinnedSpikes(TEST, 40, 20)).loss())
          .isEqualTo(test.loss());
    }
  }

  @Test
  @Thorough
  void gatedUnitsWithSparseInputsBelowPlainOnesLearn() throws IOException {
    try (Backend java = Backends.open("java");
        Network network =
            binned(java)
                .egru(
                    32, Egru.defaults().thresholds(0.1), Connection.sparse(0.5), Connection.dense())
                .rnn(24, Activation.TANH)
                .readout(Sequences.CLASSES)
                .build(1)) {
      History history = training(network).epochs(24).run(TRAIN, TEST);
      assertThat(history.epochs().get(7).testAccuracy()).isGreaterThan(2.0 / Sequences.CLASSES);
      assertThat(history.testAccuracy()).isGreaterThan(0.6);
      assertThat(history.last().activity()).isBetween(0.001, 0.999);
    }
  }

  @Test
  void plainAndDenseLayersWithoutEventsLearn(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("plain.tacet");
    try (Backend java = Backends.open("java");
        Network network =
            binned(java)
                .dense(24, Activation.RELU)
                .rnn(32, Activation.TANH)
                .readout(Sequences.CLASSES)
                .build(1)) {
      History history = training(network).run(TRAIN, TEST);
      assertThat(history.testAccuracy()).isGreaterThan(0.5);
      network.save(file);
      try (Network loaded = Network.load(java, file)) {
        assertThat(Evaluation.of(loaded, new CrossEntropy(), TEST).accuracy())
            .isEqualTo(history.testAccuracy());
        assertThat(loaded.summary().toString()).contains("rnn", "dense");
      }
    }
  }

  @Test
  void aStackOfDifferentCellsTrainsAndContinuesBitForBit(@TempDir Path folder) throws IOException {
    Path checkpoint = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network whole = stack(java);
        Network part = stack(java)) {
      History history = training(whole).epochs(4).run(TRAIN, TEST);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
      training(part).epochs(2).checkpoint(checkpoint).run(TRAIN, TEST);
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network rest = Network.read(java, saved, checkpoint, null)) {
        training(rest).epochs(4).resume(saved).run(TRAIN, TEST);
        whole
            .arrays()
            .forEach(
                (name, array) ->
                    assertThat(rest.arrays().get(name).toDoubles())
                        .as(name)
                        .isEqualTo(array.toDoubles()));
      }
    }
  }

  private static Network stack(Backend backend) {
    return binned(backend)
        .egru(16, Egru.defaults().thresholds(0.1).bothDirections())
        .gru(12)
        .dense(12, Activation.RELU)
        .rnn(10, Activation.TANH)
        .readout(Sequences.CLASSES)
        .build(1);
  }

  @Test
  void spikingLayersWithAFixedFanOutTrainTheirWeightsAndDelays() throws IOException {
    SpikeDataset data = YinYang.train().slice(0, 320);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(YinYang.SOURCES)
                .lif(
                    40,
                    Lif.tau(20, 5),
                    Connection.fanOut(16, Weights.normal(2, 0.8)).delays(0, 1).trainDelays())
                .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
                .build(2)) {
      int[] targets = network.arrays().get("layer0.indices").toInts();
      assertThat(targets).hasSize(YinYang.SOURCES * 16);
      for (int source = 0; source < YinYang.SOURCES; source++) {
        int[] row = Arrays.copyOfRange(targets, 16 * source, 16 * (source + 1));
        assertThat(row).isSorted().doesNotHaveDuplicates();
        assertThat(Arrays.stream(row).allMatch(m -> m >= 0 && m < 40)).isTrue();
      }
      double[] weights = network.arrays().get("layer0.weights").toDoubles();
      double[] delays = network.arrays().get("layer0.delays").toDoubles();
      assertThat(weights).hasSize(targets.length);
      History history = Training.of(network).optimizer(Adam.rate(5e-3)).epochs(3).run(data, null);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
      assertThat(network.arrays().get("layer0.weights").toDoubles()).isNotEqualTo(weights);
      assertThat(network.arrays().get("layer0.delays").toDoubles()).isNotEqualTo(delays);
      assertThat(network.arrays().get("layer0.indices").toInts()).isEqualTo(targets);
    }
  }

  @Test
  void regularisersAddUp() {
    try (Backend java = Backends.open("java");
        Network network = binned(java).egru(6).readout(Sequences.CLASSES).build(1);
        Pass pass = new Pass(network, PassShape.steps(2, 20, TrainingOptions.PLAIN))) {
      pass.forward(0);
      new ActivityTarget(1, 0.5).apply(pass);
      EventCounter counter = pass.counters().get(0).get(0);
      double[] pushed = counter.pushed().toDoubles();
      new ActivityTarget(1, 0.5).apply(pass);
      assertThat(counter.pushed().toDoubles())
          .isEqualTo(Arrays.stream(pushed).map(p -> 2 * p).toArray());
      assertThat(Arrays.stream(pushed).anyMatch(p -> p != 0)).isTrue();
    }
  }

  @Test
  void dataOfAnotherKindAreRefusedByName() throws IOException {
    try (Backend java = Backends.open("java");
        Network steps = binned(java).egru(4).readout(Sequences.CLASSES).build(1);
        Network spiking =
            Network.on(java)
                .spikes(Sequences.SOURCES)
                .lif(Sequences.CLASSES, Lif.tau(20, 5), Weights.normal(2, 1))
                .build(1);
        Network few = binned(java).egru(4).readout(Sequences.CLASSES - 1).build(1)) {
      assertThatThrownBy(() -> training(steps).run(YinYang.test(), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("data", "5 channels", YinYang.test().name());
      assertThatThrownBy(() -> training(spiking).run(new BinnedSpikes(TRAIN, 40, 20), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("data", "spikes", "train");
      assertThatThrownBy(() -> training(few).run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("data", "5 classes", "6 classes in train");
    }
  }
}
