package io.tacet.rewire;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.WeightLaw;
import java.util.Objects;

/**
 * Something that synapses have, such as weights or an optimiser's moments: it moves with them.
 *
 * @param array as many elements as the wiring says; the caller's
 * @param initial what a new synapse begins with, drawn from the seed
 */
public record Companion(DeviceArray array, WeightLaw initial) {
  public Companion {
    Objects.requireNonNull(array, "array");
    Objects.requireNonNull(initial, "initial");
  }

  /** Of which new synapses have 0. */
  public static Companion zeroed(DeviceArray array) {
    return new Companion(array, WeightLaw.constant(0));
  }
}
