package io.tacet.neuron;

import io.tacet.memory.DeviceArray;
import java.util.List;

/** Gradients of one part of a batch; null members are not wanted. */
final class PartGradients {
  private final double[] input;
  private final double[] inputDelays;
  private final double[] recurrent;
  private final double[] recurrentDelays;

  /** [neurons][parameters]. */
  final double[][] parameters;

  PartGradients(HybridGradients wanted, int neurons) {
    input = like(wanted.inputWeights());
    inputDelays = like(wanted.inputDelays());
    recurrent = like(wanted.recurrentWeights());
    recurrentDelays = like(wanted.recurrentDelays());
    parameters = wanted.wantsParameters() ? new double[neurons][wanted.parameters().size()] : null;
  }

  private static double[] like(DeviceArray array) {
    return array == null ? null : new double[Math.toIntExact(array.length())];
  }

  void addInput(int synapse, double value) {
    if (input != null) {
      input[synapse] += value;
    }
  }

  void addRecurrent(int synapse, double value) {
    if (recurrent != null) {
      recurrent[synapse] += value;
    }
  }

  void addInputDelay(Wires wires, int source, int synapse, double value) {
    if (inputDelays != null) {
      inputDelays[wires.delayPlace(source, synapse)] += value;
    }
  }

  void addRecurrentDelay(Wires wires, int source, int synapse, double value) {
    if (recurrentDelays != null) {
      recurrentDelays[wires.delayPlace(source, synapse)] += value;
    }
  }

  /** Adds the gradients of all parts, in their order. */
  static void addAll(PartGradients[] parts, HybridGradients total) {
    addAll(total.inputWeights(), parts, part -> part.input);
    addAll(total.inputDelays(), parts, part -> part.inputDelays);
    addAll(total.recurrentWeights(), parts, part -> part.recurrent);
    addAll(total.recurrentDelays(), parts, part -> part.recurrentDelays);
    List<DeviceArray> wanted = total.parameters();
    for (int i = 0; i < wanted.size(); i++) {
      int parameter = i;
      addAll(wanted.get(i), parts, part -> part.parameter(parameter));
    }
  }

  private double[] parameter(int parameter) {
    double[] values = new double[parameters.length];
    for (int n = 0; n < values.length; n++) {
      values[n] = parameters[n][parameter];
    }
    return values;
  }

  /** What a part adds to an array. */
  private interface Part {
    double[] of(PartGradients part);
  }

  private static void addAll(DeviceArray array, PartGradients[] parts, Part part) {
    if (array == null) {
      return;
    }
    double[] sum = array.toDoubles();
    for (PartGradients one : parts) {
      double[] values = part.of(one);
      for (int k = 0; k < values.length; k++) {
        sum[sum.length == values.length ? k : 0] += values[k];
      }
    }
    array.copyFrom(sum);
  }
}
