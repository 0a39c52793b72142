package io.tacet.neuron;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.Synapses;
import java.util.Arrays;

/** Synapses of a pass as Java arrays, read once. */
final class Wires {
  final double[] weights;
  private final int[] offsets;
  private final int[] targets;
  private final double[] delays;
  private final boolean perSource;

  private Wires(int[] offsets, int[] targets, Synapses synapses, String what) {
    this.offsets = offsets;
    this.targets = targets;
    weights = synapses.weights().toDoubles();
    delays = synapses.delays() == null ? null : synapses.delays().values().toDoubles();
    perSource = delays != null && synapses.delays().kind() == Delays.Kind.PER_SOURCE;
    if (delays != null) {
      synapses.delays().checkValues(what);
    }
    for (int s = 0; s < offsets[offsets.length - 1]; s++) {
      if (!Double.isFinite(weights[s])) {
        throw new ArithmeticException(
            what
                + " weights: expected finite numbers, got "
                + weights[s]
                + " for synapse "
                + s
                + ". Check the learning rate.");
      }
    }
  }

  /**
   * Reads synapses; null for null.
   *
   * @param what for errors: input or recurrent
   */
  static Wires of(Synapses synapses, String what) {
    if (synapses == null) {
      return null;
    }
    if (synapses instanceof DenseSynapses dense) {
      int[] targets = new int[dense.sources() * dense.targets()];
      Arrays.setAll(targets, s -> s % dense.targets());
      return new Wires(even(dense.sources(), dense.targets()), targets, dense, what);
    }
    if (synapses instanceof CsrSynapses csr) {
      return new Wires(csr.rowOffsets().toInts(), indices(csr.indices()), csr, what);
    }
    if (synapses instanceof FixedFanOutSynapses fixed) {
      int[] offsets = even(fixed.sources(), fixed.fanOut());
      return new Wires(offsets, indices(fixed.indices()), fixed, what);
    }
    throw new IllegalArgumentException(
        what
            + ": spiking layers take dense, CSR and fixed fan-out synapses, got "
            + synapses.getClass().getSimpleName()
            + ".");
  }

  private static int[] even(int rows, int length) {
    int[] offsets = new int[rows + 1];
    Arrays.setAll(offsets, i -> i * length);
    return offsets;
  }

  private static int[] indices(DeviceArray array) {
    return array.toInts();
  }

  /** First synapse of a source. */
  int begin(int source) {
    return offsets[source];
  }

  /** One past its last. */
  int end(int source) {
    return offsets[source + 1];
  }

  int target(int synapse) {
    return targets[synapse];
  }

  double delay(int source, int synapse) {
    return delays == null ? 0 : delays[perSource ? source : synapse];
  }

  /** Where the gradient of a delay goes. */
  int delayPlace(int source, int synapse) {
    return perSource ? source : synapse;
  }
}
