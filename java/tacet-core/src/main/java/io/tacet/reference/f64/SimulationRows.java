package io.tacet.reference.f64;

import io.tacet.simulation.DelayedSynapses;
import io.tacet.sparse.DelayRing;

/** The synapses of a simulation, cut into tiles of targets; adds spikes to a ring. */
final class SimulationRows {
  private final int[] offsets;
  private final int[] targets;
  private final double[] weights;
  private final short[] delays;
  private final double[] ring;
  private final int slots;
  private final int neurons;
  private final int tiles;

  /** [neurons][tiles + 1], where the tiles of each row begin. */
  private final int[] cuts;

  /**
   * @param edges first target of each tile, and the number of targets
   */
  SimulationRows(DelayedSynapses synapses, DelayRing delayRing, int[] edges) {
    offsets = (int[]) synapses.rowOffsets().storage().heap();
    targets = (int[]) synapses.targets().storage().heap();
    weights = Real.array(synapses.weights());
    delays = (short[]) synapses.delays().steps().storage().heap();
    ring = Real.array(delayRing.values());
    slots = delayRing.slots();
    neurons = synapses.neurons();
    tiles = edges.length - 1;
    cuts = new int[Math.multiplyExact(neurons, tiles + 1)];
    for (int row = 0; row < neurons; row++) {
      int s = offsets[row];
      for (int tile = 0; tile <= tiles; tile++) {
        s = firstAtLeast(edges[tile], s, offsets[row + 1]);
        cuts[row * (tiles + 1) + tile] = s;
      }
    }
  }

  private int firstAtLeast(int target, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (targets[middle] < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Adds the spikes of a step to what arrives later at the targets of a tile. */
  void add(int[] fired, int count, long step, int tile) {
    int slot = (int) Math.floorMod(step, (long) slots);
    for (int e = 0; e < count; e++) {
      int cut = fired[e] * (tiles + 1) + tile;
      for (int s = cuts[cut]; s < cuts[cut + 1]; s++) {
        int arrival = slot + Short.toUnsignedInt(delays[s]);
        ring[(arrival < slots ? arrival : arrival - slots) * neurons + targets[s]] += weights[s];
      }
    }
  }
}
