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
    pass.crossEntropyOverTime();
  }
}
