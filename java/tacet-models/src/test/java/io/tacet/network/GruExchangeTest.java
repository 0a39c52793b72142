package io.tacet.network;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.egru.GruWeights;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Weights of PyTorch's and ONNX's GRU in a network, and back. */
class GruExchangeTest {
  private static final int INPUTS = 2;
  private static final int UNITS = 3;
  private static final int STEPS = 4;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Network network(Backend backend, DType type, EgruVariant variant) {
    Egru egru =
        Egru.defaults()
            .with(EgruOptions.defaults().variant(variant).traceDecay(0).withoutEvents())
            .bothDirections();
    return Network.on(backend)
        .precision(type)
        .sequence(INPUTS)
        .egru(UNITS, egru)
        .readout(UNITS)
        .build(1);
  }

  private static float[] random(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static GruWeights torch() {
    return GruWeights.fromTorch(
        random(1, 3 * UNITS * INPUTS),
        random(2, 3 * UNITS * UNITS),
        random(3, 3 * UNITS),
        random(4, 3 * UNITS));
  }

  @Test
  void weightsReturnFromANetworkAsTheyCame() {
    try (Backend java = Backends.open("java")) {
      for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
        try (Network network = network(java, type, EgruVariant.CELL_RESET_AFTER)) {
          float[][] other = GruExchange.of(network, "layer0").toTorch();
          GruExchange.put(network, "layer0.reverse", torch());
          float[][] back = GruExchange.of(network, "layer0.reverse").toTorch();
          float[][] onnx = GruExchange.of(network, "layer0.reverse").toOnnx();
          assertThat(back[0]).isEqualTo(random(1, 3 * UNITS * INPUTS));
          assertThat(back[1]).isEqualTo(random(2, 3 * UNITS * UNITS));
          assertThat(back[2]).isEqualTo(random(3, 3 * UNITS));
          assertThat(back[3]).isEqualTo(random(4, 3 * UNITS));
          assertThat(GruWeights.fromOnnx(onnx[0], onnx[1], onnx[2], true).toTorch()[1])
              .isEqualTo(back[1]);
          assertThat(GruExchange.of(network, "layer0").toTorch()[1]).isEqualTo(other[1]);
        }
      }
    }
  }

  @Test
  void theNetworkComputesTheirGru() {
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT64, EgruVariant.CELL_RESET_AFTER);
        Pass pass = new Pass(network, PassShape.steps(1, STEPS, null))) {
      GruExchange.put(network, "layer0", torch());
      // The first units of the read-out are those of the layer that goes forward in time.
      double[] readout = new double[UNITS * 2 * UNITS];
      for (int m = 0; m < UNITS; m++) {
        readout[m * 2 * UNITS + m] = 1;
      }
      network.arrays().get("readout.weights").copyFrom(readout);
      float[] x = random(5, STEPS * INPUTS);
      double[] wide = new double[x.length];
      Arrays.setAll(wide, k -> x[k]);
      pass.inputSteps().copyFrom(wide);
      pass.forward(0);
      assertClose(pass.values().toDoubles(), gru(wide), 1e-9);
    }
  }

  /** The equations of torch.nn.GRU from zeros: the state after the last step. */
  private static double[] gru(double[] x) {
    float[] weightIh = random(1, 3 * UNITS * INPUTS);
    float[] weightHh = random(2, 3 * UNITS * UNITS);
    float[] biasIh = random(3, 3 * UNITS);
    float[] biasHh = random(4, 3 * UNITS);
    double[] h = new double[UNITS];
    for (int t = 0; t < STEPS; t++) {
      double[] in = new double[3 * UNITS];
      double[] rec = new double[3 * UNITS];
      for (int row = 0; row < 3 * UNITS; row++) {
        in[row] = biasIh[row];
        rec[row] = biasHh[row];
        for (int k = 0; k < INPUTS; k++) {
          in[row] += weightIh[row * INPUTS + k] * x[t * INPUTS + k];
        }
        for (int k = 0; k < UNITS; k++) {
          rec[row] += weightHh[row * UNITS + k] * h[k];
        }
      }
      for (int m = 0; m < UNITS; m++) {
        double r = 1 / (1 + Math.exp(-in[m] - rec[m]));
        double z = 1 / (1 + Math.exp(-in[UNITS + m] - rec[UNITS + m]));
        double n = Math.tanh(in[2 * UNITS + m] + r * rec[2 * UNITS + m]);
        h[m] = (1 - z) * n + z * h[m];
      }
    }
    return h;
  }

  @Test
  void weightsThatDoNotFitAreRefusedAndChangeNothing() {
    try (Backend java = Backends.open("java");
        Network network = network(java, DType.FLOAT32, EgruVariant.PAPER)) {
      assertThatThrownBy(() -> GruExchange.put(network, "layer1", torch()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("strand", "layer0.reverse", "'layer1'");
      assertThatThrownBy(() -> GruExchange.put(network, "layer0", torch()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("weights", "PAPER", "CELL_RESET_AFTER");
      float[] before = GruExchange.of(network, "layer0").input();
      GruWeights wide =
          GruWeights.fromOnnx(
              random(1, 3 * UNITS * 5), random(2, 3 * UNITS * UNITS), random(3, 6 * UNITS), false);
      assertThatThrownBy(() -> GruExchange.put(network, "layer0", wide))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("weights", "inputWeights", "layer0", "18", "45");
      assertThat(GruExchange.of(network, "layer0").input()).isEqualTo(before);
    }
  }

  @Test
  void sparseWeightsAreNoWeightsOfOtherFrameworks() {
    Egru egru = Egru.defaults();
    Connection sparse = Connection.sparse(0.7);
    Connection dense = Connection.dense();
    try (Backend java = Backends.open("java");
        Network inputs =
            Network.on(java).sequence(INPUTS).egru(UNITS, egru, sparse, dense).build(1);
        Network recurrent =
            Network.on(java).sequence(INPUTS).egru(UNITS, egru, dense, sparse).build(1)) {
      for (Network network : new Network[] {inputs, recurrent}) {
        assertThatThrownBy(() -> GruExchange.of(network, "layer0"))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("strand", "layer0", "dense weights", "CSR");
      }
    }
  }
}
