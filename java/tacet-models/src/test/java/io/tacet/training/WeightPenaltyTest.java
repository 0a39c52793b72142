package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Trainable;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.optim.Parameter;
import io.tacet.optim.Sgd;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Penalties on weights. */
class WeightPenaltyTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network network(Backend backend) {
    return Network.on(backend)
        .precision(DType.FLOAT64)
        .spikes(YinYang.SOURCES)
        .lif(
            12,
            Lif.tau(20, 5).train(Trainable.TAU_MEM, Trainable.THRESHOLD, Trainable.BIAS),
            Connection.dense(Weights.normal(1.5, 0.78)).delays(0, 2).trainDelays())
        .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
        .build(2);
  }

  @Test
  void slopesAreAddedToTheGradientsOfWeightsOnly() {
    try (Backend java = Backends.open("java");
        Network network = network(java);
        Pass pass = new Pass(network, PassShape.events(1, 1, TrainingOptions.PLAIN))) {
      network.zeroGradients();
      L1.of(0.25).applyToGradients(pass);
      L2.of(0.5).applyToGradients(pass);
      L2.of(0).applyToGradients(pass);
      int penalised = 0;
      for (Parameter parameter : network.parameters()) {
        double[] values = parameter.value().toDoubles();
        double[] gradient = parameter.gradient().toDoubles();
        for (int k = 0; k < values.length; k++) {
          double slope = 0.25 * Math.signum(values[k]) + values[k];
          double expected = parameter.name().endsWith("weights") ? slope : 0;
          assertThat(gradient[k]).as(parameter.name()).isCloseTo(expected, within(1e-12));
        }
        penalised += parameter.name().endsWith("weights") ? 1 : 0;
      }
      assertThat(penalised).isEqualTo(2);
      assertThat(network.parameters()).hasSizeGreaterThan(5);
    }
  }

  @Test
  void trainedWeightsAreSmallerUnderAPenalty() throws IOException {
    SpikeDataset data = YinYang.train().slice(0, 160);
    double[] squares = new double[3];
    Regulariser[] regularisers = {L2.of(0), L2.of(0.05), L1.of(0.05)};
    for (int k = 0; k < squares.length; k++) {
      try (Backend java = Backends.open("java");
          Network network = network(java)) {
        Training.of(network)
            .optimizer(Sgd.rate(0.05))
            .epochs(2)
            .regulariser(regularisers[k])
            .run(data, null);
        squares[k] =
            Arrays.stream(network.arrays().get("layer0.weights").toDoubles()).map(w -> w * w).sum();
      }
    }
    assertThat(squares[1]).isLessThan(0.97 * squares[0]);
    assertThat(squares[2]).isLessThan(0.99 * squares[0]);
  }

  @Test
  void strengthsOutOfRangeAreNamed() {
    for (double strength : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> L1.of(strength))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("strength", "at least 0", "" + strength);
      assertThatThrownBy(() -> L2.of(strength)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
