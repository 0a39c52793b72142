package io.tacet.reference.f64;

import io.tacet.sparse.Delays;
import io.tacet.spi.PropagationKernels.Slots;

/** Where the values of the targets are, by delay. */
final class Addresses {
  final double[] values;
  private final short[] perSource;
  private final short[] perSynapse;
  private final int slot;
  private final int slots;
  private final int stride;

  Addresses(Slots target, int stride) {
    this.values = Real.array(target.values());
    this.slot = target.slot();
    this.slots = target.slots();
    this.stride = stride;
    boolean delayed = target.delays() != null;
    short[] steps = delayed ? (short[]) target.delays().steps().storage().heap() : null;
    boolean bySource = delayed && target.delays().kind() == Delays.Kind.PER_SOURCE;
    this.perSource = bySource ? steps : null;
    this.perSynapse = bySource ? null : steps;
  }

  /** Start of the slot in which events of a source arrive. */
  int base(int source) {
    if (perSource == null) {
      return 0;
    }
    return (slot + Short.toUnsignedInt(perSource[source])) % slots * stride;
  }

  void delay(RowPiece piece) {
    if (perSynapse != null) {
      piece.delay(perSynapse, slot, slots, stride);
    }
  }
}
