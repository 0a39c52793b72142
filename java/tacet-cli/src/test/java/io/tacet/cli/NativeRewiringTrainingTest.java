package io.tacet.cli;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.Rewiring;
import io.tacet.network.Weights;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.training.History;
import io.tacet.training.Regulariser;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static Network spiking(Backend backend, Simulator simulator) {
    Rewiring rigl = Rewiring.rigl(0.3).every(2);
    Connection input = Connection.sparse(0.5, Weights.normal(3, 1)).rewire(rigl);
    Connection recurrent = Connection.sparse(0.2, Weights.normal(0, 0.2)).rewire(rigl);
    return Network.on(backend)
        .simulator(simulator)
        .spikes(YinYang.SOURCES)
        .lif(30, Lif.tau(20, 5), input, recurrent)
        .neuron(30, Neurons.alif(), input.delays(0, 2), recurrent.delays(0, 2))
        .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(1, 0.5))
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

  /** Magnitudes of the gradients of all absent synapses of each connection, in one batch. */
  private static List<double[]> searched(Network network) throws IOException {
    List<double[]> all = new ArrayList<>();
    Regulariser look =
        new Regulariser() {
          @Override
          public void applyToGradients(Pass pass) {
            network.rewired().forEach(synapses -> all.add(synapses.tiles().magnitudes()));
          }
        };
    for (RewiredSynapses synapses : network.rewired()) {
      int present = (int) synapses.wiring().places();
      int absent = (int) synapses.wiring().pairs() - present;
      synapses.tiles().want(absent, new boolean[present], pair -> 0.01 * (pair % 100));
    }
    training(network).batch(128).epochs(1).regulariser(look).run(TRAIN, null);
    return all;
  }

  @ParameterizedTest
  @CsvSource({"host, 0", "host, 0.5", "cuda, 0", "cuda, 0.5"})
  @Thorough
  void spikingLayersFindWhatTheJavaBackendFinds(String name, double dt) throws IOException {
    try (Backend java = Backends.open("java");
        Backend backend = NativeTrainingTest.open(name);
        Network expected = spiking(java, Simulator.ofStep(dt));
        Network found = spiking(backend, Simulator.ofStep(dt))) {
      List<double[]> magnitudes = searched(expected);
      List<double[]> others = searched(found);
      assertThat(magnitudes).hasSize(4);
      for (int k = 0; k < magnitudes.size(); k++) {
        double[] one = magnitudes.get(k);
        double[] other = others.get(k);
        double largest = Arrays.stream(one).max().orElseThrow();
        assertThat(largest).isPositive();
        assertClose(other, one, 2e-3 * largest);
        double[] sorted = Arrays.stream(one).sorted().toArray();
        int apart = widestGap(sorted);
        double between = (sorted[apart] + sorted[apart - 1]) / 2;
        for (int pair = 0; pair < one.length; pair++) {
          assertThat(other[pair] > between).isEqualTo(one[pair] > between);
        }
      }
    }
  }

  /** In the upper half. */
  private static int widestGap(double[] ascending) {
    int widest = ascending.length / 2;
    for (int k = widest + 1; k < ascending.length; k++) {
      double gap = ascending[k] - ascending[k - 1];
      widest = gap > ascending[widest] - ascending[widest - 1] ? k : widest;
    }
    return widest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "cuda"})
  void itContinuesBitForBitAndFollowsTheJavaBackend(String name) throws IOException {
    continues(name, NativeRewiringTrainingTest::on, 6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "cuda"})
  @Thorough
  void spikingLayersContinueBitForBitAndFollowTheJavaBackend(String name) throws IOException {
    continues(name, backend -> spiking(backend, Simulator.exact()), 4);
  }

  private void continues(String name, Function<Backend, Network> on, int connections)
      throws IOException {
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
        Network whole = on.apply(backend);
        Network part = on.apply(backend)) {
      Map<String, double[]> before = numbers(whole);
      History uninterrupted = training(whole).run(TRAIN, null);
      Map<String, double[]> after = numbers(whole);
      for (RewiredSynapses synapses : whole.rewired()) {
        assertThat(synapses.searches()).isTrue();
        synapses.wiring().pattern().validate();
      }
      assertThat(after.keySet())
          .filteredOn(array -> array.toLowerCase(Locale.ROOT).endsWith("indices"))
          .hasSize(connections)
          .allSatisfy(array -> assertThat(after.get(array)).isNotEqualTo(before.get(array)));
      training(part).checkpoint(checkpoint).stopWhen(stop).listener(inTheMiddle).run(TRAIN, null);
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network resumed = Network.read(backend, saved, checkpoint, null)) {
        assertThat(training(resumed).resume(saved).run(TRAIN, null).finished()).isTrue();
        numbers(resumed).forEach((k, v) -> assertThat(v).as(k).isEqualTo(after.get(k)));
      }
      try (Backend java = Backends.open("java");
          Network network = on.apply(java)) {
        double expected = training(network).run(TRAIN, null).epochs().get(0).trainLoss();
        assertThat(uninterrupted.epochs().get(0).trainLoss()).isCloseTo(expected, within(1e-2));
      }
    }
  }
}
