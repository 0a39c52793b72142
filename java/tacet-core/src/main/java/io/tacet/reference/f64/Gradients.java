package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.VariantGradients;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;

/** Gradients of one part of a batch; null members are not wanted. */
final class Gradients {
  final RowGradient input;
  final double[] inputDelays;
  final RowGradient recurrent;
  final double[] recurrentDelays;
  final double[] tauMem;
  final double[] tauSyn;
  final double[] threshold;
  final double[] reset;
  final double[] bias;

  /** Those of a variant, in the order of its parameters; null for LIF neurons. */
  final double[][] variant;

  /** Whether a gradient needs the state between events, not only at spikes. */
  final boolean needsStates;

  private final boolean inPlace;

  /** Gradients of a part, all in arrays of their own. */
  static Gradients ofPart(LayerGradients wanted, int sources, int neurons) {
    return new Gradients(wanted, sources, neurons, false);
  }

  /** Gradients of a whole batch: those of weights are added where they are wanted. */
  static Gradients inPlace(LayerGradients wanted, int sources, int neurons) {
    return new Gradients(wanted, sources, neurons, true);
  }

  private Gradients(LayerGradients wanted, int sources, int neurons, boolean inPlace) {
    this.inPlace = inPlace;
    input = rows(wanted.inputWeights(), sources, inPlace);
    inputDelays = like(wanted.inputDelays());
    recurrent = rows(wanted.recurrentWeights(), neurons, inPlace);
    recurrentDelays = like(wanted.recurrentDelays());
    tauMem = wanted.tauMem() == null ? null : new double[neurons];
    tauSyn = wanted.tauSyn() == null ? null : new double[neurons];
    threshold = wanted.threshold() == null ? null : new double[neurons];
    reset = wanted.reset() == null ? null : new double[neurons];
    bias = wanted.bias() == null ? null : new double[neurons];
    variant = wanted.variant() == null ? null : variant(wanted.variant(), neurons);
    needsStates = wanted.needsStates();
  }

  private static double[][] variant(VariantGradients wanted, int neurons) {
    return wanted.parameters().stream()
        .map(array -> array == null ? null : new double[neurons])
        .toArray(double[][]::new);
  }

  private static RowGradient rows(DeviceArray wanted, int sources, boolean inPlace) {
    if (wanted == null) {
      return null;
    }
    return inPlace
        ? RowGradient.inPlace(Real.array(wanted), sources)
        : RowGradient.own((int) wanted.length(), sources);
  }

  private static double[] like(DeviceArray array) {
    return array == null ? null : new double[(int) array.length()];
  }

  void begin() {
    for (RowGradient rows : new RowGradient[] {input, recurrent}) {
      if (rows != null && !inPlace) {
        rows.begin();
      }
    }
    for (double[] a :
        new double[][] {inputDelays, recurrentDelays, tauMem, tauSyn, threshold, reset, bias}) {
      if (a != null) {
        Arrays.fill(a, 0);
      }
    }
    for (int i = 0; variant != null && i < variant.length; i++) {
      if (variant[i] != null) {
        Arrays.fill(variant[i], 0);
      }
    }
  }

  /** Whether those of weights are where they are wanted, and nothing is to be added. */
  boolean areInPlace() {
    return inPlace;
  }

  /** Input weights with the row of a source ready to be added to, or null if not wanted. */
  double[] row(Rows rows, int source) {
    return input == null ? null : input.row(rows, source);
  }

  /** Recurrent weights with the row of a neuron ready to be added to, or null if not wanted. */
  double[] recurrentRow(Rows rows, int neuron) {
    return recurrent == null ? null : recurrent.row(rows, neuron);
  }

  /** Adds everything but the weights of this part. */
  void addRestTo(LayerGradients total) {
    add(inputDelays, total.inputDelays());
    add(recurrentDelays, total.recurrentDelays());
    add(tauMem, total.tauMem());
    add(tauSyn, total.tauSyn());
    add(threshold, total.threshold());
    add(reset, total.reset());
    add(bias, total.bias());
    for (int i = 0; variant != null && i < variant.length; i++) {
      add(variant[i], total.variant().parameters().get(i));
    }
  }

  /** Adds the sums of a neuron of a variant; see {@link VariantNeuron}. */
  void addSums(int m, double[] sum) {
    add(tauMem, m, sum[VariantNeuron.TAU_MEM]);
    add(tauSyn, m, sum[VariantNeuron.I]);
    add(threshold, m, sum[VariantNeuron.THRESHOLD]);
    add(reset, m, sum[VariantNeuron.RESET]);
    add(bias, m, sum[VariantNeuron.BIAS]);
    if (variant != null) {
      add(variant[0], m, sum[VariantNeuron.REFRACTORY]);
      add(variant[1], m, sum[VariantNeuron.J]);
      add(variant[2], m, sum[VariantNeuron.A]);
      add(variant[3], m, sum[VariantNeuron.THRESHOLD_JUMP]);
      add(variant[4], m, sum[VariantNeuron.W]);
      add(variant[5], m, sum[VariantNeuron.ADAPTATION_JUMP]);
    }
  }

  private static void add(double[] gradient, int m, double sum) {
    if (gradient != null) {
      gradient[m] += sum;
    }
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
