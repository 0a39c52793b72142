package io.tacet.reference.f64;

/** What a step and its spikes do to the adjoint of the neurons on a grid. */
interface GridRetreat {
  /**
   * Prepares for a sample.
   *
   * @param path its recorded states, where a gradient or the neurons need them
   */
  void begin(
      GridLayer grid, Events out, int sample, Gradients grads, double[] kick, GridForward path);

  /**
   * From the adjoint after the spikes of a step to the one after the arrivals of the step before.
   *
   * @param first spike of the step in the output, ...
   * @param last ... and its last one, first - 1 for none
   * @param errors dL/dt of these spikes
   * @param later the adjoint after {@code step}
   * @param earlier that after the step before, written; may be the same
   */
  void back(
      int step,
      int first,
      int last,
      double[] errors,
      GridAdjoint.Slot later,
      GridAdjoint.Slot earlier);

  /** Adds what has been summed over the steps to the gradients. */
  void end();
}
