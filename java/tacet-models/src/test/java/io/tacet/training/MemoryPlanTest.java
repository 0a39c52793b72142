package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.Rewiring;
import io.tacet.network.TapeKind;
import io.tacet.network.Weights;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.optim.OptimizerSpec;
import io.tacet.optim.Sgd;
import java.io.IOException;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MemoryPlanTest {
  private static final SpikeDataset TRAIN = Sequences.generate("train", 70, 1);
  private static final SpikeDataset TEST = Sequences.generate("test", 600, 2);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments network(String name, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layers);
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        network("event-gated units", b -> b.bin(13).egru(9).readout(Sequences.CLASSES)),
        network(
            "both directions",
            b ->
                b.bin(13)
                    .egru(9, Egru.defaults().bothDirections())
                    .egru(6)
                    .readoutOfLastStep(Sequences.CLASSES)),
        network(
            "plain layers with sparse inputs",
            b ->
                b.bin(13)
                    .rnn(8, Activation.TANH, Connection.sparse(0.5), Connection.dense())
                    .dense(12, Activation.RELU)
                    .readout(Sequences.CLASSES)),
        network(
            "spiking layers",
            b ->
                b.lif(11, Lif.tau(20, 5), Weights.normal(0.5, 0.1))
                    .readout(Sequences.CLASSES, 20, 5, Weights.normal(0.2, 0.1), Reduction.MAX)));
  }

  private static Network build(Backend backend, UnaryOperator<NetworkBuilder> layers) {
    return layers.apply(Network.on(backend).duration(40).spikes(Sequences.SOURCES)).build(1);
  }

  private static void check(Network network, OptimizerSpec optimizer, TapeKind tape)
      throws IOException {
    long[] held = new long[1];
    Dropouts dropouts = Dropouts.OFF;
    Training training =
        Training.of(network)
            .optimizer(optimizer)
            .epochs(1)
            .batch(32)
            .dropouts(dropouts)
            .tape(tape)
            .listener(whatIsHeld(network.backend(), held));
    MemoryPlan plan = training.plan(TRAIN, TEST);
    assertThat(network.backend().arrayBytes().open()).isLessThan(plan.bytes());
    training.run(TRAIN, TEST);
    assertThat(held[0]).isEqualTo(plan.bytes());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void aTrainingHoldsTheBytesOfItsPlan(String name, UnaryOperator<NetworkBuilder> layers)
      throws IOException {
    try (Backend java = Backends.open("java");
        Network network = build(java, layers)) {
      check(network, Adam.rate(1e-3), TapeKind.FULL);
      check(network, Sgd.rate(1e-3), TapeKind.SMALLEST);
      check(network, Sgd.rate(1e-3).momentum(0.9), TapeKind.RECOMPUTE);
    }
  }

  @Test
  void aPlanCountsWhatRewiringTakesAtMost() throws IOException {
    long[] held = new long[1];
    Connection sparse = Connection.sparse(0.5).rewire(Rewiring.rigl(0.3).every(1));
    try (Backend java = Backends.open("java");
        Network network =
            build(
                java,
                b ->
                    b.bin(13)
                        .egru(20, Egru.defaults(), sparse, sparse)
                        .readout(Sequences.CLASSES))) {
      Training training = Training.of(network).epochs(1).batch(32).listener(whatIsHeld(java, held));
      MemoryPlan plan = training.plan(TRAIN, TEST);
      training.run(TRAIN, TEST);
      // Both ends of what comes are only held from the backward pass to the update.
      long found =
          network.rewired().stream()
              .mapToLong(synapses -> 8 * (long) (0.3 * synapses.wiring().places()))
              .sum();
      assertThat(found).isPositive();
      assertThat(plan.bytes()).isEqualTo(held[0] + found);
    }
  }

  @Test
  void aPlanCountsWhatASearchOfSpikingNeuronsTakes() throws IOException {
    long[] held = new long[1];
    Weights weights = Weights.normal(0.5, 0.1);
    Connection sparse = Connection.sparse(0.2, weights).rewire(Rewiring.rigl(0.3).every(1));
    try (Backend java = Backends.open("java");
        Network network =
            build(
                java,
                b ->
                    b.lif(60, Lif.tau(20, 5), sparse, sparse)
                        .readout(Sequences.CLASSES, 20, 5, weights, Reduction.MAX))) {
      Training training = Training.of(network).epochs(1).batch(32).listener(whatIsHeld(java, held));
      MemoryPlan plan = training.plan(TRAIN, TEST);
      training.run(TRAIN, TEST);
      long tiles =
          network.rewired().stream()
              .mapToLong(
                  synapses -> {
                    int places = (int) synapses.wiring().places();
                    return synapses.tiles().bytes(places, (int) (0.3 * places));
                  })
              .sum();
      assertThat(tiles).isPositive();
      assertThat(plan.bytes()).isEqualTo(held[0] + tiles);
    }
  }

  @Test
  void aTrainingThatDoesNotFitIsRefusedWithItsPlanAndNothingIsAllocated() {
    try (Backend java = Backends.open("java");
        Network network = build(java, b -> b.bin(13).egru(9).readout(Sequences.CLASSES))) {
      Training training = Training.of(network).batch(32);
      long needed = training.plan(TRAIN, TEST).bytes();
      long before = java.arrayBytes().open();
      assertThatThrownBy(() -> training.memory(needed - 1).run(TRAIN, TEST))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("memory: expected", "KiB", "layer0", "training pass", "total");
      assertThat(java.arrayBytes().open()).isEqualTo(before);
      assertThatThrownBy(() -> training.memory(0)).hasMessageContaining("memory: expected");
    }
  }

  private static Network ofNeurons(Backend backend, Neuron neuron) {
    return build(
        backend,
        b ->
            b.neuron(
                    30,
                    neuron,
                    Connection.dense(Weights.normal(0.3, 0.1)),
                    Connection.dense(Weights.normal(0, 0.1)))
                .neuron(20, neuron, Weights.normal(0.1, 0.05))
                .readout(Sequences.CLASSES, 20, 5, Weights.normal(0.2, 0.1), Reduction.MAX));
  }

  private static int events(int sample) {
    return TRAIN.end(sample) - TRAIN.begin(sample);
  }

  @Test
  @Thorough
  void aPlanCountsTheStatesThatNeuronsWithoutAClosedFormKeepOfTheirEvents() throws IOException {
    long[] held = new long[1];
    try (Backend java = Backends.open("java");
        Network numerical = ofNeurons(java, Neurons.lif().tolerance(1e-6))) {
      MemoryPlan arrays;
      try (Network closed = ofNeurons(java, Neurons.lif())) {
        arrays = Training.of(closed).batch(32).plan(TRAIN, TEST);
      }
      Training training =
          Training.of(numerical).epochs(1).batch(32).listener(whatIsHeld(java, held));
      long before = java.arrayBytes().open();
      MemoryPlan plan = training.plan(TRAIN, TEST);
      assertThat(java.arrayBytes().open()).isEqualTo(before);
      int most = IntStream.range(0, TRAIN.size()).map(MemoryPlanTest::events).max().orElseThrow();
      for (int k = 0; k < 2; k++) {
        MemoryPlan.Row row = plan.rows().get(k);
        long events = k == 0 ? most * 30L : (16 + 2 * 30) * 20L;
        // Two states of two variables for each arrival, of 32 samples.
        long states = 32 * events * 2 * 2 * 8;
        assertThat(row.training() - arrays.rows().get(k).training())
            .as(row.name())
            .isGreaterThan(states);
        assertThat(row.testing()).isGreaterThan(arrays.rows().get(k).testing());
        assertThat(row.weights()).isEqualTo(arrays.rows().get(k).weights());
      }
      assertThat(plan.rows().subList(2, 4)).isEqualTo(arrays.rows().subList(2, 4));
      assertThatThrownBy(() -> training.memory(arrays.bytes()).run(TRAIN, TEST))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("memory: expected", "layer0", "training pass");
      training.memory(plan.bytes()).run(TRAIN, TEST);
      assertThat(held[0]).isEqualTo(arrays.bytes());
    }
  }

  @Test
  void aPlanCountsWhatAnOptimiserKeepsOfEveryParameter() {
    try (Backend java = Backends.open("java");
        Network network = build(java, b -> b.bin(13).egru(9).readout(Sequences.CLASSES))) {
      MemoryPlan adam = Training.of(network).plan(TRAIN, null);
      MemoryPlan sgd = Training.of(network).optimizer(Sgd.rate(1)).plan(TRAIN, null);
      assertThat(adam.bytes() - sgd.bytes()).isEqualTo(2 * 4 * network.size());
      assertThat(sgd.rows().stream().mapToLong(MemoryPlan.Row::testing).sum()).isZero();
    }
  }

  /** Notes the bytes of all arrays at the end of a training, when each of them is there. */
  private static TrainingListener whatIsHeld(Backend backend, long[] held) {
    return new TrainingListener() {
      @Override
      public void end(Pass latest) {
        held[0] = backend.arrayBytes().open();
      }
    };
  }
}
