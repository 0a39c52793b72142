package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.data.Text;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.memory.Leaks;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Evaluation;
import io.tacet.training.TimeToFirstSpike;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a network says of samples, and what it says of itself. */
class PredictionTest {
  private static final Lif LIF = Lif.tau(20, 5);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network spiking(Backend backend, double mean) {
    return Network.on(backend)
        .spikes(YinYang.SOURCES)
        .lif(60, LIF, Weights.normal(mean, 0.5))
        .lif(YinYang.CLASSES, LIF, Weights.normal(2.5, 0.5))
        .build(1);
  }

  @Test
  void theOutputThatSpikesFirstIsPredicted() {
    SpikeDataset data = YinYang.test().slice(0, 200);
    try (Backend java = Backends.open("java");
        Network network = spiking(java, 3)) {
      Prediction prediction = network.predict(data);
      assertThat(prediction.scores()).hasDimensions(200, YinYang.CLASSES);
      int[] measured =
          Evaluation.of(network, TimeToFirstSpike.of(0.5, 6.4, 3e-3), data).predicted();
      for (int i = 0; i < 200; i++) {
        double[] times = prediction.scores()[i];
        double first = Arrays.stream(times).min().orElseThrow();
        assertThat(first).isBetween(0.0, 60.0);
        assertThat(times[prediction.classes()[i]]).isEqualTo(first);
        assertThat(prediction.classes()[i]).isEqualTo(measured[i]);
      }
    }
  }

  @Test
  void silentOutputsPredictNoClass() {
    try (Backend java = Backends.open("java");
        Network network = spiking(java, -5)) {
      SpikeDataset data = YinYang.test().slice(0, 20);
      Prediction prediction = network.predict(data);
      assertThat(prediction.classes()).containsOnly(-1);
      Evaluation measured = Evaluation.of(network, TimeToFirstSpike.of(0.5, 6.4, 3e-3), data);
      assertThat(measured.predicted()).containsOnly(-1);
      assertThat(measured.accuracy()).isZero();
      for (double[] times : prediction.scores()) {
        assertThat(times).containsOnly(Double.POSITIVE_INFINITY);
      }
    }
  }

  @Test
  void theLargestValueOfAReadoutIsPredicted() {
    SpikeDataset data = Sequences.generate("some", 150, 4);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .duration(40)
                .spikes(Sequences.SOURCES)
                .bin(10)
                .gru(8)
                .readout(Sequences.CLASSES)
                .build(1)) {
      Prediction prediction = network.predict(data);
      assertThat(prediction.classes())
          .isEqualTo(Evaluation.of(network, new CrossEntropy(), data).predicted());
      for (int i = 0; i < 150; i++) {
        double[] values = prediction.scores()[i];
        assertThat(values[prediction.classes()[i]])
            .isEqualTo(Arrays.stream(values).max().orElseThrow());
      }
    }
  }

  @Test
  void aTextHasNoSamplesToPredict() {
    Text text = new Text("letters", List.of("a", "b"), new int[600]);
    try (Backend java = Backends.open("java");
        Network network = Network.on(java).tokens(2).egru(4).nextToken(false).build(1)) {
      assertThatThrownBy(() -> network.predict(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("samples", "letters");
    }
  }

  @Test
  void aSummaryCountsParametersBytesAndWorkOfEachLayer() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).tokens(9).embedding(6).egru(5).gru(6).nextToken(true).build(1)) {
      Summary summary = network.summary();
      assertThat(summary.layers().stream().map(Summary.Row::name))
          .containsExactly("embedding", "layer0", "layer1", "readout");
      assertThat(summary.layers().stream().map(Summary.Row::cell))
          .containsExactly("embedding", "egru", "gru", "linear");
      assertThat(summary.layers().stream().map(Summary.Row::outputs)).containsExactly(6, 5, 6, 9);
      assertThat(summary.layers().stream().map(Summary.Row::synapses))
          .containsExactly(0L, 6L * 5 + 5 * 5, 5L * 6 + 6 * 6, 6L * 9);
      assertThat(summary.layers().stream().map(Summary.Row::parameters))
          .containsExactly(54L, 6L * 15 + 5 * 15 + 2 * 15 + 5, 5L * 18 + 6 * 18 + 2 * 18, 9L);
      assertThat(summary.layers().stream().map(Summary.Row::work))
          .containsExactly(0.0, 6.0 * 15 + 5 * 15, 5.0 * 18 + 6 * 18, 6.0 * 9);
      assertThat(summary.parameters()).isEqualTo(network.size());
      // Thresholds of a layer without events are kept but do not train.
      assertThat(summary.bytes()).isEqualTo(4 * (network.size() + 6));
      assertThat(summary.toString())
          .contains("multiply-adds", "layer1", summary.parameters() + " parameters");
    }
  }

  @Test
  void aSummaryCountsTheSynapsesThatThereAre() {
    Connection own = Connection.fanOut(2).separateGates();
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(4)
                .gru(8, Connection.fanIn(3), Connection.fanOut(2))
                .gru(8, Connection.fanIn(3), own)
                .rnn(6, Activation.TANH, Connection.fanIn(2), Connection.fanIn(4))
                .readout(2)
                .build(1);
        Network spiking =
            Network.on(java)
                .spikes(4)
                .lif(
                    8,
                    Lif.tau(20, 5),
                    Connection.fanIn(3, Weights.normal(1, 1)),
                    Connection.fanOut(2, Weights.normal(1, 1)))
                .build(1)) {
      Summary summary = network.summary();
      assertThat(summary.layers().stream().map(Summary.Row::synapses))
          .containsExactly(8L * 3 + 8 * 2, 8L * 3 + 3 * 8 * 2, 6L * 2 + 6 * 4, 6L * 2);
      assertThat(summary.layers().stream().map(Summary.Row::work))
          .containsExactly(3.0 * 40, 3.0 * 40, 36.0, 0.0);
      assertThat(spiking.summary().layers().get(0).synapses()).isEqualTo(8 * 3 + 8 * 2);
    }
  }
}
