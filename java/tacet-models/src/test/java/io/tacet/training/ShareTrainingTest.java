package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.Rewiring;
import io.tacet.optim.Adam;
import io.tacet.reference.JavaBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ShareTrainingTest {
  /** The last batch has six samples, fewer than there are shares. */
  private static final SpikeDataset TRAIN = Sequences.generate("train", 70, 1);

  private static final SpikeDataset TEST = Sequences.generate("test", 40, 2);
  private static final int SHARES = 7;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private record Outcome(List<double[]> weights, History history) {}

  private static Outcome train(int devices, UnaryOperator<Training> settings) throws IOException {
    List<Backend> backends = new ArrayList<>();
    for (int k = 0; k < devices; k++) {
      backends.add(new JavaBackend(1));
    }
    try (Network network =
        Network.on(backends.get(0))
            .precision(DType.FLOAT32)
            .duration(40)
            .spikes(Sequences.SOURCES)
            .bin(13)
            .egru(
                12,
                Egru.defaults().thresholds(0.1),
                Connection.dense(),
                Connection.sparse(0.3).rewire(Rewiring.set(0.2).every(2)))
            .readout(Sequences.CLASSES)
            .build(1)) {
      Training training =
          Training.of(network)
              .loss(new CrossEntropy())
              .optimizer(Adam.rate(1e-2))
              .epochs(3)
              .batch(16)
              .seed(3)
              .clipNorm(1)
              .devices(backends.subList(1, devices).toArray(Backend[]::new));
      History history = settings.apply(training).run(TRAIN, TEST);
      return new Outcome(
          network.arrays().values().stream().map(ShareTrainingTest::numbers).toList(), history);
    } finally {
      backends.forEach(Backend::close);
    }
  }

  private static double[] numbers(DeviceArray array) {
    return array.type().isFloating()
        ? array.toDoubles()
        : Arrays.stream(array.toInts()).asDoubleStream().toArray();
  }

  private static void assertSame(Outcome one, Outcome other) {
    for (int p = 0; p < one.weights.size(); p++) {
      assertThat(other.weights.get(p)).isEqualTo(one.weights.get(p));
    }
    for (int e = 0; e < one.history.epochs().size(); e++) {
      EpochResult a = one.history.epochs().get(e);
      EpochResult b = other.history.epochs().get(e);
      assertThat(b.trainLoss()).isEqualTo(a.trainLoss());
      assertThat(b.testLoss()).isEqualTo(a.testLoss());
      assertThat(b.activities()).isEqualTo(a.activities());
    }
  }

  @Test
  void devicesTrainTheSharesOfABatchAsOneDoesToTheLastBit() throws IOException {
    Outcome one = train(1, t -> t.shares(SHARES));
    assertThat(one.history.last().trainLoss()).isLessThan(one.history.epochs().get(0).trainLoss());
    for (int devices : new int[] {2, 3, 7}) {
      assertSame(one, train(devices, t -> t.shares(SHARES)));
    }
  }

  @Test
  void sharesOfBatchesInTheOrderOfTheDataTrainAsWholeBatchesDo() throws IOException {
    Outcome whole = train(1, Training::inOrder);
    Outcome shares = train(1, t -> t.inOrder().shares(SHARES));
    assertThat(shares.history.epochs().get(0).trainLoss())
        .isCloseTo(whole.history.epochs().get(0).trainLoss(), within(1e-5));
  }

  @Test
  void moreDevicesThanSharesAreRefused() {
    assertThatThrownBy(() -> train(3, t -> t.shares(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "shares: expected at least one for each of 3 members, got 2. Use more shares, or fewer"
                + " members.");
  }
}
