package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.InterruptedPassException;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * The exact simulator: event-driven, in continuous time, with spike times exact up to rounding, and
 * its adjoint. Equations 1 and table 1 of Wunderlich and Pehle (2021), extended by V_reset, a bias
 * and delays. Supports recurrent and feed-forward layers and any ratio of the time constants, and
 * neurons of a {@link LifVariant}.
 */
public final class ExactEventProp {
  private ExactEventProp() {}

  /**
   * Simulates a batch once. The output may turn out too small, see {@link Spikes#complete()};
   * {@link #check} reports this and whether the pass failed, and {@link #forwardGrowing} handles
   * both.
   *
   * @param input events with units below {@code layer.input().sources()}
   * @param output made by {@link Spikes#outputs}, same batch
   */
  public static void forward(LifLayer layer, Spikes input, Spikes output) {
    checkForward(layer, input, output);
    backend(layer).kernels().eventProp().exactForward(layer, input, output);
  }

  /**
   * Simulates a batch and repeats the pass with a larger output if it was too small. No spikes are
   * lost.
   *
   * @throws IllegalArgumentException as in {@link #check}, naming sample, event or neuron, and
   *     value
   * @throws ArithmeticException as in {@link #check}; where a sample has more spikes than {@link
   *     LifLayer#limit} allows it names the neuron that spikes most, and its rate
   * @throws InterruptedPassException if the thread is interrupted
   * @param output closed and replaced when it is too small
   * @return the output that holds all spikes: {@code output} or its replacement
   */
  public static Spikes forwardGrowing(LifLayer layer, Spikes input, Spikes output) {
    return growing(Simulator.exact(), layer, input, output);
  }

  /**
   * Runs a pass and repeats it with a larger output if it was too small. If it throws, the caller
   * still owns the output and nothing else is left allocated.
   */
  static Spikes growing(Simulator simulator, LifLayer layer, Spikes input, Spikes output) {
    int needed = run(simulator, layer, input, output);
    if (needed <= output.capacity()) {
      return output;
    }
    Spikes larger = larger(simulator, layer, output, needed);
    try {
      run(simulator, layer, input, larger);
    } catch (RuntimeException | Error e) {
      larger.close();
      throw e;
    }
    output.close();
    return larger;
  }

  /** Room for so many spikes of a sample, and some more as far as the layer allows them. */
  static Spikes larger(Simulator simulator, LifLayer layer, Spikes output, int needed) {
    int limit = layer.mostSpikes(simulator, output);
    int most = Math.max(needed, Math.min(needed + needed / 4, limit));
    return Spikes.outputs(output.counts().backend(), output.type(), output.batch(), most);
  }

  /** Runs a pass and returns its largest count. */
  private static int run(Simulator simulator, LifLayer layer, Spikes input, Spikes output) {
    InterruptedPassException.check();
    simulator.forward(layer, input, output);
    return largest(simulator, layer, input, output, output.counts().toInts());
  }

  /** Checks the counts of a pass and returns the largest, of all replicas where there are some. */
  static int largest(
      Simulator simulator, LifLayer layer, Spikes input, Spikes output, int[] counts) {
    int most = layer.mostSpikes(simulator, output);
    int largest = 0;
    for (int b = 0; b < counts.length; b++) {
      if (counts[b] > most || counts[b] == PassFailure.RUNAWAY) {
        throw Runaway.describe(simulator, layer, input, output, b);
      }
      if (counts[b] < 0) {
        throw PassFailure.of(b, counts[b], layer, input);
      }
      largest = Math.max(largest, counts[b]);
    }
    return backend(layer).kernels().eventProp().spikeRoom(largest);
  }

  /**
   * Checks the counts of a pass; waits for the device.
   *
   * @return the largest number of spikes of a sample; larger than the capacity if some were not
   *     stored
   * @throws ArithmeticException if a state became NaN or a sample exceeded the spike limit
   * @throws IllegalArgumentException if a neuron's parameters are invalid, a delay is negative,
   *     infinite or NaN, or an input event has such a time, is out of order, or has an invalid
   *     source
   */
  public static int check(Spikes output) {
    int largest = 0;
    int[] counts = output.counts().toInts();
    for (int b = 0; b < counts.length; b++) {
      if (counts[b] < 0) {
        throw PassFailure.of(b, counts[b]);
      }
      largest = Math.max(largest, counts[b]);
    }
    return largest;
  }

  /**
   * The adjoint of {@link #forward}: adds dL/dparameter to {@code gradients} and, unless null,
   * writes dL/dt of the input events to {@code input.errors()}.
   *
   * @param output as the forward pass left it, with {@code errors()} = dL/dt of each spike
   * @param gradients accumulated into; null members are not computed
   * @param kick added to lambda_V at every spike of a neuron, [neurons], or null: the heuristic of
   *     a rate regulariser, not a gradient
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
