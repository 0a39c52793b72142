package io.tacet.sparse;

import io.tacet.memory.DeviceArray;

/**
 * Transmission delays in ms, all finite and at least 0.
 *
 * @param kind what an element belongs to
 * @param values [sources] for {@link Kind#PER_SOURCE}, [count] for {@link Kind#PER_SYNAPSE}
 */
public record Delays(Kind kind, DeviceArray values) {
  /** What a delay belongs to. */
  public enum Kind {
    /** One delay for all synapses of a source, as on an axon. */
    PER_SOURCE,
    /** A delay of its own for each synapse, in the order of the weights. */
    PER_SYNAPSE
  }

  void check(int sources, long count) {
    long expected = kind == Kind.PER_SOURCE ? sources : count;
    if (values.length() != expected || !values.type().isFloating()) {
      throw new IllegalArgumentException(
          "delays: expected "
              + expected
              + " floating-point values for "
              + kind
              + ", got "
              + values
              + ".");
    }
  }

  /**
   * Checks the values, as a pass does too; reads them, which waits for the device.
   *
   * @param what owner of the delays, for the message
   * @throws IllegalArgumentException if one is negative, infinite or NaN, naming it
   */
  public void checkValues(String what) {
    double[] milliseconds = values.toDoubles();
    for (int s = 0; s < milliseconds.length; s++) {
      if (!(milliseconds[s] >= 0 && milliseconds[s] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            what
                + " delays: expected finite ones of at least 0 ms, got "
                + milliseconds[s]
                + " for "
                + (kind == Kind.PER_SOURCE ? "source " : "synapse ")
                + s
                + ".");
      }
    }
  }
}
