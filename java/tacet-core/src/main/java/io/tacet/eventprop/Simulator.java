package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;

/**
 * Which simulator a network uses: {@link #exact()}, or {@link #grid} with a time step. Both take
 * the same layers and events; see {@link ExactEventProp} and {@link GridEventProp}.
 */
public sealed interface Simulator {

  /** The exact, event-driven simulator. */
  static Simulator exact() {
    return new Exact();
  }

  /**
   * The grid simulator.
   *
   * @param dt step in ms, positive
   */
  static Simulator grid(double dt) {
    return new Grid(new TimeGrid(dt).dt());
  }

  /** Simulates a batch once; see {@link ExactEventProp#forward}. */
  void forward(LifLayer layer, Spikes input, Spikes output);

  /** The adjoint of {@link #forward}; see {@link ExactEventProp#backward}. */
  void backward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick);

  /** Simulates with an output that grows; see {@link ExactEventProp#forwardGrowing}. */
  default Spikes forwardGrowing(LifLayer layer, Spikes input, Spikes output) {
    return ExactEventProp.growing(output, tape -> forward(layer, input, tape));
  }

  /** Event-driven, in continuous time. */
  record Exact() implements Simulator {
    @Override
    public void forward(LifLayer layer, Spikes input, Spikes output) {
      ExactEventProp.forward(layer, input, output);
    }

    @Override
    public void backward(
        LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
      ExactEventProp.backward(layer, input, output, gradients, kick);
    }
  }

  /**
   * Step by step.
   *
   * @param dt step in ms
   */
  record Grid(double dt) implements Simulator {
    @Override
    public void forward(LifLayer layer, Spikes input, Spikes output) {
      GridEventProp.forward(layer, dt, input, output);
    }

    @Override
    public void backward(
        LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
      GridEventProp.backward(layer, dt, input, output, gradients, kick);
    }
  }
}
