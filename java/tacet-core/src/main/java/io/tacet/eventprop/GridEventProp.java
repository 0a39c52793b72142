package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;

/**
 * The grid simulator: a fixed time step, for networks with too many events to process them one by
 * one. Between steps the motion is exact, {@code V = alpha V + ts/(tm-ts) (alpha-beta) I, I = beta
 * I} with {@code alpha = e^(-dt/tm), beta = e^(-dt/ts)}, and its adjoint is the exact transpose;
 * but spikes happen at steps only, where V is found at or above the threshold, and input events and
 * delays are rounded to steps.
 *
 * <p>The jump of the adjoint at a spike is that of the continuous equations (Wunderlich and Pehle
 * 2021, table 1), so the gradients are an O(dt) approximation of those of {@link ExactEventProp},
 * not exact ones; {@link GridError} measures how far off they are. A spike whose neuron no longer
 * rises by more than what the current loses within a step is given that slope and counted in {@link
 * Spikes#grazes()}: its gradient is unreliable.
 *
 * <p>Arguments are those of {@link ExactEventProp}, and the output is also the tape: times are step
 * x dt, slopes I - threshold + bias at the step. Work per sample is steps x neurons plus the
 * synapses of the events; gradients of time constants or the bias simulate once more and keep steps
 * x neurons states of one sample per thread while they run.
 *
 * <p>Neurons of a {@link LifVariant} move between steps by their closed form, and the backward pass
 * always simulates once more. A refractory period is rounded to steps, as a delay is, down to none
 * if it is shorter than half a step; its gradient is the continuous one. A soft reset lowers V by
 * the threshold from where it is found, above the threshold, so that no charge is lost to the step.
 * Slopes are d/dt of the distance from the threshold, as in the exact simulator.
 */
public final class GridEventProp {
  private GridEventProp() {}

  /**
   * Simulates a batch once; see {@link ExactEventProp#forward}.
   *
   * @param dt step in ms; the duration is rounded to steps
   */
  public static void forward(LifLayer layer, double dt, Spikes input, Spikes output) {
    ExactEventProp.checkForward(layer, input, output);
    ExactEventProp.backend(layer).kernels().grid().forward(layer, new TimeGrid(dt), input, output);
  }

  /**
   * Simulates a batch and repeats the pass with a larger output if it was too small; see {@link
   * ExactEventProp#forwardGrowing}.
   *
   * @param output closed and replaced when it is too small
   * @return the output that holds all spikes: {@code output} or its replacement
   */
  public static Spikes forwardGrowing(LifLayer layer, double dt, Spikes input, Spikes output) {
    return ExactEventProp.growing(Simulator.grid(dt), layer, input, output);
  }

  /**
   * The adjoint of {@link #forward}; see {@link ExactEventProp#backward}.
   *
   * @param dt the step of the forward pass
   */
  public static void backward(
      LifLayer layer,
      double dt,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray kick) {
    ExactEventProp.checkBackward(layer, input, output, gradients, kick);
    ExactEventProp.backend(layer)
        .kernels()
        .grid()
        .backward(layer, new TimeGrid(dt), input, output, gradients, kick);
  }
}
