package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import io.tacet.network.batches.Shares;
import io.tacet.optim.Adam;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks with sparse weights compute and learn what dense ones with masked weights do. */
class MaskedTwinTest {
  private static final double CLOSE = 1e-12;
  private static final int BATCH = 20;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Makes a network of the connections it is given: from below, and within. */
  interface Described {
    NetworkSpec of(Connection input, Connection recurrent);
  }

  private static NetworkBuilder steps() {
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .duration(Sequences.INPUT_MS)
        .spikes(Sequences.SOURCES)
        .bin(16);
  }

  private static NetworkSpec spiking(Simulator simulator, Connection input, Connection recurrent) {
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .simulator(simulator)
        .spikes(YinYang.SOURCES)
        .lif(60, Lif.tau(20, 5), input, recurrent)
        .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(1.2, 0.3))
        .spec();
  }

  private static Arguments network(
      String name, SpikeDataset data, Weights in, Weights within, Described layers) {
    return Arguments.of(name, data, in, within, layers);
  }

  static Stream<Arguments> networks() {
    SpikeDataset sequences = Sequences.generate("sequences", 200, 1);
    SpikeDataset points = YinYang.train().slice(0, 200);
    Egru egru = Egru.defaults().thresholds(0.1);
    int out = Sequences.CLASSES;
    Weights in = Weights.normal(1.8, 0.6);
    Weights within = Weights.normal(0, 0.5);
    Weights usual = Weights.normal(0, 0.4);
    return Stream.of(
        network("lif, exact", points, in, within, (i, r) -> spiking(Simulator.exact(), i, r)),
        network("lif, grid", points, in, within, (i, r) -> spiking(Simulator.grid(0.5), i, r)),
        network(
            "egru",
            sequences,
            usual,
            usual,
            (i, r) -> steps().egru(60, egru, i, r).readout(out).spec()),
        network(
            "gru", sequences, usual, usual, (i, r) -> steps().gru(60, i, r).readout(out).spec()),
        network(
            "rnn",
            sequences,
            usual,
            usual,
            (i, r) -> steps().rnn(60, Activation.TANH, i, r).readout(out).spec()));
  }

  /** With about 36 recurrent synapses of 3600 possible ones. */
  private static NetworkSpec sparse(Described layers, Weights in, Weights within) {
    return layers.of(Connection.sparse(0.6, in), Connection.sparse(0.01, within));
  }

  private static NetworkSpec dense(Described layers, Weights in, Weights within) {
    return layers.of(Connection.dense(in), Connection.dense(within));
  }

  private static Loss loss(String name) {
    return name.startsWith("lif") ? TimeToFirstSpike.of(0.5, 6.4, 3e-3) : new CrossEntropy();
  }

  private static void gradients(Network network, SpikeDataset data, Loss loss) {
    BatchPlan plan =
        new BatchPlan(BATCH, 1, 0, 0, 1, false, TrainingOptions.PLAIN, true, Shares.ALL, false);
    try (Batches batches = Batches.of(network, data, plan)) {
      network.zeroGradients();
      batches.begin(0);
      Pass pass = batches.train(0, 0, List.of());
      loss.evaluate(pass);
      pass.backward();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void gradientsAreThoseOfTheTwin(
      String name, SpikeDataset data, Weights in, Weights within, Described layers) {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, sparse(layers, in, within), 3);
        MaskedTwin twin = new MaskedTwin(java, network, dense(layers, in, within))) {
      assertThat(twin.sparse()).hasSize(2);
      gradients(network, data, loss(name));
      gradients(twin.network(), data, loss(name));
      List<Parameter> expected = twin.network().parameters();
      for (int k = 0; k < expected.size(); k++) {
        Parameter p = network.parameters().get(k);
        double[] found = p.gradient().toDoubles();
        double[] want = twin.gathered(p.name(), expected.get(k).gradient().toDoubles());
        double scale = largestDifference(want, new double[want.length]);
        assertThat(scale).as(p.name()).isPositive();
        assertThat(largestDifference(found, want)).as(p.name()).isLessThan(CLOSE * scale);
      }
    }
  }

  private static double largestDifference(double[] a, double[] b) {
    double largest = 0;
    for (int k = 0; k < a.length; k++) {
      largest = Math.max(largest, Math.abs(a[k] - b[k]));
    }
    return largest;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void trainingGivesTheSameAccuracyAndLeavesOtherSynapsesAtZero(
      String name, SpikeDataset data, Weights in, Weights within, Described layers)
      throws IOException {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, sparse(layers, in, within), 3);
        MaskedTwin twin = new MaskedTwin(java, network, dense(layers, in, within))) {
      EpochResult ours = training(network, loss(name)).run(data, null).last();
      EpochResult theirs =
          training(twin.network(), loss(name)).regulariser(twin).run(data, null).last();
      assertThat(ours.trainAccuracy())
          .isBetween(theirs.trainAccuracy() - 0.01, theirs.trainAccuracy() + 0.01);
      twin.sparse()
          .forEach(
              (weights, places) -> {
                double[] all = twin.network().arrays().get(weights).toDoubles();
                long nonzero = Arrays.stream(all).filter(w -> w != 0).count();
                assertThat(nonzero).as(weights).isLessThanOrEqualTo(places.length);
                assertThat(all.length).isGreaterThan(places.length);
              });
    }
  }

  private static Training training(Network network, Loss loss) {
    return Training.of(network)
        .loss(loss)
        .optimizer(Adam.rate(5e-3))
        .batch(BATCH)
        .epochs(4)
        .seed(2);
  }
}
