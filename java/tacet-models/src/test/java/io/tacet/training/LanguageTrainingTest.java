package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Text;
import io.tacet.memory.Leaks;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.optim.Sgd;
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

class LanguageTrainingTest {
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

  private static Network network(Backend backend, Text text) {
    return Network.on(backend)
        .tokens(text.vocabulary().size())
        .egru(48, Egru.defaults().zoneout(0.05))
        .nextToken(false)
        .build(1);
  }

  /** Four streams in chunks of 16 steps. */
  private static Training training(Network network) {
    return Training.of(network)
        .epochs(4)
        .optimizer(Adam.rate(5e-3))
        .clipNorm(1)
        .batch(4)
        .seed(1)
        .chunk(16, false);
  }

  private static Training regularised(Network network) {
    return training(network)
        .seed(9)
        .chunk(16, true)
        .dropouts(new Dropouts(0, 0, 0, 0.1, 0.1))
        .regulariser(new ActivityTarget(0.1, 0.2));
  }

  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  @Test
  void aShortTextIsLearnedByHeart() throws IOException {
    Text text = text(80);
    try (Backend java = Backends.open("java");
        Network network = network(java, text)) {
      History history = training(network).epochs(8).optimizer(Adam.rate(1e-2)).run(text, text);
      assertThat(history.testAccuracy()).isGreaterThan(0.95);
      assertThat(history.last().activity()).isBetween(0.01, 0.99);
      assertThat(Evaluation.of(network, new CrossEntropy(), text).accuracy()).isGreaterThan(0.95);
      double[] thresholds = network.arrays().get("layer0.thresholds").toDoubles();
      assertThat(Arrays.stream(thresholds).allMatch(t -> t >= 0 && t <= 1)).isTrue();
    }
  }

  @Test
  void aTrainingStoppedBetweenChunksContinuesBitForBit() throws IOException {
    Text text = text(60);
    Path checkpoint = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network whole = network(java, text)) {
      regularised(whole).run(text, text);
      AtomicBoolean stop = new AtomicBoolean();
      try (Network part = network(java, text)) {
        History history =
            regularised(part)
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
                .run(text, text);
        assertThat(history.finished()).isFalse();
      }
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network rest = Network.read(java, saved, checkpoint, null)) {
        regularised(rest).resume(saved).run(text, text);
        Map<String, double[]> resumed = numbers(rest);
        numbers(whole).forEach((name, v) -> assertThat(resumed.get(name)).as(name).isEqualTo(v));
      }
    }
  }

  @Test
  void chunksOfAnotherLengthChangeTheRateAfterClippingAndHoldNoMoreArrays() throws IOException {
    Text text = text(200);
    double most = 1e-3;
    Set<Long> eighths = new TreeSet<>();
    Set<Long> open = new TreeSet<>();
    try (Backend java = Backends.open("java");
        Network network = network(java, text)) {
      training(network)
          .chunk(24, true)
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
                  open.add(Leaks.open());
                  // Lengths are multiples of 8 steps. Thresholds are clamped, but an update this
                  // small does not reach their limits.
                  double length = distance(before, after) / most * 24 / 8;
                  assertThat(length).isCloseTo(Math.rint(length), within(0.03));
                  eighths.add(Math.round(length));
                  before = after;
                }
              })
          .run(text, null);
    }
    assertThat(eighths).hasSizeGreaterThan(1).contains(3L);
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
        Network network = network(java, text)) {
      History history = training(network).epochs(100_000).seconds(0.2).run(text, text);
      assertThat(history.finished()).isTrue();
      assertThat(history.last().testLoss()).isPositive();
    }
  }

  @Test
  void aSavedNetworkComputesTheSameAfterLoading() throws IOException {
    Text text = text(30);
    Path file = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java");
        Network network = network(java, text)) {
      network.save(file);
      Evaluation before = Evaluation.of(network, new CrossEntropy(), text);
      try (Network loaded = Network.load(java, file)) {
        assertThat(loaded.spec()).isEqualTo(network.spec());
        assertThat(Evaluation.of(loaded, new CrossEntropy(), text).loss()).isEqualTo(before.loss());
      }
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
      assertThatThrownBy(() -> Network.load(java, file)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anotherVocabularyIsRefused() throws IOException {
    Text text = text(30);
    Text other = new Text("other", List.of("a", "b"), new int[100]);
    try (Backend java = Backends.open("java");
        Network network = network(java, text)) {
      assertThatThrownBy(() -> Evaluation.of(network, new CrossEntropy(), other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got a vocabulary of 2 tokens in other");
    }
  }

  @Test
  void aTextOfLessThanTwoChunksIsRefused() throws IOException {
    Text text = text(30);
    try (Backend java = Backends.open("java");
        Network network = network(java, text)) {
      assertThatThrownBy(() -> training(network).chunk(1000, false).run(text, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("chunk", "at least two chunks", "1000");
    }
  }
}
