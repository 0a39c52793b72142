package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Thorough;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.data.YinYang;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Trainable;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Replicas;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import io.tacet.training.VoltageRegulariser;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trainings of spiking networks that share the launches of the host backend. */
@Timeout(300)
class SpikingReplicaTrainingTest {
  private static final int BATCH = 8;
  private static final int BATCHES = 4;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** What is trained. */
  enum Kind {
    /** The first spike of a layer; replicas outgrow their room at other times. */
    FIRST_SPIKE,
    /** The same with the regulariser of mean potentials, which replicas compute one by one. */
    POTENTIALS,
    /** Recurrence with trained delays, below a read-out of voltages. */
    READ_OUT,
    /** The same with patterns of other sizes, so that such layers are one after the other. */
    SPARSE;

    Network on(Backend backend, int seed) {
      Lif lif = Lif.tau(20, 5);
      Weights weights = Weights.normal(1.5 + 0.8 * seed, 0.78);
      return switch (this) {
        case FIRST_SPIKE, POTENTIALS ->
            Network.on(backend)
                .spikes(YinYang.SOURCES)
                .duration(40)
                .lif(10, lif, weights)
                .lif(YinYang.CLASSES, lif, Weights.normal(2.5, 0.5))
                .build(seed);
        case READ_OUT, SPARSE ->
            Network.on(backend)
                .spikes(YinYang.SOURCES)
                .duration(40)
                .lif(
                    10,
                    lif.train(Trainable.TAU_MEM).train(Trainable.THRESHOLD),
                    Connection.dense(weights),
                    (this == SPARSE
                            ? Connection.sparse(0.3, Weights.normal(0, 0.5))
                            : Connection.dense(Weights.normal(0, 0.5)))
                        .delays(1, 4)
                        .trainDelays())
                .readout(YinYang.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MAX)
                .build(seed);
      };
    }

    Training training(Network network, int seed) {
      Training training =
          this == POTENTIALS
              ? Training.of(network).regulariser(new VoltageRegulariser(2, 0.4))
              : Training.of(network);
      return training
          .seed(seed)
          .batch(BATCH)
          .loss(
              this == FIRST_SPIKE || this == POTENTIALS
                  ? TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels()
                  : new CrossEntropy())
          .optimizer(Adam.rate(5e-3));
    }

    double[] train(Backend backend, int seed) throws IOException {
      try (Network network = on(backend, seed)) {
        double loss =
            training(network, seed)
                .epochs(2)
                .run(YinYang.train().slice(0, BATCH * BATCHES - 3), YinYang.test().slice(0, 12))
                .last()
                .testLoss();
        return ReplicaBits.of(loss, network);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachReplicaIsBitForBitTheTrainingOfItsSeedAlone(Kind kind) throws Exception {
    ReplicaBits.areThoseOfEachAlone(4, kind::train);
  }

  private static RuntimeCounts update(Kind kind, Backend backend, int seed) throws IOException {
    UpdateCounts updates = new UpdateCounts();
    try (Network network = kind.on(backend, seed)) {
      kind.training(network, seed)
          .epochs(3)
          .listener(updates)
          .run(YinYang.train().slice(0, BATCH * BATCHES), null);
    }
    return updates.last();
  }

  @ParameterizedTest
  @EnumSource(names = {"FIRST_SPIKE", "READ_OUT"})
  @Thorough
  void anUpdateOfEightIssuesTheLaunchesOfOne(Kind kind) throws IOException {
    RuntimeCounts alone;
    try (Backend host = NativeTrainingTest.open("host")) {
      alone = update(kind, host, 0);
    }
    List<RuntimeCounts> two =
        Replicas.each("host", 2, (backend, seed) -> update(kind, backend, seed));
    List<RuntimeCounts> eight =
        Replicas.each("host", 8, (backend, seed) -> update(kind, backend, seed));
    assertThat(alone.launches()).isGreaterThan(10);
    for (RuntimeCounts all : eight) {
      assertThat(all.launches()).isEqualTo(alone.launches());
      assertThat(all.copiesToHost()).isEqualTo(two.get(0).copiesToHost());
      assertThat(all.copiesFromHost()).isEqualTo(two.get(0).copiesFromHost());
    }
  }
}
