package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.InterruptedPassException;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several threads, each with a backend of its own, and what those see who share one. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ConcurrencyTest {
  private static final SpikeDataset DATA = Sequences.generate("spikes", 32, 1);

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network network(Backend backend, long seed) {
    return Network.on(backend)
        .duration(40)
        .spikes(Sequences.SOURCES)
        .bin(12)
        .egru(8, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.5))
        .readout(Sequences.CLASSES)
        .build(seed);
  }

  private static double[] trained(long seed) throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java, seed)) {
      assertThat(Training.of(network).epochs(2).batch(8).seed(seed).run(DATA, DATA).finished())
          .isTrue();
      return network.parameters().stream()
          .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
          .toArray();
    }
  }

  @Test
  void trainingsOnSeveralThreadsEqualThoseOneAfterTheOther() throws Exception {
    int count = 6;
    List<Callable<double[]>> trainings = new ArrayList<>();
    List<double[]> expected = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      long seed = k;
      expected.add(trained(seed));
      trainings.add(() -> trained(seed));
    }
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<double[]>> all = threads.invokeAll(trainings);
      for (int k = 0; k < count; k++) {
        assertThat(all.get(k).get()).isEqualTo(expected.get(k));
      }
    } finally {
      threads.shutdown();
    }
  }

  /** Whether the last training of {@link #meanwhile} ended with its thread interrupted. */
  private final AtomicBoolean interrupted = new AtomicBoolean();

  /** Trains in a thread of its own until a batch of it has begun, and then does something else. */
  private Throwable meanwhile(Backend backend, Path checkpoint, Disturbance disturbance)
      throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch disturbed = new CountDownLatch(1);
    AtomicReference<Throwable> ended = new AtomicReference<>();
    interrupted.set(false);
    Thread thread =
        new Thread(
            () -> {
              try (Network network = network(backend, 1)) {
                Training.of(network)
                    .epochs(1000)
                    .batch(8)
                    .checkpoint(checkpoint)
                    .listener(
                        new TrainingListener() {
                          @Override
                          public void batch(
                              int epoch,
                              int batch,
                              int batches,
                              double loss,
                              double accuracy,
                              double activity) {
                            if (epoch == 2) {
                              training.countDown();
                            }
                          }
                        })
                    .run(DATA, DATA);
              } catch (IOException | RuntimeException e) {
                ended.set(e);
                interrupted.set(Thread.currentThread().isInterrupted());
              } finally {
                disturbed.countDown();
              }
            },
            "training");
    thread.start();
    assertThat(training.await(60, TimeUnit.SECONDS)).isTrue();
    disturbance.happen(thread);
    if (thread.isAlive()) {
      thread.interrupt();
    }
    assertThat(disturbed.await(60, TimeUnit.SECONDS)).isTrue();
    thread.join();
    return ended.get();
  }

  private interface Disturbance {
    void happen(Thread training) throws Exception;
  }

  @Test
  void anInterruptEndsATrainingInGoodOrder() throws Exception {
    Path file = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java")) {
      assertThat(meanwhile(java, file, Thread::interrupt))
          .isInstanceOf(InterruptedPassException.class);
      assertThat(interrupted).isTrue();
      assertThat(Leaks.open()).isZero();
      assertThat(Training.epochsDone(ModelFile.read(file))).isNotEmpty();
      assertThat(trained(3)).isNotEmpty();
    }
  }

  @Test
  void aBackendOfTwoThreadsTellsOneOfThem() throws Exception {
    AtomicReference<Throwable> refused = new AtomicReference<>();
    try (Backend java = Backends.open("java");
        Network mine = network(java, 2)) {
      Throwable ended =
          meanwhile(
              java,
              folder.resolve("checkpoint.tacet"),
              training -> {
                long until = System.nanoTime() + 30_000_000_000L;
                while (refused.get() == null && training.isAlive() && System.nanoTime() < until) {
                  refused.set(catchThrowable(() -> mine.predict(DATA)));
                }
              });
      Throwable told = refused.get() == null ? ended : refused.get();
      assertThat(told)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("One thread drives a backend at a time: open a backend for each.")
          .hasMessageContaining("'training'");
    }
  }
}
