package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.SpikeMargin;
import io.tacet.network.Weights;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.optim.Sgd;
import io.tacet.report.OutputFolder;
import io.tacet.report.Progress;
import io.tacet.report.TrainingReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How near spikes are to vanishing, as a training tells. */
class SpikeMarginTest {
  /** The smallest weight by which one input makes a LIF neuron of 20 and 5 ms spike. */
  private static final double TOUCHES = 6.349604207872798;

  /** Sample 0 has a clear spike, of two inputs; sample 1 has one input. */
  private static SpikeDataset data() {
    return SpikeDataset.builder("two", 1, 2, 30)
        .add(0, new double[] {1, 2}, new int[2])
        .add(1, new double[] {2}, new int[1])
        .build();
  }

  private static Network network(Backend backend, Neuron neuron, double weight) {
    return Network.on(backend)
        .precision(DType.FLOAT64)
        .spikes(1)
        .neuron(1, neuron, Connection.dense(Weights.uniform(weight, weight)), null)
        .lif(2, Lif.tau(20, 5), Weights.uniform(9, 9))
        .build(0);
  }

  private static Network lifNetwork(Backend backend, Simulator simulator, double weight, Lif lif) {
    return Network.on(backend)
        .precision(DType.FLOAT64)
        .simulator(simulator)
        .spikes(1)
        .lif(1, lif, Weights.uniform(weight, weight))
        .lif(2, Lif.tau(20, 5), Weights.uniform(9, 9))
        .build(0);
  }

  private static SpikeMargin lifMargin(Simulator simulator, double weight, Lif lif) {
    SpikeMargin[] margin = new SpikeMargin[1];
    try (Backend backend = Backends.open("java");
        Network network = lifNetwork(backend, simulator, weight, lif)) {
      Passes.forward(network, data(), new int[] {1, 0}, pass -> margin[0] = pass.margin());
    }
    return margin[0];
  }

  private static SpikeMargin margin(Neuron neuron, double weight) {
    SpikeMargin[] margin = new SpikeMargin[1];
    try (Backend backend = Backends.open("java");
        Network network = network(backend, neuron, weight)) {
      Passes.forward(network, data(), new int[] {1, 0}, pass -> margin[0] = pass.margin());
    }
    return margin[0];
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-12})
  void aSpikeThatNearlyVanishesIsNamedWithLayerAndSample(double tolerance) {
    SpikeMargin margin = margin(Neurons.lif().tolerance(tolerance), TOUCHES * (1 + 1e-9));
    assertThat(margin.isNarrow()).isTrue();
    assertThat(margin.layer()).isEqualTo("layer0");
    assertThat(margin.sample()).as("number in the data set, not in the batch").isEqualTo(1);
    assertThat(margin.grazes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-12})
  void aSpikeThatNearlyAppearsIsCounted(double tolerance) {
    SpikeMargin margin = margin(Neurons.lif().tolerance(tolerance), TOUCHES * (1 - 1e-5));
    assertThat(margin.grazes()).isEqualTo(1);
    assertThat(margin.sample()).as("the other sample spikes").isZero();
    assertThat(margin.isNarrow()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {9, TOUCHES * (1 + 1e-6), TOUCHES * (1 - 1e-5)})
  void layersOfLifNeuronsAreWatchedInTheSameUnits(double weight) {
    Neuron neuron = Neurons.lif().with("threshold", 2).with("tauMem", 20);
    SpikeMargin expected = margin(neuron, 2 * weight);
    SpikeMargin margin = lifMargin(Simulator.exact(), 2 * weight, Lif.tau(20, 5).threshold(2));
    assertThat(margin.slope()).isCloseTo(expected.slope(), withinPercentage(1e-4));
    assertThat(margin.grazes()).isEqualTo(expected.grazes());
    assertThat(margin.layer()).isEqualTo(expected.layer());
    assertThat(margin.sample()).isEqualTo(expected.sample());
  }

  @Test
  void layersOnAGridAreNotWatched() {
    assertThat(lifMargin(Simulator.grid(0.1), 9, Lif.tau(20, 5))).isEqualTo(SpikeMargin.NONE);
    try (Backend backend = Backends.open("java");
        Network exact = lifNetwork(backend, Simulator.exact(), 9, Lif.tau(20, 5));
        Network grid = lifNetwork(backend, Simulator.grid(0.1), 9, Lif.tau(20, 5))) {
      assertThat(exact.spec().watchesSpikes()).isTrue();
      assertThat(grid.spec().watchesSpikes()).isFalse();
    }
  }

  /** What an update at a rate of 1e-6 takes from the weight of the hidden neuron. */
  private static double update(Function<Backend, Network> open, double leastSlope)
      throws IOException {
    SpikeDataset one =
        SpikeDataset.builder("one", 1, 2, 30).add(0, new double[] {2}, new int[1]).build();
    try (Backend backend = Backends.open("java");
        Network network = open.apply(backend)) {
      double before = network.arrays().get("layer0.weights").toDoubles()[0];
      Training.of(network)
          .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3))
          .optimizer(Sgd.rate(1e-6))
          .epochs(1)
          .leastSlope(leastSlope)
          .run(one, null);
      return before - network.arrays().get("layer0.weights").toDoubles()[0];
    }
  }

  /** The time of the one spike of the hidden neuron has a gradient of 1/slope times others. */
  @Test
  void aTrainingBoundsTheGradientByTheSameUnits() throws IOException {
    double weight = TOUCHES * (1 + 1e-6);
    double least = 0.02;
    double slope = margin(Neurons.lif(), weight).slope();
    assertThat(slope).isLessThan(0.1 * least);
    List<Function<Backend, Network>> networks =
        List.of(
            b -> lifNetwork(b, Simulator.exact(), weight, Lif.tau(20, 5)),
            b -> network(b, Neurons.lif(), weight),
            b -> network(b, Neurons.lif().tolerance(1e-12), weight));
    for (Function<Backend, Network> open : networks) {
      double exact = update(open, 0);
      assertThat(exact).isNotZero();
      assertThat(update(open, 0.1 * slope)).isEqualTo(exact);
      assertThat(update(open, least) / exact).isCloseTo(slope / least, withinPercentage(0.1));
    }
  }

  @Test
  void theSlopeIsInUnitsOfTheWayToTheThreshold() {
    double one = margin(Neurons.lif(), 9).slope();
    double scaled = margin(Neurons.lif().with("threshold", 2), 18).slope();
    assertThat(scaled).isCloseTo(one, within(1e-12));
  }

  @Test
  void aTrainingKeepsItInResultsCheckpointsMetricsAndWarnings(@TempDir Path folder)
      throws IOException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Path checkpoint = folder.resolve("checkpoint.tacet");
    try (Backend backend = Backends.open("java");
        Network network = network(backend, Neurons.lif(), TOUCHES * (1 + 1e-9));
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        TrainingReport report =
            new TrainingReport(
                OutputFolder.create(folder),
                network,
                TrainingReport.Words.usual(),
                List.of(),
                Progress.plain(out))) {
      History history =
          Training.of(network)
              .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3))
              .optimizer(Adam.rate(1e-12))
              .epochs(2)
              .batch(1)
              .checkpoint(checkpoint)
              .listener(report)
              .run(data(), null);
      SpikeMargin margin = history.last().margin();
      assertThat(margin.isNarrow()).isTrue();
      assertThat(margin.sample()).isEqualTo(1);
      assertThat(Training.epochsDone(ModelFile.read(checkpoint)).get(1).margin()).isEqualTo(margin);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("warning: in epoch 1 a spike of layer0 in sample 1 of the training set");
    assertThat(Files.readString(folder.resolve("metrics.csv"))).contains("smallestSlope", "grazes");
  }

  @Test
  void sumsKeepTheSmallestSlopeAndItsPlace() {
    SpikeMargin narrow = new SpikeMargin(1e-5, 2, "layer1", 7);
    SpikeMargin wide = new SpikeMargin(1e-2, 3, "layer0", 4);
    SpikeMargin sum = new SpikeMargin(1e-5, 5, "layer1", 7);
    assertThat(wide.and(narrow)).isEqualTo(sum);
    assertThat(narrow.and(wide)).isEqualTo(sum);
    assertThat(SpikeMargin.NONE.and(narrow)).isEqualTo(narrow);
    assertThat(narrow.and(SpikeMargin.NONE)).isEqualTo(narrow);
  }
}
