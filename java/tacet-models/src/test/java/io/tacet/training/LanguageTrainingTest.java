package io.tacet.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Text;
import io.tacet.egru.EgruOptions;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.optim.Adam;
import io.tacet.optim.Sgd;
import io.tacet.training.Evaluation;
import io.tacet.training.History;
import io.tacet.training.TrainingListener;
import io.tacet.training.TrainingLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageTraineeTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private Text text(int repeats) throws IOException {
    Path file = folder.resolve("text.txt");
    Files.writeString(file, "the quick brown fox jumps over the lazy dog. ".repeat(repeats));
    return Text.characters(file, "");
  }

  private static RecurrentNetwork network(Backend backend, Text text) {
    int vocabulary = text.vocabulary().size();
    return RecurrentNetwork.build(
        backend,
        new RecurrentSpec(
            vocabulary,
            true,
            0,
            List.of(48),
            vocabulary,
            false,
            true,
            true,
            0.3,
            DType.FLOAT32,
            EgruOptions.defaults().zoneout(0.05)),
        1);
  }

  private static TrainingLoop loop() {
    return new TrainingLoop().epochs(4).optimizer(Adam.rate(5e-3)).clipNorm(1);
  }

  private static RecurrentTraining settings() {
    return new RecurrentTraining(
        4, 9, new Dropouts(0, 0, 0, 0.1, 0.1), new ActivityTarget(0.1, 0.2));
  }

  private static Map<String, double[]> numbers(RecurrentNetwork network) {
    return network.arrays().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  @Test
  void aShortTextIsLearnedByHeart() throws IOException {
    Text text = text(80);
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = network(java, text);
        LanguageTrainee trainee =
            new LanguageTrainee(network, text, text, 16, false, RecurrentTraining.of(4, 1))) {
      History history = loop().epochs(8).optimizer(Adam.rate(1e-2)).run(trainee);
      assertThat(history.testAccuracy()).isGreaterThan(0.95);
      assertThat(history.last().activity()).isBetween(0.01, 0.99);
      assertThat(LanguageTrainee.evaluate(network, text).accuracy()).isGreaterThan(0.95);
      double[] thresholds = network.arrays().get("layer0.thresholds").toDoubles();
      assertThat(Arrays.stream(thresholds).allMatch(t -> t >= 0 && t <= 1)).isTrue();
    }
  }

  @Test
  void aTrainingStoppedBetweenChunksContinuesBitForBit() throws IOException {
    Text text = text(60);
    Path checkpoint = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        RecurrentNetwork whole = network(java, text);
        LanguageTrainee trainee = new LanguageTrainee(whole, text, text, 16, true, settings())) {
      loop().run(trainee);
      AtomicBoolean stop = new AtomicBoolean();
      try (RecurrentNetwork part = network(java, text);
          LanguageTrainee stopped = new LanguageTrainee(part, text, text, 16, true, settings())) {
        History history =
            loop()
                .checkpoint(checkpoint)
                .stopWhen(stop)
                .listener(
                    new TrainingListener() {
                      @Override
                      public void batch(
                          int epoch, int batch, int batches, double loss, double acc, double act) {
                        stop.set(epoch == 3 && batch == 5);
                      }
                    })
                .run(stopped);
        assertThat(history.finished()).isFalse();
      }
      ModelFile saved = ModelFile.read(checkpoint);
      try (RecurrentNetwork rest = RecurrentNetwork.read(java, saved, checkpoint);
          LanguageTrainee resumed = new LanguageTrainee(rest, text, text, 16, true, settings())) {
        loop().resume(saved).run(resumed);
        numbers(whole)
            .forEach((name, v) -> assertThat(numbers(rest).get(name)).as(name).isEqualTo(v));
      }
    }
  }

  @Test
  void chunksOfAnotherLengthChangeTheRateAfterClippingAndHoldNoMoreArrays() throws IOException {
    Text text = text(200);
    double most = 1e-3;
    Set<Double> factors = new TreeSet<>();
    Set<Long> open = new TreeSet<>();
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = network(java, text);
        LanguageTrainee trainee =
            new LanguageTrainee(network, text, null, 24, true, RecurrentTraining.of(4, 1))) {
      new TrainingLoop()
          .epochs(1)
          .optimizer(Sgd.rate(1))
          .clipNorm(most)
          .listener(
              new TrainingListener() {
                private Map<String, double[]> before = numbers(network);

                @Override
                public void batch(
                    int epoch, int batch, int batches, double loss, double acc, double act) {
                  Map<String, double[]> after = numbers(network);
                  factors.add(trainee.rateFactor());
                  open.add(Leaks.open());
                  // Thresholds are clamped, but an update this small does not reach their limits.
                  assertThat(distance(before, after))
                      .isCloseTo(most * trainee.rateFactor(), within(1e-5));
                  before = after;
                }
              })
          .run(trainee);
    }
    assertThat(factors).hasSizeGreaterThan(1).allMatch(f -> 24 * f % 8 == 0);
    assertThat(open).hasSize(1);
  }

  private static double distance(Map<String, double[]> before, Map<String, double[]> after) {
    double sum = 0;
    for (Map.Entry<String, double[]> entry : before.entrySet()) {
      double[] other = after.get(entry.getKey());
      for (int k = 0; k < other.length; k++) {
        sum += Math.pow(entry.getValue()[k] - other[k], 2);
      }
    }
    return Math.sqrt(sum);
  }

  @Test
  void aTrainingEndsWhenItsTimeIsUpAndIsMeasured() throws IOException {
    Text text = text(200);
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = network(java, text);
        LanguageTrainee trainee =
            new LanguageTrainee(network, text, text, 16, false, RecurrentTraining.of(4, 1))) {
      History history = loop().epochs(100_000).seconds(0.2).run(trainee);
      assertThat(history.finished()).isTrue();
      assertThat(history.last().testLoss()).isPositive();
    }
  }

  @Test
  void aSavedNetworkComputesTheSameAfterLoading() throws IOException {
    Text text = text(30);
    Path file = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = network(java, text)) {
      network.save(file);
      Evaluation before = LanguageTrainee.evaluate(network, text);
      try (RecurrentNetwork loaded = RecurrentNetwork.load(java, file)) {
        assertThat(loaded.spec()).isEqualTo(network.spec());
        assertThat(LanguageTrainee.evaluate(loaded, text).loss()).isEqualTo(before.loss());
      }
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
      assertThatThrownBy(() -> RecurrentNetwork.load(java, file)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anotherVocabularyIsRefused() throws IOException {
    Text text = text(30);
    Text other = new Text("other", List.of("a", "b"), new int[100]);
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = network(java, text)) {
      assertThatThrownBy(() -> LanguageTrainee.evaluate(network, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got 2 in other");
    }
  }
}
