package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.Backends;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/** Trainings on virtual threads, each with a backend of its own, give what each gives alone. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class VirtualThreadsTest {
  private static final SpikeDataset DATA = Sequences.generate("spikes", 16, 1);

  /** More than there are carrier threads on most machines. */
  private static final int TRAININGS = 12;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static double[] trained(String name, long seed) throws IOException {
    try (Backend backend = Backends.open(name);
        Network network =
            Network.on(backend)
                .duration(40)
                .spikes(Sequences.SOURCES)
                .bin(20)
                .egru(4, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.dense())
                .readout(Sequences.CLASSES)
                .build(seed)) {
      Training.of(network).epochs(1).batch(8).seed(seed).run(DATA, DATA);
      return network.parameters().stream()
          .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
          .toArray();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "host"})
  @EnabledForJreRange(min = JRE.JAVA_21)
  void trainingsEqualThoseOneAfterTheOther(String backend) throws Exception {
    List<Callable<double[]>> trainings = new ArrayList<>();
    List<double[]> expected = new ArrayList<>();
    try {
      for (int k = 0; k < TRAININGS; k++) {
        long seed = k;
        expected.add(trained(backend, seed));
        trainings.add(() -> trained(backend, seed));
      }
    } catch (BackendUnavailableException e) {
      throw new TestAbortedException(e.getMessage(), e);
    }
    // Compiled for Java 17, which has none.
    ExecutorService threads =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    try {
      List<Future<double[]>> all = threads.invokeAll(trainings);
      for (int k = 0; k < TRAININGS; k++) {
        assertThat(all.get(k).get()).isEqualTo(expected.get(k));
      }
    } finally {
      threads.shutdown();
    }
  }
}
