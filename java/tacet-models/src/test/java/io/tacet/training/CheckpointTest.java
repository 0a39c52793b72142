package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoint a training leaves that ends at once, as when it is killed. */
class CheckpointTest {
  private static final SpikeDataset DATA = Sequences.generate("spikes", 64, 1);
  private static final int EPOCHS = 3;

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Ends the training at a batch, or with the whole epoch where that is 0. */
  private static TrainingListener killer(int inEpoch, int atBatch) {
    return new TrainingListener() {
      @Override
      public void batch(
          int epoch, int batch, int batches, double loss, double accuracy, double activity) {
        if (epoch == inEpoch && batch == atBatch) {
          throw new Killed();
        }
      }

      @Override
      public void epoch(EpochResult result) {
        if (result.epoch() == inEpoch && atBatch == 0) {
          throw new Killed();
        }
      }
    };
  }

  private static Network network(Backend backend) {
    return Network.on(backend)
        .duration(40)
        .spikes(Sequences.SOURCES)
        .bin(12)
        .egru(12, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.5))
        .readout(Sequences.CLASSES)
        .build(1);
  }

  private static Training training(Network network) {
    return Training.of(network).epochs(EPOCHS).batch(16).seed(4);
  }

  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .filter(e -> e.getValue().type().isFloating())
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  private static ModelFile checkpointOf(Path file, double every, TrainingListener killer)
      throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      Training training = training(network).checkpoint(file).checkpointEvery(every);
      assertThatThrownBy(() -> training.listener(killer).run(DATA, DATA))
          .isInstanceOf(Killed.class);
    }
    return ModelFile.read(file);
  }

  private static void continuesLikeAnUndisturbedOne(ModelFile saved, Path file) throws IOException {
    try (Backend java = Backends.open("java");
        Network whole = network(java);
        Network rest = Network.read(java, saved, file, null)) {
      History expected = training(whole).run(DATA, DATA);
      History resumed = training(rest).resume(saved).run(DATA, DATA);
      assertThat(resumed.epochs())
          .usingRecursiveComparison()
          .ignoringFields("seconds")
          .isEqualTo(expected.epochs());
      Map<String, double[]> numbers = numbers(whole);
      numbers(rest).forEach((k, v) -> assertThat(v).as(k).isEqualTo(numbers.get(k)));
    }
  }

  @Test
  void aTrainingKilledInItsFirstEpochLeavesItsOwnCheckpointAndNotAnOlderOne() throws IOException {
    Path file = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network other = network(java)) {
      training(other).seed(9).checkpoint(file).run(DATA, DATA);
    }
    ModelFile saved = checkpointOf(file, 1e9, killer(1, 2));
    assertThat(Training.epochsDone(saved)).isEmpty();
    continuesLikeAnUndisturbedOne(saved, file);
  }

  @Test
  void aCheckpointWithinAnEpochContinuesBitForBit() throws IOException {
    Path file = folder.resolve("checkpoint.tacet");
    ModelFile saved = checkpointOf(file, 1e-9, killer(2, 3));
    assertThat(Training.epochsDone(saved)).hasSize(1);
    assertThat(saved.metadata("training")).contains("\"batch\":2");
    continuesLikeAnUndisturbedOne(saved, file);
  }

  @Test
  void anEpochIsToldBeforeItIsSavedSoThatNoneIsMissing() throws IOException {
    Path file = folder.resolve("checkpoint.tacet");
    ModelFile saved = checkpointOf(file, 1e-9, killer(2, 0));
    assertThat(Training.epochsDone(saved)).hasSize(1);
    assertThat(saved.metadata("training")).contains("\"batch\":3");
    continuesLikeAnUndisturbedOne(saved, file);
  }

  @Test
  void aCheckpointThatCannotBeWrittenEndsTheTrainingAndIsNamed() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path file = inner.resolve("checkpoint.tacet");
    TrainingListener remover =
        new TrainingListener() {
          @Override
          public void epoch(EpochResult result) {
            try {
              Files.delete(file);
              Files.delete(inner);
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        };
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      assertThatIOException()
          .isThrownBy(() -> training(network).checkpoint(file).listener(remover).run(DATA, DATA))
          .withMessageStartingWith("Cannot write " + file);
    }
  }

  @Test
  void anIntervalThatIsNotPositiveIsRefused() {
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> training(network).checkpointEvery(0))
          .withMessage("checkpointEvery: expected a positive number of seconds, got 0.0.");
    }
  }
}
