package io.tacet.reference.f64;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;

/** Plain recurrent layers step by step, each step a product; see {@link io.tacet.rnn.Rnn}. */
public final class RnnReference {
  private final DenseReference dense;

  public RnnReference(Workers workers) {
    dense = new DenseReference(workers);
  }

  /** See {@link io.tacet.rnn.Rnn#forward}. */
  public void forward(
      RnnLayer layer,
      DeviceArray currentArray,
      DeviceArray firstArray,
      DeviceArray valueArray,
      DeviceArray lastArray) {
    int units = layer.units();
    int batch = (int) currentArray.shape()[1];
    int state = batch * units;
    double[] recurrent = Real.array(layer.recurrent());
    double[] bias = Real.array(layer.bias());
    double[] currents = Real.array(currentArray);
    double[] values = Real.array(valueArray);
    double[] first = firstArray == null ? null : Real.array(firstArray);
    for (int at = 0; at < values.length; at += state) {
      System.arraycopy(currents, at, values, at, state);
      addBias(bias, values, at, state);
      if (at > 0) {
        dense.multiply(
            false, false, batch, units, units, values, at - state, recurrent, true, values, at);
      } else if (first != null) {
        dense.multiply(false, false, batch, units, units, first, 0, recurrent, true, values, 0);
      }
      ActivationReference.apply(layer.activation(), values, values, at, at + state);
    }
    if (lastArray != null) {
      System.arraycopy(values, values.length - state, Real.array(lastArray), 0, state);
    }
  }

  private static void addBias(double[] bias, double[] values, int start, int state) {
    for (int at = start; at < start + state; at += bias.length) {
      for (int i = 0; i < bias.length; i++) {
        values[at + i] += bias[i];
      }
    }
  }

  /** See {@link io.tacet.rnn.Rnn#backward}. */
  public void backward(
      RnnLayer layer,
      DeviceArray valueArray,
      DeviceArray firstArray,
      DeviceArray errorArray,
      RnnGradients gradients) {
    int units = layer.units();
    int batch = (int) valueArray.shape()[1];
    int state = batch * units;
    double[] recurrent = Real.array(layer.recurrent());
    double[] values = Real.array(valueArray);
    double[] errors = Real.array(gradients.currents());
    System.arraycopy(Real.array(errorArray), 0, errors, 0, errors.length);
    Activation activation = layer.activation();
    for (int at = values.length - state; at >= 0; at -= state) {
      if (at + state < values.length) {
        dense.multiply(
            false, true, batch, units, units, errors, at + state, recurrent, true, errors, at);
      }
      ActivationReference.slopes(activation, values, errors, at, at + state);
    }
    if (gradients.first() != null) {
      double[] first = Real.array(gradients.first());
      dense.multiply(false, true, batch, units, units, errors, 0, recurrent, false, first, 0);
    }
    if (gradients.recurrent() != null) {
      addRecurrent(units, batch, values, firstArray, errors, Real.array(gradients.recurrent()));
    }
    if (gradients.bias() != null) {
      dense.addColumnSums(gradients.currents(), gradients.bias());
    }
  }

  private void addRecurrent(
      int units,
      int batch,
      double[] values,
      DeviceArray first,
      double[] errors,
      double[] gradient) {
    int later = values.length / units - batch;
    if (later > 0) {
      dense.multiply(
          true, false, units, units, later, values, 0, errors, batch * units, true, gradient, 0);
    }
    if (first != null) {
      dense.multiply(
          true, false, units, units, batch, Real.array(first), 0, errors, true, gradient, 0);
    }
  }
}
