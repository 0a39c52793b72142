package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.DType;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.SpikeMargin;
import io.tacet.network.Weights;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
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
