package io.tacet.sparse;

import io.tacet.memory.DeviceArray;

/**
 * Transmission delays in ms, all at least 0.
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
}
