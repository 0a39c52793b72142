package io.tacet.network;

import io.tacet.memory.DeviceArray;
import java.util.List;

/** A layer in passes of one shape: its buffers, which are reused by every pass. Owns them. */
public interface LayerPass extends AutoCloseable {
  /** Computes the output of the layer. */
  Signal forward(Signal below, Run run);

  /**
   * Of a layer whose output may turn out too small: how many spikes each sample has; null
   * elsewhere. Until they are checked by {@link #settle} only such layers run above it, which take
   * an output that is too small for one of a pass that has failed.
   */
  default DeviceArray unsettled() {
    return null;
  }

  /**
   * Checks the last forward pass, where there is something {@link #unsettled}.
   *
   * @param counts what {@link #unsettled} holds
   * @return whether all spikes found room; if not there is more of it now, and the pass has to be
   *     repeated from this layer on
   */
  default boolean settle(int[] counts) {
    return true;
  }

  /**
   * Adds the gradients of the parameters.
   *
   * @param below as in the forward pass; its values may be overwritten with their errors
   * @param errors dL/doutput like the output; null for event times, whose errors are in them, and
   *     for zeros in a segment of a sequence that is read at its end. May be overwritten, but for
   *     those of a read-out
   * @param descend whether the errors of what is below are wanted
   * @return these errors, null for event times or if they are not wanted
   */
  DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run);

  /** Adds gradients that have to wait until every layer has had its backward pass. */
  default void finish(Signal below, DeviceArray errors) {}

  /**
   * Of a read-out: where a loss writes dL/dvalue, like the values; may be the values themselves.
   * Null elsewhere.
   */
  default DeviceArray errors() {
    return null;
  }

  /** Counters of its events, one for each direction; empty where units have none. */
  default List<EventCounter> counters() {
    return List.of();
  }

  /** Mean potentials of its neurons; null where they have none on event times. */
  default PotentialMeter potentialMeter() {
    return null;
  }

  /**
   * Tells the activity to expect, by which a layer chooses how to compute.
   *
   * @param activity in [0, 1]; NaN if not known
   */
  default void expect(double activity) {}

  /** See {@code EgruTape.backwardSparsity}; NaN where there is no such thing. */
  default double backwardSparsity() {
    return Double.NaN;
  }

  /**
   * Fraction of units with an event in each step of the last pass, in training; empty elsewhere.
   */
  default double[] activityBySteps() {
    return new double[0];
  }

  /**
   * What {@link io.tacet.eventprop.Spikes#slopes} are divided by for a {@link SpikeMargin}, of
   * layers whose spikes are watched in training; NaN elsewhere.
   */
  default double slopeUnit() {
    return Double.NaN;
  }

  /**
   * Bytes that it will keep on the Java heap beside its arrays, for as many events as it has room
   * for to begin with.
   */
  default long heapBytes() {
    return 0;
  }

  @Override
  void close();
}
