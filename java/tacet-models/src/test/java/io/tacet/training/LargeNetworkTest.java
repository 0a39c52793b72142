package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.data.Dataset;
import io.tacet.data.SpikeDataset;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.Weights;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers with more pairs of units than an int counts, and few synapses. */
class LargeNetworkTest {
  private static final int UNITS = 50_000;
  private static final int SYNAPSES = 3;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static NetworkSpec spiking(Simulator simulator) {
    return NetworkSpec.builder()
        .simulator(simulator)
        .duration(8)
        .spikes(UNITS)
        .lif(
            UNITS,
            Lif.tau(20, 5),
            Connection.fanIn(SYNAPSES, Weights.normal(9, 1)),
            Connection.fanOut(SYNAPSES, Weights.normal(0, 0.1)))
        .readout(2, 20, 5, Weights.normal(0, 0.01), Reduction.MAX)
        .spec();
  }

  private static SpikeDataset spikes() {
    int[] sources = {3, 40_000, 70, 49_999};
    double[] times = {1, 2, 2.5, 4};
    return SpikeDataset.builder("spikes", UNITS, 2, 8).add(1, times, sources).build();
  }

  static Stream<Arguments> networks() {
    Connection fanIn = Connection.fanIn(SYNAPSES);
    Connection fanOut = Connection.fanOut(SYNAPSES);
    NetworkSpec gated =
        NetworkSpec.builder()
            .sequence(2)
            .rnn(UNITS, Activation.TANH, Connection.fanIn(1), fanOut)
            .egru(UNITS, Egru.defaults().thresholds(0.1), fanIn, fanOut)
            .readout(2)
            .spec();
    ArraySequences steps =
        ArraySequences.of("steps", new float[] {1, 2, -1, 0.5f, 0, 1}, 3, 2, new int[] {1}, 2);
    return Stream.of(
        Arguments.of("steps", gated, steps),
        Arguments.of("spikes, exact", spiking(Simulator.exact()), spikes()),
        Arguments.of("spikes, grid", spiking(Simulator.grid(0.5)), spikes()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void areTrainedInTheMemoryOfTheirSynapses(String name, NetworkSpec spec, Dataset data)
      throws IOException {
    long[] held = new long[1];
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 1)) {
      Training training =
          Training.of(network)
              .loss(new CrossEntropy())
              .epochs(2)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void end(Pass latest) {
                      held[0] = java.arrayBytes().open();
                    }
                  });
      long planned = training.plan(data, null).bytes();
      History history = training.run(data, null);
      assertThat(history.last().trainLoss()).isLessThan(history.epochs().get(0).trainLoss());
      assertThat(held[0]).isEqualTo(planned).isLessThan(1000L * UNITS);
    }
  }
}
