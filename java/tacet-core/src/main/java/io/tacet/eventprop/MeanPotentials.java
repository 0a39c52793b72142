package io.tacet.eventprop;

import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.memory.Resources;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The mean membrane potential of each neuron of a sample, {@code m_n = (1/T) integral of V_n}, and
 * exact gradients of a loss that depends on it: the part {@code integral of l_V(V, t) dt} of the
 * loss of Wunderlich and Pehle (2021, eq. 1), with a drive {@code -dl_V/dV} that is constant over a
 * sample.
 *
 * <p>With all spikes and arrivals at given times, m is a closed form of the times, weights and
 * parameters. Its derivatives by them need no jump and tie no neuron to another: those by times are
 * added to the errors of the spikes, and the adjoint of the spikes ({@link Simulator#backward})
 * makes gradients of those. A neuron that never spikes has a gradient, too. That is the paper's
 * adjoint with the drive, written as a sum of two; docs/hybrid-neurons.md has the derivation.
 *
 * <p>On a grid m is that of the exact motion along the spikes of the grid.
 */
public final class MeanPotentials {
  private MeanPotentials() {}

  /**
   * Computes the means of a batch, after its forward pass.
   *
   * @param output as the forward pass of the simulator left it
   * @param means written, [batch][neurons], in units of V
   */
  public static void forward(
      Simulator simulator, LifLayer layer, Spikes input, Spikes output, DeviceArray means) {
    ExactEventProp.checkForward(layer, input, output);
    checkMeans("means", means, layer, output);
    Spikes in = without(input, input.errors());
    if (simulator.dt() == 0) {
      ExactEventProp.backend(layer).kernels().eventProp().meanPotentials(layer, in, output, means);
      return;
    }
    try (StepUnits steps = new StepUnits(layer, new TimeGrid(simulator.dt()))) {
      ExactEventProp.backend(layer)
          .kernels()
          .eventProp()
          .meanPotentials(steps.layer(), steps.of(in, null), steps.of(output, null), means);
    }
  }

  /**
   * Adds only the derivatives of the means where every event stays at its time, before the adjoint
   * of the spikes.
   *
   * @param input its {@code errors()} are written unless null
   * @param output its {@code errors()} are added to unless null
   * @param gradients accumulated into; null members are not computed
   * @param meanErrors dL/dmean, [batch][neurons]
   */
  public static void atFixedTimes(
      Simulator simulator,
      LifLayer layer,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray meanErrors) {
    ExactEventProp.checkBackward(layer, input, output, gradients, null);
    checkMeans("meanErrors", meanErrors, layer, output);
    if (simulator.dt() == 0) {
      ExactEventProp.backend(layer)
          .kernels()
          .eventProp()
          .meanPotentialsBackward(layer, input, output, meanErrors, gradients);
      return;
    }
    try (StepUnits steps = new StepUnits(layer, new TimeGrid(simulator.dt()))) {
      DeviceArray inputErrors = steps.like(input.errors());
      DeviceArray errors = steps.like(output.errors());
      ExactEventProp.backend(layer)
          .kernels()
          .eventProp()
          .meanPotentialsBackward(
              steps.layer(),
              steps.of(input, inputErrors),
              steps.of(output, errors),
              meanErrors,
              steps.gradients(gradients));
      if (inputErrors != null) {
        input.errors().zero();
      }
      steps.add(inputErrors, input.errors());
      steps.add(errors, output.errors());
      steps.addGradients();
    }
  }

  /**
   * See {@link Simulator#backward(LifLayer, Spikes, Spikes, LayerGradients, DeviceArray,
   * DeviceArray)}.
   */
  static void backward(
      Simulator simulator,
      LifLayer layer,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray kick,
      DeviceArray meanErrors) {
    try (Resources scratch = new Resources()) {
      DeviceArray of = input.errors();
      DeviceArray own =
          of == null ? null : scratch.own(of.backend().allocate(of.type(), of.shape()));
      Spikes in = input.with(array -> array == of ? own : array);
      atFixedTimes(simulator, layer, in, output, gradients, meanErrors);
      simulator.backward(layer, input, output, gradients, kick);
      if (of != null) {
        int[] rows = IntStream.range(0, input.batch()).toArray();
        Dense.scatterAddRows(own, scratch.own(of.backend().of(rows)), of);
      }
    }
  }

  private static void checkMeans(String name, DeviceArray means, LifLayer layer, Spikes output) {
    Expect.like(name, means, output.times(), (long) output.batch() * layer.neurons());
  }

  /** The same events but for an array, which is not there. */
  private static Spikes without(Spikes events, DeviceArray errors) {
    UnaryOperator<DeviceArray> others = array -> array == errors ? null : array;
    return events.with(others);
  }
}
