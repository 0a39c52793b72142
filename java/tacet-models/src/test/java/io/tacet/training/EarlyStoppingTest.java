package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.ArraySequences;
import io.tacet.dense.Activation;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that are ended when the measured loss no longer falls: few noisy samples. */
class EarlyStoppingTest {
  private static final ArraySequences TRAIN = noisy("train", 24, 1);
  private static final ArraySequences VALIDATION = noisy("validation", 200, 2);

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static ArraySequences noisy(String name, int samples, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[samples * 8];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = random.nextInt(2);
      for (int c = 0; c < 8; c++) {
        x[8 * i + c] = (float) (random.nextGaussian() + (c == 0 ? labels[i] : 0));
      }
    }
    return ArraySequences.of(name, x, 1, 8, labels, 2);
  }

  private static Network network(Backend backend) {
    return Network.on(backend).sequence(8).dense(32, Activation.TANH).readout(2).build(3);
  }

  private static Training training(Network network) {
    return Training.of(network)
        .optimizer(Adam.rate(1e-2))
        .epochs(100)
        .batch(8)
        .seed(2)
        .earlyStopping(4);
  }

  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  private static void same(Network a, Network b) {
    Map<String, double[]> other = numbers(b);
    numbers(a).forEach((name, v) -> assertThat(other.get(name)).as(name).isEqualTo(v));
  }

  @Test
  void theTrainingEndsAndTheNetworkHasTheBestWeights() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java);
        Network shorter = network(java)) {
      History history = training(network).run(TRAIN, VALIDATION);
      assertThat(history.finished()).isTrue();
      assertThat(history.best()).isBetween(1, 95);
      assertThat(history.last().epoch()).isEqualTo(history.best() + 4);
      assertThat(history.kept().epoch()).isEqualTo(history.best());
      assertThat(history.epochs()).allMatch(epoch -> epoch.testLoss() >= history.kept().testLoss());
      assertThat(Evaluation.of(network, new CrossEntropy(), VALIDATION).loss())
          .isEqualTo(history.kept().testLoss())
          .isNotEqualTo(history.last().testLoss());
      Training.of(shorter)
          .optimizer(Adam.rate(1e-2))
          .epochs(history.best())
          .batch(8)
          .seed(2)
          .run(TRAIN, null);
      same(shorter, network);
    }
  }

  @Test
  void anInterruptedTrainingEndsAtTheSameEpochWithTheSameWeights() throws IOException {
    Path file = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network whole = network(java)) {
      History history = training(whole).run(TRAIN, VALIDATION);
      for (int late : new int[] {1, history.best() + 1, history.last().epoch() - 1}) {
        AtomicBoolean stop = new AtomicBoolean();
        try (Network part = network(java)) {
          TrainingListener listener =
              new TrainingListener() {
                @Override
                public void batch(
                    int epoch, int batch, int batches, double loss, double acc, double act) {
                  stop.set(epoch == late && batch == 2);
                }
              };
          History interrupted =
              training(part)
                  .checkpoint(file)
                  .stopWhen(stop)
                  .listener(listener)
                  .run(TRAIN, VALIDATION);
          assertThat(interrupted.finished()).isFalse();
        }
        ModelFile saved = ModelFile.read(file);
        try (Network rest = Network.read(java, saved, file, null)) {
          History resumed = training(rest).checkpoint(file).resume(saved).run(TRAIN, VALIDATION);
          assertThat(resumed.best()).isEqualTo(history.best());
          assertThat(resumed.last().epoch()).isEqualTo(history.last().epoch());
          same(whole, rest);
        }
      }
      ModelFile ended = ModelFile.read(file);
      try (Network again = Network.read(java, ended, file, null)) {
        History nothing = training(again).resume(ended).run(TRAIN, VALIDATION);
        assertThat(nothing.last().epoch()).isEqualTo(history.last().epoch());
        same(whole, again);
      }
    }
  }

  @Test
  void aSetToMeasureIsNeededAndBestWeightsToContinueFrom() throws IOException {
    Path file = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      assertThatThrownBy(() -> training(network).run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("earlyStopping", "run(train, test)");
      assertThatThrownBy(() -> training(network).earlyStopping(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("patience", "at least 1", "0");
      Training.of(network).epochs(1).checkpoint(file).run(TRAIN, VALIDATION);
      ModelFile saved = ModelFile.read(file);
      assertThatThrownBy(() -> training(network).resume(saved).run(TRAIN, VALIDATION))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("resume", "early stopping");
    }
  }
}
