package io.tacet.training;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.Rewiring;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.optim.Schedule;
import io.tacet.rewire.Wiring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings in which synapses come and go. */
class RewiringTrainingTest {
  private static final SpikeDataset TRAIN = YinYang.train().slice(0, 640);
  private static final SpikeDataset FEW = TRAIN.slice(0, 288);
  private static final List<Rewiring> METHODS =
      List.of(
          Rewiring.set(0.3).every(3),
          Rewiring.set(0.3).every(3).drawNew(),
          Rewiring.rigl(0.3).every(3).candidates(0.5),
          Rewiring.rigl(0.3).every(3),
          Rewiring.deepR(1e-3, 1e-2),
          Rewiring.prune(0.2).every(5));

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static Stream<Arguments> cases() {
    return METHODS.stream()
        .flatMap(method -> Stream.of(Arguments.of(method, true), Arguments.of(method, false)));
  }

  private static NetworkSpec spec(Rewiring rewiring, boolean spikes) {
    if (spikes) {
      return NetworkSpec.builder()
          .spikes(YinYang.SOURCES)
          .lif(
              40,
              Lif.tau(20, 5),
              Connection.sparse(0.5, Weights.normal(3, 1)).delays(0, 2).rewire(rewiring),
              Connection.sparse(0.3, Weights.normal(0, 0.2)).rewire(rewiring))
          .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
          .spec();
    }
    return NetworkSpec.builder()
        .duration(60)
        .spikes(YinYang.SOURCES)
        .bin(12)
        .egru(
            24,
            Egru.defaults().thresholds(0.1),
            Connection.sparse(0.5).rewire(rewiring),
            Connection.sparse(0.3).rewire(rewiring))
        .readout(YinYang.CLASSES)
        .spec();
  }

  private static Training training(Network network) {
    return Training.of(network).epochs(3).batch(32).seed(5).optimizer(Adam.rate(1e-2));
  }

  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .filter(e -> e.getValue().type().isFloating())
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  private static List<int[]> patterns(Network network) {
    return network.rewired().stream()
        .map(RewiredSynapses::wiring)
        .map(Wiring::pattern)
        .flatMap(p -> Stream.of(p.validate().rowOffsets().toInts(), p.indices().toInts()))
        .toList();
  }

  private static void assertSame(Network one, Network other) {
    Map<String, double[]> expected = numbers(other);
    numbers(one).forEach((name, n) -> assertThat(n).as(name).isEqualTo(expected.get(name)));
    List<int[]> patterns = patterns(other);
    List<int[]> found = patterns(one);
    for (int k = 0; k < patterns.size(); k++) {
      assertThat(found.get(k)).isEqualTo(patterns.get(k));
    }
  }

  private static long synapses(RewiredSynapses rewired) {
    int[] offsets = rewired.wiring().pattern().rowOffsets().toInts();
    return offsets[offsets.length - 1] / rewired.wiring().copies();
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Thorough
  void theLossFallsAndPatternsStayPatterns(Rewiring rewiring, boolean spikes) throws IOException {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec(rewiring, spikes), 2)) {
      List<int[]> before = patterns(network);
      List<Long> counts = network.rewired().stream().map(RewiringTrainingTest::synapses).toList();
      long size = network.size();
      History history = training(network).epochs(6).run(TRAIN, null);
      assertThat(history.last().trainLoss()).isLessThan(0.97 * history.epochs().get(0).trainLoss());
      List<int[]> after = patterns(network);
      for (int k = 0; k < counts.size(); k++) {
        // The weights to spiking neurons are far from 0: a random walk replaces none of them.
        if (k > 0 || !spikes || rewiring.method() != Rewiring.Method.DEEP_R) {
          assertThat(after.get(2 * k + 1)).isNotEqualTo(before.get(2 * k + 1));
        }
        RewiredSynapses synapses = network.rewired().get(k);
        if (rewiring.method() == Rewiring.Method.PRUNE) {
          long left = Math.round(0.2 * synapses.wiring().pairs());
          assertThat(synapses(synapses)).isEqualTo(Math.min(counts.get(k), left));
        } else {
          assertThat(synapses(synapses)).isEqualTo(counts.get(k));
          assertThat(network.size()).isEqualTo(size);
        }
        assertSignsAreKept(synapses);
      }
    }
  }

  private static void assertSignsAreKept(RewiredSynapses synapses) {
    if (synapses.signs() != null) {
      double[] weights = synapses.arrays().value(synapses.weights()).toDoubles();
      double[] signs = synapses.arrays().value(synapses.signs()).toDoubles();
      int count = synapses.wiring().values() * Math.toIntExact(synapses(synapses));
      for (int k = 0; k < count; k++) {
        assertThat(weights[k] * Math.signum(signs[k]) >= 0).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aTrainingThatWasStoppedOrKilledContinuesBitForBit(Rewiring rewiring, boolean spikes)
      throws IOException {
    try (Backend java = Backends.open("java");
        Network whole = Network.build(java, spec(rewiring, spikes), 2)) {
      training(whole).run(FEW, null);
      for (boolean killed : new boolean[] {false, true}) {
        Path checkpoint = folder.resolve("checkpoint.tacet");
        try (Network part = Network.build(java, spec(rewiring, spikes), 2)) {
          interrupt(part, checkpoint, killed);
        }
        ModelFile saved = ModelFile.read(checkpoint);
        try (Network resumed = Network.read(java, saved, checkpoint, null)) {
          assertThat(training(resumed).resume(saved).run(FEW, null).finished()).isTrue();
          assertSame(resumed, whole);
        }
      }
    }
  }

  /** Trains to the middle of the second epoch; when killed, the state is that after the first. */
  private static void interrupt(Network network, Path checkpoint, boolean killed)
      throws IOException {
    AtomicBoolean stop = new AtomicBoolean();
    Training training =
        training(network)
            .checkpoint(checkpoint)
            .stopWhen(stop)
            .listener(
                new TrainingListener() {
                  @Override
                  public void batch(
                      int epoch, int batch, int batches, double loss, double acc, double act) {
                    stop.set(epoch == 2 && batch == 5);
                    if (killed && stop.get()) {
                      throw new IllegalStateException("killed");
                    }
                  }
                });
    if (killed) {
      assertThatThrownBy(() -> training.run(FEW, null)).hasMessage("killed");
    } else {
      assertThat(training.run(FEW, null).finished()).isFalse();
    }
  }

  /** The last epoch has so large a rate that it makes everything worse. */
  @Test
  void theBestWeightsComeBackWithTheirSynapses() throws IOException {
    try (Backend java = Backends.open("java");
        Network best = Network.build(java, spec(METHODS.get(0), false), 2)) {
      SpikeDataset test = YinYang.test().slice(0, 200);
      Schedule ruin = (epoch, epochs) -> epoch < 3 ? 1 : 300;
      History history =
          training(best)
              .epochs(4)
              .optimizer(Adam.rate(1e-2).schedule(ruin))
              .earlyStopping(4)
              .run(TRAIN, test);
      assertThat(history.best()).isLessThan(4);
      patterns(best);
      assertThat(Evaluation.of(best, new CrossEntropy(), test).loss())
          .isEqualTo(history.epochs().get(history.best() - 1).testLoss());
    }
  }

  @Test
  void copiesOnTwoDevicesKeepTheSameSynapses() throws IOException {
    try (Backend java = Backends.open("java");
        Backend second = Backends.open("java");
        Network one = Network.build(java, spec(METHODS.get(2), false).with(DType.FLOAT64), 2);
        Network two = Network.build(java, spec(METHODS.get(2), false).with(DType.FLOAT64), 2)) {
      training(one).epochs(1).run(TRAIN, null);
      training(two).epochs(1).devices(second).run(TRAIN, null);
      assertThat(Arrays.deepEquals(patterns(two).toArray(), patterns(one).toArray())).isTrue();
      numbers(one).forEach((name, n) -> assertClose(numbers(two).get(name), n, 1e-9));
    }
  }

  /** What it wanted of a backward pass that it did not come to, nobody wants any more. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherTrainingCanFollowOneThatFailedWhileItSearched(boolean spikes) throws IOException {
    Rewiring rewiring = Rewiring.rigl(0.3).every(3);
    int[] updates = {0};
    Regulariser fails =
        new Regulariser() {
          @Override
          public void apply(Pass pass) {
            if (++updates[0] == 3) {
              throw new IllegalStateException("in the third update");
            }
          }
        };
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec(rewiring, spikes), 2)) {
      assertThatThrownBy(() -> training(network).regulariser(fails).run(TRAIN, null))
          .hasMessage("in the third update");
      assertThat(network.rewired())
          .noneMatch(
              synapses -> spikes ? synapses.tiles().areWanted() : synapses.absent().areWanted());
      training(network).run(TRAIN, null);
      patterns(network);
    }
  }

  /** Where gradients come in parts, those of all absent synapses cannot be added. */
  @Test
  void gradientsInPartsNeedCandidates() {
    Rewiring rewiring = Rewiring.rigl(0.3).every(3);
    try (Backend java = Backends.open("java");
        Backend second = Backends.open("java");
        Network network = Network.build(java, spec(rewiring, false), 2);
        Network spiking = Network.build(java, spec(rewiring, true), 2)) {
      assertThatThrownBy(() -> training(network).devices(second).run(TRAIN, null))
          .hasStackTraceContaining(
              "rewiring: expected candidates for RigL on several devices, where gradients of all"
                  + " absent synapses would have to be kept and added, got none. Say"
                  + " Rewiring.rigl(fraction).candidates(1).");
      assertThatThrownBy(() -> training(network).segments(4).run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("rewiring: expected candidates for RigL in segments");
      assertThatThrownBy(() -> training(spiking).devices(second).run(TRAIN, null))
          .hasStackTraceContaining("rewiring: expected candidates for RigL on several devices");
    }
  }

  @Test
  void aSpecificationWithRewiringSurvivesItsJson() throws IOException {
    for (Rewiring method : METHODS) {
      NetworkSpec spec = spec(method, true);
      assertThat(NetworkSpec.of(io.tacet.files.JsonObject.of(spec.toJson(), "test")))
          .isEqualTo(spec);
    }
  }
}
