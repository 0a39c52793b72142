package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Synapses;

/** Error messages for the negative counts of a pass; the codes are those of the kernels. */
final class PassFailure {
  static final int RUNAWAY = -2;
  private static final int NOT_FINITE = -1;
  private static final int BAD_PARAMETERS = -3;
  private static final int BAD_UNIT = -4;
  private static final int BAD_DELAY = -5;
  private static final int BAD_TIME = -6;
  private static final int BAD_COUNT = -7;

  private PassFailure() {}

  /** By the count alone. */
  static RuntimeException of(int sample, int count) {
    String where = "Sample " + sample + ": ";
    return switch (count) {
      case NOT_FINITE ->
          new ArithmeticException(
              where
                  + "a membrane potential or current is not a finite number; expected finite"
                  + " weights and inputs. Check the weights for NaN and the learning rate.");
      case RUNAWAY ->
          new ArithmeticException(
              where
                  + "more spikes than the limit of the layer; expected a network that settles."
                  + " Check the size of the weights, the reset value and the threshold.");
      case BAD_PARAMETERS ->
          new IllegalArgumentException(
              where
                  + "lif: expected finite values, reset < threshold, a positive threshold, since V"
                  + " starts at 0, and positive time constants for every neuron.");
      case BAD_UNIT ->
          new IllegalArgumentException(
              where + "input: expected units below the number of sources of the input synapses.");
      case BAD_DELAY ->
          new IllegalArgumentException(
              where + "delays: expected finite ones of at least 0 ms for every synapse.");
      case BAD_TIME ->
          new IllegalArgumentException(
              where + "input: expected finite times of at least 0 ms in ascending order.");
      case BAD_COUNT ->
          new IllegalArgumentException(
              where + "input: expected counts from 0 to the capacity; did the pass before fail?");
      default -> throw new IllegalStateException(where + "unknown count " + count + ".");
    };
  }

  /**
   * The same with the event, neuron, delay or weight that caused it, found by checking all of them.
   */
  static RuntimeException of(int sample, int count, LifLayer layer, Spikes input) {
    try {
      switch (count) {
        case BAD_PARAMETERS -> checkParameters(layer);
        case BAD_DELAY -> checkDelays(layer);
        case BAD_UNIT, BAD_TIME, BAD_COUNT -> input.check(layer.input().sources());
        case NOT_FINITE -> checkWeights(sample, layer);
        default -> {
          // The count says it all.
        }
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      return e;
    }
    return of(sample, count);
  }

  private static void checkParameters(LifLayer layer) {
    layer.lif().checkValues(layer.neurons());
    if (layer.variant() != null) {
      layer.variant().checkValues(layer.neurons());
    }
  }

  private static void checkDelays(LifLayer layer) {
    if (layer.input().delays() != null) {
      layer.input().delays().checkValues("input");
    }
    if (layer.recurrent() != null && layer.recurrent().delays() != null) {
      layer.recurrent().delays().checkValues("recurrent");
    }
  }

  private static void checkWeights(int sample, LifLayer layer) {
    checkWeights(sample, "input", layer.input());
    if (layer.recurrent() != null) {
      checkWeights(sample, "recurrent", layer.recurrent());
    }
  }

  private static void checkWeights(int sample, String what, Synapses synapses) {
    DeviceArray array = synapses.weights();
    double[] weights = array.toDoubles();
    for (int s = 0; s < weights.length; s++) {
      if (!Double.isFinite(weights[s])) {
        throw new ArithmeticException(
            of(sample, NOT_FINITE).getMessage()
                + " The "
                + what
                + " weight of synapse "
                + s
                + " is "
                + weights[s]
                + ".");
      }
    }
  }
}
