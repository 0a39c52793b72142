package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.Rewiring;
import io.tacet.optim.Adam;
import io.tacet.training.History;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RigL on kernels, which looks at the gradients of all absent synapses. */
class NativeRewiringTrainingTest {
  private static final SpikeDataset TRAIN = YinYang.train().slice(0, 128);

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network on(Backend backend) {
    Connection rewired = Connection.sparse(0.3).rewire(Rewiring.rigl(0.3).every(2));
    Egru egru = Egru.defaults();
    EgruOptions paper = EgruOptions.defaults().variant(EgruVariant.PAPER);
    return Network.on(backend)
        .spikes(YinYang.SOURCES)
        .duration(40)
        .bin(8)
        .egru(20, egru.thresholds(0.1), rewired, rewired)
        .egru(16, egru.with(paper).thresholds(0.1), rewired.separateGates(), rewired)
        .rnn(12, Activation.TANH, Connection.dense(), rewired)
        .dense(10, Activation.TANH, rewired)
        .readoutOfLastStep(YinYang.CLASSES)
        .build(2);
  }

  private static Training training(Network network) {
    return Training.of(network).optimizer(Adam.rate(1e-2)).batch(32).seed(4).epochs(2);
  }

  /** Everything there is; numbers and patterns. */
  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                e ->
                    e.getValue().type().isFloating()
                        ? e.getValue().toDoubles()
                        : java.util.Arrays.stream(e.getValue().toInts())
                            .asDoubleStream()
                            .toArray()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "cuda"})
  void itContinuesBitForBitAndFollowsTheJavaBackend(String name) throws IOException {
    Path checkpoint = folder.resolve("checkpoint.tacet");
    AtomicBoolean stop = new AtomicBoolean();
    TrainingListener inTheMiddle =
        new TrainingListener() {
          @Override
          public void batch(
              int epoch, int batch, int batches, double loss, double accuracy, double activity) {
            stop.set(epoch == 2 && batch == 1);
          }
        };
    try (Backend backend = NativeTrainingTest.open(name);
        Network whole = on(backend);
        Network part = on(backend)) {
      Map<String, double[]> before = numbers(whole);
      History uninterrupted = training(whole).run(TRAIN, null);
      Map<String, double[]> after = numbers(whole);
      for (RewiredSynapses synapses : whole.rewired()) {
        assertThat(synapses.searches()).isTrue();
        synapses.wiring().pattern().validate();
      }
      assertThat(after.keySet())
          .filteredOn(array -> array.endsWith("Indices"))
          .hasSize(6)
          .allSatisfy(array -> assertThat(after.get(array)).isNotEqualTo(before.get(array)));
      training(part).checkpoint(checkpoint).stopWhen(stop).listener(inTheMiddle).run(TRAIN, null);
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network resumed = Network.read(backend, saved, checkpoint, null)) {
        assertThat(training(resumed).resume(saved).run(TRAIN, null).finished()).isTrue();
        numbers(resumed).forEach((k, v) -> assertThat(v).as(k).isEqualTo(after.get(k)));
      }
      try (Backend java = Backends.open("java");
          Network network = on(java)) {
        double expected = training(network).run(TRAIN, null).epochs().get(0).trainLoss();
        assertThat(uninterrupted.epochs().get(0).trainLoss()).isCloseTo(expected, within(1e-2));
      }
    }
  }
}
