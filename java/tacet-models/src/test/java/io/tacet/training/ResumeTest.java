package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.ArraySequences;
import io.tacet.data.Dataset;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.data.Text;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.Flow;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Trainable;
import io.tacet.network.Weights;
import io.tacet.network.cells.GainControlCell;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Trainings of every cell, interrupted in the middle of an epoch and continued from the file. */
class ResumeTest {
  private static final SpikeDataset SPIKES = Sequences.generate("spikes", 64, 1);
  private static final Egru EGRU = Egru.defaults().thresholds(0.1).zoneout(0.1);
  private static final Lif LIF = Lif.tau(20, 5);
  private static final Connection DENSE = Connection.dense();
  private static final Connection HALF = Connection.sparse(0.5);
  private static final Weights WEIGHTS = Weights.normal(3, 1);

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments steps(String name, UnaryOperator<NetworkBuilder> layers) {
    UnaryOperator<NetworkBuilder> whole =
        on ->
            layers
                .apply(on.duration(40).spikes(Sequences.SOURCES).bin(12))
                .readout(Sequences.CLASSES);
    return Arguments.of(name, whole, SPIKES, new Dropouts(0, 0.1, 0, 0.1, 0));
  }

  private static Arguments times(String name, UnaryOperator<NetworkBuilder> layers) {
    UnaryOperator<NetworkBuilder> whole =
        on -> layers.apply(on.duration(40).spikes(Sequences.SOURCES));
    return Arguments.of(name, whole, SPIKES, Dropouts.OFF);
  }

  private static Arguments tokens(String name, UnaryOperator<NetworkBuilder> layers) {
    int[] tokens = new SplittableRandom(3).ints(600, 0, 5).toArray();
    Text text = new Text("text", List.of("a", "b", "c", "d", "e"), tokens);
    UnaryOperator<NetworkBuilder> whole = on -> layers.apply(on.tokens(5));
    return Arguments.of(name, whole, text, new Dropouts(0.1, 0, 0, 0.1, 0.1));
  }

  private static Arguments targets() {
    float[] x = new float[64 * 6];
    float[] goals = new float[64 * 6];
    SplittableRandom random = new SplittableRandom(8);
    for (int k = 0; k < x.length; k++) {
      x[k] = (float) random.nextDouble();
      goals[k] = 1 - x[k];
    }
    Dataset data = ArraySequences.regression("targets", x, 6, 1, goals, 1);
    UnaryOperator<NetworkBuilder> whole = on -> on.sequence(1).gru(8).readoutOfEveryStep(1);
    return Arguments.of("targets", whole, data, Dropouts.OFF);
  }

  static Stream<Arguments> trainings() {
    Connection delayed = Connection.sparse(0.5, WEIGHTS).delays(1, 5).trainDelays();
    return Stream.of(
        steps("egru", on -> on.egru(12, EGRU)),
        steps("egru, sparse input", on -> on.egru(12, EGRU, HALF, DENSE)),
        steps("egru, both directions", on -> on.egru(8, EGRU.bothDirections())),
        steps("gru", on -> on.gru(12)),
        steps("rnn", on -> on.rnn(12, Activation.TANH)),
        steps("rnn, sparse input", on -> on.rnn(12, Activation.TANH, HALF, DENSE)),
        steps("dense", on -> on.dense(12, Activation.RELU)),
        steps("winners", on -> on.dense(12, Activation.RELU).winners(3)),
        steps(
            "gain control",
            on -> on.dense(12, Activation.RELU).layer(new GainControlCell.Spec(0.5, true))),
        steps("dense, sparse input", on -> on.dense(12, Activation.SIGMOID, HALF)),
        times("lif", on -> on.lif(12, LIF, WEIGHTS).lif(Sequences.CLASSES, LIF, WEIGHTS)),
        times(
            "lif, sparse recurrent synapses with delays",
            on ->
                on.lif(12, LIF.train(Trainable.TAU_MEM), Connection.dense(WEIGHTS), delayed)
                    .lif(Sequences.CLASSES, LIF, WEIGHTS)),
        times(
            "voltages",
            on ->
                on.lif(12, LIF, Connection.fanOut(6, WEIGHTS))
                    .readout(Sequences.CLASSES, 20, 5, Weights.normal(0, 1), Reduction.MAX)),
        tokens("embedding", on -> on.embedding(8).egru(8, EGRU).nextToken(true)),
        tokens("tokens", on -> on.gru(8).nextToken(false)),
        tokens("rnn on tokens", on -> on.embedding(6).rnn(8, Activation.TANH).nextToken(false)),
        targets());
  }

  private static Training training(Network network, Dropouts dropouts) {
    Training training =
        Training.of(network)
            .optimizer(Adam.rate(1e-2).decay(0.9))
            .epochs(3)
            .batch(8)
            .seed(4)
            .chunk(8, false)
            .dropouts(dropouts)
            .regulariser(L2.of(1e-3))
            .clipNorm(1);
    if (network.spec().input().flow().kind() == Flow.Kind.STEPS) {
      training.inputNoise(0.1);
    }
    if (network.layers().get(0).recurrent().size() == 1) {
      training.regulariser(WiringCost.communicability(1e-2).layer(0).withProximalStep());
    }
    return network.spec().input().flow().kind() == Flow.Kind.SPIKES
        ? training.regulariser(new RateRegulariser(0.1, 1))
        : training.regulariser(new ActivityTarget(0.1, 0.2));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("trainings")
  void anInterruptedTrainingContinuesBitForBit(
      String name, UnaryOperator<NetworkBuilder> layers, Dataset data, Dropouts dropouts)
      throws IOException {
    Path file = folder.resolve("checkpoint.tacet");
    try (Backend java = Backends.open("java");
        Network whole = layers.apply(Network.on(java)).build(1)) {
      History expected = training(whole, dropouts).run(data, data);
      try (Network part = layers.apply(Network.on(java)).build(1)) {
        AtomicBoolean stop = new AtomicBoolean();
        TrainingListener listener =
            new TrainingListener() {
              @Override
              public void batch(
                  int epoch, int batch, int batches, double loss, double acc, double act) {
                stop.set(epoch == 2 && batch == 3);
              }
            };
        assertThat(
                training(part, dropouts)
                    .checkpoint(file)
                    .stopWhen(stop)
                    .listener(listener)
                    .run(data, data)
                    .finished())
            .isFalse();
      }
      ModelFile saved = ModelFile.read(file);
      try (Network rest = Network.read(java, saved, file, null)) {
        History resumed = training(rest, dropouts).resume(saved).run(data, data);
        assertThat(resumed.last().trainLoss()).isEqualTo(expected.last().trainLoss());
        assertThat(resumed.last().testLoss()).isEqualTo(expected.last().testLoss());
        for (String array : whole.arrays().keySet()) {
          assertThat(rest.weights().get(array).array())
              .as(array)
              .isEqualTo(whole.weights().get(array).array());
        }
      }
    }
  }
}
