package io.tacet.neuron;

import io.tacet.memory.DeviceArray;
import java.util.List;

/** A layer of a pass as Java arrays, read once. */
final class LayerValues {
  final HybridNeuron neuron;
  final int neurons;
  final int variables;
  final double duration;
  final Wires input;
  final Wires recurrent;

  /** [neurons][parameters]. */
  final double[][] parameters;

  LayerValues(HybridLayer layer) {
    neuron = layer.neuron();
    neurons = layer.neurons();
    variables = neuron.variables().size();
    duration = layer.duration();
    input = Wires.of(layer.input(), "input");
    recurrent = Wires.of(layer.recurrent(), "recurrent");
    parameters = new double[neurons][neuron.parameters().size()];
    List<DeviceArray> arrays = layer.parameters();
    for (int i = 0; i < arrays.size(); i++) {
      double[] values = arrays.get(i).toDoubles();
      for (int n = 0; n < neurons; n++) {
        parameters[n][i] = values[values.length == 1 ? 0 : n];
      }
    }
    for (int n = 0; n < neurons; n++) {
      check(n);
    }
  }

  private void check(int n) {
    Neurons.check(neuron, parameters[n], "neuron " + n);
    double[] x = new double[variables];
    neuron.start(parameters[n], x);
    if (!(neuron.condition(0, x, parameters[n]) < 0)) {
      throw new IllegalArgumentException(
          neuron.name()
              + ": expected a neuron that does not spike at once; the condition at the start of"
              + " neuron "
              + n
              + " is "
              + neuron.condition(0, x, parameters[n])
              + ".");
    }
  }

  /** Weight of a synapse as a trace has it. */
  double weight(int synapse) {
    return synapse >= 0 ? input.weights[synapse] : recurrent.weights[-1 - synapse];
  }
}
