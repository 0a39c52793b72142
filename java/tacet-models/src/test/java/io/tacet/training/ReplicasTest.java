package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.YinYang;
import io.tacet.memory.Leaks;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicasTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** A training of a few updates. */
  private static double[] train(Backend backend, int seed) throws IOException {
    Lif lif = Lif.tau(20, 5);
    try (Network network =
        Network.on(backend)
            .spikes(YinYang.SOURCES)
            .lif(20, lif, Weights.normal(1.5, 0.78))
            .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
            .build(seed)) {
      Training.of(network).seed(seed).epochs(1).run(YinYang.train().slice(0, 128), null);
      return network.arrays().get("layer0.weights").toDoubles();
    }
  }

  @Test
  void eachReplicaIsBitForBitTheTrainingOfItsSeedAlone() throws IOException {
    List<double[]> together = Replicas.each("java", 5, ReplicasTest::train);
    assertThat(together).hasSize(5);
    assertThat(together.get(1)).isNotEqualTo(together.get(0));
    for (int seed = 0; seed < 5; seed++) {
      try (Backend alone = Backends.open("java")) {
        assertThat(together.get(seed)).isEqualTo(train(alone, seed));
      }
    }
  }

  @Test
  void aFailureIsThatOfTheFirstAndNothingStaysOpen() {
    assertThatThrownBy(
            () ->
                Replicas.each(
                    "java",
                    6,
                    (backend, index) -> {
                      if (index >= 3) {
                        throw new NoSuchFileException("file " + index);
                      }
                      return train(backend, index);
                    }))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage("file 3");
    assertThatThrownBy(
            () ->
                Replicas.each(
                    "java",
                    2,
                    (backend, index) -> {
                      throw new ArithmeticException("diverged");
                    }))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void numbersAndNamesOutOfRangeAreNamed() throws IOException {
    assertThat(Replicas.each("java", 0, ReplicasTest::train)).isEmpty();
    assertThatThrownBy(() -> Replicas.each("java", -1, ReplicasTest::train))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("count", "-1");
    assertThatThrownBy(() -> Replicas.each("jav", 1, ReplicasTest::train))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("backend", "'jav'");
  }
}
