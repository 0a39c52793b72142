package io.tacet.network;

import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;

/** Data passed between layers. A view: it owns nothing. */
public sealed interface Signal {
  /** Event times of a batch; their errors are in them. */
  record Events(Spikes spikes) implements Signal {}

  /**
   * Numbers at every step.
   *
   * @param values [steps][batch][columns]; null where only the end is read
   * @param trace filtered events after the last step, or the last step of samples that end in
   *     different segments, [batch][columns]; null where it is not read
   */
  record Steps(DeviceArray values, DeviceArray trace) implements Signal {
    /** What a read-out reads: the trace where there is one. */
    public DeviceArray read() {
      return trace == null ? values : trace;
    }
  }

  /**
   * A token at every step.
   *
   * @param rows INT32 [steps][batch]
   */
  record Tokens(DeviceArray rows) implements Signal {}

  /**
   * Values that a loss is computed from.
   *
   * @param values [rows][columns], a row for each label
   */
  record Values(DeviceArray values) implements Signal {}
}
