package io.tacet.network;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.SparsePattern;
import java.util.Objects;

/**
 * Synapses of a layer onto itself, the same for every cell. A view: it owns nothing.
 *
 * @param units N, number of units
 * @param gates matrices of the cell: 1, or 3 of gated units
 * @param pattern null where weights are dense; else with N targets, which the gates share, or with
 *     a column for each gate and unit, of which those of a gate are next to one another
 * @param weights dense [N][gates N]; else of each place of the pattern, with those of the gates
 *     next to one another where they share it
 * @param gradient of the weights, same shape
 */
public record RecurrentSynapses(
    int units, int gates, SparsePattern pattern, DeviceArray weights, DeviceArray gradient) {
  public RecurrentSynapses {
    Objects.requireNonNull(weights, "weights");
  }

  /** Whether every unit reaches every unit. */
  public boolean isDense() {
    return pattern == null;
  }
}
