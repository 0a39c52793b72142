package io.tacet.reference.f64;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.TiledProduct;
import io.tacet.reference.Workers;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;

/** Plain recurrent layers step by step, each step a product; see {@link io.tacet.rnn.Rnn}. */
public final class RnnReference {
  private final Workers workers;
  private final DenseReference dense;

  /**
   * @param library for products in single precision
   */
  public RnnReference(Workers workers, TiledProduct library) {
    this.workers = workers;
    dense = new DenseReference(workers, library);
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
    RnnWeights recurrent = RnnWeights.of(layer, batch, workers, dense);
    double[] bias = Real.array(layer.bias());
    double[] currents = Real.array(currentArray);
    double[] values = Real.array(valueArray);
    double[] first = firstArray == null ? null : Real.array(firstArray);
    for (int at = 0; at < values.length; at += state) {
      System.arraycopy(currents, at, values, at, state);
      addBias(bias, values, at, state);
      if (at > 0) {
        recurrent.add(values, at - state, values, at);
      } else if (first != null) {
        recurrent.add(first, 0, values, 0);
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
    RnnWeights recurrent = RnnWeights.of(layer, batch, workers, dense);
    double[] values = Real.array(valueArray);
    double[] errors = Real.array(gradients.currents());
    System.arraycopy(Real.array(errorArray), 0, errors, 0, errors.length);
    Activation activation = layer.activation();
    for (int at = values.length - state; at >= 0; at -= state) {
      if (at + state < values.length) {
        recurrent.addTransposed(errors, at + state, true, errors, at);
      }
      ActivationReference.slopes(activation, values, errors, at, at + state);
    }
    if (gradients.first() != null) {
      recurrent.addTransposed(errors, 0, false, Real.array(gradients.first()), 0);
    }
    if (gradients.recurrent() != null) {
      double[] gradient = Real.array(gradients.recurrent());
      int later = values.length / units - batch;
      if (later > 0) {
        recurrent.addGradient(later, values, errors, state, gradient);
      }
      if (firstArray != null) {
        recurrent.addGradient(batch, Real.array(firstArray), errors, 0, gradient);
      }
    }
    if (gradients.bias() != null) {
      dense.addColumnSums(gradients.currents(), gradients.bias());
    }
  }
}
