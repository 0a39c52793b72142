package io.tacet.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Dataset;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.optim.Adam;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The same training by one process and by Spark. */
final class Trainings {
  static final int SHARES = 6;
  static final int BATCH = 20;
  static final int EPOCHS = 3;
  static final double RATE = 1e-2;

  private Trainings() {}

  /**
   * What a training leaves.
   *
   * @param numbers of all arrays
   * @param epochs of its history
   */
  record Result(Map<String, double[]> numbers, List<EpochResult> epochs) {}

  /** One process, without Spark. */
  static Result alone(NetworkSpec spec, Dataset data, int epochs) throws IOException {
    try (Backend java = Backends.open("java", 1);
        Network network = Network.build(java, spec, 4)) {
      History history =
          Training.of(network)
              .optimizer(Adam.rate(RATE))
              .epochs(epochs)
              .batch(BATCH)
              .seed(4)
              .shares(SHARES)
              .run(data, null);
      return new Result(numbers(network), history.epochs());
    }
  }

  /** Set up alike. */
  static TacetEstimator estimator(NetworkSpec spec) {
    return new TacetEstimator()
        .setNetwork(spec)
        .setOrderCol("id")
        .setLearningRate(RATE)
        .setEpochs(EPOCHS)
        .setBatchSize(BATCH)
        .setSeed(4)
        .setShares(SHARES)
        .setTimeout(60);
  }

  static Result of(TacetModel model) throws IOException {
    try (Backend java = Backends.open("java", 1);
        Network network = model.network(java)) {
      return new Result(numbers(network), model.summary().epochs());
    }
  }

  private static Map<String, double[]> numbers(Network network) {
    Map<String, double[]> all = new LinkedHashMap<>();
    network.arrays().forEach((name, array) -> all.put(name, numbers(array)));
    return all;
  }

  private static double[] numbers(DeviceArray array) {
    return array.type().isFloating()
        ? array.toDoubles()
        : Arrays.stream(array.toInts()).asDoubleStream().toArray();
  }

  static void assertSame(Result expected, Result got) {
    assertThat(got.numbers.keySet()).isEqualTo(expected.numbers.keySet());
    expected.numbers.forEach(
        (name, numbers) -> assertThat(got.numbers.get(name)).as(name).isEqualTo(numbers));
    assertThat(got.epochs).hasSameSizeAs(expected.epochs);
    for (int e = 0; e < expected.epochs.size(); e++) {
      assertThat(got.epochs.get(e).trainLoss()).isEqualTo(expected.epochs.get(e).trainLoss());
      assertThat(got.epochs.get(e).trainAccuracy())
          .isEqualTo(expected.epochs.get(e).trainAccuracy());
      assertThat(got.epochs.get(e).activities()).isEqualTo(expected.epochs.get(e).activities());
    }
  }
}
