package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.data.ArraySequences;
import io.tacet.data.SequenceData;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.Positions;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.optim.Sgd;
import io.tacet.training.L1;
import io.tacet.training.Replicas;
import io.tacet.training.Training;
import io.tacet.training.WiringCost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trainings that share the launches of the host backend, against each of them alone. */
@Timeout(300)
class ReplicaTrainingTest {
  private static final int STEPS = 6;
  private static final int CHANNELS = 5;
  private static final int BATCHES = 4;
  private static final Positions GRID = Positions.grid(4, 3, 1);

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static SequenceData data(int samples, boolean labels) {
    SplittableRandom random = new SplittableRandom(7);
    float[] values = new float[samples * STEPS * CHANNELS];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextDouble(-1, 1);
    }
    if (labels) {
      int[] classes = random.ints(samples, 0, 3).toArray();
      return ArraySequences.of("noise", values, STEPS, CHANNELS, classes, 3);
    }
    float[] targets = Arrays.copyOf(values, 3 * samples);
    return ArraySequences.regression("targets", values, STEPS, CHANNELS, targets, 3);
  }

  /** What is trained. */
  enum Kind {
    /** A spatially-embedded network; each replica has a cost of its own. */
    EMBEDDED,
    /** Gradient descent on squared errors, with an L1 cost. */
    DENSE,
    /** Event-gated units in both directions, and those of the paper. */
    GATED,
    /** Norms that only some clip, masks, and a layer that has no axis for replicas. */
    MIXED;

    Network on(Backend backend, int seed) {
      return switch (this) {
        case EMBEDDED ->
            Network.on(backend)
                .sequence(CHANNELS)
                .rnn(12, Activation.RELU)
                .readoutOfLastStep(3, Weights.xavierUniform())
                .build(seed);
        case DENSE ->
            Network.on(backend)
                .sequence(CHANNELS)
                .dense(20, Activation.RELU)
                .rnn(7, Activation.TANH)
                .readoutOfLastStep(3)
                .build(seed);
        case GATED ->
            Network.on(backend)
                .sequence(CHANNELS)
                .egru(9, Egru.defaults().engine(EgruEngine.EVENT).bothDirections())
                .egru(7, Egru.defaults().engine(EgruEngine.DENSE).variant(EgruVariant.PAPER))
                .readout(3)
                .build(seed);
        case MIXED ->
            Network.on(backend)
                .sequence(CHANNELS)
                .rnn(8, Activation.SIGMOID)
                .egru(9, Egru.defaults().zoneout(0.1))
                .egru(6, Egru.defaults(), Connection.dense(), Connection.sparse(0.5))
                .readout(3)
                .build(seed);
      };
    }

    Training training(Network network, int seed) {
      Training training = Training.of(network).seed(seed).batch(8).epochs(2);
      return switch (this) {
        case EMBEDDED ->
            training
                .optimizer(Adam.rate(1e-2))
                .regulariser(WiringCost.spatial(0.02 * seed, GRID))
                .inputNoise(0.05);
        case DENSE ->
            training.optimizer(Sgd.rate(0.05).momentum(0.9)).regulariser(L1.of(1e-3 * seed));
        case GATED -> training.optimizer(Adam.rate(1e-2));
        case MIXED ->
            training
                .optimizer(Adam.rate(1e-2))
                .clipNorm(seed % 2 == 0 ? 0.05 : 100)
                .dropouts(new Dropouts(0, 0, 0.2, 0.2, 0.1));
      };
    }

    double[] train(Backend backend, int seed) throws IOException {
      SequenceData train = data(8 * BATCHES - 3, this != DENSE);
      try (Network network = on(backend, seed)) {
        double loss = training(network, seed).run(train, train).last().testLoss();
        return ReplicaBits.of(loss, network);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachReplicaIsBitForBitTheTrainingOfItsSeedAlone(Kind kind) throws Exception {
    ReplicaBits.areThoseOfEachAlone(5, kind::train);
  }

  private static RuntimeCounts update(Kind kind, Backend backend, int seed) throws IOException {
    UpdateCounts updates = new UpdateCounts();
    SequenceData train = data(8 * BATCHES, kind != Kind.DENSE);
    try (Network network = kind.on(backend, seed)) {
      kind.training(network, 1 + seed).epochs(1).listener(updates).run(train, null);
    }
    return updates.last();
  }

  @ParameterizedTest
  @EnumSource(names = {"EMBEDDED", "DENSE", "GATED"})
  void anUpdateOfEightIssuesWhatAnUpdateOfOneDoes(Kind kind) throws IOException {
    RuntimeCounts alone;
    try (Backend host = NativeTrainingTest.open("host")) {
      alone = update(kind, host, 0);
    }
    List<RuntimeCounts> two =
        Replicas.each("host", 2, (backend, seed) -> update(kind, backend, seed));
    List<RuntimeCounts> eight =
        Replicas.each("host", 8, (backend, seed) -> update(kind, backend, seed));
    assertThat(alone.launches()).isGreaterThan(2 * STEPS);
    // Every replica reads the counters of the process between two results, of which all have
    // asked before.
    assertThat(eight).containsOnly(two.get(0));
    assertThat(eight.stream().map(UpdateCounts::withoutCopies))
        .containsOnly(UpdateCounts.withoutCopies(alone));
  }

  @Test
  void checkpointsAreThoseOfEachReplica() throws IOException {
    NativeTrainingTest.open("host").close();
    List<Path> files =
        Replicas.each(
            "host",
            3,
            (backend, seed) -> {
              Path file = folder.resolve(seed + ".tacet");
              SequenceData train = data(24, true);
              try (Network network = Kind.EMBEDDED.on(backend, seed)) {
                Kind.EMBEDDED.training(network, seed).checkpoint(file).run(train, train);
                return file;
              }
            });
    try (Backend host = NativeTrainingTest.open("host")) {
      for (int seed = 0; seed < files.size(); seed++) {
        SequenceData train = data(24, true);
        try (Network saved = Network.load(host, files.get(seed));
            Network alone = Kind.EMBEDDED.on(host, seed)) {
          Kind.EMBEDDED.training(alone, seed).run(train, train);
          for (String name : alone.arrays().keySet()) {
            assertThat(saved.arrays().get(name).toDoubles())
                .isEqualTo(alone.arrays().get(name).toDoubles());
          }
        }
      }
    }
  }

  @Test
  void aFailureIsThatOfTheOneThatFailed() {
    NativeTrainingTest.open("host").close();
    assertThatThrownBy(
            () ->
                Replicas.each(
                    "host",
                    4,
                    (backend, seed) -> {
                      if (seed == 2) {
                        throw new IOException("file 2");
                      }
                      return Kind.EMBEDDED.train(backend, seed);
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("file 2");
  }

  @Test
  void moreReplicasThanThePropertyAllowsComeInGroups() throws IOException {
    NativeTrainingTest.open("host").close();
    System.setProperty("tacet.replicas", "2");
    try {
      assertThat(Replicas.atOnce("host", 5)).isEqualTo(2);
      List<String> descriptions =
          Replicas.each("host", 5, (backend, seed) -> backend.description());
      assertThat(descriptions.get(3)).endsWith("replica 2 of 2");
      assertThat(descriptions.get(4)).doesNotContain("replica");
    } finally {
      System.clearProperty("tacet.replicas");
    }
  }
}
