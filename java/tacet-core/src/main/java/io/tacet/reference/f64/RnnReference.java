package io.tacet.reference.f64;

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
    int batch = batch(currentArray);
    int state = batch * layer.units();
    double[] currents = Real.array(currentArray);
    double[] values = Real.array(valueArray);
    double[] first = firstArray == null ? null : Real.array(firstArray);
    int sequence = values.length / layer.replicas();
    for (int r = 0; r < layer.replicas(); r++) {
      RnnWeights recurrent = RnnWeights.of(layer, r, batch, workers, dense);
      int begin = r * sequence;
      for (int at = begin; at < begin + sequence; at += state) {
        System.arraycopy(currents, at, values, at, state);
        addBias(layer, r, values, at, state);
        if (at > begin) {
          recurrent.add(values, at - state, values, at);
        } else if (first != null) {
          recurrent.add(first, r * state, values, at);
        }
        ActivationReference.apply(layer.activation(), values, values, at, at + state);
      }
      if (lastArray != null) {
        int end = begin + sequence - state;
        System.arraycopy(values, end, Real.array(lastArray), r * state, state);
      }
    }
  }

  private static int batch(DeviceArray sequence) {
    long[] shape = sequence.shape();
    return (int) shape[shape.length - 2];
  }

  private static void addBias(RnnLayer layer, int replica, double[] values, int start, int state) {
    double[] bias = Real.array(layer.bias());
    int units = layer.units();
    for (int at = start; at < start + state; at += units) {
      for (int i = 0; i < units; i++) {
        values[at + i] += bias[replica * units + i];
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
    double[] values = Real.array(valueArray);
    double[] errors = Real.array(gradients.currents());
    System.arraycopy(Real.array(errorArray), 0, errors, 0, errors.length);
    double[] first = firstArray == null ? null : Real.array(firstArray);
    for (int r = 0; r < layer.replicas(); r++) {
      backward(layer, r, batch(valueArray), values, first, errors, gradients);
    }
    if (gradients.bias() != null) {
      dense.addColumnSums(layer.replicas(), gradients.currents(), gradients.bias());
    }
  }

  /** One of the replicas, without its bias. */
  private void backward(
      RnnLayer layer,
      int replica,
      int batch,
      double[] values,
      double[] first,
      double[] errors,
      RnnGradients gradients) {
    int units = layer.units();
    int state = batch * units;
    int sequence = values.length / layer.replicas();
    int begin = replica * sequence;
    RnnWeights recurrent = RnnWeights.of(layer, replica, batch, workers, dense);
    for (int at = begin + sequence - state; at >= begin; at -= state) {
      if (at + state < begin + sequence) {
        recurrent.addTransposed(errors, at + state, true, errors, at);
      }
      ActivationReference.slopes(layer.activation(), values, errors, at, at + state);
    }
    if (gradients.first() != null) {
      double[] before = Real.array(gradients.first());
      recurrent.addTransposed(errors, begin, false, before, replica * state);
    }
    if (gradients.recurrent() != null) {
      double[] gradient = Real.array(gradients.recurrent());
      int later = sequence / units - batch;
      if (later > 0) {
        recurrent.addGradient(later, values, begin, errors, begin + state, gradient);
      }
      if (first != null) {
        recurrent.addGradient(batch, first, replica * state, errors, begin, gradient);
      }
    }
  }
}
