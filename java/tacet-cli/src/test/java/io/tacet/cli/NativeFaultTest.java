package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.checkpoint.ModelFile;
import io.tacet.cuda.CudaException;
import io.tacet.cuda.HostFaults;
import io.tacet.cuda.HostFaults.Operation;
import io.tacet.cuda.OutOfDeviceMemoryException;
import io.tacet.cuda.RuntimeCounts;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/**
 * Whichever native allocation, launch, copy, fill or wait of a training, of its continuation or of
 * a loop of passes fails: an exception says so, no array and no native memory stays behind, and the
 * same backend then does the work from the checkpoint, with the numbers of undisturbed work.
 */
class NativeFaultTest {
  private static final SpikeDataset DATA = Sequences.generate("spikes", 8, 1);

  @TempDir private Path temporary;

  @BeforeAll
  static void needsHost() {
    try (Backend host = Backends.open("host")) {
      assertThat(host.name()).isEqualTo("host");
    } catch (BackendUnavailableException e) {
      throw new TestAbortedException(e.getMessage(), e);
    }
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static long count(Operation operation, RuntimeCounts done) {
    return switch (operation) {
      case LAUNCH -> done.launches();
      case FILL -> done.fills();
      case ALLOCATION -> done.allocations();
      case COPY_FROM_HOST -> done.copiesFromHost();
      case COPY_TO_HOST -> done.copiesToHost();
      case WAIT -> done.waits();
      case PIN, CREATION -> 0;
    };
  }

  /** What is disturbed. */
  enum Work {
    TRAINING(1),
    RESUME(2),
    PASSES(0);

    /** Epochs in all; the first of them is done before, of RESUME. */
    private final int epochs;

    Work(int epochs) {
      this.epochs = epochs;
    }
  }

  private static Network network(Backend backend) {
    return Network.on(backend)
        .duration(40)
        .spikes(Sequences.SOURCES)
        .bin(20)
        .egru(4, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.5))
        .readout(Sequences.CLASSES)
        .build(1);
  }

  private static void train(Backend backend, Path file, int epochs) throws IOException {
    ModelFile from = Files.exists(file) ? ModelFile.read(file) : null;
    try (Network network =
        from == null ? network(backend) : Network.read(backend, from, file, null)) {
      Training training = Training.of(network).epochs(epochs).batch(8).seed(4).checkpoint(file);
      if (from != null) {
        training.resume(from);
      }
      assertThat(training.run(DATA, null).epochs()).hasSize(epochs);
    }
  }

  /** The numbers that the work ends with. */
  private static double[] work(Work work, Backend backend, Path file) throws IOException {
    if (work != Work.PASSES) {
      train(backend, file, work.epochs);
      return numbers(file);
    }
    try (Network network = network(backend)) {
      double sum = 0;
      for (int pass = 0; pass < 2; pass++) {
        sum += Arrays.stream(network.predict(DATA).scores()).flatMapToDouble(Arrays::stream).sum();
      }
      return new double[] {sum};
    }
  }

  private static double[] numbers(Path file) throws IOException {
    try (Backend java = Backends.open("java");
        Network network = Network.load(java, file)) {
      return network.parameters().stream()
          .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
          .toArray();
    }
  }

  /** A file as the work finds it. */
  private Path file(Work work, Backend host, String name) throws IOException {
    Path file = temporary.resolve(name + ".tacet");
    if (work == Work.RESUME) {
      Path half = temporary.resolve("half.tacet");
      if (!Files.exists(half)) {
        train(host, half, 1);
      }
      Files.copy(half, file);
    }
    return file;
  }

  @ParameterizedTest
  @EnumSource
  @Thorough
  void whicheverOperationFails(Work work) throws IOException {
    long before = HostFaults.openResources();
    int failed = 0;
    try (Backend host = Backends.open("host")) {
      Path undisturbed = file(work, host, "undisturbed");
      RuntimeCounts began = RuntimeCounts.now();
      double[] expected = work(work, host, undisturbed);
      RuntimeCounts done = RuntimeCounts.now().minus(began);
      for (Operation operation : Operation.values()) {
        for (long number = 1; number <= count(operation, done); number++) {
          failed += survives(work, host, operation, number, expected) ? 1 : 0;
        }
      }
    }
    assertThat(failed).isGreaterThan(50);
    assertThat(HostFaults.openResources()).isEqualTo(before);
  }

  /** A backend makes these once, so each time another backend is opened. */
  @ParameterizedTest
  @EnumSource(names = {"PIN", "CREATION"})
  void whateverCannotBeMade(Operation operation) throws IOException {
    Path undisturbed = temporary.resolve("undisturbed.tacet");
    double[] expected;
    try (Backend host = Backends.open("host")) {
      expected = work(Work.TRAINING, host, undisturbed);
    }
    long before = HostFaults.openResources();
    int failed = 0;
    while (survives(operation, failed + 1, expected)) {
      assertThat(HostFaults.openResources()).as("%s %s", operation, failed + 1).isEqualTo(before);
      failed++;
    }
    assertThat(failed).isGreaterThan(1);
  }

  /** False if not as many were made. */
  private boolean survives(Operation operation, long number, double[] expected) throws IOException {
    Path file = temporary.resolve(operation + "-" + number + ".tacet");
    HostFaults.letFail(operation, number);
    Throwable failure =
        catchThrowable(
            () -> {
              try (Backend host = Backends.open("host")) {
                Throwable disturbed = catchThrowable(() -> work(Work.TRAINING, host, file));
                if (disturbed != null) {
                  assertThat(work(Work.TRAINING, host, file)).isEqualTo(expected);
                  throw disturbed;
                }
              }
            });
    HostFaults.letSucceed(operation);
    assertThat(Leaks.open()).isZero();
    if (failure != null) {
      assertThat(failure).hasMessageContaining("a test lets this");
    }
    return failure != null;
  }

  /** False if the operation was not needed again, as an allocation of scratch memory. */
  private boolean survives(
      Work work, Backend host, Operation operation, long number, double[] expected)
      throws IOException {
    Path file = file(work, host, operation + "-" + number);
    HostFaults.letFail(operation, number);
    Throwable failure = catchThrowable(() -> work(work, host, file));
    HostFaults.letSucceed(operation);
    assertThat(Leaks.open()).as("arrays after %s %s", operation, number).isZero();
    if (failure != null) {
      assertThat(failure)
          .as("%s %s", operation, number)
          .isInstanceOfAny(CudaException.class, OutOfDeviceMemoryException.class);
      assertThat(failure.getMessage())
          .containsAnyOf("a test lets this", "Out of memory on host execution");
    }
    // The same few states are left by many operations.
    if (number % 16 == 1) {
      assertThat(work(work, host, file)).isEqualTo(expected);
    }
    return failure != null;
  }
}
