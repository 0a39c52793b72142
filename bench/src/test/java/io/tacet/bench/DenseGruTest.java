package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.memory.Leaks;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Our layer beside the equations of a GRU, written down with the gates in PyTorch's order. */
class DenseGruTest {
  private static final int UNITS = 5;
  private static final int BATCH = 2;
  private static final int STEPS = 4;

  /** Place of z, r and g in rows of r, z and n. */
  private static final List<Integer> GATES = List.of(1, 0, 2);

  private final SplittableRandom random = new SplittableRandom(7);
  private final DenseGru gru = DenseGru.random("their GRU", UNITS, GATES, random);
  private final float[] x = DenseGru.normal(random, STEPS * BATCH * UNITS, 1);
  private final float[] errors = DenseGru.normal(random, STEPS * BATCH * UNITS, 1);

  /** [steps][batch][units]. */
  private static double[] outputs(double[][] arrays, float[] x) {
    double[] y = new double[x.length];
    for (int row = 0; row < STEPS * BATCH; row++) {
      double[] h = new double[UNITS];
      if (row >= BATCH) {
        System.arraycopy(y, (row - BATCH) * UNITS, h, 0, UNITS);
      }
      for (int m = 0; m < UNITS; m++) {
        double[] ofInputs = new double[3];
        double[] ofUnits = new double[3];
        for (int gate = 0; gate < 3; gate++) {
          int target = gate * UNITS + m;
          ofInputs[gate] = arrays[2][target];
          ofUnits[gate] = arrays[3][target];
          for (int i = 0; i < UNITS; i++) {
            ofInputs[gate] += arrays[0][target * UNITS + i] * x[row * UNITS + i];
            ofUnits[gate] += arrays[1][target * UNITS + i] * h[i];
          }
        }
        double r = 1 / (1 + Math.exp(-ofInputs[0] - ofUnits[0]));
        double z = 1 / (1 + Math.exp(-ofInputs[1] - ofUnits[1]));
        double n = Math.tanh(ofInputs[2] + r * ofUnits[2]);
        y[row * UNITS + m] = (1 - z) * n + z * h[m];
      }
    }
    return y;
  }

  private double[][] arrays() {
    double[][] arrays = new double[4][];
    for (int k = 0; k < 4; k++) {
      arrays[k] = Agreement.doubles(gru.arrays()[k]);
    }
    return arrays;
  }

  private float[] outputs() {
    return floats(outputs(arrays(), x));
  }

  /** Of the sum of outputs by errors, from central differences. */
  private float[][] gradients() {
    double[][] arrays = arrays();
    float[][] gradients = new float[4][];
    for (int k = 0; k < 4; k++) {
      gradients[k] = new float[arrays[k].length];
      for (int i = 0; i < arrays[k].length; i++) {
        double value = arrays[k][i];
        arrays[k][i] = value + 1e-4;
        double above = loss(arrays);
        arrays[k][i] = value - 1e-4;
        gradients[k][i] = (float) ((above - loss(arrays)) / 2e-4);
        arrays[k][i] = value;
      }
    }
    return gradients;
  }

  private double loss(double[][] arrays) {
    double[] y = outputs(arrays, x);
    double sum = 0;
    for (int k = 0; k < y.length; k++) {
      sum += y[k] * errors[k];
    }
    return sum;
  }

  private static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int k = 0; k < values.length; k++) {
      narrow[k] = (float) values[k];
    }
    return narrow;
  }

  @Test
  void outputsAndGradientsAreThoseOfTheEquations() {
    long before = Leaks.open();
    gru.compare(BATCH, x, outputs());
    gru.compareGradients(BATCH, x, errors, gradients());
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void aGruThatDiffersIsNamed() {
    float[] y = outputs();
    y[y.length - 1] += 0.01f;
    assertThatThrownBy(() -> gru.compare(BATCH, x, y))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("their GRU: y: expected within 1.0E-4");
    assertThatThrownBy(() -> gru.compare(BATCH, x, new float[BATCH * UNITS]))
        .hasMessage("their GRU: y: expected 40 numbers, got 10.");
    DenseGru others = new DenseGru("their GRU", UNITS, List.of(0, 1, 2), gru.arrays());
    assertThatThrownBy(() -> others.compare(BATCH, x, outputs()))
        .hasMessageContaining("does not compute the same");
  }

  /** As they are where a pass adds to those of the pass before. */
  @Test
  void gradientsOfTwoPassesAreFound() {
    float[][] twice = gradients();
    for (int i = 0; i < twice[1].length; i++) {
      twice[1][i] *= 2;
    }
    assertThatThrownBy(() -> gru.compareGradients(BATCH, x, errors, twice))
        .hasMessageStartingWith("their GRU: dL/dR: expected");
  }
}
