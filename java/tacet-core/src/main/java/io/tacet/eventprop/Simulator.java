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

  /** The exact simulator for a step of 0, else the grid simulator. */
  static Simulator ofStep(double dt) {
    return dt == 0 ? exact() : grid(dt);
  }

  /** Step in ms; 0 for the exact simulator. */
  double dt();

  /** Whether a sample in progress holds an entry for each synapse that a spike has reached. */
  boolean queuesArrivals();

  /** Simulates a batch once; see {@link ExactEventProp#forward}. */
  void forward(LifLayer layer, Spikes input, Spikes output);

  /** The adjoint of {@link #forward}; see {@link ExactEventProp#backward}. */
  void backward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick);

  /** Mean potentials of the last pass; see {@link MeanPotentials#forward}. */
  default void meanPotentials(LifLayer layer, Spikes input, Spikes output, DeviceArray means) {
    MeanPotentials.forward(this, layer, input, output, means);
  }

  /**
   * The adjoint of {@link #forward}, of a loss that depends on mean potentials, too.
   *
   * @param meanErrors dL/dmean of {@link MeanPotentials#forward}, [batch][neurons]; null where it
   *     does not
   */
  default void backward(
      LifLayer layer,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray kick,
      DeviceArray meanErrors) {
    if (meanErrors == null) {
      backward(layer, input, output, gradients, kick);
    } else {
      MeanPotentials.backward(this, layer, input, output, gradients, kick, meanErrors);
    }
  }

  /** Simulates with an output that grows; see {@link ExactEventProp#forwardGrowing}. */
  default Spikes forwardGrowing(LifLayer layer, Spikes input, Spikes output) {
    return ExactEventProp.growing(this, layer, input, output);
  }

  /**
   * Checks the counts that {@link #forward} left, as {@link #forwardGrowing} does; so several
   * passes can be waited for together.
   *
   * @param counts what {@code output.counts()} holds
   * @return the largest; above the capacity of the output if spikes were not stored, in which case
   *     the pass has to be repeated with a {@link #larger} one
   * @throws IllegalArgumentException as {@link ExactEventProp#forwardGrowing}
   * @throws ArithmeticException as {@link ExactEventProp#forwardGrowing}
   */
  default int largestCount(LifLayer layer, Spikes input, Spikes output, int[] counts) {
    return ExactEventProp.largest(this, layer, input, output, counts);
  }

  /**
   * An output for a pass whose spikes did not find room; the caller closes both.
   *
   * @param needed the largest count
   */
  default Spikes larger(LifLayer layer, Spikes output, int needed) {
    return ExactEventProp.larger(this, layer, output, needed);
  }

  /** Integrates a read-out; see {@link Readouts#forward}. */
  void readoutForward(ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes);

  /** The adjoint of {@link #readoutForward}; see {@link Readouts#backward}. */
  void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights);

  /** Event-driven, in continuous time. */
  record Exact() implements Simulator {
    @Override
    public double dt() {
      return 0;
    }

    @Override
    public boolean queuesArrivals() {
      return true;
    }

    @Override
    public void readoutForward(
        ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
      Readouts.forward(layer, input, values, peakTimes);
    }

    @Override
    public void readoutBackward(
        ReadoutLayer layer,
        Spikes input,
        DeviceArray valueErrors,
        DeviceArray peakTimes,
        DeviceArray weights) {
      Readouts.backward(layer, input, valueErrors, peakTimes, weights);
    }

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
    public boolean queuesArrivals() {
      return false;
    }

    @Override
    public void readoutForward(
        ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
      GridReadouts.forward(layer, dt, input, values, peakTimes);
    }

    @Override
    public void readoutBackward(
        ReadoutLayer layer,
        Spikes input,
        DeviceArray valueErrors,
        DeviceArray peakTimes,
        DeviceArray weights) {
      GridReadouts.backward(layer, dt, input, valueErrors, peakTimes, weights);
    }

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
