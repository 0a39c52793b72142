package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Close;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.reference.JavaBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class DeviceGroupTest {
  /** The last batch of an epoch has two samples, fewer than there may be devices. */
  private static final SpikeDataset TRAIN = Sequences.generate("train", 66, 1);

  private static final SpikeDataset TEST = Sequences.generate("test", 40, 2);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments network(String name, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layers);
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        network(
            "event-gated units",
            b -> b.bin(13).egru(9, Egru.defaults().thresholds(0.1)).readout(Sequences.CLASSES)),
        network(
            "spiking neurons",
            b ->
                b.lif(11, Lif.tau(20, 5), Weights.normal(7, 2))
                    .readout(Sequences.CLASSES, 20, 5, Weights.normal(0.2, 0.1), Reduction.MAX)));
  }

  /** What a training leaves: weights, and losses of its epochs. */
  private record Outcome(List<double[]> weights, History history) {}

  private static Outcome train(
      int devices, UnaryOperator<NetworkBuilder> layers, UnaryOperator<Training> settings)
      throws IOException {
    List<Backend> backends = new ArrayList<>();
    for (int k = 0; k < devices; k++) {
      backends.add(new JavaBackend(1));
    }
    try (Network network =
        layers
            .apply(
                Network.on(backends.get(0))
                    .precision(DType.FLOAT64)
                    .duration(40)
                    .spikes(Sequences.SOURCES))
            .build(1)) {
      Training training =
          settings.apply(
              Training.of(network)
                  .loss(new CrossEntropy())
                  .optimizer(Adam.rate(1e-2))
                  .epochs(3)
                  .batch(16)
                  .seed(3)
                  .clipNorm(1)
                  .devices(backends.subList(1, devices).toArray(Backend[]::new)));
      History history = training.run(TRAIN, TEST);
      return new Outcome(
          network.parameters().stream().map(p -> p.value().toDoubles()).toList(), history);
    } finally {
      backends.forEach(Backend::close);
    }
  }

  private static void assertClose(Outcome one, Outcome other, double margin) {
    for (int p = 0; p < one.weights.size(); p++) {
      Close.assertClose(one.weights.get(p), other.weights.get(p), margin);
    }
    for (int e = 0; e < one.history.epochs().size(); e++) {
      EpochResult a = one.history.epochs().get(e);
      EpochResult b = other.history.epochs().get(e);
      assertThat(a.trainLoss()).isCloseTo(b.trainLoss(), within(margin));
      assertThat(a.testLoss()).isCloseTo(b.testLoss(), within(margin));
      assertThat(a.trainAccuracy()).isEqualTo(b.trainAccuracy());
      assertThat(a.activity()).isEqualTo(b.activity());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void severalDevicesTrainAsOneDoesAndTwiceTheSame(
      String name, UnaryOperator<NetworkBuilder> layers) throws IOException {
    Outcome one = train(1, layers, t -> t);
    assertThat(one.history.last().trainLoss()).isLessThan(one.history.epochs().get(0).trainLoss());
    for (int devices : new int[] {2, 3, 5}) {
      Outcome several = train(devices, layers, t -> t);
      assertClose(one, several, 1e-9);
      Outcome again = train(devices, layers, t -> t);
      assertClose(several, again, 0);
    }
  }

  @Test
  void aPenaltyOfWeightsCountsOnceForAllDevices() throws IOException {
    UnaryOperator<NetworkBuilder> layers =
        b -> b.bin(13).egru(9, Egru.defaults().thresholds(0.1)).readout(Sequences.CLASSES);
    UnaryOperator<Training> penalty = t -> t.regulariser(L2.of(0.1));
    assertClose(train(1, layers, penalty), train(3, layers, penalty), 1e-9);
  }

  @Test
  void earlyStoppingIsDecidedByTheFirst() throws IOException {
    UnaryOperator<NetworkBuilder> layers =
        b -> b.bin(13).egru(9, Egru.defaults().thresholds(0.1)).readout(Sequences.CLASSES);
    UnaryOperator<Training> early = t -> t.optimizer(Adam.rate(0.3)).epochs(40).earlyStopping(2);
    Outcome one = train(1, layers, early);
    assertThat(one.history.epochs()).hasSizeLessThan(40);
    assertClose(one, train(2, layers, early), 1e-6);
  }

  @Test
  void aStoppedTrainingOfTwoDevicesContinuesBitForBit(@TempDir Path folder) throws IOException {
    UnaryOperator<NetworkBuilder> layers =
        b -> b.bin(13).egru(9, Egru.defaults().thresholds(0.1)).readout(Sequences.CLASSES);
    Outcome whole = train(2, layers, t -> t);
    Path file = folder.resolve("checkpoint.tacet");
    AtomicBoolean stop = new AtomicBoolean();
    TrainingListener stopper =
        new TrainingListener() {
          @Override
          public void batch(
              int epoch, int batch, int of, double loss, double accuracy, double activity) {
            stop.set(epoch == 2 && batch == 2);
          }
        };
    Outcome part = train(2, layers, t -> t.checkpoint(file).stopWhen(stop).listener(stopper));
    assertThat(part.history.finished()).isFalse();
    ModelFile saved = ModelFile.read(file);
    try (Backend a = new JavaBackend(1);
        Backend b = new JavaBackend(1);
        Network network = Network.read(a, saved, file, null)) {
      Training.of(network)
          .loss(new CrossEntropy())
          .optimizer(Adam.rate(1e-2))
          .epochs(3)
          .batch(16)
          .seed(3)
          .clipNorm(1)
          .devices(b)
          .resume(saved)
          .run(TRAIN, TEST);
      List<double[]> weights =
          network.parameters().stream().map(p -> p.value().toDoubles()).toList();
      for (int p = 0; p < weights.size(); p++) {
        assertThat(weights.get(p)).isEqualTo(whole.weights.get(p));
      }
    }
  }

  @Test
  void theErrorOfAMemberEndsAllAndIsTheOneThatIsThrown() {
    UnaryOperator<NetworkBuilder> layers =
        b -> b.bin(13).egru(9, Egru.defaults().thresholds(0.1)).readout(Sequences.CLASSES);
    Regulariser broken =
        new Regulariser() {
          @Override
          public void apply(Pass pass) {
            if (Thread.currentThread().getName().equals("tacet-device-2")) {
              throw new IllegalArgumentException("the third device is broken");
            }
          }
        };
    assertThatThrownBy(() -> train(3, layers, t -> t.regulariser(broken)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the third device is broken");
  }

  @Test
  void backendsThatAreGivenTwiceAreRefused() {
    try (Backend java = new JavaBackend(1);
        Network network = Network.on(java).sequence(3).egru(4).readout(2).build(1)) {
      assertThatThrownBy(() -> Training.of(network).devices(java).run(TRAIN, TEST))
          .hasMessageContaining("devices: expected each backend once");
    }
  }
}
