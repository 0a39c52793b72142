package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;

/** Gradients of one part of a batch; null members are not wanted. */
final class Gradients {
  final double[] inputWeights;
  final double[] inputDelays;
  final double[] recurrentWeights;
  final double[] recurrentDelays;
  final double[] tauMem;
  final double[] tauSyn;
  final double[] threshold;
  final double[] reset;
  final double[] bias;

  /** Whether a gradient needs the state between events, not only at spikes. */
  final boolean needsStates;

  /** Rows of inputWeights that were written; the others hold old numbers. */
  final boolean[] touched;

  /** Gradients of a part, all in arrays of their own. */
  Gradients(LayerGradients wanted, int sources, int neurons) {
    this(wanted, sources, neurons, like(wanted.inputWeights()));
  }

  /** Gradients of a whole batch: those of the input weights are added where they are wanted. */
  static Gradients inPlace(LayerGradients wanted, int sources, int neurons) {
    Gradients grads = new Gradients(wanted, sources, neurons, Real.array(wanted.inputWeights()));
    Arrays.fill(grads.touched, true);
    return grads;
  }

  private Gradients(LayerGradients wanted, int sources, int neurons, double[] inputWeights) {
    this.inputWeights = inputWeights;
    inputDelays = like(wanted.inputDelays());
    recurrentWeights = like(wanted.recurrentWeights());
    recurrentDelays = like(wanted.recurrentDelays());
    tauMem = wanted.tauMem() == null ? null : new double[neurons];
    tauSyn = wanted.tauSyn() == null ? null : new double[neurons];
    threshold = wanted.threshold() == null ? null : new double[neurons];
    reset = wanted.reset() == null ? null : new double[neurons];
    bias = wanted.bias() == null ? null : new double[neurons];
    needsStates = wanted.needsStates();
    touched = new boolean[sources];
  }

  private static double[] like(DeviceArray array) {
    return array == null ? null : new double[(int) array.length()];
  }

  void begin() {
    Arrays.fill(touched, false);
    for (double[] a :
        new double[][] {
          inputDelays, recurrentWeights, recurrentDelays, tauMem, tauSyn, threshold, reset, bias
        }) {
      if (a != null) {
        Arrays.fill(a, 0);
      }
    }
  }

  /** The weight gradient with the row of a source ready to be added to, or null if not wanted. */
  double[] row(Rows rows, int source) {
    if (inputWeights != null && !touched[source]) {
      touched[source] = true;
      Arrays.fill(inputWeights, rows.begin(source), rows.end(source), 0);
    }
    return inputWeights;
  }

  /** Adds the rows of one source over all parts, in the order of the parts. */
  static void sumRow(Gradients[] parts, Rows rows, int source, double[] total) {
    int begin = rows.begin(source);
    int end = rows.end(source);
    for (Gradients part : parts) {
      if (part.touched[source]) {
        double[] from = part.inputWeights;
        for (int s = begin; s < end; s++) {
          total[s] += from[s];
        }
      }
    }
  }

  /** Adds everything but the input weights of this part. */
  void addRestTo(LayerGradients total) {
    add(inputDelays, total.inputDelays());
    add(recurrentWeights, total.recurrentWeights());
    add(recurrentDelays, total.recurrentDelays());
    add(tauMem, total.tauMem());
    add(tauSyn, total.tauSyn());
    add(threshold, total.threshold());
    add(reset, total.reset());
    add(bias, total.bias());
  }

  private static void add(double[] part, DeviceArray array) {
    if (part == null) {
      return;
    }
    double[] total = Real.array(array);
    if (total.length == part.length) {
      for (int n = 0; n < part.length; n++) {
        total[n] += part[n];
      }
    } else {
      for (double value : part) {
        total[0] += value;
      }
    }
  }
}
