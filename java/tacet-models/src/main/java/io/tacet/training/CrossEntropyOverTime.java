package io.tacet.training;

import io.tacet.network.Pass;

/**
 * Softmax cross-entropy of the outputs' voltages at every step, averaged over time; the class is
 * the largest mean probability. For a read-out layer on the grid simulator; see {@link
 * io.tacet.eventprop.GridReadouts#crossEntropyOverTime}.
 */
public record CrossEntropyOverTime() implements Loss {
  @Override
  public void evaluate(Pass pass) {
    if (pass.values() == null) {
      throw new IllegalArgumentException(
          "loss: CrossEntropyOverTime needs a read-out layer, got a spiking output; use"
              + " TimeToFirstSpike.");
    }
    double dt = pass.network().spec().simulator().dt();
    if (dt == 0) {
      throw new IllegalArgumentException(
          "loss: CrossEntropyOverTime needs the grid simulator, which has steps; got the exact one."
              + " Use Simulator.grid(dt), or VoltageLoss.");
    }
    pass.crossEntropyOverTime(dt);
  }
}
