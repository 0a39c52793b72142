package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.data.ArraySequences;
import io.tacet.data.SequenceData;
import io.tacet.dense.Activation;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import io.tacet.training.WiringCost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cost that is computed in double precision, of a network on a backend that has none. */
@Timeout(120)
class WiringCostOnHostTest {
  private static final int SAMPLES = 12;
  private static final int STEPS = 3;

  private static SequenceData data() {
    SplittableRandom random = new SplittableRandom(7);
    float[] values = new float[SAMPLES * STEPS * 2];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextDouble(-1, 1);
    }
    int[] classes = random.ints(SAMPLES, 0, 2).toArray();
    return ArraySequences.of("noise", values, STEPS, 2, classes, 2);
  }

  /** Threads of java backends that are open. */
  private static Set<Long> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("tacet-worker"))
        .map(Thread::getId)
        .collect(Collectors.toSet());
  }

  @Test
  void oneBackendMultipliesForAllUpdatesOfATraining() throws IOException {
    System.setProperty("tacet.threads", "2");
    Set<Long> before = workers();
    List<Set<Long>> seen = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void batch(
              int epoch, int batch, int batches, double loss, double accuracy, double activity) {
            Set<Long> own = workers();
            own.removeAll(before);
            seen.add(own);
          }
        };
    try (Backend host = NativeTrainingTest.open("host");
        Network network =
            Network.on(host).sequence(2).rnn(6, Activation.RELU).readoutOfLastStep(2).build(3)) {
      WiringCost cost = WiringCost.communicability(0.1).withProximalStep();
      double value = cost.value(network);
      Training.of(network)
          .batch(4)
          .epochs(2)
          .regulariser(cost)
          .listener(listener)
          .run(data(), null);
      assertThat(cost.value(network)).isPositive().isNotEqualTo(value);
    } finally {
      System.clearProperty("tacet.threads");
    }
    assertThat(seen).hasSize(6).allMatch(own -> own.size() == 1).containsOnly(seen.get(0));
    assertThat(Leaks.open()).isZero();
  }
}
