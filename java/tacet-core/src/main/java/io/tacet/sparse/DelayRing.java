package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * Accumulators for currents in transit, [slots][batch][targets]: slot {@code t % slots} holds what
 * arrives in step t. A simulator propagates the events of step t, then takes the currents of step
 * t, which frees their slot. A backward pass keeps adjoints of the steps t .. t + slots - 1 in a
 * ring of the same shape. Owns its array, not the delays.
 */
public final class DelayRing implements AutoCloseable {
  private final DeviceArray values;
  private final DelaySteps delays;
  private final int slots;
  private final int batch;
  private final int targets;

  /**
   * @param delays transmission delays; not owned
   * @param type element type of the currents
   */
  public DelayRing(Backend backend, DType type, DelaySteps delays, int batch, int targets) {
    this.values = backend.allocate(type, delays.slots(), batch, targets);
    this.delays = delays;
    this.slots = delays.slots();
    this.batch = batch;
    this.targets = targets;
  }

  /** The accumulators, [slots][batch][targets]. */
  public DeviceArray values() {
    return values;
  }

  public DelaySteps delays() {
    return delays;
  }

  /** Number of slots, the largest delay + 1. */
  public int slots() {
    return slots;
  }

  /** Number of samples. */
  public int batch() {
    return batch;
  }

  /** Number of units per sample. */
  public int targets() {
    return targets;
  }

  /** Slot of a step. */
  public int slot(long step) {
    return (int) Math.floorMod(step, (long) slots);
  }

  /**
   * Moves the currents of a step out of the ring and clears their slot.
   *
   * @param currents [batch][targets], overwritten
   */
  public void take(long step, DeviceArray currents) {
    if (currents.type() != values.type() || currents.length() != (long) batch * targets) {
      throw new IllegalArgumentException(
          "currents: expected "
              + values.type()
              + " ["
              + batch
              + "]["
              + targets
              + "], got "
              + currents
              + ".");
    }
    values.backend().kernels().propagation().take(values, slot(step), currents);
  }

  @Override
  public void close() {
    values.close();
  }
}
