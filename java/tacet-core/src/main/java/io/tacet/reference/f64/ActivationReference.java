package io.tacet.reference.f64;

import io.tacet.dense.Activation;

/** Activations over parts of arrays; see {@link Activation}. */
final class ActivationReference {
  private ActivationReference() {}

  /** Values y of x over [from, to); y may be x. A NaN stays one. */
  static void apply(Activation activation, double[] x, double[] y, int from, int to) {
    switch (activation) {
      case IDENTITY -> {
        if (x != y) {
          System.arraycopy(x, from, y, from, to - from);
        }
      }
      case TANH -> {
        for (int i = from; i < to; i++) {
          y[i] = Real.tanh(x[i]);
        }
      }
      case RELU -> {
        for (int i = from; i < to; i++) {
          y[i] = x[i] < 0 ? 0 : x[i];
        }
      }
      case SIGMOID -> {
        for (int i = from; i < to; i++) {
          y[i] = Real.sigmoid(x[i]);
        }
      }
    }
  }

  /** Multiplies errors [from, to) by the slopes at the values. */
  static void slopes(Activation activation, double[] values, double[] errors, int from, int to) {
    switch (activation) {
      case IDENTITY -> {}
      case TANH -> {
        for (int i = from; i < to; i++) {
          errors[i] *= 1 - values[i] * values[i];
        }
      }
      case RELU -> {
        for (int i = from; i < to; i++) {
          errors[i] = values[i] > 0 ? errors[i] : 0;
        }
      }
      case SIGMOID -> {
        for (int i = from; i < to; i++) {
          errors[i] *= values[i] * (1 - values[i]);
        }
      }
    }
  }
}
