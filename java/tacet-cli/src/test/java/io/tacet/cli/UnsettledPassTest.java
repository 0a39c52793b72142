package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.memory.Leaks;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.Regulariser;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Passes whose spikes are found to have had no room, or to be wrong, after the gradients: on host,
 * whose kernels are those of a GPU. A regulariser, even one that does nothing, has every pass
 * settled before.
 */
class UnsettledPassTest {
  private static final int BATCH = 8;
  private static final int HIDDEN = 10;

  private Backend backend;

  @BeforeEach
  void open() {
    backend = NativeTrainingTest.open("host");
  }

  @AfterEach
  void close() {
    backend.close();
    assertThat(Leaks.open()).isZero();
  }

  /** Some 80 spikes of each sample, where there is room for 36 at first. */
  private Network network() {
    Lif lif = Lif.tau(20, 5);
    return Network.on(backend)
        .spikes(YinYang.SOURCES)
        .duration(40)
        .lif(HIDDEN, lif, Weights.normal(9, 1))
        .lif(YinYang.CLASSES, lif, Weights.normal(0.5, 0.2))
        .build(1);
  }

  private static Training training(Network network) {
    return Training.of(network)
        .seed(1)
        .batch(BATCH)
        .epochs(2)
        .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
        .optimizer(Adam.rate(5e-3));
  }

  private static SpikeDataset samples() {
    return YinYang.train().slice(0, 3 * BATCH - 3);
  }

  private double[] train(boolean late) throws IOException {
    try (Network network = network()) {
      Training training = training(network);
      Training asked = late ? training : training.regulariser(new Regulariser() {});
      double loss = asked.run(samples(), YinYang.test().slice(0, 4)).last().testLoss();
      return ReplicaBits.of(loss, network);
    }
  }

  @Test
  void spikesWithoutRoomChangeNothing() throws IOException {
    RuntimeCounts begin = RuntimeCounts.now();
    double[] atOnce = train(false);
    RuntimeCounts middle = RuntimeCounts.now();
    assertThat(train(true)).isEqualTo(atOnce);
    RuntimeCounts late = RuntimeCounts.now().minus(middle);
    RuntimeCounts early = middle.minus(begin);
    // Fewer waits in all, and more launches: those of gradients that were computed again.
    assertThat(late.waits()).isLessThan(early.waits());
    assertThat(late.launches()).isGreaterThan(early.launches());
  }

  @Test
  void aFailureIsTheSameWheneverItIsFound() throws IOException {
    String[] messages = new String[2];
    for (int k = 0; k < 2; k++) {
      try (Network network = network()) {
        float[] weights = network.parameters().get(0).value().toFloats();
        Arrays.fill(weights, Float.NaN);
        network.parameters().get(0).value().copyFrom(weights);
        Training training = training(network);
        Training asked = k == 0 ? training : training.regulariser(new Regulariser() {});
        int place = k;
        assertThatThrownBy(() -> asked.run(samples(), YinYang.test().slice(0, 4)))
            .isInstanceOf(ArithmeticException.class)
            .satisfies(e -> messages[place] = e.getMessage());
      }
    }
    assertThat(messages[0]).isEqualTo(messages[1]).contains("Sample 0");
  }
}
