package io.tacet.rewire;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Philox;
import io.tacet.sparse.WeightLaw;
import java.util.Objects;

/**
 * Something that synapses have, such as weights or an optimiser's moments: it moves with them.
 *
 * @param array as many elements as the wiring says; the caller's
 * @param initial what a new synapse begins with, drawn from the seed
 */
public record Companion(DeviceArray array, WeightLaw initial) {
  /** Keeps the counters of initial values apart from those of other draws. */
  private static final int INITIAL = 18;

  public Companion {
    Objects.requireNonNull(array, "array");
    Objects.requireNonNull(initial, "initial");
  }

  /** Of which new synapses have 0. */
  public static Companion zeroed(DeviceArray array) {
    return new Companion(array, WeightLaw.constant(0));
  }

  /**
   * Draws the random bits of the values that a new synapse begins with.
   *
   * @param place of the companion among those of a pattern, from 0
   * @param step number of the update
   * @param seed key of the random numbers
   * @param bits written, one word for each value
   */
  public static void draw(int place, int source, int target, int step, long seed, int[] bits) {
    Philox.block(source, target, step, INITIAL + 256 * place, seed, bits);
  }
}
