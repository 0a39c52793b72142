package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import java.util.function.Consumer;

/**
 * The exact simulator: event-driven, in continuous time, with spike times to rounding, and its
 * adjoint. Equations 1 and table 1 of Wunderlich and Pehle (2021), extended by V_reset, a bias and
 * delays. Works on recurrent and feed-forward layers and for every ratio of the time constants.
 */
public final class ExactEventProp {
  private ExactEventProp() {}

  /**
   * Simulates a batch once. The output may turn out too small, see {@link Spikes#complete()};
   * {@link #check} says so, and {@link #forwardGrowing} repeats by itself.
   *
   * @param input events with units below {@code layer.input().sources()}
   * @param output made by {@link Spikes#outputs}, same batch
   */
  public static void forward(LifLayer layer, Spikes input, Spikes output) {
    checkForward(layer, input, output);
    backend(layer).kernels().eventProp().exactForward(layer, input, output);
  }

  /**
   * Simulates a batch and, when the output is too small, again with a larger one. Nothing is lost.
   *
   * @param output closed and replaced when it is too small
   * @return the output that holds all spikes: {@code output} or its replacement
   */
  public static Spikes forwardGrowing(LifLayer layer, Spikes input, Spikes output) {
    return growing(output, tape -> forward(layer, input, tape));
  }

  /**
   * Runs a pass and, when its output is too small, again with a larger one. If it throws, the
   * caller still owns the output and nothing else is left.
   */
  static Spikes growing(Spikes output, Consumer<Spikes> pass) {
    pass.accept(output);
    int needed = check(output);
    if (needed <= output.capacity()) {
      return output;
    }
    Backend backend = output.counts().backend();
    Spikes larger = Spikes.outputs(backend, output.type(), output.batch(), needed + needed / 4);
    try {
      pass.accept(larger);
      check(larger);
    } catch (RuntimeException | Error e) {
      larger.close();
      throw e;
    }
    output.close();
    return larger;
  }

  /**
   * Looks at the counts of a pass; waits for the device.
   *
   * @return the largest number of spikes of a sample; larger than the capacity if some were not
   *     stored
   * @throws ArithmeticException if a state was not a number or a sample spiked without end
   * @throws IllegalArgumentException if a neuron's parameters make no sense, a delay is negative or
   *     NaN, or an input event names a source that does not exist
   */
  public static int check(Spikes output) {
    int largest = 0;
    int[] counts = output.counts().toInts();
    for (int b = 0; b < counts.length; b++) {
      if (counts[b] < 0) {
        throw failure(b, counts[b]);
      }
      largest = Math.max(largest, counts[b]);
    }
    return largest;
  }

  /** What a negative count says; the numbers are those of the kernels. */
  private static RuntimeException failure(int sample, int count) {
    String where = "Sample " + sample + ": ";
    return switch (count) {
      case -1 ->
          new ArithmeticException(
              where
                  + "a membrane potential or current is not a finite number; expected finite"
                  + " weights and inputs. Check the weights for NaN and the learning rate.");
      case -3 ->
          new IllegalArgumentException(
              where
                  + "lif: expected reset < threshold, a positive threshold, since V starts at 0,"
                  + " and positive time constants for every neuron.");
      case -4 ->
          new IllegalArgumentException(
              where + "input: expected units below the number of sources of the input synapses.");
      case -5 ->
          new IllegalArgumentException(where + "delays: expected at least 0 ms for every synapse.");
      default ->
          new ArithmeticException(
              where
                  + "more than "
                  + (1 << 24)
                  + " spikes; expected a network that settles. Check the size of the weights, the"
                  + " reset value and the threshold.");
    };
  }

  /**
   * The adjoint of {@link #forward}: adds dL/dparameter to {@code gradients} and, unless null,
   * writes dL/dt of the input events to {@code input.errors()}.
   *
   * @param output as the forward pass left it, with {@code errors()} = dL/dt of each spike
   * @param gradients where to add; members that are null are not computed
   * @param kick added to lambda_V at every spike of a neuron, [neurons], or null: a rate
   *     regulariser's heuristic, not a gradient
   */
  public static void backward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
    checkBackward(layer, input, output, gradients, kick);
    backend(layer).kernels().eventProp().exactBackward(layer, input, output, gradients, kick);
  }

  static Backend backend(LifLayer layer) {
    return layer.input().backend();
  }

  static void checkForward(LifLayer layer, Spikes input, Spikes output) {
    sameBatch(input, output);
    DeviceArray like = layer.lif().threshold();
    Expect.like("input", input.times(), like, input.times().length());
    Expect.like("output", output.times(), like, output.times().length());
    if (output.slopes() == null) {
      throw new IllegalArgumentException("output: expected Spikes.outputs(...), got inputs.");
    }
  }

  static void checkBackward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
    checkForward(layer, input, output);
    gradients.check(layer);
    Expect.likeOrNull("kick", kick, output.times(), layer.neurons());
  }

  private static void sameBatch(Spikes input, Spikes output) {
    if (input.batch() != output.batch() || input.type() != output.type()) {
      throw new IllegalArgumentException(
          "output: expected a batch of "
              + input.batch()
              + " in "
              + input.type()
              + ", got "
              + output.batch()
              + " in "
              + output.type()
              + ".");
    }
  }
}
