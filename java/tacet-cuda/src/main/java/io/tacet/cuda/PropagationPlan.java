package io.tacet.cuda;

import io.tacet.sparse.EventPropagation;

/**
 * How {@link EventPropagation#forward(io.tacet.sparse.Events, io.tacet.memory.DeviceArray) forward}
 * of {@link EventPropagation#of}, without delays, runs on a device.
 *
 * @param sums what sums are while they grow: {@code float32} or {@code int32}, as {@code
 *     tacet.propagation.sums} says
 * @param tiles number of tiles of targets
 * @param width targets of a tile
 * @param parts number of blocks that share the events of a tile and a sample; if there are several,
 *     a second launch adds what they found
 * @param warps number of warps of a block
 * @param reason why sums are float32; empty if they are not
 */
public record PropagationPlan(
    String sums, int tiles, int width, int parts, int warps, String reason) {

  /** Such as {@code int32 (6 tiles of 3200 targets, 2 parts)}, and why if float32. */
  @Override
  public String toString() {
    String shape = " (" + tiles + " tiles of " + width + " targets, " + parts + " parts)";
    return sums + shape + (reason.isEmpty() ? "" : ": " + reason);
  }
}
