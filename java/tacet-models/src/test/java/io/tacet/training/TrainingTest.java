package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.Trainable;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.optim.Parameter;
import io.tacet.optim.Schedule;
import io.tacet.optim.Sgd;
import io.tacet.reference.JavaBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingTest {
  private static final SpikeDataset TRAIN = YinYang.train().slice(0, 1000);
  private static final SpikeDataset TEST = YinYang.test().slice(0, 200);

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network network(Backend backend, DType type) {
    return Network.on(backend)
        .precision(type)
        .spikes(YinYang.SOURCES)
        .lif(60, Lif.tau(20, 5), Weights.normal(1.5, 0.78))
        .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
        .build(1);
  }

  private static Map<String, double[]> numbers(Network network) {
    return network.arrays().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toDoubles()));
  }

  private static void same(Map<String, double[]> a, Map<String, double[]> b) {
    assertThat(a.keySet()).isEqualTo(b.keySet());
    a.forEach((name, values) -> assertThat(values).as(name).isEqualTo(b.get(name)));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void aFewEpochsOfYinYangAreLearned(DType type) throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java, type)) {
      History history = Training.of(network).epochs(8).optimizer(Adam.rate(1e-2)).run(TRAIN, TEST);
      assertThat(history.finished()).isTrue();
      assertThat(history.testAccuracy()).isGreaterThan(0.8);
      assertThat(history.epochs()).hasSize(8);
      assertThat(history.last().activity()).isBetween(0.01, 5.0);
    }
  }

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() throws IOException {
    Map<String, double[]> one;
    try (Backend java = new JavaBackend(1);
        Network network = network(java, DType.FLOAT32)) {
      Training.of(network).epochs(1).run(TRAIN, null);
      one = numbers(network);
    }
    try (Backend java = new JavaBackend(3);
        Network network = network(java, DType.FLOAT32)) {
      Training.of(network).epochs(1).run(TRAIN, null);
      same(one, numbers(network));
    }
  }

  /** What a listener is shown at the end of a training, weights first. */
  private Map<String, double[]> seen(boolean readsGradients) throws IOException {
    Map<String, double[]> seen = new LinkedHashMap<>();
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      Training.of(network)
          .epochs(2)
          .seed(5)
          .listener(
              new TrainingListener() {
                @Override
                public boolean readsGradients() {
                  return readsGradients;
                }

                @Override
                public void end(Pass last) {
                  seen.putAll(numbers(network));
                  for (Parameter p : network.parameters()) {
                    seen.put("gradient of " + p.name(), p.gradient().toDoubles());
                  }
                }
              })
          .run(TRAIN, TEST);
    }
    return seen;
  }

  @Test
  void gradientsAreThoseOfTheLastBatchForListenersThatReadThemAndZeroElse() throws IOException {
    Map<String, double[]> read = seen(true);
    Map<String, double[]> cleared = seen(false);
    assertThat(read).hasSizeGreaterThan(2);
    read.forEach(
        (name, numbers) -> {
          if (name.startsWith("gradient of ")) {
            assertThat(numbers).as(name).isNotEqualTo(new double[numbers.length]);
            assertThat(cleared.get(name)).as(name).containsOnly(0);
          } else {
            assertThat(cleared.get(name)).as(name).containsExactly(numbers);
          }
        });
  }

  @Test
  void aTrainingStoppedInTheMiddleOfAnEpochContinuesBitForBit() throws IOException {
    Path checkpoint = folder.resolve("checkpoint.tacet");
    Map<String, double[]> whole;
    History uninterrupted;
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      uninterrupted = Training.of(network).epochs(3).seed(5).inputDropout(0.1).run(TRAIN, TEST);
      whole = numbers(network);
      AtomicBoolean stop = new AtomicBoolean();
      try (Network again = network(java, DType.FLOAT32)) {
        History part =
            Training.of(again)
                .epochs(3)
                .seed(5)
                .inputDropout(0.1)
                .checkpoint(checkpoint)
                .stopWhen(stop)
                .listener(
                    new TrainingListener() {
                      @Override
                      public void batch(
                          int epoch, int batch, int batches, double loss, double acc, double act) {
                        stop.set(epoch == 2 && batch == 11);
                      }
                    })
                .run(TRAIN, TEST);
        assertThat(part.finished()).isFalse();
        assertThat(part.epochs()).hasSize(1);
      }
      ModelFile saved = ModelFile.read(checkpoint);
      try (Network resumed = Network.read(java, saved, checkpoint, null)) {
        History rest =
            Training.of(resumed).epochs(3).seed(5).inputDropout(0.1).resume(saved).run(TRAIN, TEST);
        same(whole, numbers(resumed));
        assertThat(rest.epochs()).hasSize(3);
        for (int k = 0; k < 3; k++) {
          assertThat(rest.epochs().get(k).trainLoss())
              .isEqualTo(uninterrupted.epochs().get(k).trainLoss());
          assertThat(rest.epochs().get(k).testAccuracy())
              .isEqualTo(uninterrupted.epochs().get(k).testAccuracy());
        }
      }
    }
  }

  @Test
  void delaysTimeConstantsAndThresholdsTrainWithinTheirBounds() throws IOException {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(YinYang.SOURCES)
                .lif(
                    40,
                    Lif.tau(20, 5).train(Trainable.TAU_MEM, Trainable.THRESHOLD, Trainable.BIAS),
                    Connection.dense(Weights.normal(1.5, 0.78)).delays(0, 2).trainDelays())
                .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
                .build(2)) {
      Map<String, double[]> before = numbers(network);
      Training.of(network).epochs(1).run(TRAIN.slice(0, 320), null);
      Map<String, double[]> after = numbers(network);
      for (String name :
          new String[] {
            "layer0.delays", "layer0.tauMem", "layer0.threshold", "layer0.bias", "layer0.weights"
          }) {
        assertThat(after.get(name)).as(name).isNotEqualTo(before.get(name));
      }
      assertThat(Arrays.stream(after.get("layer0.delays")).min().orElseThrow()).isNotNegative();
      assertThat(after.get("layer0.tauSyn")).isEqualTo(before.get("layer0.tauSyn"));
    }
  }

  @Test
  void theRateRegulariserMovesActivityTowardsItsTarget() throws IOException {
    double free;
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      free = Training.of(network).epochs(3).run(TRAIN, null).last().activity();
    }
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      double pushed =
          Training.of(network)
              .epochs(3)
              .regulariser(new RateRegulariser(2, 2))
              .run(TRAIN, null)
              .last()
              .activity();
      assertThat(pushed).isGreaterThan(free);
    }
  }

  @Test
  void theActivityRegulariserOfStepsIsRefusedForEventTimes() {
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      Training training = Training.of(network).epochs(1).regulariser(new ActivityTarget(1, 0.1));
      assertThatThrownBy(() -> training.run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Use RateRegulariser (--spike-weight)");
    }
  }

  @Test
  void weightsThatAreNotNumbersEndTheTrainingWithAReason() {
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      DeviceArray weights = network.arrays().get("layer0.weights");
      double[] values = weights.toDoubles();
      values[3] = Double.NaN;
      weights.copyFrom(values);
      assertThatThrownBy(() -> Training.of(network).epochs(2).run(TRAIN, null))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("learning rate");
    }
  }

  @Test
  void plainGradientDescentWithMomentumLearnsToo() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT64)) {
      History history =
          Training.of(network)
              .optimizer(Sgd.rate(0.01).momentum(0.9).schedule(Schedule.cosine(0.1)))
              .epochs(4)
              .run(TRAIN, null);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
    }
  }

  @Test
  void aLossThatDoesNotFitTheOutputIsRefused() {
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      assertThatThrownBy(
              () -> Training.of(network).loss(new CrossEntropy()).epochs(1).run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("read-out");
    }
  }

  @Test
  void dataWithOtherChannelsIsRefused() {
    SpikeDataset other =
        SpikeDataset.builder("other", 7, 3, 30).add(0, new double[] {1}, new int[] {6}).build();
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32)) {
      assertThatThrownBy(() -> Training.of(network).run(other, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected 5 input channels");
    }
  }

  private static Network withReadout(Backend backend, Simulator simulator) {
    return Network.on(backend)
        .simulator(simulator)
        .duration(40)
        .spikes(YinYang.SOURCES)
        .lif(60, Lif.tau(20, 5), Weights.normal(1.5, 0.78))
        .readout(YinYang.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MEAN)
        .build(1);
  }

  @Test
  void crossEntropyAtEveryStepTrainsAllLayersAndTestsChangeNothing() throws IOException {
    Map<String, double[]> tested;
    try (Backend java = Backends.open("java");
        Network network = withReadout(java, Simulator.grid(0.5))) {
      Map<String, double[]> before = numbers(network);
      History history =
          Training.of(network)
              .loss(new CrossEntropyOverTime())
              .optimizer(Adam.rate(1e-2))
              .epochs(6)
              .run(TRAIN, TEST);
      assertThat(history.last().trainLoss()).isLessThan(0.95 * history.epochs().get(0).trainLoss());
      assertThat(history.testAccuracy()).isGreaterThan(0.6);
      tested = numbers(network);
      before.forEach(
          (name, values) -> {
            if (name.endsWith("weights")) {
              assertThat(tested.get(name)).as(name).isNotEqualTo(values);
            }
          });
    }
    try (Backend java = Backends.open("java");
        Network network = withReadout(java, Simulator.grid(0.5))) {
      Training.of(network)
          .loss(new CrossEntropyOverTime())
          .optimizer(Adam.rate(1e-2))
          .epochs(6)
          .run(TRAIN, null);
      same(tested, numbers(network));
    }
  }

  @Test
  void crossEntropyAtEveryStepNeedsStepsAndAReadout() {
    try (Backend java = Backends.open("java");
        Network exact = withReadout(java, Simulator.exact());
        Network spiking = network(java, DType.FLOAT32)) {
      assertThatThrownBy(
              () -> Training.of(exact).loss(new CrossEntropyOverTime()).epochs(1).run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("grid simulator");
      assertThatThrownBy(
              () ->
                  Training.of(spiking).loss(new CrossEntropyOverTime()).epochs(1).run(TRAIN, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("read-out layer");
    }
  }
}
