package io.tacet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.report.MetricsCsv;
import io.tacet.training.EpochResult;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whichever allocation or operation on a file of a training fails: the error says so, nothing
 * leaks, the checkpoint loads, and what continues from it ends with the numbers of an undisturbed
 * training, bit for bit.
 */
class FaultTest {
  private static final SpikeDataset DATA = Sequences.generate("spikes", 16, 1);
  private static final String CHECKPOINT = "checkpoint.tacet";
  private static final String MODEL = "model.tacet";
  private static final String METRICS = "metrics.csv";

  @TempDir private Path temporary;

  private final Faults files = new Faults();
  private final Faults allocations = new Faults();
  private final Backend backend = new FaultyBackend(Backends.open("java"), allocations);

  @AfterEach
  void nothingLeaks() {
    backend.close();
    assertThat(Leaks.open()).isZero();
  }

  /** What is disturbed: a whole training, or the second half of one. */
  enum Work {
    TRAINING,
    RESUME
  }

  private static Network network(Backend backend) {
    return Network.on(backend)
        .duration(40)
        .spikes(Sequences.SOURCES)
        .bin(12)
        .egru(4, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.5))
        .readout(Sequences.CLASSES)
        .build(1);
  }

  /** Trains for so many epochs, from the checkpoint in the folder if there is one. */
  private static void train(Backend backend, Path folder, int epochs) throws IOException {
    Path checkpoint = folder.resolve(CHECKPOINT);
    ModelFile from = Files.exists(checkpoint) ? ModelFile.read(checkpoint) : null;
    int first = from == null ? 1 : Training.epochsDone(from).size() + 1;
    try (Network network =
            from == null ? network(backend) : Network.read(backend, from, checkpoint, null);
        MetricsCsv metrics = MetricsCsv.resume(folder.resolve(METRICS), first)) {
      Training training =
          Training.of(network).epochs(epochs).batch(8).seed(4).checkpoint(checkpoint);
      training.checkpointEvery(1e-9).listener(rows(metrics));
      if (from != null) {
        training.resume(from);
      }
      assertThat(training.run(DATA, DATA).epochs()).hasSize(epochs);
      network.save(folder.resolve(MODEL));
    }
  }

  private static TrainingListener rows(MetricsCsv metrics) {
    return new TrainingListener() {
      @Override
      public void epoch(EpochResult result) {
        try {
          if (result.epoch() > metrics.last()) {
            metrics.write(result.epoch(), Map.of("loss", result.trainLoss()));
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** A folder as the work finds it. */
  private Path folder(Work work, String name) throws IOException {
    Path folder = Files.createDirectory(temporary.resolve(name));
    if (work == Work.RESUME) {
      Path half = temporary.resolve("half");
      if (!Files.exists(half)) {
        Files.createDirectory(half);
        train(backend, half, 1);
      }
      for (String file : List.of(CHECKPOINT, METRICS)) {
        Files.copy(half.resolve(file), folder.resolve(file));
      }
    }
    return folder;
  }

  /** Lets an operation fail and sees to what is left. */
  private void survives(Work work, Faults faults, int number, Map<String, byte[]> expected)
      throws IOException {
    Path folder = folder(work, (faults == files ? "file" : "allocation") + number);
    Path path = new FaultyFiles(files).path(folder);
    faults.letFail(number);
    Throwable failure = catchThrowable(() -> train(backend, path, 2));
    faults.letFail(0);
    assertThat(Leaks.open()).as("open arrays after %s", failure).isZero();
    assertThat(backend.arrayBytes().open()).isZero();
    assertThat(failure).as("operation %s", number).hasMessageContaining(Faults.MESSAGE);
    if (faults == files) {
      assertThat(failure.getMessage()).contains(folder.toString());
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
    }
    // Every file, but only some of the many allocations, which leave the same few checkpoints.
    if (faults == files || number % 16 == 0) {
      train(backend, path, 2);
      for (String name : List.of(MODEL, METRICS)) {
        assertThat(folder.resolve(name)).hasBinaryContent(expected.get(name));
      }
    } else if (Files.exists(folder.resolve(CHECKPOINT))) {
      assertThat(Training.epochsDone(ModelFile.read(folder.resolve(CHECKPOINT)))).isNotNull();
    }
  }

  private Map<String, byte[]> undisturbed(Work work) throws IOException {
    Path folder = folder(work, "undisturbed");
    files.letFail(0);
    allocations.letFail(0);
    train(backend, new FaultyFiles(files).path(folder), 2);
    return Map.of(
        MODEL, Files.readAllBytes(folder.resolve(MODEL)),
        METRICS, Files.readAllBytes(folder.resolve(METRICS)));
  }

  @ParameterizedTest
  @EnumSource
  void whicheverFileOperationFails(Work work) throws IOException {
    Map<String, byte[]> expected = undisturbed(work);
    int operations = files.done();
    assertThat(operations).isGreaterThan(10);
    for (int number = 1; number <= operations; number++) {
      survives(work, files, number, expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whicheverAllocationFails(Work work) throws IOException {
    Map<String, byte[]> expected = undisturbed(work);
    int operations = allocations.done();
    assertThat(operations).isGreaterThan(10);
    for (int number = 1; number <= operations; number++) {
      survives(work, allocations, number, expected);
    }
  }
}
