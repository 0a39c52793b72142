package io.tacet.egru;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.api.Test;

/** A layer without events is a GRU: against numbers of PyTorch 2.7.1 and ONNX's equations. */
class GruWeightsTest {
  private static final int INPUTS = 2;
  private static final int UNITS = 3;
  private static final int STEPS = 3;
  private static final int BATCH = 2;

  private static final float[] WEIGHT_IH = {
    -0.625f, 0.25f, -0.25f, 0.625f, 0.125f, -0.375f, 0.5f, 0.0f, -0.5f, 0.375f, -0.125f, -0.625f,
    0.25f, -0.25f, 0.625f, 0.125f, -0.375f, 0.5f
  };
  private static final float[] WEIGHT_HH = {
    -0.25f, 0.625f, 0.125f, -0.375f, 0.5f, 0.0f, -0.5f, 0.375f, -0.125f, -0.625f, 0.25f, -0.25f,
    0.625f, 0.125f, -0.375f, 0.5f, 0.0f, -0.5f, 0.375f, -0.125f, -0.625f, 0.25f, -0.25f, 0.625f,
    0.125f, -0.375f, 0.5f
  };
  private static final float[] BIAS_IH = {
    0.125f, -0.375f, 0.5f, 0.0f, -0.5f, 0.375f, -0.125f, -0.625f, 0.25f
  };
  private static final float[] BIAS_HH = {
    0.5f, 0.0f, -0.5f, 0.375f, -0.125f, -0.625f, 0.25f, -0.25f, 0.625f
  };

  /** Output [steps][batch][units] of torch.nn.GRU for {@link #inputs} and {@link #start}. */
  private static final double[] TORCH = {
    -0.41274703, -0.38729513, 0.3908757, 0.4582667, -0.38865826, -0.24035853, -0.30240545,
    -0.18177906, 0.4707818, 0.39149413, -0.5949739, -0.049968004, -0.22563052, -0.27223116,
    0.47908744, 0.11046338, -0.6429868, 0.464466
  };

  private static float[] inputs() {
    float[] x = new float[STEPS * BATCH * INPUTS];
    for (int i = 0; i < x.length; i++) {
      x[i] = ((i * 5) % 7 - 3) / 4f;
    }
    return x;
  }

  private static float[] start() {
    float[] h = new float[BATCH * UNITS];
    for (int i = 0; i < h.length; i++) {
      h[i] = ((i * 3) % 5 - 2) / 4f;
    }
    return h;
  }

  private static double[] run(GruWeights gru) {
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      DeviceArray x = made.own(backend.of(inputs(), STEPS * BATCH, INPUTS));
      DeviceArray w = made.own(backend.of(gru.input(), INPUTS, 3 * UNITS));
      DeviceArray currents = made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, 3 * UNITS));
      Dense.multiply(x, w, false, currents);
      EgruLayer layer =
          new EgruLayer(
              made.own(backend.of(gru.recurrent(), UNITS, 3 * UNITS)),
              made.own(backend.of(gru.inputBias())),
              made.own(backend.of(gru.recurrentBias())),
              made.own(backend.allocate(DType.FLOAT32, UNITS)),
              EgruOptions.defaults().variant(gru.variant()).withoutEvents());
      EgruState first = made.own(new EgruState(backend.of(start()), backend.of(start())));
      DeviceArray y = made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, UNITS));
      Egru.forward(
          layer,
          new EgruInputs(currents, null, first, false, 0),
          new EgruOutputs(y, null, null, null),
          null);
      return y.toDoubles();
    }
  }

  private static void close(double[] actual, double[] expected) {
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).as("element %d", k).isCloseTo(expected[k], within(1e-6));
    }
  }

  @Test
  void withTorchWeightsItIsTorchsGru() {
    close(run(GruWeights.fromTorch(WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH)), TORCH);
  }

  @Test
  void weightsReturnToTorchAsTheyCame() {
    float[][] back = GruWeights.fromTorch(WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH).toTorch();
    assertThat(back[0]).isEqualTo(WEIGHT_IH);
    assertThat(back[1]).isEqualTo(WEIGHT_HH);
    assertThat(back[2]).isEqualTo(BIAS_IH);
    assertThat(back[3]).isEqualTo(BIAS_HH);
  }

  @Test
  void withOnnxWeightsItIsOnnxsGru() {
    float[] b = new float[6 * UNITS];
    System.arraycopy(BIAS_IH, 0, b, 0, 3 * UNITS);
    System.arraycopy(BIAS_HH, 0, b, 3 * UNITS, 3 * UNITS);
    for (boolean linearBeforeReset : new boolean[] {false, true}) {
      close(
          run(GruWeights.fromOnnx(WEIGHT_IH, WEIGHT_HH, b, linearBeforeReset)),
          onnx(b, linearBeforeReset));
    }
  }

  @Test
  void weightsReturnToOnnxAsTheyCameButForTheSecondBiasOfAResetBeforeTheProduct() {
    float[] b = new float[6 * UNITS];
    System.arraycopy(BIAS_IH, 0, b, 0, 3 * UNITS);
    System.arraycopy(BIAS_HH, 0, b, 3 * UNITS, 3 * UNITS);
    float[] sum = new float[6 * UNITS];
    for (int k = 0; k < 3 * UNITS; k++) {
      sum[k] = b[k] + b[3 * UNITS + k];
    }
    for (boolean linearBeforeReset : new boolean[] {false, true}) {
      float[][] back = GruWeights.fromOnnx(WEIGHT_IH, WEIGHT_HH, b, linearBeforeReset).toOnnx();
      assertThat(back[0]).isEqualTo(WEIGHT_IH);
      assertThat(back[1]).isEqualTo(WEIGHT_HH);
      assertThat(back[2]).isEqualTo(linearBeforeReset ? b : sum);
    }
  }

  /** A matrix turned round: columns of Keras are rows of ONNX, with the same order of gates. */
  private static float[] turned(float[] rows, int columns) {
    float[] turned = new float[rows.length];
    for (int k = 0; k < rows.length; k++) {
      turned[k % columns * (rows.length / columns) + k / columns] = rows[k];
    }
    return turned;
  }

  @Test
  void withKerasWeightsItIsKerassGru() {
    float[] kernel = turned(WEIGHT_IH, INPUTS);
    float[] recurrent = turned(WEIGHT_HH, UNITS);
    float[] both = new float[6 * UNITS];
    System.arraycopy(BIAS_IH, 0, both, 0, 3 * UNITS);
    System.arraycopy(BIAS_HH, 0, both, 3 * UNITS, 3 * UNITS);
    close(run(GruWeights.fromKeras(kernel, recurrent, both, true)), onnx(both, true));
    float[] one = new float[6 * UNITS];
    System.arraycopy(BIAS_IH, 0, one, 0, 3 * UNITS);
    close(run(GruWeights.fromKeras(kernel, recurrent, BIAS_IH, false)), onnx(one, false));
  }

  @Test
  void weightsReturnToKerasAsTheyCame() {
    float[] both = new float[6 * UNITS];
    for (int k = 0; k < both.length; k++) {
      both[k] = k;
    }
    for (boolean resetAfter : new boolean[] {false, true}) {
      float[] bias = resetAfter ? both : BIAS_IH;
      float[][] back = GruWeights.fromKeras(WEIGHT_IH, WEIGHT_HH, bias, resetAfter).toKeras();
      assertThat(back[0]).isEqualTo(WEIGHT_IH);
      assertThat(back[1]).isEqualTo(WEIGHT_HH);
      assertThat(back[2]).isEqualTo(bias);
    }
    assertThatThrownBy(() -> GruWeights.fromKeras(WEIGHT_IH, WEIGHT_IH, both, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The equations of the ONNX operator GRU, version 14, with the gates z, r, h. */
  private static double[] onnx(float[] b, boolean linearBeforeReset) {
    double[] out = new double[STEPS * BATCH * UNITS];
    float[] x = inputs();
    for (int n = 0; n < BATCH; n++) {
      double[] h = new double[UNITS];
      for (int m = 0; m < UNITS; m++) {
        h[m] = start()[n * UNITS + m];
      }
      for (int t = 0; t < STEPS; t++) {
        double[][] xw = new double[3][UNITS];
        double[][] hr = new double[3][UNITS];
        for (int gate = 0; gate < 3; gate++) {
          for (int m = 0; m < UNITS; m++) {
            int row = gate * UNITS + m;
            xw[gate][m] = b[row];
            hr[gate][m] = b[3 * UNITS + row];
            for (int k = 0; k < INPUTS; k++) {
              xw[gate][m] += WEIGHT_IH[row * INPUTS + k] * x[(t * BATCH + n) * INPUTS + k];
            }
            for (int k = 0; k < UNITS; k++) {
              hr[gate][m] += WEIGHT_HH[row * UNITS + k] * h[k];
            }
          }
        }
        double[] z = new double[UNITS];
        double[] r = new double[UNITS];
        for (int m = 0; m < UNITS; m++) {
          z[m] = 1 / (1 + Math.exp(-xw[0][m] - hr[0][m]));
          r[m] = 1 / (1 + Math.exp(-xw[1][m] - hr[1][m]));
        }
        double[] next = new double[UNITS];
        for (int m = 0; m < UNITS; m++) {
          double inner = r[m] * hr[2][m];
          if (!linearBeforeReset) {
            inner = b[3 * UNITS + 2 * UNITS + m];
            for (int k = 0; k < UNITS; k++) {
              inner += WEIGHT_HH[(2 * UNITS + m) * UNITS + k] * r[k] * h[k];
            }
          }
          next[m] = (1 - z[m]) * Math.tanh(xw[2][m] + inner) + z[m] * h[m];
        }
        h = next;
        System.arraycopy(h, 0, out, (t * BATCH + n) * UNITS, UNITS);
      }
    }
    return out;
  }

  @Test
  void lengthsThatDoNotFitAreNamed() {
    assertThatThrownBy(() -> GruWeights.fromTorch(WEIGHT_IH, WEIGHT_IH, BIAS_IH, BIAS_HH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weights: expected [3 units][inputs]");
  }
}
