package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.DelaySteps;
import io.tacet.sparse.Events;
import io.tacet.sparse.Synapses;

/** Kernels of {@code io.tacet.sparse}; see the operations there for the meaning of arguments. */
public interface PropagationKernels {

  /** From dense activity to bitmap, counts, lists and, for graded events, values. */
  void compact(DeviceArray activity, Events events);

  /**
   * From dense activity to bitmap, counts and lists of the units that do not exceed a threshold.
   */
  void compactSilent(DeviceArray activity, double threshold, Events events);

  /** From the bitmap to counts and lists. */
  void expand(Events events);

  /** Bitmap, counts and lists of the events that arrive in {@code step} after per-source delays. */
  void arrivals(DeviceArray ring, DelaySteps delays, long step, Events events);

  /** Copies one slot of [slots][batch][targets] to {@code currents} and clears it. */
  void take(DeviceArray ring, int slot, DeviceArray currents);

  /**
   * Whatever a backend prepares for one connectivity and batch size.
   *
   * @param deterministic whether two runs must agree bit for bit
   */
  Plan plan(Synapses synapses, int batch, boolean deterministic);

  /** The three products with one connectivity. */
  interface Plan extends AutoCloseable {

    /** target.values += events x weights. */
    void forward(Events events, Slots target);

    /** sums[e] = row of the source of e . adjoint. */
    void transposed(Events events, Slots adjoint, DeviceArray sums);

    /** gradient += events^T adjoint on the pattern; never called for procedural synapses. */
    void weightGradient(Events events, Slots adjoint, DeviceArray gradient);

    /** The pattern, not only the weights, was changed in place. */
    void patternChanged();

    @Override
    void close();
  }

  /**
   * Values of the targets, now or over the next steps.
   *
   * @param values [slots][batch][targets]
   * @param delays null without delays; then there is one slot
   * @param slots number of slots
   * @param slot the slot of a delay of 0; a delay of d is in slot {@code (slot + d) % slots}
   */
  record Slots(DeviceArray values, DelaySteps delays, int slots, int slot) {}
}
