package io.tacet.neuron;

import io.tacet.eventprop.LifLayer;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Synapses;
import java.util.List;

/**
 * A layer of hybrid neurons with input synapses and, optionally, recurrent ones, simulated from 0
 * to {@code duration}. A view: it owns nothing.
 *
 * @param input synapses from the layer below, targets = neurons; dense, compressed or of fixed
 *     fan-out
 * @param recurrent synapses among the neurons, or null
 * @param neuron dynamics
 * @param parameters of the neuron, in its order: arrays with one element, shared by all neurons, or
 *     one per neuron
 * @param duration end of the simulation in ms, positive; later events and spikes are ignored
 * @param tolerance of the state between events, relative and absolute, 1e-13 to 1e-2, on the java
 *     backend; or 0 for the closed form, which {@link IntegrateAndFire} neurons have on any backend
 * @param leastSlope bound of the slope of the condition of a spike, per ms, by which backward
 *     passes divide; 0 for the exact gradient. See {@link LifLayer#leastSlope}
 */
public record HybridLayer(
    Synapses input,
    Synapses recurrent,
    HybridNeuron neuron,
    List<DeviceArray> parameters,
    double duration,
    double tolerance,
    double leastSlope) {
  private static final String JAVA = "java";

  /**
   * Checks the arrays, not their values.
   *
   * @throws IllegalArgumentException if they do not fit, or the tolerance takes another backend
   */
  public HybridLayer {
    parameters = List.copyOf(parameters);
    String backend = input.backend().name();
    if (tolerance != 0 && !backend.equals(JAVA)) {
      throw new IllegalArgumentException(
          "backend: expected java for "
              + neuron.name()
              + " with a tolerance of "
              + tolerance
              + ", which is solved numerically there alone, got "
              + backend
              + ". Choose Backends.open(\"java\") or --backend java; on "
              + backend
              + " there are neurons with a closed form: .lif(...), and integrate-and-fire with its"
              + " features in .neuron(...).");
    }
    int neurons = input.targets();
    if (recurrent != null && (recurrent.sources() != neurons || recurrent.targets() != neurons)) {
      throw new IllegalArgumentException(
          "recurrent: expected "
              + neurons
              + " sources and targets, got "
              + recurrent.sources()
              + " and "
              + recurrent.targets()
              + ".");
    }
    if (!(duration > 0) || Double.isInfinite(duration)) {
      throw new IllegalArgumentException(
          "duration: expected a positive number of ms, got " + duration + ".");
    }
    Neurons.checkTolerance(neuron, tolerance);
    LifLayer.checkLeastSlope(leastSlope);
    check(neuron, parameters, neurons);
  }

  /** With the exact gradient. */
  public HybridLayer(
      Synapses input,
      Synapses recurrent,
      HybridNeuron neuron,
      List<DeviceArray> parameters,
      double duration,
      double tolerance) {
    this(input, recurrent, neuron, parameters, duration, tolerance, 0);
  }

  /** The same neurons over other synapses. */
  public HybridLayer over(Synapses otherInput, Synapses otherRecurrent) {
    return new HybridLayer(
        otherInput, otherRecurrent, neuron, parameters, duration, tolerance, leastSlope);
  }

  /** The same layer with another least slope. */
  public HybridLayer leastSlope(double leastSlope) {
    return new HybridLayer(input, recurrent, neuron, parameters, duration, tolerance, leastSlope);
  }

  private static void check(HybridNeuron neuron, List<DeviceArray> parameters, int neurons) {
    List<NeuronParameter> names = neuron.parameters();
    if (parameters.size() != names.size()) {
      throw new IllegalArgumentException(
          "parameters: expected "
              + names.size()
              + " arrays, one for each of "
              + names.stream().map(NeuronParameter::name).toList()
              + ", got "
              + parameters.size()
              + ".");
    }
    for (int i = 0; i < names.size(); i++) {
      DeviceArray array = parameters.get(i);
      if ((array.length() != 1 && array.length() != neurons) || !array.type().isFloating()) {
        throw new IllegalArgumentException(
            names.get(i).name()
                + ": expected 1 or "
                + neurons
                + " floating-point values, got "
                + array
                + ".");
      }
    }
  }

  /** Number of neurons. */
  public int neurons() {
    return input.targets();
  }
}
